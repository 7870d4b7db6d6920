import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import tls from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bytesOfSession, SSLSession } from '../../lib/ssl/session.ts';
import { CertificateFolder, hasOpenSSL } from '../support/certificates.ts';

function element(tag: number, contents: Uint8Array): Buffer {
  const length = contents.length < 0x80 ? [contents.length] : [0x82, contents.length >> 8, contents.length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...length), contents]);
}

function integer(value: number): Buffer {
  const digits = value.toString(16);
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  return element(2, (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.of(0), bytes]));
}

interface Parts {
  readonly id: Uint8Array;
  readonly time: number;
  readonly timeout: number;
  readonly hint: number;
  readonly ticket: Uint8Array;
  /** What newer Nodes put before the session, for this name of the server. */
  readonly wrappedFor?: string | undefined;
}

function wrapperOf(name: string): Buffer {
  const length = Buffer.byteLength(name);
  return Buffer.concat([
    Buffer.from('\0nodejs:tls:session:1\0'),
    Buffer.of(length >> 8, length & 0xff),
    Buffer.from(name),
  ]);
}

/** A session as OpenSSL writes it; it leaves out what is 0 or empty, but for the time and its limit. */
function sessionOf({ id, time, timeout, hint, ticket, wrappedFor }: Parts): Buffer {
  const fields = [
    integer(1),
    integer(0x0304),
    element(4, Buffer.of(0x13, 0x02)),
    element(4, id),
    element(4, Buffer.alloc(48, 1)),
    element(0xa1, integer(time)),
    element(0xa2, integer(timeout)),
    element(0xa4, element(4, Buffer.alloc(0))),
    ...(hint === 0 ? [] : [element(0xa9, integer(hint))]),
    ...(ticket.length === 0 ? [] : [element(0xaa, element(4, ticket))]),
    element(0xae, integer(0x8000_0000)),
  ];
  const session = element(0x30, Buffer.concat(fields));
  return wrappedFor === undefined ? session : Buffer.concat([wrapperOf(wrappedFor), session]);
}

const parts: fc.Arbitrary<Parts> = fc.record({
  id: fc.uint8Array({ maxLength: 32 }),
  time: fc.integer({ min: 0, max: 2 ** 40 }),
  timeout: fc.integer({ min: 0, max: 2 ** 31 }),
  hint: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  ticket: fc.uint8Array({ maxLength: 300 }),
  wrappedFor: fc.option(fc.domain(), { nil: undefined }),
});

/** Places, and the bytes that are written there. */
const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 });

/** The sessions that a client of Node's is given, over TLS in memory. */
async function sessions(version: tls.SecureVersion, options: tls.TlsOptions = {}): Promise<Buffer[]> {
  const folder = new CertificateFolder();
  try {
    folder.authority('localhost');
    const listener = tls.createServer({
      key: folder.text('localhost.key'),
      cert: folder.text('localhost.pem'),
      minVersion: version,
      maxVersion: version,
      ...options,
    });
    const [one, other] = duplexPair();
    listener.on('secureConnection', (server) => server.end('.'));
    listener.emit('connection', one);
    const client = tls.connect({ socket: other, rejectUnauthorized: false });
    const given: Buffer[] = [];
    client.on('session', (session) => given.push(session));
    client.resume();
    await once(client, 'end');
    client.destroy();
    return given;
  } finally {
    folder.remove();
  }
}

describe('SSLSession', () => {
  it('reads every session that OpenSSL may write', () => {
    fc.assert(
      fc.property(parts, (of) => {
        const bytes = sessionOf(of);
        const session = new SSLSession(bytes);
        expect(session.id).toEqual(Buffer.from(of.id));
        expect(session).toMatchObject({ time: of.time, timeout: of.timeout, ticketLifetimeHint: of.hint });
        expect(session.hasTicket).toBe(of.ticket.length > 0);
        expect(bytesOfSession(session)).toBe(bytes);
      }),
    );
  });

  it('throws a TypeError for what is no session, and nothing else', () => {
    fc.assert(
      fc.property(parts, changes, fc.option(fc.nat(), { nil: undefined }), (of, changed, length) => {
        const bytes = sessionOf(of);
        for (const [at, value] of changed) bytes[at % bytes.length] = value;
        try {
          new SSLSession(length === undefined ? bytes : bytes.subarray(0, length % (bytes.length + 1)));
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
        }
      }),
      { numRuns: 2000 },
    );
    expect(() => new SSLSession(Buffer.from('none'))).toThrow(/no TLS session/);
    expect(() => new SSLSession(Buffer.alloc(0))).toThrow(/no TLS session/);
  });

  it('is the same as another with the same id', () => {
    const of = { id: Buffer.from('one'), time: 1, timeout: 2, hint: 3, ticket: Buffer.alloc(0) };
    const session = new SSLSession(sessionOf(of));
    expect(session.equals(new SSLSession(sessionOf({ ...of, time: 5 })))).toBe(true);
    expect(session.equals(new SSLSession(sessionOf({ ...of, id: Buffer.from('two') })))).toBe(false);
    expect(session.equals(of.id)).toBe(false);
  });

  it('gives its id in memory of its own', () => {
    const session = new SSLSession(
      sessionOf({ id: Buffer.from('one'), time: 1, timeout: 2, hint: 3, ticket: Buffer.alloc(0) }),
    );
    session.id.fill(0);
    expect(session.id.toString()).toBe('one');
  });

  (hasOpenSSL ? it.each : it.skip.each)([
    ['TLSv1.3', {}, true],
    ['TLSv1.2', {}, true],
    ['TLSv1.2', { secureOptions: 1 << 14 }, false],
  ] as const)('of %s says what the program openssl reads in it: %j', async (version, options, hasTicket) => {
    const given = await sessions(version, options);
    expect(given.length).toBe(version === 'TLSv1.3' ? 2 : 1);
    for (const bytes of given) {
      const session = new SSLSession(bytes);
      const { stdout } = spawnSync('openssl', ['sess_id', '-inform', 'DER', '-text', '-noout'], {
        input: bytes.subarray(bytes[0] === 0 ? wrapperOf('localhost').length : 0),
      });
      const field = (name: string) => new RegExp(`^ *${name} *: *(\\S+)`, 'm').exec(stdout.toString())?.[1];
      expect(session.id.toString('hex').toUpperCase()).toBe(field('Session-ID') ?? '');
      expect(session.time).toBe(Number(field('Start Time')));
      expect(session.timeout).toBe(Number(field('Timeout')));
      expect(session.ticketLifetimeHint).toBe(Number(field('TLS session ticket lifetime hint') ?? 0));
      expect(session.hasTicket).toBe(hasTicket);
      expect(stdout.includes('TLS session ticket:')).toBe(hasTicket);
    }
  });
});
