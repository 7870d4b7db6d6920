import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { EBADF, ECONNRESET } from '../support/expected-errors.ts';
import {
  bound,
  listening,
  MORE_THAN_THE_KERNEL_HOLDS,
  pair,
  pattern,
  recvAll,
  reset,
  story,
  tcp,
  turns,
} from '../support/pairs.ts';

import { reservedPort } from '../support/ports.ts';

const { MSG_DONTWAIT, MSG_PEEK, SHUT_WR, SO_TYPE, SOL_SOCKET } = socket;

async function inEveryState(): Promise<[state: string, one: socket.Socket][]> {
  const [client, server] = await pair();
  const connecting = tcp();
  connecting.setblocking(false);
  await connecting.connectEx(listening().getsockname());
  connecting.setblocking(true);
  return [
    ['fresh', tcp()],
    ['bound', bound()],
    ['listening', listening()],
    ['connecting', connecting],
    ['connected', client],
    ['accepted', server],
  ];
}

describe('a closed socket', () => {
  it.each<[string, (one: socket.Socket) => unknown]>([
    ['bind', (one) => one.bind(['127.0.0.1', 0])],
    ['listen', (one) => one.listen()],
    ['shutdown', (one) => one.shutdown(SHUT_WR)],
    ['getsockname', (one) => one.getsockname()],
    ['getpeername', (one) => one.getpeername()],
    ['getsockopt', (one) => one.getsockopt(SOL_SOCKET, SO_TYPE)],
    ['setsockopt', (one) => one.setsockopt(SOL_SOCKET, socket.SO_KEEPALIVE, 1)],
    ['settimeout', (one) => one.settimeout(1)],
    ['setblocking', (one) => one.setblocking(true)],
  ])('throws EBADF: %s()', async (call, use) => {
    for (const [, one] of await inEveryState()) {
      one.close();
      expect(() => use(one)).toThrow(expect.objectContaining({ ...EBADF, syscall: call }));
    }
  });

  it.each<[string, (one: socket.Socket) => Promise<unknown>]>([
    ['accept', (one) => one.accept()],
    ['connect', (one) => one.connect(['127.0.0.1', 1])],
    ['recv', (one) => one.recv(1)],
    ['recv with MSG_DONTWAIT', (one) => one.recv(1, MSG_DONTWAIT)],
    ['recvInto', (one) => one.recvInto(Buffer.alloc(1))],
    ['recvfrom', (one) => one.recvfrom(0)],
    ['send', (one) => one.send('x')],
    ['send of nothing', (one) => one.send('')],
    ['sendall', (one) => one.sendall('x')],
    ['connect by name', (one) => one.connect(['localhost', 1])],
  ])('rejects with EBADF: %s()', async (_call, use) => {
    for (const [, one] of await inEveryState()) {
      one.close();
      await expect(use(one)).rejects.toMatchObject(EBADF);
    }
  });

  it('still has its family, type and protocol', async () => {
    for (const [, one] of await inEveryState()) {
      one.settimeout(2.5);
      one.close();
      one.close();
      expect(one.fileno()).toBe(-1);
      expect(one.gettimeout()).toBe(2.5);
      expect(one.timeout).toBe(2.5);
      expect(one.getblocking()).toBe(true);
      expect([one.family, one.type, one.proto]).toEqual([socket.AF_INET, socket.SOCK_STREAM, 0]);
      expect(await one.recv(0)).toHaveLength(0);
      expect(await one.connectEx(['127.0.0.1', 1])).toBe(9);
    }
  });
});

describe('close()', () => {
  it('wakes all calls that wait, of every kind, with EBADF', async () => {
    const [client] = await pair();
    const waiting = [
      client.recv(1),
      client.recvInto(Buffer.alloc(1)),
      client.recvfrom(1),
      client.sendall(Buffer.alloc(MORE_THAN_THE_KERNEL_HOLDS)),
      client.send('after it'),
    ];
    await turns(5);
    client.close();
    for (const one of waiting) await expect(one).rejects.toMatchObject(EBADF);
  });

  it('wins over a time limit and a signal', async () => {
    const [client] = await pair();
    client.settimeout(30);
    const controller = new AbortController();
    const waiting = client.recv(1, 0, { signal: controller.signal });
    client.close();
    controller.abort();
    await expect(waiting).rejects.toMatchObject(EBADF);
  });

  it('still delivers what send() has taken', async () => {
    const [client, server] = await pair();
    const bytes = pattern(1_000_000);
    await client.sendall(bytes);
    client.close();
    expect((await recvAll(server)).equals(bytes)).toBe(true);
    expect(await story(server)).toEqual([0, 0]);
  });

  it('delivers the beginning of a send that waits, in order, and then the end or a reset', async () => {
    const [client, server] = await pair();
    const bytes = pattern(MORE_THAN_THE_KERNEL_HOLDS);
    const sending = client.sendall(bytes);
    await turns(5);
    client.close();
    await expect(sending).rejects.toMatchObject(EBADF);
    const blocks: Buffer[] = [];
    const end: unknown = await (async () => {
      for (let block = await server.recv(65536); block.length > 0; block = await server.recv(65536)) blocks.push(block);
    })().catch((error: unknown) => error);
    const received = Buffer.concat(blocks);
    expect(received.length).toBeGreaterThan(0);
    expect(received.equals(bytes.subarray(0, received.length))).toBe(true);
    expect(end === undefined || (end instanceof socket.OSError && end.code === 'ECONNRESET')).toBe(true);
  });

  it('delivers after SHUT_WR too', async () => {
    const [client, server] = await pair();
    await client.sendall(pattern(500_000));
    client.shutdown(SHUT_WR);
    client.close();
    expect(await story(server)).toEqual([500_000, 0, 0]);
  });

  it('resets a peer that sends more while our output is still going out', async () => {
    const [client, server] = await pair();
    const sending = server.sendall(pattern(MORE_THAN_THE_KERNEL_HOLDS));
    const receiving = server.recv(1);
    await turns(5);
    server.close();
    await expect(sending).rejects.toMatchObject(EBADF);
    await expect(receiving).rejects.toMatchObject(EBADF);
    await client.sendall('too late');
    await turns(5);
    expect(await story(client)).toEqual([expect.any(Number), 'ECONNRESET', 0, 0]);
  });

  it('resets the peer where bytes are left unread, in our queue', async () => {
    const [client, server] = await pair();
    await server.sendall('unread');
    expect(await client.recv(1, MSG_PEEK)).toHaveLength(1);
    client.close();
    await expect(server.recv(1)).rejects.toMatchObject(ECONNRESET);
  });

  it('resets the peer where bytes are left unread, in the kernel', async () => {
    const [client, server] = await pair();
    await server.sendall('unread');
    client.close();
    await expect(server.recv(1)).rejects.toMatchObject(ECONNRESET);
  });

  it('ends cleanly where all bytes were read', async () => {
    const [client, server] = await pair();
    await server.sendall('read');
    expect(await client.recv(4, socket.MSG_WAITALL)).toHaveLength(4);
    client.close();
    expect(await story(server)).toEqual([0, 0]);
  });

  it('ends cleanly after the peer has ended, and after a reset', async () => {
    const [client, server] = await pair();
    server.close();
    expect(await client.recv(1)).toHaveLength(0);
    client.close();
    const [one, other] = await pair();
    reset(other);
    await expect(one.recv(1)).rejects.toMatchObject(ECONNRESET);
    one.close();
    await expect(one.recv(1)).rejects.toMatchObject(EBADF);
  });

  it('gives the port back at once', async () => {
    for (const listens of [false, true]) {
      const address: [string, number] = ['127.0.0.1', reservedPort()];
      const one = tcp();
      one.bind(address);
      if (listens) one.listen();
      one.close();
      const next = tcp();
      next.bind(address);
      next.listen();
      next.close();
    }
  });
});

describe('Symbol.dispose', () => {
  it('closes the socket at the end of a using block', async () => {
    const [client, server] = await pair();
    {
      using block = client;
      await block.sendall('within');
    }
    expect(client.fileno()).toBe(-1);
    expect(String(await recvAll(server))).toBe('within');
  });

  it('closes the socket when the block throws, and may find it closed', () => {
    let inner: socket.Socket | undefined;
    const failing = (): void => {
      using listener = listening();
      inner = listener;
      throw new Error('from the block');
    };
    expect(failing).toThrow('from the block');
    expect(() => inner?.getsockname()).toThrow(expect.objectContaining(EBADF));
    {
      using closed = tcp();
      closed.close();
    }
  });
});
