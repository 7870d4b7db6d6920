import { describe, expect, it } from '@jest/globals';
import type { Socket } from '../../lib/index.ts';
import * as select from '../../lib/select.ts';
import * as selectors from '../../lib/selectors.ts';
import * as ssl from '../../lib/ssl/index.ts';
import { own, pair } from '../support/pairs.ts';
import { clientContext, serverContext } from '../support/tls-contexts.ts';
import { tlsPair } from '../support/tls.ts';

const VERSIONS = { 'TLS 1.2': ssl.TLSVersion.TLSv1_2, 'TLS 1.3': ssl.TLSVersion.TLSv1_3 };

/** Makes a call of a socket that does not wait until it succeeds, as a program in Python does. */
async function untilDone(one: Socket, call: () => Promise<unknown>): Promise<number> {
  for (let waits = 0; ; waits += 1) {
    try {
      await call();
      return waits;
    } catch (error) {
      if (error instanceof ssl.SSLWantReadError) await select.select([one], [], []);
      else if (error instanceof ssl.SSLWantWriteError) await select.select([], [one], []);
      else throw error;
    }
  }
}

describe.each(Object.entries(VERSIONS))('sockets with %s that do not wait', (_name, version) => {
  it('shake hands and end TLS with select() between the attempts', async () => {
    const [ours, theirs] = await pair();
    const options = { doHandshakeOnConnect: false };
    const client = own(await clientContext({ version }).wrapSocket(ours, { ...options, serverHostname: 'localhost' }));
    const server = own(await serverContext({ version }).wrapSocket(theirs, { ...options, serverSide: true }));
    for (const one of [client, server]) one.setblocking(false);
    const waits = await Promise.all([client, server].map((one) => untilDone(one, () => one.doHandshake())));
    // No busy loop: each wait ends with an outcome.
    expect(Math.max(...waits)).toBeLessThan(4);
    await client.sendall('Hello');
    await select.select([server], [], []);
    expect(String(await server.recv(10))).toBe('Hello');
    await Promise.all([client, server].map((one) => untilDone(one, () => one.unwrap())));
    await client.sendall('plain');
    await select.select([server], [], []);
    expect(String(await server.recv(10))).toBe('plain');
  });

  it('are ready when the handshake has failed', async () => {
    const [ours, theirs] = await pair();
    const options = { doHandshakeOnConnect: false, serverHostname: 'localhost' };
    const client = own(await clientContext({ version }).wrapSocket(ours, options));
    client.setblocking(false);
    await theirs.sendall('no TLS, but bytes that are long enough for a record\r\n');
    await expect(untilDone(client, () => client.doHandshake())).rejects.toBeInstanceOf(ssl.SSLError);
  });

  it('serve as an echo with a selector', async () => {
    const [client, server] = await tlsPair({ version });
    using selector = new selectors.DefaultSelector();
    selector.register(server, selectors.EVENT_READ);
    const echo = async (): Promise<void> => {
      while (selector.getMap()?.size !== 0) {
        for (const [{ fileobj }] of await selector.select()) {
          const data = await fileobj.recv(1000);
          if (data.length === 0) selector.unregister(fileobj);
          else await fileobj.sendall(data);
        }
      }
    };
    const serving = echo();
    for (const size of [1, 5000, 70_000]) {
      await client.sendall(Buffer.alloc(size, 'x'));
      let left = size;
      while (left > 0) left -= (await client.recv(left)).length;
    }
    client.close();
    await serving;
  });
});
