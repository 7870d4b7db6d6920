import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { MORE_THAN_THE_KERNEL_HOLDS, pattern, recvAll } from '../support/pairs.ts';
import { call, has, KERNEL_PAIRS, PAIRS } from './calls.ts';

/** Memory of a kind, and a function that takes it away from the call that was given it. */
interface Lent {
  readonly view: Uint8Array;
  readonly take: () => void;
}

/** Methods that every supported Node has, but TypeScript's types of this language version lack. */
const Resizable = ArrayBuffer as unknown as new (
  length: number,
  options: { maxByteLength: number },
) => ArrayBuffer & { resize(length: number): void };
const { Memory } = Reflect.get(globalThis, 'WebAssembly') as {
  Memory: new (limits: { initial: number }) => { readonly buffer: ArrayBuffer; grow(pages: number): number };
};

const transferred = (view: Uint8Array): void => {
  structuredClone(view.buffer, { transfer: [view.buffer as ArrayBuffer] });
};

const KINDS: Readonly<Record<string, (length: number) => Lent>> = {
  'an array of its own, transferred': (length) => {
    const view = new Uint8Array(length).fill(1);
    return { view, take: () => transferred(view) };
  },
  'a Buffer, transferred': (length) => {
    const view = Buffer.alloc(length, 1);
    return { view, take: () => transferred(view) };
  },
  'a part of an array, transferred': (length) => {
    const view = new Uint8Array(length + 20).fill(1).subarray(10, 10 + length);
    return { view, take: () => transferred(view) };
  },
  'a resizable array, shrunk': (length) => {
    const memory = new Resizable(length, { maxByteLength: length });
    const view = new Uint8Array(memory).fill(1);
    return { view, take: () => memory.resize(1) };
  },
  "WebAssembly's memory, grown": (length) => {
    const memory = new Memory({ initial: Math.ceil(length / 65536) });
    const view = new Uint8Array(memory.buffer, 0, length).fill(1);
    return { view, take: () => void memory.grow(1) };
  },
};

const EFAULT = { code: 'EFAULT', errno: 14, name: 'OSError' };

describe('promise 13: memory belongs to the caller', () => {
  const receiving: readonly (readonly [method: string, args: (view: Uint8Array) => readonly unknown[]])[] = [
    ['recvInto', (view) => [view]],
    ['recvfromInto', (view) => [view]],
    ['recvmsgInto', (view) => [[new Uint8Array(1), view]]],
  ];

  describe.each(Object.entries({ ...PAIRS, ...KERNEL_PAIRS }))('over %s', (kind, make) => {
    describe.each(receiving.filter(([method]) => has(kind, method)))('%s()', (method, args) => {
      it.each(Object.entries(KINDS))('raises, and loses nothing, for %s while it waits', async (_, lend) => {
        const [one, other] = await make();
        const { view, take } = lend(100);
        const raising = expect(call(one, method, args(view))).rejects.toMatchObject(EFAULT);
        take();
        await other.send('kept');
        await raising;
        expect(String(await one.recv(100))).toBe('kept');
      });
    });

    const sizes: readonly (readonly [method: string, size: number])[] = [
      ['recv', 10],
      ['recvfrom', 10],
      ['recvmsg', 10],
      ['recv', 10_000],
    ];

    it.each(sizes.filter(([method]) => has(kind, method)))(
      '%s(%d) gives memory that nothing else uses',
      async (method, size) => {
        const [one, other] = await make();
        // No more than fit into the queue of datagrams.
        const areMessages = kind === 'UDP' || kind in KERNEL_PAIRS;
        const sent = pattern(areMessages ? size * 10 : 30_000);
        if (areMessages) for (let at = 0; at < sent.length; at += size) await other.send(sent.subarray(at, at + size));
        else await other.sendall(sent);
        const pieces: Buffer[] = [];
        for (let length = 0; length < sent.length;) {
          const outcome = await call(one, method, [size]);
          const bytes: unknown = Array.isArray(outcome) ? outcome[0] : outcome;
          if (!(bytes instanceof Uint8Array)) throw new TypeError(method);
          pieces.push(Buffer.from(bytes));
          length += bytes.length;
          // Whatever the program does to it, later results are whole.
          Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).fill(0);
          try {
            structuredClone(bytes.buffer, { transfer: [bytes.buffer as ArrayBuffer] });
          } catch (error) {
            // Shared memory cannot be transferred (worker_threads.markAsUntransferable).
            expect(error).toMatchObject({ name: 'DataCloneError' });
          }
        }
        expect(Buffer.concat(pieces).equals(sent)).toBe(true);
      },
    );
  });

  describe.each(['TCP', 'Unix', 'TLS'])('over %s', (kind) => {
    const make = PAIRS[kind];

    it.each(Object.entries(KINDS))('sendall() that has to wait its turn raises for %s', async (_, lend) => {
      const [one, other] = (await make?.()) ?? [];
      if (one === undefined || other === undefined) throw new TypeError(kind);
      const first = pattern(MORE_THAN_THE_KERNEL_HOLDS / 2);
      const sending = one.sendall(first);
      const { view, take } = lend(1000);
      const queued = one.sendall(view);
      const next = one.sendall('next');
      take();
      const all = recvAll(other);
      await sending;
      await expect(queued).rejects.toMatchObject(EFAULT);
      await next;
      one.shutdown(socket.SHUT_WR);
      expect((await all).equals(Buffer.concat([first, Buffer.from('next')]))).toBe(true);
    });
  });

  it.each(['sendall', 'send', 'sendmsg'])('%s() sends shared memory, views and parts as they are', async (method) => {
    const shared = new Uint8Array(new SharedArrayBuffer(5));
    shared.set(Buffer.from('share'));
    const words = new Uint16Array([0x4141, 0x4242]);
    const part = Buffer.from('a part of it').subarray(2, 6);
    for (const [data, text] of [
      [shared, 'share'],
      [shared.buffer, 'share'],
      [words, 'AABB'],
      [part, 'part'],
      [new DataView(part.buffer, part.byteOffset, 3), 'par'],
    ] as const) {
      const [one, other] = await socket.socketpair();
      await call(one, method, method === 'sendmsg' ? [[data]] : [data]);
      expect(String(await other.recv(100))).toBe(text);
      one.close();
      other.close();
    }
  });
});
