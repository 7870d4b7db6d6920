import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addressText, checkInetAddress, wildcardOf } from '../../lib/common/addresses.ts';
import { AF_INET, AF_INET6 } from '../../lib/common/constants.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

describe('checkInetAddress', () => {
  test('takes a pair for AF_INET', () => {
    expect(checkInetAddress('bind', AF_INET, ['127.0.0.1', 80])).toEqual({
      host: '127.0.0.1',
      port: 80,
      flowinfo: 0,
      scopeid: 0,
    });
    expect(checkInetAddress('bind', AF_INET, ['', true])).toMatchObject({ host: '', port: 1 });
    expect(checkInetAddress('bind', AF_INET, [bytes('a.b'), 0])).toMatchObject({ host: 'a.b' });
  });

  test('takes two to four fields for AF_INET6', () => {
    expect(checkInetAddress('bind', AF_INET6, ['::1', 80])).toMatchObject({ flowinfo: 0, scopeid: 0 });
    expect(checkInetAddress('bind', AF_INET6, ['::1', 80, 0xf_ffff])).toMatchObject({ flowinfo: 0xf_ffff, scopeid: 0 });
    expect(checkInetAddress('bind', AF_INET6, ['::1', 80, 1, 0xffff_ffff])).toMatchObject({ scopeid: 0xffff_ffff });
  });

  test.each([
    [AF_INET, null, 'connect(): AF_INET address must be [host, port] (received null)'],
    [AF_INET, 'x', "connect(): AF_INET address must be [host, port] (received 'x')"],
    [AF_INET6, 5, 'connect(): AF_INET6 address must be [host, port, flowinfo?, scopeid?] (received 5)'],
    [AF_INET, [], 'connect(): AF_INET address must be [host, port] (received [])'],
    [AF_INET, ['a', 1, 2], 'connect(): AF_INET address must be [host, port]'],
    [AF_INET6, ['a'], 'connect(): AF_INET6 address must be [host, port, flowinfo?, scopeid?]'],
    [AF_INET6, ['a', 1, 2, 3, 4], 'connect(): AF_INET6 address must be [host, port, flowinfo?, scopeid?]'],
    [AF_INET, [5, 'x'], 'connect(): host must be a string or bytes (received 5)'],
    [AF_INET, [null, 80], 'connect(): host must be a string or bytes (received null)'],
    [AF_INET, ['a\0b', 'x'], String.raw`connect(): host must not contain a null character (received 'a\x00b')`],
    [AF_INET, [bytes('\0'), 70000], 'connect(): host must not contain a null character'],
    [AF_INET, [bytes('\xff'), 80], 'connect(): host in bytes must be ASCII'],
    [AF_INET, ['a', '80'], "port must be an integer (received '80')"],
    [AF_INET, ['a', 1.5], 'port must be an integer (received 1.5)'],
    [AF_INET, ['a', undefined], 'port must be an integer (received undefined)'],
    [AF_INET6, ['::1', 70000, 'x'], "flowinfo must be an integer (received 'x')"],
    [AF_INET6, ['::1', 70000, 0, null], 'scopeid must be an integer (received null)'],
  ])('%s %j is a TypeError', (family, address, text) => {
    expect(() => checkInetAddress('connect', family, address)).toThrow(TypeError);
    expect(() => checkInetAddress('connect', family, address)).toThrow(text);
  });

  test.each([
    [AF_INET, ['a', -1], 'connect(): port must be 0-65535 (received -1)'],
    [AF_INET, ['a', 65536], 'connect(): port must be 0-65535 (received 65536)'],
    [AF_INET, ['a', 2 ** 70], 'connect(): port must be 0-65535'],
    [AF_INET6, ['::1', 70000, -10], 'connect(): port must be 0-65535'],
    [AF_INET6, ['::1', 0, -10], 'connect(): flowinfo must be 0-1048575 (received -10)'],
    [AF_INET6, ['::1', 0, 2 ** 20], 'connect(): flowinfo must be 0-1048575'],
    [AF_INET6, ['::1', 0, 0, -1], 'connect(): scopeid must be 0-4294967295 (received -1)'],
    [AF_INET6, ['::1', 0, 0, 2 ** 32], 'connect(): scopeid must be 0-4294967295'],
  ])('%s %j is a RangeError', (family, address, text) => {
    expect(() => checkInetAddress('connect', family, address)).toThrow(RangeError);
    expect(() => checkInetAddress('connect', family, address)).toThrow(text);
  });

  test('returns any address in range unchanged', () => {
    const address = fc.tuple(fc.ipV6(), fc.nat(65535), fc.nat(0xf_ffff), fc.nat(0xffff_ffff));
    fc.assert(
      fc.property(address, ([host, port, flowinfo, scopeid]) => {
        const checked = checkInetAddress('connect', AF_INET6, [host, port, flowinfo, scopeid]);
        expect(checked).toEqual({ host, port, flowinfo, scopeid });
      }),
    );
  });
});

test.each([
  [['127.0.0.1', 4000], '127.0.0.1:4000'],
  [['example.org', 80], 'example.org:80'],
  [['::1', 4000], '[::1]:4000'],
  [['::1', 4000, 0, 0], '[::1]:4000'],
  [['fe80::1', 80, 0, 4], '[fe80::1%4]:80'],
  [['fe80::1%eth0', 80, 0, 4], '[fe80::1%eth0]:80'],
  [[bytes('::1'), 80], '[::1]:80'],
  ['/tmp/a.sock', '/tmp/a.sock'],
  [bytes('/tmp/a.sock'), '/tmp/a.sock'],
] as const)('addressText of %j is %s', (address, text) => {
  expect(addressText(address)).toBe(text);
});

test('wildcardOf', () => {
  expect(wildcardOf(AF_INET)).toBe('0.0.0.0');
  expect(wildcardOf(AF_INET6)).toBe('::');
});
