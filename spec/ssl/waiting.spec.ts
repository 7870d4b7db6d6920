import { open } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import * as ssl from '../../lib/ssl/index.ts';
import { listening, own, pair, pattern, recvAll, staysPending } from '../support/pairs.ts';
import { clientContext, serverContext, VERSIONS } from '../support/tls-contexts.ts';
import { tlsPair } from '../support/tls.ts';

const timedOut = (text: string): object => ({
  name: 'TimeoutError',
  code: 'ETIMEDOUT',
  message: expect.stringMatching(new RegExp(`^The ${text} operation timed out`)),
});

const WANT_READ = { name: 'SSLWantReadError', errno: 2 };

describe.each(VERSIONS)('the time limit of %s', (_name, version) => {
  it('is that of a handshake', async () => {
    const [ours] = await pair();
    ours.settimeout(0.01);
    const shaking = clientContext({ version }).wrapSocket(ours, { serverHostname: 'localhost' });
    await expect(shaking).rejects.toMatchObject(timedOut('handshake'));
  });

  it('is that of a receive, after which nothing is lost', async () => {
    const [client, server] = await tlsPair({ version });
    client.settimeout(0.01);
    await expect(client.recv(10)).rejects.toMatchObject(timedOut('read'));
    await expect(client.recvInto(new Uint8Array(10))).rejects.toMatchObject(timedOut('read'));
    client.settimeout(null);
    await server.sendall('late');
    expect(String(await client.recv(10))).toBe('late');
  });

  it('is that of a send', async () => {
    const [client] = await tlsPair({ version });
    client.settimeout(0.01);
    const filling = async (): Promise<void> => {
      for (;;) await client.send(Buffer.alloc(1 << 20));
    };
    await expect(filling()).rejects.toMatchObject(timedOut('write'));
    await expect(client.sendall(Buffer.alloc(1 << 20))).rejects.toMatchObject(timedOut('write'));
  });

  it('of 0 seconds says what the call would wait for', async () => {
    const [ours, theirs] = await pair();
    ours.settimeout(0);
    theirs.settimeout(0);
    const later = { doHandshakeOnConnect: false };
    const client = own(await clientContext({ version }).wrapSocket(ours, { serverHostname: 'localhost', ...later }));
    const server = own(await serverContext({ version }).wrapSocket(theirs, { serverSide: true, ...later }));
    await expect(client.doHandshake()).rejects.toMatchObject(WANT_READ);
    const done = async (one: ssl.SSLSocket): Promise<true> => {
      for (;;) {
        try {
          await one.doHandshake();
          return true;
        } catch (error) {
          if (!(error instanceof ssl.SSLWantReadError)) throw error;
        }
      }
    };
    expect(await Promise.all([done(client), done(server)])).toEqual([true, true]);
    await expect(client.recv(1)).rejects.toMatchObject(WANT_READ);
    const filling = async (): Promise<void> => {
      for (;;) await client.send(Buffer.alloc(1 << 20));
    };
    await expect(filling()).rejects.toMatchObject({ name: 'SSLWantWriteError', errno: 3 });
  });
});

describe.each(VERSIONS)('a signal with %s', (_name, version) => {
  it('ends a receive, and nothing is lost', async () => {
    const [client, server] = await tlsPair({ version });
    const stop = new AbortController();
    const receiving = client.recv(10, { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(receiving).rejects.toThrow('enough');
    await server.sendall('late');
    expect(String(await client.recv(10))).toBe('late');
  });

  it('ends the wait for a handshake, which goes on', async () => {
    const [ours, theirs] = await pair();
    const wrap = { serverHostname: 'localhost', doHandshakeOnConnect: false };
    const client = own(await clientContext({ version }).wrapSocket(ours, wrap));
    const stop = new AbortController();
    const shaking = client.doHandshake({ signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(shaking).rejects.toThrow('enough');
    const [server] = await Promise.all([
      serverContext({ version }).wrapSocket(theirs, { serverSide: true }),
      client.doHandshake(),
    ]);
    own(server);
    expect(client.version()).not.toBeNull();
  });

  it('ends the wait of accept() for a handshake, and the connection', async () => {
    const listener = own(await serverContext({ version }).wrapSocket(listening(), { serverSide: true }));
    const client = own(socket.socket());
    const stop = new AbortController();
    const accepting = listener.accept({ signal: stop.signal });
    await client.connect(listener.getsockname());
    expect(await staysPending(accepting)).toBe(true);
    stop.abort(new Error('enough'));
    await expect(accepting).rejects.toThrow('enough');
    expect(await client.recv(1)).toHaveLength(0);
  });
});

describe.each(VERSIONS)('over %s', (_name, version) => {
  it('a file reads lines, writes text, and keeps the connection open', async () => {
    const [client, server] = await tlsPair({ version });
    const file = client.makefile('rw', { encoding: 'utf-8' });
    client.close();
    await server.sendall('first line\nsécond\nrest');
    server.shutdown(socket.SHUT_WR);
    expect(await file.readline()).toBe('first line\n');
    expect(await file.read()).toBe('sécond\nrest');
    await file.write('back\n');
    await file.close();
    expect(String(await recvAll(server))).toBe('back\n');
  });

  it('a file of the disk is sent', async () => {
    const [client, server] = await tlsPair({ version });
    const file = await open(process.execPath);
    const length = 300_000;
    const [sent, received] = await Promise.all([
      client.sendfile(file, 1000, length).then((count) => {
        client.shutdown(socket.SHUT_WR);
        return count;
      }),
      recvAll(server),
    ]);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, 1000);
    await file.close();
    expect(sent).toBe(length);
    expect(received.equals(buffer)).toBe(true);
  });

  it('pending() counts what is decrypted and not received', async () => {
    const [client, server] = await tlsPair({ version });
    await server.sendall('hello');
    expect(String(await client.recv(2))).toBe('he');
    expect(client.pending()).toBe(3);
    expect(String(await client.read())).toBe('llo');
    expect(client.pending()).toBe(0);
  });

  it('bytes of all lengths around the size of a record arrive whole', async () => {
    const [client, server] = await tlsPair({ version });
    for (const length of [0, 1, 16_383, 16_384, 16_385, 32_768, 65_537]) {
      const bytes = pattern(length);
      await client.sendall(bytes);
      await client.sendall('|');
      const received: Buffer[] = [];
      for (let rest = length + 1; rest > 0; rest -= received.at(-1)?.length ?? 0)
        received.push(await server.recv(rest));
      expect(Buffer.concat(received).equals(Buffer.concat([bytes, Buffer.from('|')]))).toBe(true);
    }
  });

  it('many calls at once are served in their order', async () => {
    const [client, server] = await tlsPair({ version });
    const receiving = Array.from({ length: 50 }, () => server.recv(1));
    await Promise.all(Array.from({ length: 50 }, (_, index) => client.send(Buffer.of(index))));
    const received = await Promise.all(receiving);
    expect(Buffer.concat(received)).toEqual(Buffer.from(Array.from({ length: 50 }, (_, index) => index)));
  });
});
