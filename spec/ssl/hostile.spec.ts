import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import * as ssl from '../../lib/ssl/index.ts';
import { own, pair } from '../support/pairs.ts';
import { runProgram } from '../support/peer-child.ts';
import { randomSeed } from '../support/seed.ts';
import { clientContext, serverContext, VERSIONS } from '../support/tls-contexts.ts';

/** How many single bytes are damaged; `SPEC_DAMAGES=every` takes each byte in each way, which takes many minutes. */
const DAMAGES = process.env.SPEC_DAMAGES ?? '300';

/** How many records a flood has; a million takes a minute or two for each. */
const FLOOD = process.env.SPEC_FLOOD ?? '5000';

const MB = 1_000_000;
const MINUTES = 60_000;
const LIMIT = process.env.SPEC_DAMAGES === undefined && process.env.SPEC_FLOOD === undefined ? MINUTES : 60 * MINUTES;

/** What peer-tls-damaged.ts tells. */
interface Damaged {
  readonly undamaged: readonly string[];
  readonly mistakes: readonly string[];
  /** Damages after which the receiver of the byte has had all the same. */
  readonly unnoticed: readonly { readonly kind: string }[];
}

describe.each(VERSIONS)('a connection of %s', (name, version) => {
  it(
    'ends in an error, and never in wrong bytes, wherever one byte of it is changed, left out or the last one',
    async () => {
      const args = [name, DAMAGES, String(randomSeed)];
      const { result, strays, descriptors } = await runProgram('peer-tls-damaged', { args });
      const { undamaged, mistakes, unnoticed } = result as Damaged;
      expect([undamaged, mistakes, strays]).toEqual([['whole', 'whole'], [], []]);
      // The version in the header of a record is to be ignored (RFC 8446, section 5.1).
      expect(unnoticed.filter(({ kind }) => kind !== 'flip')).toEqual([]);
      expect(descriptors.after).toBe(descriptors.before);
    },
    LIMIT,
  );

  describe.each(['client', 'server'] as const)('with a hostile %s', (role) => {
    it(
      'takes records without end in little memory, waits for a peer that never reads, and leaves nothing',
      async () => {
        const args = [role, name, FLOOD];
        const { result, strays, descriptors } = await runProgram('peer-tls-hostile', { args });
        const little = { grown: expect.any(Number) };
        const failed = { ...little, ended: expect.stringMatching(/^\w*Error$/) };
        expect(result).toMatchObject({
          tiny: { ...little, received: Number(FLOOD) },
          unread: little,
          asking: failed,
          dribbled: failed,
          warnings: failed,
          neverReads: { end: 'TimeoutError', closed: 'OSError' },
        });
        const { neverReads, ...floods } = result as Record<string, { readonly grown: number }>;
        for (const { grown } of Object.values(floods)) expect(grown).toBeLessThan(6 * MB);
        expect(neverReads?.grown).toBeLessThan(32 * MB);
        expect(strays).toEqual([]);
        expect(descriptors.after).toBe(descriptors.before);
      },
      LIMIT,
    );

    /** A connection of ours to a raw peer, and the handshake that we begin on it. */
    async function begun(
      timeout: number | null,
    ): Promise<[ours: socket.Socket, raw: socket.Socket, () => Promise<ssl.SSLSocket>]> {
      const [ours, raw] = await pair();
      ours.settimeout(timeout);
      const wrap = async (): Promise<ssl.SSLSocket> => {
        if (role === 'client') return own(await serverContext({ version }).wrapSocket(ours, { serverSide: true }));
        return own(await clientContext({ version }).wrapSocket(ours, { serverHostname: 'localhost' }));
      };
      return [ours, raw, wrap];
    }

    it('raises where the peer stops in its first record, at the time limit', async () => {
      const [, raw, wrap] = await begun(0.1);
      await raw.sendall(Buffer.of(22, 3, 1, 2, 0, 1, 0));
      await expect(wrap()).rejects.toThrow('The handshake operation timed out');
    });

    it('raises where the connection ends in the first record', async () => {
      const [, raw, wrap] = await begun(null);
      await raw.sendall(Buffer.of(22, 3, 1, 2, 0, 1, 0));
      raw.shutdown(socket.SHUT_WR);
      await expect(wrap()).rejects.toThrow(ssl.SSLEOFError);
    });

    it('raises where the peer ends TLS in place of a handshake', async () => {
      const [, raw, wrap] = await begun(null);
      await raw.sendall(Buffer.of(21, 3, 3, 0, 2, 1, 0));
      // OpenSSL's server expects a ClientHello, and its client waits for whatever comes.
      await expect(wrap()).rejects.toThrow(role === 'client' ? /UNEXPECTED_MESSAGE/ : ssl.SSLZeroReturnError);
    });

    it('ends a handshake that waits when the socket is closed', async () => {
      const [one, raw] = await pair();
      const options = role === 'client' ? { serverSide: true } : { serverHostname: 'localhost' };
      const context = role === 'client' ? serverContext({ version }) : clientContext({ version });
      const ours = own(await context.wrapSocket(one, { ...options, doHandshakeOnConnect: false }));
      const handshake = ours.doHandshake();
      await raw.sendall(Buffer.of(22, 3, 1));
      ours.close();
      await expect(handshake).rejects.toThrow(expect.objectContaining({ code: 'EBADF' }));
    });

    it.each([
      ['text', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
      ['a greeting', Buffer.from('220 mail.example ESMTP\r\n')],
      ['zeros', Buffer.alloc(1000)],
      ['a close_notify', Buffer.of(21, 3, 3, 0, 2, 1, 0)],
      ['a fatal alert', Buffer.of(21, 3, 3, 0, 2, 2, 40)],
      ['data', Buffer.of(23, 3, 3, 0, 3, 1, 2, 3)],
      ['an empty record', Buffer.of(22, 3, 3, 0, 0)],
      ['a record that is too long', Buffer.concat([Buffer.of(22, 3, 3, 0x48, 0x01), Buffer.alloc(0x4801)])],
      ['a record for 65,535 bytes', Buffer.of(22, 3, 3, 0xff, 0xff, 1, 0, 0)],
      ['a message for 16 MB', Buffer.of(22, 3, 3, 0, 4, 1, 0xff, 0xff, 0xff)],
    ])('refuses %s in place of a handshake', async (_what, bytes) => {
      const [, raw, wrap] = await begun(null);
      await raw.sendall(bytes);
      raw.shutdown(socket.SHUT_WR);
      await expect(wrap()).rejects.toThrow(ssl.SSLError);
    });
  });
});

it('survives a certificate of TLS 1.2 whose kind of key is unknown', async () => {
  const version = ssl.TLSVersion.TLSv1_2;
  const [client, near] = await pair();
  const [server, far] = await pair();
  const wrapping = Promise.allSettled([
    clientContext({ version }).wrapSocket(client, { serverHostname: 'localhost' }),
    serverContext({ version }).wrapSocket(server, { serverSide: true }),
  ]);
  await far.sendall(await near.recv(65_536));
  const flight = await far.recv(65_536);
  // The number of public keys of elliptic curves, 1.2.840.10045.2.1.
  const place = flight.indexOf('2a8648ce3d0201', 'hex');
  expect(place).toBeGreaterThan(0);
  flight[place + 6] = 99;
  await near.sendall(flight);
  await far.sendall(await near.recv(65_536));
  const outcomes = await wrapping;
  for (const one of [near, far]) one.close();
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(ssl.SSLError) });
  }
});
