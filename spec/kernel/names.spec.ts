import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_VSOCK } from '../../lib/common/constants.ts';
import {
  addressOf,
  familyOf,
  inetName,
  netlinkName,
  packetName,
  unixName,
  vsockName,
} from '../../lib/kernel/socket-name.ts';
import { endpointOf, nameOf } from '../../lib/kernel/kernel-source.ts';
import { scopedHost } from '../../lib/names/interfaces.ts';

const port = fc.nat(0xffff);
const number = fc.nat(0xffff_ffff);

describe("the kernel's names", () => {
  it('of IPv4 and IPv6 give their addresses back', () => {
    fc.assert(
      fc.property(fc.ipV4(), port, (host, at) => {
        expect(addressOf(inetName(AF_INET, { host, port: at }))).toEqual([host, at]);
      }),
    );
    fc.assert(
      fc.property(port, fc.nat(0xf_ffff), number, (at, flowinfo, scopeid) => {
        expect(addressOf(inetName(AF_INET6, { host: 'fe80::1', port: at, flowinfo, scopeid }))).toEqual([
          'fe80::1',
          at,
          flowinfo,
          scopeid,
        ]);
      }),
    );
    expect(addressOf(inetName(AF_INET6, { host: 'fe80::1%7', port: 1 }))).toEqual(['fe80::1', 1, 0, 7]);
    expect(addressOf(inetName(AF_INET6, { host: 'fe80::1%lo', port: 1 }))).toEqual(['fe80::1', 1, 0, 1]);
  });

  it('of Unix sockets are paths, abstract names of any bytes, or none', () => {
    expect(addressOf(unixName(Buffer.from('/a/path')))).toBe('/a/path');
    expect(addressOf(unixName(Buffer.alloc(0)))).toBe('');
    expect(addressOf(Buffer.concat([unixName(Buffer.alloc(0)), Buffer.from('no end')]))).toBe('no end');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 107 }), (bytes) => {
        const name = Buffer.concat([Buffer.of(0), bytes]);
        expect(addressOf(unixName(name))).toEqual(name);
      }),
    );
  });

  it('of netlink, VSOCK and packets have two numbers, or five fields', () => {
    fc.assert(
      fc.property(number, number, (one, other) => {
        expect(addressOf(netlinkName(one, other))).toEqual([one, other]);
        expect(addressOf(vsockName(one, other))).toEqual([one, other]);
      }),
    );
    const packet = { index: 1, protocol: 0x800, pkttype: 4, hatype: 772, address: Buffer.of(1, 2, 3) };
    expect(addressOf(packetName(packet))).toEqual(['lo', 0x800, 4, 772, Buffer.of(1, 2, 3)]);
    expect(addressOf(packetName({ ...packet, index: 0 }))).toEqual(['', 0x800, 4, 772, Buffer.of(1, 2, 3)]);
    expect(addressOf(packetName({ ...packet, index: 0x7fff_ffff }))).toEqual(['', 0x800, 4, 772, Buffer.of(1, 2, 3)]);
  });

  it('of other families are their number and bytes', () => {
    expect(addressOf(Buffer.of(200, 0, 1, 2))).toEqual([200, Buffer.of(1, 2)]);
    expect(familyOf(Buffer.alloc(1))).toBe(-1);
    expect(addressOf(Buffer.alloc(0))).toBeNull();
  });

  it.each([AF_INET, AF_INET6, AF_NETLINK, AF_VSOCK, AF_PACKET])('of family %d that are cut off are none', (family) => {
    expect(addressOf(Buffer.of(family, 0, 0, 0))).toBeNull();
  });

  it('are addresses of transports, and those are names', () => {
    expect(endpointOf(nameOf(AF_INET, { host: '127.0.0.1', port: 80 }))).toEqual({ host: '127.0.0.1', port: 80 });
    expect(endpointOf(nameOf(AF_INET6, { host: 'fe80::1%1', port: 80 }))).toEqual({
      host: scopedHost('fe80::1', 1),
      port: 80,
    });
    expect(endpointOf(nameOf(AF_INET6, { host: '::1', port: 80 }))).toEqual({ host: '::1', port: 80 });
    expect(endpointOf(nameOf(1, { path: '/a/path' }))).toEqual({ path: '/a/path' });
    expect(endpointOf(Buffer.alloc(0))).toBeUndefined();
  });
});
