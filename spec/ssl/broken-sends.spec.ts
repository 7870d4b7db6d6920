import { describe, expect, it } from '@jest/globals';
import { SHUT_WR, type Socket } from '../../lib/index.ts';
import type { SSLSocket } from '../../lib/ssl/index.ts';
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

/** Passes on what one socket receives, until either closes. */
async function pass(from: Socket, into: Socket): Promise<void> {
  try {
    for (let block = await from.recv(65_536); block.length > 0; block = await from.recv(65_536)) {
      await into.sendall(block);
    }
  } catch {
    // The test has closed it.
  }
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
    const [ours, near] = await pair();
    const [far, theirs] = await pair();
    const towardsServer = new AbortController();
    const passing = pass(far, near);
    const reading = (async () => {
      for (;;) await far.sendall(await near.recv(65_536, 0, { signal: towardsServer.signal }));
    })().catch(() => undefined);
    const [client] = await tlsPair({ raw: () => Promise.resolve([ours, theirs] as const) });
    towardsServer.abort();
    await reading;
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
    far.close();
    await passing;
  });
});
