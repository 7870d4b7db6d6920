import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { EAGAIN, EBADF, ECONNRESET, ENOTCONN } from '../support/expected-errors.ts';
import { hasKoffi } from '../support/koffi.ts';
import {
  bound,
  FAMILIES,
  listening,
  pair,
  pattern,
  recvAll,
  reset,
  staysPending,
  story,
  tcp,
} from '../support/pairs.ts';

const { MSG_DONTWAIT, MSG_PEEK, MSG_WAITALL } = socket;

describe.each(FAMILIES)('recv() on %s', (_name, family) => {
  it('gives what has arrived, up to bufsize, and never waits for more', async () => {
    const [client, server] = await pair(family);
    await client.sendall('abcdef');
    expect(String(await server.recv(4))).toBe('abcd');
    expect(String(await server.recv(100))).toBe('ef');
    const waiting = server.recv(100);
    await client.sendall('g');
    expect(String(await waiting)).toBe('g');
  });

  it('gives the data, then the end of the stream for ever', async () => {
    const [client, server] = await pair(family);
    await client.sendall('bye');
    client.close();
    expect(await story(server)).toEqual([3, 0, 0]);
  });
});

describe('recv()', () => {
  it('gives Buffers', async () => {
    const [client, server] = await pair();
    await client.sendall(Buffer.of(0, 255));
    const bytes = await server.recv(10);
    expect(Buffer.isBuffer(bytes)).toBe(true);
    expect(bytes).toEqual(Buffer.of(0, 255));
  });

  it('gives no bytes at once for a size of 0, in every state', async () => {
    const [client] = await pair();
    const closed = tcp();
    closed.close();
    for (const one of [client, tcp(), bound(), listening(), closed]) {
      expect(await one.recv(0)).toHaveLength(0);
      expect(await one.recvInto(Buffer.alloc(0))).toBe(0);
    }
  });

  it('raises ENOTCONN without a connection', async () => {
    for (const one of [tcp(), bound(), listening()]) {
      await expect(one.recv(1)).rejects.toMatchObject({ ...ENOTCONN, syscall: 'recv' });
      await expect(one.recvInto(Buffer.alloc(1))).rejects.toMatchObject(ENOTCONN);
      await expect(one.recvfrom(1)).rejects.toMatchObject(ENOTCONN);
      await expect(one.recv(1, MSG_DONTWAIT)).rejects.toMatchObject(ENOTCONN);
    }
  });

  it.each([true, false])('checks its arguments first (open: %p)', async (open) => {
    const one = tcp();
    if (!open) one.close();
    const state = open ? ENOTCONN : EBADF;
    await expect(one.recv(-1)).rejects.toThrow('negative buffersize in recv');
    await expect(one.recv(-1)).rejects.toThrow(RangeError);
    await expect(one.recv(1.5)).rejects.toThrow(TypeError);
    await expect(one.recv(NaN)).rejects.toThrow(TypeError);
    // @ts-expect-error -- a size is a number
    await expect(one.recv('1')).rejects.toThrow(TypeError);
    // @ts-expect-error -- flags are a number
    await expect(one.recv(1, 'a')).rejects.toThrow(TypeError);
    await expect(one.recv(1, 2 ** 40)).rejects.toThrow(RangeError);
    await expect(one.recvInto(Buffer.alloc(2), -1)).rejects.toThrow('negative buffersize in recv_into');
    await expect(one.recvInto(Buffer.alloc(2), 3)).rejects.toThrow('buffer too small for requested bytes');
    // @ts-expect-error -- text cannot be written to
    await expect(one.recvInto('text')).rejects.toThrow(TypeError);
    await expect(one.recvfrom(-1)).rejects.toThrow('negative buffersize in recvfrom');
    await expect(one.recv(1)).rejects.toMatchObject(state);
    await expect(one.recvInto(Buffer.alloc(1))).rejects.toMatchObject(state);
    await expect(one.recvfrom(0)).rejects.toMatchObject(state);
  });

  it('serves the calls that wait in their order', async () => {
    const [client, server] = await pair();
    const waiting = [server.recv(2), server.recvInto(Buffer.alloc(2)), server.recvfrom(2), server.recv(2)];
    await client.sendall('aabbccdd');
    expect(await Promise.all(waiting)).toEqual([Buffer.from('aa'), 2, [Buffer.from('cc'), null], Buffer.from('dd')]);
  });

  it('serves two tasks that receive in turn, none of them stranded', async () => {
    const [client, server] = await pair();
    const order: string[] = [];
    const task = async (name: string): Promise<void> => {
      for (let count = 0; count < 50; count += 1) order.push(name + String(await server.recv(1, MSG_WAITALL)));
    };
    const tasks = [task('a'), task('b')];
    for (let count = 0; count < 100; count += 1) await client.sendall(String(count % 10));
    await Promise.all(tasks);
    expect(order).toHaveLength(100);
    expect(order.map((entry) => entry[1])).toEqual(Array.from({ length: 100 }, (_, index) => String(index % 10)));
  });

  it('gives every waiter the end of the stream', async () => {
    const [client, server] = await pair();
    const waiting = [server.recv(10), server.recv(10), server.recv(10)];
    client.close();
    for (const one of waiting) expect(await one).toHaveLength(0);
  });
});

describe('recv() with flags', () => {
  it('leaves the bytes with MSG_PEEK', async () => {
    const [client, server] = await pair();
    await client.sendall('abc');
    expect(String(await server.recv(2, MSG_PEEK))).toBe('ab');
    const target = Buffer.alloc(2);
    expect(await server.recvInto(target, 0, MSG_PEEK)).toBe(2);
    expect(String(target)).toBe('ab');
    expect(String(await server.recv(3, MSG_PEEK | MSG_WAITALL))).toBe('abc');
    expect(String(await server.recv(10))).toBe('abc');
    client.close();
    expect(await server.recv(1, MSG_PEEK)).toHaveLength(0);
  });

  it('waits for all of it with MSG_WAITALL', async () => {
    const [client, server] = await pair();
    const waiting = server.recv(6, MSG_WAITALL);
    await client.sendall('abc');
    expect(await staysPending(waiting)).toBe(true);
    await client.sendall('defgh');
    expect(String(await waiting)).toBe('abcdef');
    const rest = server.recv(100, MSG_WAITALL);
    await client.sendall('!');
    client.close();
    expect(String(await rest)).toBe('gh!');
  });

  it('gives what came before a reset with MSG_WAITALL, then the reset', async () => {
    const [client, server] = await pair();
    const waiting = server.recv(100, MSG_WAITALL);
    await client.sendall('abc');
    reset(client);
    expect(String(await waiting)).toBe('abc');
    expect(await story(server)).toEqual(['ECONNRESET', 0, 0]);
  });

  it.each([0, 200_000])('waits for more than is read ahead, with %d bytes there before', async (before) => {
    const [client, server] = await pair();
    const bytes = pattern(3 * 1024 * 1024 + 7);
    const sending = client.sendall(bytes);
    if (before > 0) await server.recv(before, MSG_PEEK | MSG_WAITALL);
    const received = await server.recv(bytes.length, MSG_WAITALL);
    await sending;
    expect(received.equals(bytes)).toBe(true);
    const target = Buffer.alloc(bytes.length);
    const filling = server.recvInto(target, 0, MSG_WAITALL);
    await client.sendall(bytes);
    expect(await filling).toBe(bytes.length);
    expect(target.equals(bytes)).toBe(true);
  });

  it('peeks at more than is read ahead', async () => {
    const [client, server] = await pair();
    const bytes = pattern(1024 * 1024);
    const sending = client.sendall(bytes).then(() => client.close());
    expect((await server.recv(bytes.length, MSG_PEEK | MSG_WAITALL)).equals(bytes)).toBe(true);
    expect((await recvAll(server)).equals(bytes)).toBe(true);
    await sending;
  });

  it('raises BlockingIOError with MSG_DONTWAIT where nothing has arrived, and takes what has', async () => {
    const [client, server] = await pair();
    await expect(server.recv(1, MSG_DONTWAIT)).rejects.toMatchObject({ ...EAGAIN, syscall: 'recv' });
    await client.sendall('abc');
    expect(String(await server.recv(10, MSG_DONTWAIT))).toBe('abc');
    await expect(server.recvInto(Buffer.alloc(3), 0, MSG_DONTWAIT)).rejects.toMatchObject(EAGAIN);
    await expect(server.recvfrom(3, MSG_DONTWAIT)).rejects.toMatchObject(EAGAIN);
    client.close();
    expect(await server.recv(10, MSG_DONTWAIT)).toHaveLength(0);
  });

  it('takes what has arrived with MSG_WAITALL where it does not wait', async () => {
    const [client, server] = await pair();
    await client.sendall('abc');
    expect(String(await server.recv(10, MSG_WAITALL | MSG_DONTWAIT))).toBe('abc');
    await client.sendall('def');
    server.setblocking(false);
    expect(String(await server.recv(10, MSG_WAITALL))).toBe('def');
    await expect(server.recv(10, MSG_WAITALL)).rejects.toMatchObject(EAGAIN);
  });

  it('passes other flags on to the kernel, or refuses them without koffi', async () => {
    const [, server] = await pair();
    await expect(server.recv(1, socket.MSG_OOB)).rejects.toMatchObject({ code: hasKoffi ? 'EINVAL' : 'ENOTSUP' });
  });
});

describe('recvInto()', () => {
  it('fills the start of the memory, at most nbytes', async () => {
    const [client, server] = await pair();
    await client.sendall('abcdef');
    const target = Buffer.from('........');
    expect(await server.recvInto(target, 2)).toBe(2);
    expect(String(target)).toBe('ab......');
    expect(await server.recvInto(target)).toBe(4);
    expect(String(target)).toBe('cdef....');
    client.close();
    expect(await server.recvInto(target)).toBe(0);
    expect(String(target)).toBe('cdef....');
  });

  it('takes any memory, and writes nowhere else', async () => {
    const [client, server] = await pair();
    const memory = new ArrayBuffer(8);
    const view = new Uint16Array(memory, 2, 2);
    await client.sendall('abcdefghijklmno');
    expect(await server.recvInto(view)).toBe(4);
    expect(Buffer.from(memory)).toEqual(Buffer.from('\0\0abcd\0\0'));
    expect(await server.recvInto(memory)).toBe(8);
    expect(String(Buffer.from(memory))).toBe('efghijkl');
    expect(await server.recvInto(new DataView(memory, 1, 3))).toBe(3);
    expect(String(Buffer.from(memory))).toBe('emnoijkl');
  });
});

describe('recvfrom()', () => {
  it('has no address on a connection', async () => {
    const [client, server] = await pair();
    await client.sendall('abc');
    expect(await server.recvfrom(2)).toEqual([Buffer.from('ab'), null]);
    client.close();
    expect(await server.recvfrom(2)).toEqual([Buffer.from('c'), null]);
    expect(await server.recvfrom(2)).toEqual([Buffer.alloc(0), null]);
  });

  it('waits even for 0 bytes', async () => {
    const [client, server] = await pair();
    const waiting = server.recvfrom(0);
    expect(await staysPending(waiting)).toBe(true);
    await client.sendall('abc');
    expect(await waiting).toEqual([Buffer.alloc(0), null]);
    expect(String(await server.recv(10))).toBe('abc');
  });
});

describe('a reset', () => {
  it('comes once, after the data, then the end: on a socket that has not received yet', async () => {
    const [client, server] = await pair();
    await client.sendall(pattern(1000));
    reset(client);
    expect(await story(server)).toEqual([1000, 'ECONNRESET', 0, 0]);
  });

  it('comes once, after the data, then the end: on a socket that has received before', async () => {
    const [client, server] = await pair();
    await client.sendall('first');
    expect(String(await server.recv(5))).toBe('first');
    await client.sendall(pattern(1000));
    reset(client);
    expect(await story(server)).toEqual([1000, 'ECONNRESET', 0, 0]);
  });

  it('comes once, after the data, then the end: on a socket that has ended its output', async () => {
    const [client, server] = await pair();
    server.shutdown(socket.SHUT_WR);
    expect(await client.recv(1)).toHaveLength(0);
    await client.sendall(pattern(1000));
    reset(client);
    expect(await story(server)).toEqual([1000, 'ECONNRESET', 0, 0]);
  });

  it('comes once to the connected end too, after more than is read ahead', async () => {
    const [client, server] = await pair();
    await server.sendall(pattern(400_000));
    expect(await client.recv(1000, MSG_WAITALL)).toHaveLength(1000);
    reset(server);
    const events = await story(client);
    expect(events.slice(-3)).toEqual(['ECONNRESET', 0, 0]);
  });

  it('goes to one of the calls that wait, and the others get the end', async () => {
    const [client, server] = await pair();
    const waiting = [server.recv(1), server.recv(1), server.recv(1)];
    reset(client);
    await expect(waiting[0]).rejects.toMatchObject({ ...ECONNRESET, syscall: 'recv' });
    expect(await waiting[1]).toHaveLength(0);
    expect(await waiting[2]).toHaveLength(0);
  });

  it('goes to send() where that is the next call, and the data can still be received', async () => {
    const [client, server] = await pair();
    await client.sendall(pattern(1000));
    reset(client);
    await expect(server.send('x')).rejects.toMatchObject({ ...ECONNRESET, syscall: 'send' });
    await expect(server.send('x')).rejects.toMatchObject({ code: 'EPIPE' });
    expect(await story(server)).toEqual([1000, 0, 0]);
  });

  it('is kept for the next call', async () => {
    const [client, server] = await pair();
    // Reading has begun, so the reset is seen while no call waits.
    await expect(server.recv(1, MSG_DONTWAIT)).rejects.toMatchObject(EAGAIN);
    reset(client);
    let error = 0;
    while (error === 0) {
      await new Promise((resolve) => setImmediate(resolve));
      error = server.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR);
    }
    expect(error).toBe(104);
    expect(server.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)).toBe(0);
    expect(await story(server)).toEqual([0, 0]);
  });
});
