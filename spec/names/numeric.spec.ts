import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AF_INET, AF_INET6 } from '../../lib/common/constants.ts';
import { gaierror, OSError } from '../../lib/common/errors.ts';
import { inetNtop } from '../../lib/names/inet.ts';
import { ifNameindex } from '../../lib/names/interfaces.ts';
import { bindHost, numericHost } from '../../lib/names/resolver.ts';

const EAI_NONAME = { errno: -2, code: 'EAI_NONAME', strerror: 'Name or service not known' };
const EAI_ADDRFAMILY = { errno: -9, code: 'EAI_ADDRFAMILY', strerror: 'Address family for hostname not supported' };

const [[index, name] = [0, '']] = ifNameindex();

describe('numericHost', () => {
  test.each([
    [AF_INET, '', '0.0.0.0'],
    [AF_INET, '<broadcast>', '255.255.255.255'],
    [AF_INET, '255.255.255.255', '255.255.255.255'],
    [AF_INET, '127.0.0.1', '127.0.0.1'],
    [AF_INET, '127.1', '127.0.0.1'],
    [AF_INET, '0x7f.1', '127.0.0.1'],
    [AF_INET, '１２７.1', '127.0.0.1'],
    [AF_INET, '::ffff:1.2.3.4', '1.2.3.4'],
    [AF_INET6, '', '::'],
    [AF_INET6, '0:0::1', '::1'],
    [AF_INET6, '::1%9999999', '::1%9999999'],
    [AF_INET6, `fe80::1%${name}`, `fe80::1%${process.platform === 'win32' ? index : name}`],
    [AF_INET6, `fe80::1%${index}`, `fe80::1%${process.platform === 'win32' ? index : name}`],
  ])('%d %s is %s', (family, host, address) => {
    expect(numericHost(family, host)).toBe(address);
  });

  test.each(['localhost', 'example.org', '1.2.3.4.5', '1.2.3.4 x', '256.1.1.1', '::1 ', 'é.example'])(
    '%j has to be looked up',
    (host) => {
      expect(numericHost(AF_INET, host)).toBeNull();
      expect(numericHost(AF_INET6, host)).toBeNull();
    },
  );

  test('an address of the other family', () => {
    expect(() => numericHost(AF_INET, '::1')).toThrow(gaierror);
    expect(() => numericHost(AF_INET, '::1')).toThrow(expect.objectContaining(EAI_ADDRFAMILY));
    expect(() => numericHost(AF_INET6, '127.1')).toThrow(expect.objectContaining(EAI_ADDRFAMILY));
    expect(() => numericHost(AF_INET6, '<broadcast>')).toThrow(
      new OSError(null, 'address family mismatched', { address: '<broadcast>' }),
    );
  });

  test('a zone that does not exist', () => {
    expect(() => numericHost(AF_INET6, 'fe80::1%no-such')).toThrow(expect.objectContaining(EAI_NONAME));
    expect(() => numericHost(AF_INET6, `::1%${name}`)).toThrow(expect.objectContaining(EAI_NONAME));
    expect(() => numericHost(AF_INET6, '::1%')).toThrow(expect.objectContaining(EAI_NONAME));
    expect(() => numericHost(AF_INET6, '::1%4294967296')).toThrow(expect.objectContaining(EAI_NONAME));
  });

  test('a name that cannot be written in ASCII', () => {
    expect(() => numericHost(AF_INET, 'é..b')).toThrow(TypeError);
    expect(() => numericHost(AF_INET, 'é..b')).toThrow(
      "host cannot be encoded as a host name (IDNA) (received 'é..b')",
    );
  });

  test('leaves an address in its canonical form as it is', () => {
    const packed = fc.uint8Array({ minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(packed, (bytes) => {
        const host = inetNtop(AF_INET6, bytes);
        expect(numericHost(AF_INET6, host)).toBe(host);
      }),
    );
    fc.assert(fc.property(fc.ipV4(), (host) => expect(numericHost(AF_INET, host)).toBe(host)));
  });
});

describe('bindHost', () => {
  test('knows localhost', () => {
    expect(bindHost(AF_INET, 'localhost')).toBe('127.0.0.1');
    expect(bindHost(AF_INET6, 'LocalHost')).toBe('::1');
    expect(bindHost(AF_INET, '')).toBe('0.0.0.0');
    expect(bindHost(AF_INET6, '::1')).toBe('::1');
  });

  test('the error for other names says how to resolve them', () => {
    const error = { errno: -2, code: 'EAI_NONAME', address: 'example.org' };
    expect(() => bindHost(AF_INET, 'example.org')).toThrow(gaierror);
    expect(() => bindHost(AF_INET, 'example.org')).toThrow(expect.objectContaining(error));
    expect(() => bindHost(AF_INET, 'example.org')).toThrow('await gethostbyname(host) first');
    expect(() => bindHost(AF_INET6, 'example.org')).toThrow('await getaddrinfo(host, port, AF_INET6) first');
  });
});
