import { Duplex } from 'node:stream';
import tls from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ClientHelloReader, type ClientHello } from '../../lib/ssl/client-hello.ts';

/** The first bytes that a client of Node's sends. */
function firstFlight(options: tls.ConnectionOptions): Buffer {
  const written: Buffer[] = [];
  const socket = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _, callback) => {
      written.push(chunk);
      callback();
    },
  });
  const client = tls.connect({ ...options, socket });
  client.on('error', () => undefined);
  client.destroy();
  return Buffer.concat(written);
}

function recordsOf(message: Buffer, sizes: readonly number[]): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at < message.length;) {
    const size = Math.min(sizes[records.length % sizes.length] ?? 1, message.length - at);
    records.push(Buffer.concat([Buffer.from([22, 3, 1, size >> 8, size & 0xff]), message.subarray(at, at + size)]));
    at += size;
  }
  return records;
}

function read(records: readonly Buffer[]): ClientHello | 'other' | undefined {
  const reader = new ClientHelloReader();
  return records.map((record) => reader.push(record)).at(-1);
}

const vector = (sizeOfLength: number, bytes: Uint8Array) => {
  const length = Buffer.alloc(sizeOfLength);
  length.writeUIntBE(bytes.length, 0, sizeOfLength);
  return Buffer.concat([length, bytes]);
};
const uint16 = (value: number) => Buffer.from([value >> 8, value & 0xff]);
const extension = (type: number, body: Uint8Array) => Buffer.concat([uint16(type), vector(2, body)]);

interface Parts {
  readonly version: number;
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly ciphers: readonly number[];
  readonly name: string | undefined;
  readonly protocols: readonly string[];
  readonly versions: readonly number[];
}

function messageOf({ version, random, sessionId, ciphers, name, protocols, versions }: Parts): Buffer {
  const extensions = [
    extension(10, vector(2, uint16(29))),
    name === undefined ? [] : extension(0, vector(2, Buffer.concat([Buffer.of(0), vector(2, Buffer.from(name))]))),
    protocols.length === 0
      ? []
      : extension(16, vector(2, Buffer.concat(protocols.map((item) => vector(1, Buffer.from(item, 'latin1')))))),
    versions.length === 0 ? [] : extension(43, vector(1, Buffer.concat(versions.map(uint16)))),
  ].flat();
  const body = [
    uint16(version),
    random,
    vector(1, sessionId),
    vector(2, Buffer.concat(ciphers.map(uint16))),
    vector(1, Buffer.of(0)),
    vector(2, Buffer.from(extensions.flatMap((item) => (typeof item === 'number' ? [item] : [...item])))),
  ];
  return Buffer.concat([Buffer.of(1), vector(3, Buffer.concat(body))]);
}

const number = fc.integer({ min: 0, max: 0xffff });
const parts: fc.Arbitrary<Parts> = fc.record({
  version: number,
  random: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  sessionId: fc.uint8Array({ maxLength: 32 }),
  ciphers: fc.array(number, { maxLength: 100 }),
  name: fc.option(fc.domain(), { nil: undefined }),
  protocols: fc.array(
    fc.string({
      unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
      minLength: 1,
      maxLength: 255,
    }),
    { maxLength: 5 },
  ),
  versions: fc.array(number, { maxLength: 10 }),
});
const sizes = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 5 });

/** OpenSSL 3.0 adds a signal that it renegotiates securely (RFC 5746); 3.5 has an extension for that. */
function suitesOf(hello: ClientHello | 'other' | undefined): readonly number[] {
  return typeof hello === 'object' ? hello.cipherIds.filter((id) => id !== 0x00ff) : [];
}

describe('ClientHelloReader', () => {
  it('reads what the client of this Node offers', () => {
    const hello = read([
      firstFlight({
        servername: 'example.org',
        ALPNProtocols: ['h2', 'http/1.1'],
        ciphers: 'TLS_AES_128_GCM_SHA256:ECDHE-RSA-AES256-GCM-SHA384',
      }),
    ]);
    expect(hello).toMatchObject({
      legacyVersion: 0x0303,
      serverName: 'example.org',
      alpnProtocols: ['h2', 'http/1.1'],
      supportedVersions: [0x0304, 0x0303],
    });
    expect(suitesOf(hello)).toEqual([0x1301, 0xc030]);
  });

  it('reads a client of TLS 1.2 that names nothing', () => {
    const hello = read([firstFlight({ maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' })]);
    expect(hello).toMatchObject({
      serverName: undefined,
      alpnProtocols: [],
      supportedVersions: [],
    });
    expect(suitesOf(hello)).toEqual([0x002f]);
  });

  it('reads every message, in however many records it comes', () => {
    fc.assert(
      fc.property(parts, sizes, (of, lengths) => {
        const reader = new ClientHelloReader();
        const records = recordsOf(messageOf(of), lengths);
        const before = records.slice(0, -1).map((record) => reader.push(record));
        expect(before.every((result) => result === undefined)).toBe(true);
        const last = records.at(-1) ?? Buffer.alloc(0);
        const hello = reader.push(last);
        last.fill(0xff);
        expect(hello).toEqual({
          legacyVersion: of.version,
          random: Buffer.from(of.random),
          cipherIds: of.ciphers,
          serverName: of.name,
          alpnProtocols: of.protocols,
          supportedVersions: of.versions,
        });
        expect(reader.push(last)).toBe(hello);
      }),
    );
  });

  it('takes a message without extensions, as SSL 3 has them', () => {
    const body = Buffer.concat([uint16(0x0300), Buffer.alloc(32), Buffer.of(0), vector(2, uint16(5)), Buffer.of(1, 0)]);
    const message = Buffer.concat([Buffer.of(1), vector(3, body)]);
    expect(read(recordsOf(message, [1000]))).toMatchObject({
      legacyVersion: 0x0300,
      cipherIds: [5],
      serverName: undefined,
    });
  });

  it('never throws, whatever bytes were changed', () => {
    fc.assert(
      fc.property(parts, fc.array(fc.tuple(fc.nat(), fc.nat(255))), sizes, (of, changes, lengths) => {
        const message = messageOf(of);
        for (const [at, value] of changes) message[at % message.length] = value;
        const result = read(recordsOf(message, lengths));
        expect(result === undefined || result === 'other' || result.random.length === 32).toBe(true);
      }),
    );
  });

  it.each([
    ['an alert', Buffer.from([21, 3, 1, 0, 2, 2, 40])],
    ['a request of HTTP', Buffer.from('GET / HTTP/1.0\r\n\r\n')],
    ['another message of the handshake', Buffer.from([22, 3, 1, 0, 4, 2, 0, 0, 0])],
    ['a record without a byte', Buffer.from([22, 3, 1, 0, 0])],
    ['nothing', Buffer.alloc(0)],
    ['a message longer than OpenSSL takes', Buffer.from([22, 3, 1, 0, 4, 1, 2, 1, 0x45])],
    ['a message that ends in the middle of a field', Buffer.from([22, 3, 1, 0, 7, 1, 0, 0, 3, 3, 3, 0])],
  ])('says of %s that it is something else', (_, record) => {
    expect(read([record])).toBe('other');
  });

  it('passes over names that are not those of hosts', () => {
    const entries = Buffer.concat([
      Buffer.of(9),
      vector(2, Buffer.from('other')),
      Buffer.of(0),
      vector(2, Buffer.from('host')),
    ]);
    const extensions = vector(2, extension(0, vector(2, entries)));
    const body = Buffer.concat([
      uint16(0x0303),
      Buffer.alloc(32),
      Buffer.of(0),
      vector(2, uint16(5)),
      Buffer.of(1, 0),
      extensions,
    ]);
    const message = Buffer.concat([Buffer.of(1), vector(3, body)]);
    expect(read(recordsOf(message, [1000]))).toMatchObject({ serverName: 'host' });
  });

  it('waits for the longest message that OpenSSL takes', () => {
    expect(read([Buffer.from([22, 3, 1, 0, 4, 1, 2, 1, 0x44])])).toBeUndefined();
  });

  it('says of bytes after the last extension that the message is malformed', () => {
    const body = Buffer.concat([Buffer.alloc(34), Buffer.of(0, 0, 0, 0, 0, 0, 9)]);
    expect(read(recordsOf(Buffer.concat([Buffer.of(1), vector(3, body)]), [1000]))).toBe('other');
  });
});
