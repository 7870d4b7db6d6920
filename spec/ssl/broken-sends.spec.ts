import { describe, expect, it } from '@jest/globals';
import { SHUT_WR, type Socket } from '../../lib/index.ts';
import type { SSLSocket, WrapOptions } from '../../lib/ssl/index.ts';
import { own, pair, recvAll } from '../support/pairs.ts';
import { tlsPair } from '../support/tls.ts';
import { clientContext } from '../support/tls-contexts.ts';

/** Whether the connection of a peer has ended, however it has. */
async function ended(peer: Socket): Promise<boolean> {
  return await recvAll(peer).then(
    () => true,
    (error: unknown) => error instanceof Error && 'code' in error && error.code === 'ECONNRESET',
  );
}

/** A client whose send begins the handshake, and its peer, which speaks no TLS. */
async function sending(suppressRaggedEofs = true): Promise<{ client: SSLSocket; sent: Promise<void>; peer: Socket }> {
  const [raw, peer] = await pair();
  const options = { serverHostname: 'localhost', doHandshakeOnConnect: false, suppressRaggedEofs };
  const client = own(await clientContext().wrapSocket(raw, options));
  const sent = client.sendall('x');
  sent.catch(() => undefined);
  await peer.recv(65_536);
  return { client, sent, peer };
}

/** A fatal `handshake_failure`. */
const ALERT = Buffer.from('15030300020228', 'hex');
/** A record that no key decrypts. */
const DAMAGED = Buffer.concat([Buffer.from('1703030020', 'hex'), Buffer.alloc(32)]);

/** Passes on what one socket receives, until the signal aborts it. */
async function pass(from: Socket, into: Socket, signal: AbortSignal): Promise<void> {
  try {
    for (;;) await into.sendall(await from.recv(65_536, 0, { signal }));
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** A client whose handshake is done, and the other end of its connection, which passes nothing on any more. */
async function overRelay(clientWrap?: WrapOptions): Promise<{ client: SSLSocket; near: Socket }> {
  const [ours, near] = await pair();
  const [far, theirs] = await pair();
  const controller = new AbortController();
  const { signal } = controller;
  const passing = Promise.all([pass(near, far, signal), pass(far, near, signal)]);
  const [client, server] = await tlsPair({ raw: () => Promise.resolve([ours, theirs] as const), clientWrap });
  // The session tickets come before it.
  await server.sendall('x');
  await client.recv(1);
  controller.abort();
  await passing;
  return { client, near };
}

describe('a socket whose TLS breaks under a send closes its connection at once', () => {
  it('after an alert in the handshake', async () => {
    const { client, sent, peer } = await sending();
    await peer.sendall(ALERT);
    await expect(sent).rejects.toMatchObject({ name: 'SSLError' });
    client.close();
    expect(await ended(peer)).toBe(true);
  });

  it.each([true, false])('after the end of the input in the handshake, suppressRaggedEofs=%s', async (suppresses) => {
    const { client, sent, peer } = await sending(suppresses);
    peer.shutdown(SHUT_WR);
    await expect(sent).rejects.toMatchObject({ name: 'SSLEOFError' });
    client.close();
    expect(await ended(peer)).toBe(true);
  });

  it('after a damaged record, while the peer does not read', async () => {
    const { client, near } = await overRelay();
    client.settimeout(0);
    const block = Buffer.alloc(16_384);
    const filling = async (): Promise<never> => {
      for (;;) await client.send(block);
    };
    await expect(filling()).rejects.toMatchObject({ name: 'SSLWantWriteError' });
    client.settimeout(null);
    await near.sendall(DAMAGED);
    await expect(client.recv(1)).rejects.toMatchObject({ name: 'SSLError' });
    client.close();
    expect(await ended(near)).toBe(true);
  });
});

it.each([true, false])(
  'a send fails after the end of a connection that was reset, suppressRaggedEofs=%s',
  async (suppressRaggedEofs) => {
    const { client, near } = await overRelay({ suppressRaggedEofs });
    near.close();
    // The peer's kernel answers this with a reset, which comes after the end.
    await client.send('lost');
    const end = client.recv(1);
    if (suppressRaggedEofs) await expect(end).resolves.toHaveLength(0);
    else await expect(end).rejects.toMatchObject({ name: 'SSLEOFError' });
    await expect(client.send('y')).rejects.toMatchObject({ name: 'BrokenPipeError' });
    await expect(client.send('z')).rejects.toMatchObject({ name: 'BrokenPipeError' });
  },
);
