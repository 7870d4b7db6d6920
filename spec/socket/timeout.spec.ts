import { afterEach, describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { EAGAIN, EBADF, EINPROGRESS, TIMED_OUT } from '../support/expected-errors.ts';
import { accepted, listening, MORE_THAN_THE_KERNEL_HOLDS, own, pair, pattern, recvAll, tcp } from '../support/pairs.ts';
import { randomFrom } from '../support/random.ts';
import { randomSeed } from '../support/seed.ts';

const { MSG_DONTWAIT, MSG_PEEK, MSG_WAITALL } = socket;

afterEach(() => socket.setdefaulttimeout(null));

describe('settimeout()', () => {
  it.each([
    [null, null, true],
    [0, 0, false],
    [0.25, 0.25, true],
    [3600 * 24 * 365, 3600 * 24 * 365, true],
  ])('takes %p', (timeout, seconds, blocking) => {
    const one = tcp();
    one.settimeout(timeout);
    expect(one.gettimeout()).toBe(seconds);
    expect(one.timeout).toBe(seconds);
    expect(one.getblocking()).toBe(blocking);
  });

  it('takes a boolean as a number, as Python does', () => {
    const one = tcp();
    // @ts-expect-error -- our types are stricter than Python
    one.settimeout(true);
    expect(one.gettimeout()).toBe(1);
  });

  it.each([
    [-1, RangeError],
    [-0.001, RangeError],
    [NaN, RangeError],
    [Infinity, RangeError],
    [1e300, RangeError],
    ['1', TypeError],
    [undefined, TypeError],
    [{}, TypeError],
  ])('refuses %p and leaves the time limit as it is, closed too', (timeout, errorClass) => {
    const one = tcp();
    one.settimeout(5);
    // @ts-expect-error -- some of these are deliberately no time limits
    expect(() => one.settimeout(timeout)).toThrow(errorClass);
    expect(one.gettimeout()).toBe(5);
    one.close();
    // @ts-expect-error -- some of these are deliberately no time limits
    expect(() => one.settimeout(timeout)).toThrow(errorClass);
    expect(() => one.settimeout(1)).toThrow(expect.objectContaining(EBADF));
  });

  it('is setblocking() in other words', () => {
    const one = tcp();
    one.setblocking(false);
    expect(one.gettimeout()).toBe(0);
    expect(one.getblocking()).toBe(false);
    one.setblocking(true);
    expect(one.gettimeout()).toBeNull();
    expect(one.getblocking()).toBe(true);
  });
});

describe('the default time limit', () => {
  it('is that of new and of accepted sockets, not of existing ones', async () => {
    const before = listening();
    socket.setdefaulttimeout(7.5);
    expect(socket.getdefaulttimeout()).toBe(7.5);
    expect(tcp().gettimeout()).toBe(7.5);
    expect(before.gettimeout()).toBeNull();
    const client = tcp();
    await client.connect(before.getsockname());
    expect((await accepted(before)).gettimeout()).toBe(7.5);
  });

  it("is what an accepted socket has, never the listener's own", async () => {
    const listener = listening();
    for (const timeout of [30, 0]) {
      listener.settimeout(timeout);
      const client = tcp();
      await client.connect(listener.getsockname());
      const connection = await accepted(listener);
      expect(connection.gettimeout()).toBeNull();
      expect(connection.getblocking()).toBe(true);
    }
  });

  it('refuses what settimeout() refuses', () => {
    expect(() => socket.setdefaulttimeout(-1)).toThrow('Timeout value out of range');
    expect(socket.getdefaulttimeout()).toBeNull();
  });

  it('is overridden by SOCK_NONBLOCK', () => {
    const one = own(socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK));
    expect(one.gettimeout()).toBe(0);
    expect(one.type).toBe(socket.SOCK_STREAM);
  });
});

describe('a time limit that has passed', () => {
  it('raises TimeoutError, which is an OSError without a number', async () => {
    const [, server] = await pair();
    server.settimeout(0.01);
    const error: unknown = await server.recv(1).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(socket.timeout);
    expect(error).toBeInstanceOf(socket.OSError);
    expect(error).toMatchObject({ ...TIMED_OUT, syscall: 'recv' });
    // All at once: a call that is rejected before the test looks at it counts as one that is not looked at.
    const calls = [server.recvInto(Buffer.alloc(1)), server.recvfrom(1), server.recv(5, MSG_PEEK)];
    await Promise.all(calls.map((call) => expect(call).rejects.toMatchObject(TIMED_OUT)));
  });

  it('leaves what comes later to the next call', async () => {
    const [client, server] = await pair();
    server.settimeout(0.01);
    await expect(server.recv(10)).rejects.toMatchObject(TIMED_OUT);
    const target = Buffer.from('untouched');
    await expect(server.recvInto(target)).rejects.toMatchObject(TIMED_OUT);
    await client.sendall('late');
    server.settimeout(null);
    expect(String(await server.recv(10))).toBe('late');
    expect(String(target)).toBe('untouched');
  });

  it('does not affect other calls with longer limits, which keep their turn', async () => {
    const [client, server] = await pair();
    const first = server.recv(1);
    server.settimeout(0.01);
    const second = server.recv(1);
    server.settimeout(null);
    const third = server.recv(1);
    await expect(second).rejects.toMatchObject(TIMED_OUT);
    await client.sendall('13');
    expect(String(await first)).toBe('1');
    expect(String(await third)).toBe('3');
  });

  it('is fixed when the call begins: changing it changes no call that waits', async () => {
    const [client, server] = await pair();
    const waiting = server.recv(1);
    server.settimeout(0.01);
    await expect(server.recv(1)).rejects.toMatchObject(TIMED_OUT);
    await client.sendall('x');
    expect(String(await waiting)).toBe('x');
  });

  it('leaves later bytes to an earlier call with a longer limit', async () => {
    const [client, server] = await pair();
    server.settimeout(30);
    const patient = server.recv(100, MSG_WAITALL);
    server.settimeout(0.01);
    await expect(server.recv(1)).rejects.toMatchObject(TIMED_OUT);
    await client.sendall(Buffer.alloc(100, 'p'));
    expect(await patient).toHaveLength(100);
  });

  it('lets MSG_WAITALL return fewer bytes', async () => {
    const [client, server] = await pair();
    server.settimeout(30);
    await client.sendall('abc');
    expect(String(await server.recv(10, MSG_WAITALL))).toBe('abc');
    const waiting = server.recvInto(Buffer.alloc(10), 0, MSG_WAITALL);
    await client.sendall('de');
    expect(await waiting).toBe(2);
  });

  it('does not matter where bytes have arrived', async () => {
    const [client, server] = await pair();
    await client.sendall('there');
    server.settimeout(1e-9);
    expect(await server.recv(1, MSG_PEEK).catch(() => undefined)).toBeDefined();
  });

  it('never loses a byte of a stream that is received with limits that pass again and again', async () => {
    const [client, server] = await pair();
    const random = randomFrom(randomSeed);
    const bytes = pattern(400_000);
    const sending = (async () => {
      for (let sent = 0; sent < bytes.length;) {
        const piece = bytes.subarray(sent, sent + 1 + Math.floor(random() * 9000));
        await client.sendall(piece);
        sent += piece.length;
        if (random() < 0.3) await new Promise((resolve) => setTimeout(resolve, 1));
      }
      client.close();
    })();
    const blocks: Buffer[] = [];
    for (let ended = false; !ended;) {
      server.settimeout(random() < 0.5 ? 0 : random() * 0.001);
      try {
        const block = await server.recv(1 + Math.floor(random() * 10_000), random() < 0.2 ? MSG_WAITALL : 0);
        blocks.push(block);
        ended = block.length === 0;
      } catch (error) {
        expect(['EAGAIN', 'ETIMEDOUT']).toContain(error instanceof socket.OSError ? error.code : error);
      }
    }
    await sending;
    expect(Buffer.concat(blocks).equals(bytes)).toBe(true);
  });

  it('counts for sendall() as a whole, although bytes go out all the time', async () => {
    const [client, server] = await pair();
    client.settimeout(0.1);
    let sending = true;
    const outcome = client.sendall(Buffer.alloc(MORE_THAN_THE_KERNEL_HOLDS * 8)).catch((error: unknown) => error);
    void outcome.then(() => (sending = false));
    while (sending) {
      // A receiver so slow that the whole would take far longer than the limit.
      await server.recv(1000).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(await outcome).toMatchObject({ ...TIMED_OUT, syscall: 'send' });
  });
});

describe('a time limit of 0', () => {
  it('raises BlockingIOError where a call would have to wait, and never waits', async () => {
    const [client] = await pair();
    client.setblocking(false);
    await expect(client.recv(1)).rejects.toMatchObject(EAGAIN);
    await expect(client.recvInto(Buffer.alloc(1))).rejects.toMatchObject(EAGAIN);
    await expect(client.recvfrom(1)).rejects.toMatchObject(EAGAIN);
    await expect(client.recvfrom(0)).rejects.toMatchObject(EAGAIN);
    const listener = listening();
    listener.setblocking(false);
    await expect(listener.accept()).rejects.toMatchObject(EAGAIN);
    const connecting = tcp();
    connecting.setblocking(false);
    await expect(connecting.connect(listener.getsockname())).rejects.toMatchObject(EINPROGRESS);
    const error: unknown = await client.recv(1).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(socket.BlockingIOError);
  });

  it('gives what has arrived: data, and the end of the stream', async () => {
    const [client, server] = await pair();
    server.setblocking(false);
    await client.sendall('abc');
    expect(String(await server.recv(2))).toBe('ab');
    expect(String(await server.recv(2, MSG_DONTWAIT))).toBe('c');
    await expect(server.recv(2)).rejects.toMatchObject(EAGAIN);
    client.close();
    expect(await server.recv(2)).toHaveLength(0);
    expect(await recvAll(server)).toHaveLength(0);
  });

  it('leaves earlier calls their turn', async () => {
    const [client, server] = await pair();
    const waiting = server.recv(1);
    server.setblocking(false);
    await expect(server.recv(1)).rejects.toMatchObject(EAGAIN);
    await client.sendall('x');
    expect(String(await waiting)).toBe('x');
  });
});
