import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AF_INET, AF_INET6, AF_UNIX, AF_UNSPEC, SOCK_DGRAM, SOCK_STREAM } from '../../lib/index.ts';
import { crc32c } from '../../lib/proxy-protocol/crc32c.ts';
import { ProxyProtocolError } from '../../lib/proxy-protocol/errors.ts';
import type { ProxyHeader } from '../../lib/proxy-protocol/header.ts';
import { parseHeader } from '../../lib/proxy-protocol/parse.ts';
import { thrown } from '../support/thrown.ts';
import { headers, inetAddresses, SIGNATURE, tlv, version2, withChecksum } from './headers.ts';

const text = (line: string): ProxyHeader | number => parseHeader(Buffer.from(line, 'latin1'));

const IPV4 = inetAddresses(['192.0.2.1', 56324], ['192.0.2.9', 443]);
const IPV6 = inetAddresses(['2001:db8::1', 1], ['2001:db8::2', 65535]);

/** What is wrong with bytes. */
function problemOf(bytes: Buffer): string {
  const error = thrown(() => parseHeader(bytes));
  expect(error).toBeInstanceOf(ProxyProtocolError);
  expect(error).toMatchObject({ name: 'ProxyProtocolError', code: 'EPROTO', errno: 71 });
  return error instanceof ProxyProtocolError ? error.message : '';
}

describe('crc32c()', () => {
  it.each([
    ['nothing', Buffer.alloc(0), 0],
    ['the digits', Buffer.from('123456789'), 0xe306_9283],
    ['32 bytes of zeros (RFC 3720, B.4)', Buffer.alloc(32), 0x8a91_36aa],
    ['32 bytes of ones', Buffer.alloc(32, 0xff), 0x62a8_ab43],
    ['32 bytes that rise', Buffer.from(Array.from({ length: 32 }, (_, index) => index)), 0x46dd_794e],
  ])('is that of the standard for %s', (_, bytes, sum) => expect(crc32c(bytes)).toBe(sum));
});

describe('a PROXY header of version 1', () => {
  const none = { tlvs: [], alpn: null, authority: null, uniqueId: null, netns: null, ssl: null };

  it('gives IPv4 addresses', () => {
    expect(text('PROXY TCP4 255.255.255.255 192.0.2.9 65535 0\r\n')).toEqual({
      version: 1,
      command: 'PROXY',
      family: AF_INET,
      type: SOCK_STREAM,
      source: ['255.255.255.255', 65535],
      destination: ['192.0.2.9', 0],
      ...none,
    });
  });

  it('gives IPv6 addresses, as getpeername() does', () => {
    expect(text('PROXY TCP6 2001:DB8:0:0::1 ::FFFF:1.2.3.4 1 2\r\n')).toMatchObject({
      family: AF_INET6,
      source: ['2001:db8::1', 1, 0, 0],
      destination: ['::ffff:1.2.3.4', 2, 0, 0],
    });
  });

  it.each(['PROXY UNKNOWN\r\n', 'PROXY UNKNOWN and whatever else\r\n'])('may have no addresses: %p', (line) => {
    expect(text(line)).toEqual({
      version: 1,
      command: 'PROXY',
      family: AF_UNSPEC,
      type: 0,
      source: null,
      destination: null,
      ...none,
    });
  });

  it('has 107 bytes at most', () => {
    const group = 'ffff';
    const host = Array.from({ length: 8 }, () => group).join(':');
    const longest = `PROXY TCP6 ${host} ${host} 65535 65535\r\n`;
    expect(text(longest)).toMatchObject({ destination: [host, 65535, 0, 0] });
    expect(text(`PROXY UNKNOWN ${'x'.repeat(91)}\r\n`)).toMatchObject({ source: null });
    expect(text(`PROXY UNKNOWN ${'x'.repeat(91)}`)).toBe(2);
    expect(text(`PROXY UNKNOWN ${'x'.repeat(91)}\r`)).toBe(1);
    const tooLong = `PROXY UNKNOWN ${'x'.repeat(92)}`;
    expect(problemOf(Buffer.from(tooLong))).toMatch('the PROXY header has no end within 107 bytes');
    expect(problemOf(Buffer.from(`${tooLong}\r`))).toMatch('the PROXY header has no end within 107 bytes');
  });

  it.each([
    'GET / HTTP/1.1\r\n',
    'proxy TCP4',
    'PROXY  TCP4',
    'PROXY UDP4 1.1.1.1 1.1.1.1 1 1\r\n',
    'PROXY TCP4 1.1.1.1 1.1.1.1 1 1\n',
    'PROXY TCP4 1.1.1.1 1.1.1.1 1 1\r\r\n',
    'PROXY TCP4 1.1.1.1 1.1.1.1 1 1 \r\n',
    'PROXY TCP4 1.1.1.1  1.1.1.1 1 1\r\n',
    'PROXY TCP4 1.1.1.1 1.1.1.1 1\r\n',
    'PROXY TCP4 1.1.1.1 1.1.1.1 01 1\r\n',
    'PROXY TCP4 1.1.1.1 1.1.1.1 65536 1\r\n',
    'PROXY TCP4 1.1.1.1 1.1.1.1 1 +1\r\n',
    'PROXY TCP4 1.1.1.1 1.1.1.01 1 1\r\n',
    'PROXY TCP4 1.1.1.1 1.1.1 1 1\r\n',
    'PROXY TCP4 ::1 ::1 1 1\r\n',
    'PROXY TCP6 1.1.1.1 1.1.1.1 1 1\r\n',
    'PROXY TCP6 fe80::1%eth0 ::1 1 1\r\n',
    'PROXY TCP4 \r\n',
    'PROXY UNKNOWNS\r\n',
  ])('is wrong: %p', (line) => {
    expect(problemOf(Buffer.from(line))).toMatch(/^\[Errno 71\] Protocol error \(no PROXY header: '/);
  });
});

describe('a PROXY header of version 2', () => {
  it.each([
    [0x11, IPV4, AF_INET, SOCK_STREAM, ['192.0.2.1', 56324], ['192.0.2.9', 443]],
    [0x12, IPV4, AF_INET, SOCK_DGRAM, ['192.0.2.1', 56324], ['192.0.2.9', 443]],
    [0x21, IPV6, AF_INET6, SOCK_STREAM, ['2001:db8::1', 1, 0, 0], ['2001:db8::2', 65535, 0, 0]],
    [0x22, IPV6, AF_INET6, SOCK_DGRAM, ['2001:db8::1', 1, 0, 0], ['2001:db8::2', 65535, 0, 0]],
    [0x00, Buffer.alloc(0), AF_UNSPEC, 0, null, null],
  ])('gives the addresses of the family 0x%s', (byte, addresses, family, type, source, destination) => {
    const expected = { version: 2, command: 'PROXY', family, type, source, destination, tlvs: [], ssl: null };
    expect(parseHeader(version2(0x21, byte, addresses))).toMatchObject(expected);
  });

  it('gives paths and abstract names of Unix sockets', () => {
    const paths = Buffer.alloc(216);
    paths.write('/run/a', 0);
    paths.write('\0abstract', 108);
    expect(parseHeader(version2(0x21, 0x31, paths))).toMatchObject({
      family: AF_UNIX,
      type: SOCK_STREAM,
      source: '/run/a',
      destination: Buffer.from('\0abstract'),
    });
    paths.fill(0, 0, 108).fill('x', 108);
    expect(parseHeader(version2(0x21, 0x32, paths))).toMatchObject({
      type: SOCK_DGRAM,
      source: '',
      destination: 'x'.repeat(108),
    });
  });

  it('gives the values of its TLVs, and all TLVs', () => {
    const id = Buffer.from([1, 2, 3]);
    const tlvs = [tlv(1, 'h2'), tlv(2, 'exämple.org'), tlv(5, id), tlv(0x30, 'blue'), tlv(4, 'xx'), tlv(0xea, 'own')];
    expect(parseHeader(version2(0x21, 0x11, IPV4, ...tlvs))).toMatchObject({
      alpn: 'h2',
      authority: 'exämple.org',
      uniqueId: id,
      netns: 'blue',
      ssl: null,
      tlvs: [
        { type: 1, value: Buffer.from('h2') },
        { type: 2, value: Buffer.from('exämple.org') },
        { type: 5, value: id },
        { type: 0x30, value: Buffer.from('blue') },
        { type: 4, value: Buffer.from('xx') },
        { type: 0xea, value: Buffer.from('own') },
      ],
    });
  });

  it('gives what is known of TLS', () => {
    const within = [tlv(0x21, 'TLSv1.3'), tlv(0x22, 'alice'), tlv(0x23, 'AES'), tlv(0x24, 'SHA256'), tlv(0x25, 'EC')];
    const ssl = Buffer.concat([Buffer.of(0x07, 0, 0, 0, 0), ...within]);
    expect(parseHeader(version2(0x21, 0x11, IPV4, tlv(0x20, ssl)))).toMatchObject({
      ssl: {
        client: 7,
        verify: 0,
        isVerified: true,
        version: 'TLSv1.3',
        cn: 'alice',
        cipher: 'AES',
        sigAlg: 'SHA256',
        keyAlg: 'EC',
        tlvs: within.map((one) => ({ type: one[0], value: one.subarray(3) })),
      },
    });
  });

  it.each([
    ['without TLS', 0x00, 0, false],
    ['without a certificate', 0x01, 0, false],
    ['with a certificate that was refused', 0x03, 20, false],
    ['with a certificate in this connection', 0x03, 0, true],
    ['with a certificate in this session', 0x05, 0, true],
    ['with a certificate, but without TLS', 0x06, 0, false],
  ])('says whether a certificate was verified: a client %s', (_, client, verify, isVerified) => {
    const ssl = Buffer.of(client, 0, 0, 0, verify);
    expect(parseHeader(version2(0x21, 0x11, IPV4, tlv(0x20, ssl)))).toMatchObject({
      ssl: { client, verify, isVerified, version: null, cn: null },
    });
  });

  it('of the command LOCAL has no addresses, whatever stands in their place', () => {
    const expected = { version: 2, command: 'LOCAL', family: AF_UNSPEC, type: 0, source: null, destination: null };
    expect(parseHeader(version2(0x20, 0x00))).toMatchObject({ ...expected, tlvs: [] });
    expect(parseHeader(version2(0x20, 0x00, tlv(5, 'id')))).toMatchObject({ ...expected, uniqueId: Buffer.from('id') });
    expect(parseHeader(version2(0x20, 0x11, IPV4, tlv(5, 'id')))).toMatchObject({ ...expected, tlvs: [] });
    expect(parseHeader(version2(0x20, 0xff))).toMatchObject(expected);
    expect(parseHeader(version2(0x20, 0x00, Buffer.from('no TLVs')))).toMatchObject({ ...expected, tlvs: [] });
    expect(parseHeader(version2(0x20, 0x00, tlv(0x20, '')))).toMatchObject({ ...expected, tlvs: [] });
  });

  it('may have a checksum, which has to be right', () => {
    for (const command of [0x20, 0x21]) {
      const header = withChecksum(command, 0x00, tlv(5, 'id'));
      // A header may share its memory with others.
      const shared = Buffer.concat([Buffer.alloc(7), header]).subarray(7);
      expect(parseHeader(shared)).toMatchObject({ uniqueId: Buffer.from('id') });
      expect(problemOf(version2(command, 0, header.subarray(16, 20), Buffer.of(1), header.subarray(21)))).toMatch(
        'the checksum of the PROXY header is wrong',
      );
    }
    expect(problemOf(version2(0x21, 0x00, tlv(3, 'x')))).toMatch('has 1 bytes, and not 4');
  });

  it.each([
    [version2(0x31, 0x11, IPV4), 'unknown version or command: 0x31'],
    [version2(0x22, 0x11, IPV4), 'unknown version or command: 0x22'],
    [version2(0x21, 0x10, IPV4), 'unknown family: 0x10'],
    [version2(0x21, 0x41, IPV4), 'unknown family: 0x41'],
    [version2(0x21, 0x11, IPV4.subarray(1)), 'a PROXY header of 11 bytes has no room for its addresses'],
    [version2(0x21, 0x11, IPV4, Buffer.of(1)), 'the PROXY header ends within a TLV'],
    [version2(0x21, 0x11, IPV4, Buffer.of(1, 0, 1)), 'a TLV is longer than its PROXY header'],
    [version2(0x21, 0x11, IPV4, tlv(0x20, 'abcd')), 'the TLV about TLS has 4 bytes, and not at least 5'],
    [version2(0x21, 0x11, IPV4, tlv(0x20, Buffer.of(1, 0, 0, 0, 0, 1))), 'the PROXY header ends within a TLV'],
    [version2(0x21, 0x00, Buffer.alloc(16_369)), 'the PROXY header has 16385 bytes; 16384 are read at most'],
    [Buffer.concat([SIGNATURE.subarray(0, 11), Buffer.of(0)]), 'no PROXY header'],
  ])('is wrong: %#', (bytes, problem) => expect(problemOf(bytes)).toMatch(problem));

  it('is refused as soon as its length is known, where that is too long', () => {
    const header = version2(0x21, 0x00, tlv(4, Buffer.alloc(16_365)));
    expect(header).toHaveLength(16_384);
    expect(parseHeader(header)).toMatchObject({ version: 2 });
    expect(problemOf(Buffer.concat([SIGNATURE, Buffer.of(0x21, 0, 0xff, 0xff)]))).toMatch('has 65551 bytes');
  });
});

describe('any PROXY header', () => {
  it('is read from pieces of exactly the bytes that are missing, and from no more', () => {
    fc.assert(
      fc.property(headers, (header) => {
        const whole = parseHeader(header);
        expect(typeof whole).toBe('object');
        let length = 0;
        let parsed = parseHeader(Buffer.alloc(0));
        while (typeof parsed === 'number') {
          expect(parsed).toBeGreaterThan(0);
          length += parsed;
          expect(length).toBeLessThanOrEqual(header.length);
          parsed = parseHeader(header.subarray(0, length));
        }
        expect(length).toBe(header.length);
        expect(parsed).toEqual(whole);
      }),
    );
  });

  it('is incomplete wherever it is split', () => {
    fc.assert(
      fc.property(headers, (header) => {
        for (let length = 0; length < header.length; length += 1) {
          const missing = parseHeader(header.subarray(0, length));
          expect(typeof missing).toBe('number');
          expect(Number(missing)).toBeGreaterThan(0);
          expect(length + Number(missing)).toBeLessThanOrEqual(header.length);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('with any bit flipped is another header, incomplete, or wrong, and nothing else', () => {
    fc.assert(
      fc.property(headers, fc.nat(), fc.nat(7), (header, position, bit) => {
        const flipped = Buffer.from(header);
        const index = position % header.length;
        flipped.writeUInt8(flipped.readUInt8(index) ^ (1 << bit), index);
        void isHeader(flipped);
      }),
      { numRuns: 500 },
    );
  });

  it('with a checksum and any bit flipped is wrong, or incomplete', () => {
    const header = withChecksum(0x21, 0x11, IPV4, tlv(5, 'id'));
    // The command LOCAL, whose content is ignored; or types and lengths by which no TLV is a checksum any more.
    const exceptions = [12, 28, 29, 30, 33, 34, 35];
    for (let bit = 0; bit < header.length * 8; bit += 1) {
      const flipped = Buffer.from(header);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      if (isHeader(flipped)) expect(exceptions).toContain(bit >> 3);
    }
  });

  it('of random bytes is a header, incomplete, or wrong, and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void isHeader(Buffer.from(bytes))),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void isHeader(Buffer.concat([SIGNATURE, bytes]))),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 120 }), (line) => void isHeader(Buffer.from(`PROXY TCP4 ${line}`))),
      { numRuns: 500 },
    );
  });
});

/** Whether bytes are a whole header; they may also be wrong, or only its beginning. */
function isHeader(bytes: Buffer): boolean {
  try {
    const parsed = parseHeader(bytes);
    if (typeof parsed === 'number') expect(parsed).toBeGreaterThan(0);
    return typeof parsed === 'object';
  } catch (error) {
    if (error instanceof ProxyProtocolError) return false;
    throw error;
  }
}
