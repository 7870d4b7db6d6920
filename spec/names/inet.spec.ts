import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AF_INET, AF_INET6, AF_UNIX } from '../../lib/common/constants.ts';
import { OSError } from '../../lib/common/errors.ts';
import { htonl, htons, inetAton, inetNtoa, inetNtop, inetPton, ntohl, ntohs } from '../../lib/names/inet.ts';

const bytesOfLength = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });

describe('byte order', () => {
  test('reverses bytes, on a little-endian machine', () => {
    expect(htons(0x1234)).toBe(0x3412);
    expect(ntohs(0x00ff)).toBe(0xff00);
    expect(htonl(0x1234_5678)).toBe(0x7856_3412);
    expect(ntohl(0x0000_0080)).toBe(0x8000_0000);
  });

  test('twice restores the number', () => {
    fc.assert(fc.property(fc.nat(0xffff), (number) => expect(ntohs(htons(number))).toBe(number)));
    fc.assert(fc.property(fc.nat(0xffff_ffff), (number) => expect(ntohl(htonl(number))).toBe(number)));
  });

  test.each([
    [htons, -1, 'htons(): value must be 0-65535 (received -1)'],
    [ntohs, 65536, 'ntohs(): value must be 0-65535 (received 65536)'],
    [htons, 2 ** 31, 'signed integer is greater than maximum'],
    [htonl, -1, 'htonl(): value must be 0-4294967295 (received -1)'],
    [ntohl, 2 ** 32, 'ntohl(): value must be 0-4294967295 (received 4294967296)'],
  ])('%p of %d is a RangeError', (convert, number, text) => {
    expect(() => convert(number)).toThrow(RangeError);
    expect(() => convert(number)).toThrow(text);
  });

  test.each([htons, ntohs, htonl, ntohl])('%p of a float is a TypeError', (convert) => {
    expect(() => convert(1.5)).toThrow(TypeError);
  });
});

describe('inetAton and inetNtoa', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['127.1', '127.0.0.1'],
    ['1.2.772', '1.2.3.4'],
    ['0x7f.1', '127.0.0.1'],
    ['010.0.0.1', '8.0.0.1'],
    ['4294967295', '255.255.255.255'],
    ['1.2.3.4 and more', '1.2.3.4'],
  ])('%s is %s', (text, address) => {
    expect(inetNtoa(inetAton(text))).toBe(address);
  });

  test.each(['', 'x', '1.2.3.4.5', '256.1.1.1', '1.2.3.256', '08.1', '0x', '1..2', '1.', ' 1', '-1', '4294967296'])(
    '%j is no address',
    (text) => {
      expect(() => inetAton(text)).toThrow(OSError);
      expect(() => inetAton(text)).toThrow('illegal IP address string passed to inet_aton');
    },
  );

  test('round trip', () => {
    fc.assert(
      fc.property(bytesOfLength(4), (bytes) => expect(new Uint8Array(inetAton(inetNtoa(bytes)))).toEqual(bytes)),
    );
  });

  test('arguments', () => {
    expect(() => inetAton('1\0')).toThrow(
      new RangeError(String.raw`inetAton(): address must not contain a null character (received '1\x00')`),
    );
    expect(() => inetNtoa(Buffer.alloc(5))).toThrow('packed IP wrong length for inet_ntoa');
    expect(inetNtoa(new Uint8Array([1, 2, 3, 4]).buffer)).toBe('1.2.3.4');
    // @ts-expect-error Bytes are not taken for text.
    expect(() => inetAton(Buffer.from('1.2.3.4'))).toThrow(TypeError);
    // @ts-expect-error Text is not taken for bytes.
    expect(() => inetNtoa('1234')).toThrow("inetNtoa(): packed must be bytes (received '1234')");
  });
});

describe('inetPton and inetNtop', () => {
  test.each([
    ['0:0:0:0:0:0:0:0', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['1:0:0:0:0:0:0:0', '1::'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:0:2:0:0:3:4', '1::2:0:0:3:4'],
    ['0001:00AB::', '1:ab::'],
    ['::ffff:102:304', '::ffff:1.2.3.4'],
    ['::102:304', '::1.2.3.4'],
    ['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:102:304'],
  ])('%s is written %s', (text, written) => {
    expect(inetNtop(AF_INET6, inetPton(AF_INET6, text))).toBe(written);
  });

  test.each([
    '',
    ':',
    ':::',
    '1:',
    ':1',
    '1:2:3:4:5:6:7',
    '1::2:3:4:5:6:7:8',
    '::1::',
    '::12345',
    '::g',
    '::1.2.3',
    '1.2.3.4',
    '::1%1',
  ])('%j is no IPv6 address', (text) => {
    expect(() => inetPton(AF_INET6, text)).toThrow('illegal IP address string passed to inet_pton');
  });

  test.each(['127.1', '01.2.3.4', '1.2.3.4 ', '1.2.3.256', '::1'])('%j is not a strict IPv4 address', (text) => {
    expect(() => inetPton(AF_INET, text)).toThrow('illegal IP address string passed to inet_pton');
  });

  test('round trip', () => {
    fc.assert(
      fc.property(bytesOfLength(16), (bytes) =>
        expect(new Uint8Array(inetPton(AF_INET6, inetNtop(AF_INET6, bytes)))).toEqual(bytes),
      ),
    );
    fc.assert(
      fc.property(bytesOfLength(4), (bytes) =>
        expect(new Uint8Array(inetPton(AF_INET, inetNtop(AF_INET, bytes)))).toEqual(bytes),
      ),
    );
  });

  test('the text is as short as possible', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const written = inetNtop(AF_INET6, inetPton(AF_INET6, text));
        expect(written).not.toMatch(/(^|:)0\d/);
        expect(inetNtop(AF_INET6, inetPton(AF_INET6, written))).toBe(written);
      }),
    );
  });

  test('arguments', () => {
    expect(() => inetPton(AF_UNIX, '::1')).toThrow(expect.objectContaining({ errno: 97, syscall: 'inet_pton' }));
    expect(() => inetNtop(999, Buffer.alloc(4))).toThrow(
      new RangeError('inetNtop(): family must be AF_INET or AF_INET6 (received 999)'),
    );
    expect(() => inetNtop(AF_INET6, Buffer.alloc(4))).toThrow('inetNtop(): packed must have 16 bytes');
    expect(() => inetPton(AF_INET, '1.2.3.4\0')).toThrow(RangeError);
    expect(() => inetNtop(1.5, Buffer.alloc(4))).toThrow(TypeError);
  });
});
