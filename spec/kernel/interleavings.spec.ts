import { expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import type { Socket } from '../../lib/index.ts';
import type { SocketKind } from '../../lib/kernel/libc.ts';
import type { System } from '../../lib/kernel/system.ts';
import { everyOrder, realSystem, socketOver } from '../support/interleavings.ts';
import { describeKernel } from '../support/kernel-kinds.ts';

/** What calls give wherever the peer, or another holder of the description, acts between two calls to the kernel. */

const UNIX = socket.AF_UNIX;
const STREAM: SocketKind = { family: UNIX, type: socket.SOCK_STREAM, proto: 0 };
const SEQPACKET: SocketKind = { family: UNIX, type: socket.SOCK_SEQPACKET, proto: 0 };
const DATAGRAMS: SocketKind = { family: UNIX, type: socket.SOCK_DGRAM, proto: 0 };

/** A socket of the program's, and what another process does at the other end. */
class Peer {
  readonly one: Socket;
  readonly #calls = realSystem().calls;
  readonly #descriptor: number;
  #isOpen = true;

  constructor(kind: SocketKind, system: System) {
    const pair = this.#calls.socketpair(kind);
    if (typeof pair === 'number') throw new Error(`socketpair(2): ${pair}`);
    this.one = socketOver(pair[0], kind, system);
    this.#descriptor = pair[1];
  }

  send(text: string): void {
    this.#calls.sendmsg(this.#descriptor, { data: Buffer.from(text), control: undefined, to: undefined }, 0);
  }

  close(): void {
    if (this.#isOpen) this.#calls.close(this.#descriptor);
    this.#isOpen = false;
  }

  end(): void {
    this.close();
    this.one.close();
  }
}

/** What a call gives: the text, or the error's code. */
async function textOf(received: Promise<string>): Promise<string> {
  return await received.catch((error: unknown) => (error instanceof socket.OSError ? String(error.code) : String(error)));
}

/** All that a call gives again and again, up to the end; the pieces of a stream lie together. */
async function untilEnd(one: Socket, call: (one: Socket) => Promise<string>): Promise<string> {
  const texts: string[] = [];
  while (texts.length < 10) {
    const text = await textOf(call(one));
    if (text === '') break;
    texts.push(text);
  }
  return texts.join(one.type === socket.SOCK_STREAM ? '' : ' ');
}

const target = Buffer.alloc(100);

const RECEIVES: Readonly<Record<string, (one: Socket) => Promise<string>>> = {
  'recv()': async (one) => String(await one.recv(100)),
  'recv() of much': async (one) => String(await one.recv(1 << 20)),
  'recv() with MSG_PEEK': async (one) => {
    const peeked = String(await one.recv(100, socket.MSG_PEEK));
    const text = String(await one.recv(100));
    return text.startsWith(peeked) ? text : `peeked at ${peeked}, got ${text}`;
  },
  'recvInto()': async (one) => String(target.subarray(0, await one.recvInto(target))),
  'recvfrom()': async (one) => String((await one.recvfrom(100))[0]),
  'recvmsg()': async (one) => String((await one.recvmsg(100, 100))[0]),
  'recvmsgInto()': async (one) => {
    const [count] = await one.recvmsgInto([target.subarray(0, 3), target.subarray(3)]);
    return String(target.subarray(0, count));
  },
};

const STREAM_RECEIVES: typeof RECEIVES = {
  'recv() with MSG_WAITALL': async (one) => String(await one.recv(7, socket.MSG_WAITALL)),
  'recvLine()': async (one) => String(await one.recvLine()),
  'recvExactly()': async (one) => String(await one.recvExactly(7)),
};

describeKernel.each([
  ['a Unix stream', STREAM, 'one\ntwo'],
  ['SOCK_SEQPACKET', SEQPACKET, 'one\n two'],
] as const)('over %s', (_name, kind, all) => {
  it.each(Object.entries({ ...RECEIVES, ...(kind === STREAM && STREAM_RECEIVES) }))(
    '%s gets all that a peer sends that closes then',
    async (_call, call) => {
      const outcomes = await everyOrder((system) => {
        const peer = new Peer(kind, system);
        const steps = [
          () => peer.send('one\n'),
          () => {
            peer.send('two');
            peer.close();
          },
        ];
        return { program: () => untilEnd(peer.one, call), steps, end: () => peer.end() };
      });
      expect([...outcomes]).toEqual([all]);
    },
  );
});
