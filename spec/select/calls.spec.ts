import { describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import * as socket from '../../lib/index.ts';
import * as select from '../../lib/select.ts';
import { listening, own, pair, reset, staysPending, tcp, turns } from '../support/pairs.ts';
import { unixPair } from '../support/unix.ts';

function closedSocket(): socket.Socket {
  const one = tcp();
  one.close();
  return one;
}

const withCode = (code: string): unknown => expect.objectContaining({ code });

describe('select()', () => {
  it('gives the objects that were ready, in the order of the lists', async () => {
    const [one, other] = await pair();
    const [third] = await pair();
    await other.sendall('x');
    expect(await select.select(new Set([third, one]), [other, one, other], [one], 10)).toEqual([
      [one],
      [other, one, other],
      [],
    ]);
  });

  it('waits until its time limit is over', async () => {
    const [one] = await pair();
    const before = performance.now();
    expect(await select.select([one], [], [], 0.05)).toEqual([[], [], []]);
    expect(performance.now() - before).toBeGreaterThanOrEqual(49);
    expect(await select.select([], [], [], 0.001)).toEqual([[], [], []]);
    expect(await staysPending(select.select([one], [], [], null))).toBe(true);
  });

  it('waits on for what a list does not ask for', async () => {
    const [one, other] = await pair();
    reset(other);
    await select.select([one], [], []);
    expect(await select.select([], [], [one], 0)).toEqual([[], [], []]);
    const waiting = select.select([], [], [one]);
    expect(await staysPending(waiting)).toBe(true);
    one.close();
    await expect(waiting).rejects.toThrow(withCode('EBADF'));
  });

  it('takes nothing, and reads ahead a bounded number of bytes', async () => {
    const [one, other] = await unixPair();
    await select.select([one], [], [], 0);
    other.setblocking(false);
    const fill = async (): Promise<number> => {
      let sent = 0;
      for (;;) {
        const part = await other.send(Buffer.alloc(4096)).catch((error: unknown) => {
          if (error instanceof socket.BlockingIOError) return 0;
          throw error;
        });
        if (part === 0) return sent;
        sent += part;
      }
    };
    // What the kernel holds, and then what was read of it.
    const held = await fill();
    let ahead = 0;
    for (let round = 0; round < 20; round += 1) {
      await turns(5);
      ahead += await fill();
    }
    expect(held).toBeGreaterThan(0);
    expect(ahead).toBeLessThanOrEqual(128 * 1024);
    let received = 0;
    while ((await select.select([one], [], [], 0))[0].length > 0) received += (await one.recv(1 << 20)).length;
    expect(received).toBe(held + ahead);
  });

  it('reads no more than one read ahead for a peer that sends on and on', async () => {
    const [one, other] = await pair();
    const sending = other.sendall(Buffer.alloc(32 << 20));
    await select.select([one], [], []);
    await turns(50);
    expect((await one.recv(32 << 20)).length).toBeLessThanOrEqual(128 * 1024);
    one.close();
    await expect(sending).rejects.toBeInstanceOf(socket.ConnectionError);
  });

  it('rejects with the reason of its signal', async () => {
    const [one] = await pair();
    const controller = new AbortController();
    const { signal } = controller;
    const waits = [select.select([one], [], [], { signal }), select.select([one], [], [], null, { signal })];
    controller.abort(new Error('enough'));
    for (const wait of waits) await expect(wait).rejects.toThrow('enough');
    await expect(select.select([one], [], [], 1, { signal })).rejects.toThrow('enough');
  });

  it("raises Python's errors, and EBADF for a socket that gets closed", async () => {
    const [one] = await pair();
    const error = async (...args: readonly unknown[]): Promise<unknown> => {
      const result: unknown = Reflect.apply(select.select, undefined, args);
      return await Promise.resolve(result).then(() => 'no error', String);
    };
    expect(await error([one], [], [], -1)).toBe('RangeError: timeout must be non-negative (received -1)');
    expect(await error([one], [], [], 'x')).toBe("TypeError: timeout must be a float or None (received 'x')");
    expect(await error([one], [], [], NaN)).toMatch(/^RangeError: Invalid value NaN/);
    expect(await error([one], [], [], Infinity)).toMatch(/^RangeError: timestamp out of range/);
    expect(await error([one], [], [], false)).toBe('no error');
    expect(await error(1, [], [], 0)).toBe('TypeError: arguments 1-3 must be sequences (received 1)');
    expect(await error([one], null, [], 0)).toBe('TypeError: arguments 1-3 must be sequences (received null)');
    for (const wrong of ['x', 1.5, null, {}]) {
      expect(await error([wrong], [], [], 0)).toMatch(/^TypeError: argument must be an int, or have a fileno/);
    }
    expect(await error([{ fileno: () => 'q' }], [], [], 0)).toMatch(/^TypeError: fileno\(\) returned a non-integer/);
    expect(await error([-1], [], [], 0)).toMatch(/^RangeError: file descriptor cannot be a negative integer/);
    expect(await error([2 ** 31], [], [], 0)).toMatch(/^RangeError/);
    expect(await error([closedSocket()], [], [], 0)).toMatch(
      /^RangeError: file descriptor cannot be a negative integer/,
    );
    expect(await error([999_999], [], [], 0)).toMatch(/^OSError: \[Errno 9\].*999999/);
    expect(await error([0], [], [], 0)).toMatch(/^OSError: \[Errno 95\].*no socket of this process/);
    expect(await error([one], [], [], 0, { timeout: 1 })).toMatch(/^TypeError: select\(\) has no option 'timeout'/);
    const file = one.makefile('r');
    await file.close();
    expect(await error([file], [], [], 0)).toMatch(/^RangeError: I\/O operation on closed file/);
    const waiting = select.select([one], [], []);
    one.close();
    await expect(waiting).rejects.toThrow(withCode('EBADF'));
  });

  it('raises an error whose stack names the line of the call', async () => {
    const [one] = await pair();
    const here = async (): Promise<unknown> => await select.select([one], [], []);
    const waiting = here().catch((error: unknown) => (error instanceof Error ? String(error.stack) : ''));
    one.close();
    expect(String(await waiting).split('\n')[1]).toContain('calls.spec.ts');
  });

  it('sees at once what a peer has done just before', async () => {
    const [one, other] = await pair();
    await other.sendall('x');
    expect(await select.select([one], [one], [], 0)).toEqual([[one], [one], []]);
    expect(String(await one.recv(1))).toBe('x');
    reset(other);
    expect(await select.select([one], [], [], 0)).toEqual([[one], [], []]);
  });

  it('gives other tasks their turn, however often it finds something', async () => {
    const [one] = await pair();
    let others = 0;
    const timer = setInterval(() => (others += 1), 1);
    while (others < 3) expect(await select.select([], [one], [])).toEqual([[], [one], []]);
    clearInterval(timer);
  });
});

describe('poll()', () => {
  it('gives the events of each object in the order of their registration', async () => {
    const [one, other] = await pair();
    const poller = select.poll<socket.Socket>();
    poller.register(one);
    poller.register(other, select.POLLIN);
    expect(await poller.poll(0)).toEqual([[one.fileno(), select.POLLOUT, one]]);
    await one.sendall('x');
    expect(await poller.poll()).toEqual([
      [one.fileno(), select.POLLOUT, one],
      [other.fileno(), select.POLLIN, other],
    ]);
    poller.register(one, 0);
    poller.modify(other, select.POLLRDNORM);
    expect(await poller.poll(-1)).toEqual([[other.fileno(), select.POLLRDNORM, other]]);
    poller.unregister(other);
    expect(await poller.poll(0.5)).toEqual([]);
  });

  it('reports a closed socket as POLLNVAL, until it is unregistered', async () => {
    const [one] = await pair();
    const poller = select.poll();
    const fd = one.fileno();
    poller.register(one, select.POLLIN);
    const waiting = poller.poll();
    one.close();
    expect(await waiting).toEqual([[fd, select.POLLNVAL, one]]);
    expect(await poller.poll(0)).toHaveLength(1);
    poller.unregister(one);
    expect(await poller.poll(0)).toEqual([]);
    poller.register(999_999);
    expect(await poller.poll(0)).toEqual([[999_999, select.POLLNVAL, 999_999]]);
    poller.unregister(999_999);
  });

  it("raises Python's errors", async () => {
    const [one] = await pair();
    const poller = select.poll();
    expect(() => poller.register(closedSocket())).toThrow(RangeError);
    expect(() => poller.register(one, -1)).toThrow('value must be positive (received -1)');
    expect(() => poller.register(one, 65_536)).toThrow('too large for C unsigned short');
    expect(() => poller.register(one, 1.5)).toThrow(TypeError);
    expect(() => poller.modify(one, 1)).toThrow(socket.FileNotFoundError);
    expect(() => poller.unregister(one)).toThrow(select.KeyError);
    await expect(poller.poll('x' as never)).rejects.toThrow('timeout must be an integer or None');
    await expect(poller.poll(NaN)).rejects.toThrow(RangeError);
    await expect(poller.poll(1e20)).rejects.toThrow(RangeError);
    const controller = new AbortController();
    const aborted = poller.poll({ signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    expect(inspect(poller)).toBe('<select.poll object>');
  });
});

describe('epoll()', () => {
  it('reports each socket for as long as it is ready', async () => {
    const [one, other] = await pair();
    const epoll = own(select.epoll());
    epoll.register(one, select.EPOLLIN);
    expect(await epoll.poll(0)).toEqual([]);
    await other.sendall('x');
    for (const timeout of [null, -5, 0.01]) {
      expect(await epoll.poll(timeout)).toEqual([[one.fileno(), select.EPOLLIN, one]]);
    }
    epoll.modify(one, select.EPOLLOUT);
    expect(await epoll.poll()).toEqual([[one.fileno(), select.EPOLLOUT, one]]);
    epoll.unregister(one);
    expect(await epoll.poll(0)).toEqual([]);
  });

  it('reports what is new only, with EPOLLET', async () => {
    const [one, other] = await pair();
    const epoll = own(select.epoll());
    epoll.register(one, select.EPOLLIN | select.EPOLLET);
    await other.sendall('x');
    expect(await epoll.poll()).toHaveLength(1);
    expect(await epoll.poll(0)).toEqual([]);
    await other.sendall('x');
    expect(await epoll.poll()).toHaveLength(1);
    expect(await epoll.poll(0)).toEqual([]);
    // As on Linux, to ask anew is something new.
    epoll.modify(one, select.EPOLLIN | select.EPOLLET);
    expect(await epoll.poll(0)).toHaveLength(1);
  });

  it('reports once, with EPOLLONESHOT, and again after modify()', async () => {
    const [one, other] = await pair();
    const epoll = own(select.epoll());
    epoll.register(one, select.EPOLLIN | select.EPOLLONESHOT);
    await other.sendall('x');
    expect(await epoll.poll()).toHaveLength(1);
    await other.sendall('x');
    expect(await epoll.poll(0)).toEqual([]);
    epoll.modify(one, select.EPOLLIN | select.EPOLLONESHOT);
    expect(await epoll.poll()).toHaveLength(1);
  });

  it('gives the sockets in turn where not all are asked for', async () => {
    const ends = (await Promise.all([pair(), pair()])).flat();
    const epoll = own(select.epoll<socket.Socket>());
    for (const one of ends) epoll.register(one, select.EPOLLOUT);
    const seen = new Set<socket.Socket>();
    for (let turn = 0; turn < 2; turn += 1) for (const [, , one] of await epoll.poll(null, 2)) seen.add(one);
    expect(seen.size).toBe(4);
  });

  it('forgets a socket that was closed', async () => {
    const [one, other] = await pair();
    const epoll = own(select.epoll());
    epoll.register(one, select.EPOLLIN);
    epoll.register(other, select.EPOLLIN);
    one.close();
    expect(await epoll.poll()).toEqual([[other.fileno(), select.EPOLLIN, other]]);
    expect(() => epoll.unregister(one)).toThrow(socket.FileNotFoundError);
  });

  it("raises Python's errors", async () => {
    const [one, other] = await pair();
    const epoll = own(select.epoll(5, select.EPOLL_CLOEXEC));
    expect(() => select.epoll(0)).toThrow('negative sizehint (received 0)');
    expect(() => select.epoll(-1, 5)).toThrow(socket.OSError);
    epoll.register(one);
    expect(() => epoll.register(one)).toThrow(socket.FileExistsError);
    expect(() => epoll.register(999_999)).toThrow(withCode('EBADF'));
    expect(() => epoll.register(closedSocket())).toThrow(RangeError);
    expect(() => epoll.modify(other, 1)).toThrow(socket.FileNotFoundError);
    await expect(epoll.poll('x' as never)).rejects.toThrow('timeout must be an integer or None');
    await expect(epoll.poll(0, 0)).rejects.toThrow('maxevents must be greater than 0, got 0');
    const { signal } = new AbortController();
    expect(await epoll.poll({ signal })).toHaveLength(1);
    expect([epoll.closed, epoll.fileno()]).toEqual([false, -1]);
    expect(inspect(epoll)).toBe('<select.epoll object>');
    epoll.modify(one, select.EPOLLIN);
    const waiting = epoll.poll();
    epoll.close();
    epoll.close();
    expect(await waiting).toEqual([]);
    expect(epoll.closed).toBe(true);
    for (const call of [() => epoll.register(one), () => epoll.fileno(), () => epoll.unregister(one)]) {
      expect(call).toThrow('I/O operation on closed epoll object');
    }
    await expect(epoll.poll()).rejects.toThrow('I/O operation on closed epoll object');
  });
});

describe('readable() and writable()', () => {
  it('wait for one socket, within its time limit', async () => {
    const [one, other] = await pair();
    await one.writable();
    one.settimeout(0.01);
    await expect(one.readable()).rejects.toBeInstanceOf(socket.TimeoutError);
    one.setblocking(false);
    await expect(one.readable()).rejects.toBeInstanceOf(socket.BlockingIOError);
    await other.sendall('x');
    await one.readable();
    expect(String(await one.recv(1, socket.MSG_DONTWAIT))).toBe('x');
  });

  it('wait for a connection, and for a datagram', async () => {
    const listener = listening();
    const waiting = listener.readable();
    await tcp().connect(listener.getsockname());
    await waiting;
    const datagrams = own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
    datagrams.bind(['127.0.0.1', 0]);
    const arriving = datagrams.readable();
    await datagrams.sendto('', datagrams.getsockname());
    await arriving;
  });

  it('end with EBADF when the socket is closed, and with the reason of a signal', async () => {
    const [one] = await pair();
    const controller = new AbortController();
    const aborted = one.readable({ signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    const waiting = one.readable();
    one.close();
    await expect(waiting).rejects.toThrow(withCode('EBADF'));
    await expect(one.writable()).rejects.toThrow(withCode('EBADF'));
  });
});
