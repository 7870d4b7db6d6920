import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Address } from '../../lib/index.ts';
import { makeProxyHeader } from '../../lib/proxy-protocol/index.ts';
import { parseHeader } from '../../lib/proxy-protocol/parse.ts';
import { thrown } from '../support/thrown.ts';
import { inetAddresses, version2 } from './headers.ts';

const SOURCE: [string, number] = ['192.0.2.1', 56324];
const DESTINATION: [string, number] = ['192.0.2.9', 443];

describe('makeProxyHeader()', () => {
  it('makes headers of both versions', () => {
    expect(makeProxyHeader(SOURCE, DESTINATION)).toEqual(version2(0x21, 0x11, inetAddresses(SOURCE, DESTINATION)));
    expect(String(makeProxyHeader(SOURCE, DESTINATION, { version: 1 }))).toBe(
      'PROXY TCP4 192.0.2.1 192.0.2.9 56324 443\r\n',
    );
    const header = makeProxyHeader(['2001:db8::1', 1, 0, 0], ['::1', 2, 0, 0]);
    expect(header).toEqual(version2(0x21, 0x21, inetAddresses(['2001:db8::1', 1], ['::1', 2])));
    expect(String(makeProxyHeader(['2001:db8::1', 1, 0, 0], ['::1', 2, 0, 0], { version: 1 }))).toBe(
      'PROXY TCP6 2001:db8::1 ::1 1 2\r\n',
    );
  });

  it('writes an IPv4 address as one of IPv6 where the other is one', () => {
    expect(String(makeProxyHeader(SOURCE, ['::1', 2, 0, 0], { version: 1 }))).toBe(
      'PROXY TCP6 ::ffff:192.0.2.1 ::1 56324 2\r\n',
    );
  });

  it.each([
    ['', '/run/socket'],
    ['', DESTINATION],
    [SOURCE, Buffer.from('\0abstract')],
  ] as const)('announces no client where there is no IP address: %p, %p', (source, destination) => {
    const made = (version: 1 | 2): Buffer => makeProxyHeader(addressOf(source), addressOf(destination), { version });
    expect(made(2)).toEqual(version2(0x20, 0x00));
    expect(String(made(1))).toBe('PROXY UNKNOWN\r\n');
  });

  it('makes what is read as the same addresses, in at most 107 bytes', () => {
    const port = fc.nat(0xffff);
    const ipv4 = fc.tuple(fc.ipV4(), port);
    const ipv6 = fc.tuple(fc.ipV6(), port);
    const version = fc.constantFrom<1 | 2>(1, 2);
    fc.assert(
      fc.property(fc.oneof(fc.tuple(ipv4, ipv4), fc.tuple(ipv6, ipv6)), version, ([source, destination], number) => {
        const header = makeProxyHeader(source, destination, { version: number });
        expect(header.length).toBeLessThanOrEqual(107);
        const parsed = parseHeader(header);
        if (typeof parsed === 'number' || parsed.source === null || parsed.destination === null)
          throw new Error('none');
        expect(parsed.version).toBe(number);
        expect(inetAddresses(ends(parsed.source), ends(parsed.destination))).toEqual(
          inetAddresses(source, destination),
        );
      }),
    );
  });

  it.each([
    [[SOURCE, DESTINATION, { version: 3 }], RangeError, 'makeProxyHeader(): version must be 1 or 2 (received 3)'],
    [[SOURCE, DESTINATION, { tlvs: [] }], TypeError, "makeProxyHeader() has no option 'tlvs'"],
    [[['localhost', 1], DESTINATION], RangeError, 'the host of source must be a numeric address'],
    [[SOURCE, ['127.1', 1]], RangeError, 'the host of destination must be a numeric address'],
    [[SOURCE, ['1.1.1.1', 65536]], RangeError, 'port must be 0-65535'],
    [[SOURCE, null], TypeError, 'address must be [host, port'],
  ])('checks its arguments: %#', (args, kind, text) => {
    const error = thrown(() => void Reflect.apply(makeProxyHeader, undefined, args));
    expect(error).toBeInstanceOf(kind);
    expect(error).toHaveProperty('message', expect.stringContaining(text));
  });
});

/** The host and the port of an address. */
function ends(address: Address): [string, number] {
  return [String(address[0]), Number(address[1])];
}

/** An address that may be changed. */
function addressOf(address: string | Buffer | readonly [string, number]): Address {
  return typeof address === 'string' || Buffer.isBuffer(address) ? address : [...address];
}
