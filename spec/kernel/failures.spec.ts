import { describe, expect, it } from '@jest/globals';
import { AF_INET, AF_UNIX, SOCK_DGRAM, SOCK_STREAM } from '../../lib/common/constants.ts';
import {
  duplicateNumber,
  duplicateSocket,
  isInheritable,
  kindOf,
  moveDescriptor,
  releaseDescriptor,
  setInheritable,
} from '../../lib/kernel/duplicate.ts';
import { NO_FACTS, type KernelMessage } from '../../lib/kernel/kernel-message.ts';
import { KernelSocket } from '../../lib/kernel/kernel-socket.ts';
import type { System } from '../../lib/kernel/system.ts';
import type { SocketCalls } from '../../lib/kernel/socket-calls.ts';
import { Failure } from '../../lib/transports/failure.ts';
import { made, realSystem } from '../support/interleavings.ts';
import { hasKoffi } from '../support/koffi.ts';

/** Calls to the kernel that fail, one at a time: EMFILE, as where the process may have no more descriptors. */

const EMFILE = -24;

/** A system some of whose calls fail. */
function failing(calls: Partial<SocketCalls>): System {
  return { ...realSystem(), calls: { ...realSystem().calls, ...calls } };
}

/** A system of which no handle can watch a descriptor. */
function blind(): System {
  const { Handle } = realSystem();
  class Blind extends Handle {
    override open(): number {
      return EMFILE;
    }
  }
  return { calls: realSystem().calls, Handle: Blind };
}

function isOpen(descriptor: number): boolean {
  return realSystem().calls.fcntl(descriptor, 1, 0) >= 0;
}

const KIND = { family: AF_INET, type: SOCK_STREAM, proto: 0 };
const UNIX = { family: AF_UNIX, type: SOCK_DGRAM, proto: 0 };
const FAILURE = expect.objectContaining({ code: 'EMFILE' });

/** A message without ancillary data, of a sender without a name. */
function messageOf(text: string): KernelMessage {
  return { ...NO_FACTS, data: Buffer.from(text) };
}

(hasKoffi ? describe : describe.skip)('a socket of the kernel', () => {
  it('is not made where socket(2), socketpair(2) or a handle fails, and leaves no descriptor', () => {
    expect(KernelSocket.make(KIND, failing({ socket: () => EMFILE }))).toEqual(FAILURE);
    expect(KernelSocket.pair(UNIX, failing({ socketpair: () => EMFILE }))).toEqual(FAILURE);
    let descriptor = -1;
    const calls = realSystem().calls;
    const noting = { ...blind(), calls: { ...calls, close: (number: number) => calls.close((descriptor = number)) } };
    expect(KernelSocket.make(KIND, noting)).toEqual(FAILURE);
    expect(isOpen(descriptor)).toBe(false);
    expect(KernelSocket.pair(UNIX, noting)).toEqual(FAILURE);
    expect(isOpen(descriptor)).toBe(false);
  });

  it('is no pair where one of the two cannot be watched', () => {
    for (const good of [0, 1]) {
      const { calls, Handle } = realSystem();
      const closed: number[] = [];
      const pair: [number, number] = [-1, -1];
      let count = 0;
      class Half extends Handle {
        override open(descriptor: number): number {
          pair[count] = descriptor;
          count += 1;
          return count - 1 === good ? super.open(descriptor) : EMFILE;
        }
      }
      const close = (descriptor: number): number => {
        closed.push(descriptor);
        return calls.close(descriptor);
      };
      expect(KernelSocket.pair(UNIX, { Handle: Half, calls: { ...calls, close } })).toEqual(FAILURE);
      expect(closed).toEqual([pair[1 - good]]);
      expect(pair.map(isOpen)).toEqual([false, false]);
    }
  });

  it('retries where no epoll instance can be had for the wait for room', async () => {
    const [one, other] = made(KernelSocket.pair({ ...UNIX, type: SOCK_STREAM }, failing({ epollOn: () => EMFILE })));
    const data = Buffer.alloc(64 * 1024);
    const message = { data, control: undefined, to: undefined };
    while (one.send(message, 0, true) !== undefined);
    const sent = one.writers.wait(() => one.send(message, 0, true), { deadline: null, signal: undefined });
    for (let left = 0; left < 100; left += 1) other.receive({ size: 1 << 20, controlSize: 0, flags: 0 }, false);
    expect(await sent).toBeGreaterThan(0);
    for (const each of [one, other]) each.close();
  });

  it('has no events but an error once it is closed, and can be closed again', () => {
    const one = made(KernelSocket.make(KIND, realSystem()));
    one.close();
    one.close();
    expect(one.descriptor).toBe(-1);
    expect(one.poll()).toBe(8);
    expect(one.name()).toEqual(expect.objectContaining({ code: 'EBADF' }));
  });

  it('gives a failure that others met before, once', () => {
    const one = made(KernelSocket.make(UNIX, realSystem()));
    one.inherit([], new Failure('ECONNREFUSED'));
    const wanted = { size: 1, controlSize: 0, flags: 0 };
    expect(one.receive(wanted, false)).toEqual(expect.objectContaining({ code: 'ECONNREFUSED' }));
    expect(one.receive(wanted, false)).toEqual(expect.objectContaining({ code: 'EAGAIN' }));
    one.close();
  });

  it('peeks at what was read ahead, and cuts messages off', () => {
    const one = made(KernelSocket.make(UNIX, realSystem()));
    const message = messageOf('hello');
    one.inherit([message], undefined);
    const peeked = one.receive({ size: 2, controlSize: 0, flags: 0x2 }, false);
    expect(peeked).toMatchObject({ data: Buffer.from('he'), flags: 0x20 });
    expect(one.receive({ size: 9, controlSize: 0, flags: 0 }, false)).toMatchObject({ data: message.data, flags: 0 });
    one.bytes.unread.push(Buffer.from('stream'));
    expect(one.receive({ size: 3, controlSize: 0, flags: 0x2 }, false)).toMatchObject({ data: Buffer.from('str') });
    expect(one.poll() & 1).toBe(1);
    one.close();
  });

  it('receives bytes for a call that wants all of them, up to a failure or the end', () => {
    const [one, other] = made(KernelSocket.pair({ ...UNIX, type: SOCK_STREAM }, realSystem()));
    expect(one.bytes.all(3)).toBeUndefined();
    other.send({ data: Buffer.from('ab'), control: undefined, to: undefined }, 0, false);
    expect(one.bytes.all(3)).toBeUndefined();
    one.inherit([], new Failure('ECONNRESET'));
    expect(one.bytes.all(3)).toEqual(expect.objectContaining({ code: 'ECONNRESET' }));
    other.close();
    expect(one.bytes.all(3)).toEqual(Buffer.from('ab'));
    one.close();
  });

  it('says by its numbers what other errors are', () => {
    expect(KernelSocket.make(KIND, failing({ socket: () => -4095 }))).toEqual(expect.objectContaining({ code: 'EIO' }));
  });
});

(hasKoffi ? describe : describe.skip)('a further number for a descriptor', () => {
  const none = (): number => EMFILE;

  it('is not had where fcntl(2) fails', () => {
    const one = made(KernelSocket.make(KIND, realSystem()));
    const { calls } = failing({ fcntl: none });
    expect(duplicateNumber(calls, one.descriptor)).toEqual(FAILURE);
    expect(duplicateSocket(one, { ...realSystem(), calls })).toEqual(FAILURE);
    expect(releaseDescriptor(one, calls, true)).toEqual(FAILURE);
    expect(isInheritable(calls, one.descriptor)).toEqual(FAILURE);
    expect(setInheritable(calls, one.descriptor, true)).toEqual(FAILURE);
    let closed = false;
    expect(moveDescriptor(calls, one.descriptor, () => (closed = true))).toEqual(FAILURE);
    expect(closed).toBe(false);
    expect(isOpen(one.descriptor)).toBe(true);
    one.close();
  });

  it('is another one where the old one cannot be had again', () => {
    const one = made(KernelSocket.make(KIND, realSystem()));
    const { descriptor } = one;
    const { calls } = realSystem();
    const once = (number: number, command: number, least: number): number =>
      least > 0 ? EMFILE : calls.fcntl(number, command, least);
    const moved = made(moveDescriptor(failing({ fcntl: once }).calls, descriptor, () => one.close()));
    expect(moved).not.toBe(descriptor);
    expect(isOpen(moved)).toBe(true);
    realSystem().calls.close(moved);
  });

  it('is not taken away from messages that were read ahead', () => {
    const one = made(KernelSocket.make(UNIX, realSystem()));
    const message = messageOf('x');
    one.inherit([message], undefined);
    expect(releaseDescriptor(one, realSystem().calls, true)).toMatchObject({
      code: 'EBUSY',
      reason: /1 messages ahead/,
    });
    one.close();
  });

  it('has the kind that Linux says, and that the caller wants', () => {
    const one = made(KernelSocket.make(KIND, realSystem()));
    const any = { family: -1, type: -1, proto: -1 };
    expect(kindOf(realSystem(), one.descriptor, any)).toEqual({ family: AF_INET, type: SOCK_STREAM, proto: 6 });
    expect(kindOf(realSystem(), one.descriptor, { ...any, proto: 0 })).toMatchObject({ proto: 0 });
    for (const asked of [39, 3, 38]) {
      const getsockopt: SocketCalls['getsockopt'] = (number, level, optname, value) =>
        optname === asked ? -88 : realSystem().calls.getsockopt(number, level, optname, value);
      expect(kindOf(failing({ getsockopt }), one.descriptor, any)).toMatchObject({ code: 'ENOTSOCK' });
    }
    one.close();
  });
});
