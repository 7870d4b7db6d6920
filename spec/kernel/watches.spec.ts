import { readdirSync, readlinkSync } from 'node:fs';
import { afterEach, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { KernelSocket } from '../../lib/kernel/kernel-socket.ts';
import type { System } from '../../lib/kernel/system.ts';
import type { SocketCalls } from '../../lib/kernel/socket-calls.ts';
import { unixName } from '../../lib/kernel/socket-name.ts';
import { Failure } from '../../lib/transports/failure.ts';
import type { WatchHandle } from '../../lib/transports/pipe-class.ts';
import { realSystem } from '../support/interleavings.ts';
import { describeKernel } from '../support/kernel-kinds.ts';
import { own } from '../support/pairs.ts';

const EMFILE = -24;
const KIND = { family: socket.AF_UNIX, type: socket.SOCK_DGRAM, proto: 0 };

/** How many sockets are open. Jest may have some for a while, when it compiles a file for the first time. */
function descriptors(): number {
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // The one by which the folder was read.
      return '';
    }
  });
  return links.filter((link) => link.startsWith('socket:')).length;
}

/** A bound socket whose queue another one has filled, which is not connected to it. */
async function full(): Promise<[receiver: socket.Socket, sender: socket.Socket, name: string | Buffer]> {
  const receiver = own(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM));
  receiver.bind('');
  const name = receiver.getsockname();
  const sender = own(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM));
  sender.settimeout(0);
  for (;;) {
    const sent = await sender.sendto('x', name).catch((error: unknown) => error);
    if (sent instanceof socket.BlockingIOError) break;
  }
  sender.settimeout(null);
  return [receiver, sender, name];
}

/** How often a timer was set that makes a call again. */
function retries(): number {
  return jest.mocked(setTimeout).mock.calls.filter(([, delay]) => delay === 5).length;
}

afterEach(() => {
  jest.restoreAllMocks();
});

describeKernel('a call that waits', () => {
  it('for room in the queue of a Unix socket is woken by it, and leaves no descriptor', async () => {
    const [receiver, sender, name] = await full();
    jest.spyOn(global, 'setTimeout');
    const before = descriptors();
    const texts = ['one', 'two', 'three'];
    const sends = texts.map((text) => sender.sendto(text, name));
    const received: string[] = [];
    while (received.length < texts.length) {
      const text = String(await receiver.recv(100));
      if (text !== 'x') received.push(text);
    }
    expect(await Promise.all(sends)).toEqual([3, 3, 5]);
    expect([received, retries()]).toEqual([texts, 0]);
    expect(descriptors()).toBeLessThanOrEqual(before);
  });

  it('for room of one Unix socket, after another that waited for a second one in vain', async () => {
    const [, sender, name] = await full();
    const [receiver, , second] = await full();
    const gaveUp = sender.sendto('x', name, { signal: AbortSignal.timeout(1) });
    const waits = sender.sendto('the last', second);
    await expect(gaveUp).rejects.toMatchObject({ name: 'TimeoutError' });
    let text = '';
    while (text !== 'the last') text = String(await receiver.recv(100));
    expect(await waits).toBe(8);
  });

  it('for a Unix socket that is closed meanwhile learns that', async () => {
    const [receiver, sender, name] = await full();
    const sent = sender.sendto('x', name);
    receiver.close();
    await expect(sent).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    const [, other, second] = await full();
    const before = descriptors();
    const waits = other.sendto('x', second);
    other.close();
    await expect(waits).rejects.toMatchObject({ code: 'EBADF' });
    expect(descriptors()).toBeLessThanOrEqual(before - 1);
  });

  it('for a message, where an error is queued, is woken by the message', async () => {
    const IP_RECVERR = 11;
    const sock = own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
    sock.bind(['127.0.0.1', 0]);
    sock.settimeout(0);
    // From now on it is the kernel's.
    await expect(sock.recvmsg(1, 100)).rejects.toBeInstanceOf(socket.BlockingIOError);
    sock.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1);
    const closed = own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
    closed.bind(['127.0.0.1', 0]);
    const nowhere = closed.getsockname();
    closed.close();
    await sock.sendto('refused', nowhere);
    await expect(sock.recv(1)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    sock.settimeout(null);
    jest.spyOn(global, 'setTimeout');
    for (const text of ['one', 'two']) {
      const received = sock.recv(100);
      // Twice, so that the first report, of what was there before, is over.
      for (let turn = 0; turn < 2; turn += 1) await new Promise(setImmediate);
      await sock.sendto(text, sock.getsockname());
      expect(String(await received)).toBe(text);
    }
    expect(retries()).toBe(0);
  });
});

describeKernel('without a free descriptor', () => {
  /** Calls that have worked once fail from then on, as `socket()` does after the socket itself was made. */
  function failingLater(name: 'socket' | 'connect' | 'epollOn', from: number): System {
    const { calls, Handle } = realSystem();
    let count = 0;
    const proxied: SocketCalls = new Proxy(calls, {
      get(target, property, receiver) {
        if (property === name) count += 1;
        return property === name && count > from ? () => EMFILE : (Reflect.get(target, property, receiver) as unknown);
      },
    });
    return { calls: proxied, Handle };
  }

  /** A system of whose handles only the first can watch. */
  function blindLater(from: number): System {
    const { calls, Handle } = realSystem();
    let count = 0;
    class Blind extends Handle implements WatchHandle {
      override open(descriptor: number): number {
        count += 1;
        return count > from ? EMFILE : super.open(descriptor);
      }
    }
    return { calls, Handle: Blind };
  }

  it.each<[string, () => System]>([
    ['socket(2)', () => failingLater('socket', 1)],
    ['connect(2)', () => failingLater('connect', 0)],
    ['epoll_create(2)', () => failingLater('epollOn', 0)],
    ['a handle for the socket', () => blindLater(1)],
    ['a handle for the epoll instance', () => blindLater(2)],
  ])('for %s, a send to a full queue is tried again', async (_what, system) => {
    const [receiver, , name] = await full();
    const sender = KernelSocket.make(KIND, system());
    if (!(sender instanceof KernelSocket)) throw new Error(sender.code);
    const before = descriptors();
    const message = { data: Buffer.from('late'), control: undefined, to: unixName(Buffer.from(name)) };
    const attempt = () => sender.send(message, 0, true);
    expect(attempt()).toBeUndefined();
    expect(descriptors()).toBeLessThanOrEqual(before);
    const sent = sender.writers.wait(attempt, { deadline: null, signal: undefined });
    let text = '';
    while (text !== 'late') text = String(await receiver.recv(100));
    expect(await sent).toBe(4);
    sender.close();
  });

  it('a receive is tried again whose descriptor is readable for ever', async () => {
    const pair = KernelSocket.pair(KIND, failingLater('epollOn', 0));
    if (!Array.isArray(pair)) throw new Error(pair.code);
    const [one, other] = pair;
    // Linux then calls it readable, and a receive that does not block finds nothing.
    one.shutdown(socket.SHUT_RD);
    let attempts = 0;
    const attempt = (): true | Failure | undefined => {
      attempts += 1;
      const found = one.receive({ size: 1, controlSize: 0, flags: 0 }, true);
      return found instanceof Failure ? found : attempts === 3 || undefined;
    };
    const limits = { deadline: null, signal: undefined };
    expect(attempt()).toBeUndefined();
    expect(await one.readers.wait(attempt, limits)).toBe(true);
    for (const each of [one, other]) each.close();
  });
});
