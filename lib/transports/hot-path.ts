import net from 'node:net';
import { systemError } from './failure.ts';
import { handleOf, watching } from './handle.ts';
import type { Path, Receiver, Sender } from './path.ts';
import { plainPath } from './plain-path.ts';

/**
 * The fast way between Node's socket and a connection, around Node's streams. For the sake of speed, only this file and
 * hot-datagram-path.ts touch what Node does not document.
 *
 * - Each read goes into memory that all sockets share, and is taken before the next one. Node documents that as
 * `onread`, for sockets that a program makes. For those that a server accepts it is switched on by what the option
 * itself leaves behind. Node's 'data' events cost a new 64 KiB buffer a read, and the stream's bookkeeping.
 * - A write goes to libuv's handle, as Node's stream would pass it on. The stream would call back in a later turn, also
 * where the kernel has all the bytes at once.
 *
 * docs/performance.md has what that buys, with the plain way beside it.
 */

/** As much as libuv asks for in one read. */
const SIZE = 64 * 1024;

/** What all sockets read into. */
const memory = Buffer.allocUnsafeSlow(SIZE);

function sharedMemory(): Buffer {
  return memory;
}

/** The last part of it that was lent: messages are often as long as the one before, and a new Buffer costs 0.1 µs. */
let lent: Buffer = memory;

/** The encoding that Node's stream gives with bytes (stream.md, `writable._write`); its types leave it out. */
const BYTES = 'buffer' as BufferEncoding;

/** Where Node keeps the parts of its option `onread`: under symbols of its own. */
interface Keys {
  readonly buffer: symbol;
  readonly generator: symbol;
  readonly callback: symbol;
}

function findKeys(): Keys | undefined {
  const memory = Buffer.alloc(0);
  const generator = (): Buffer => memory;
  const callback = (): boolean => true;
  const keyOf = (part: unknown, buffer: Buffer | typeof generator): symbol | undefined => {
    const probe = new net.Socket({ onread: { buffer, callback } });
    return Object.getOwnPropertySymbols(probe).find((symbol) => Reflect.get(probe, symbol) === part);
  };
  const keys = {
    buffer: keyOf(memory, memory),
    generator: keyOf(generator, generator),
    callback: keyOf(callback, memory),
  };
  const isWhole = (found: typeof keys): found is Keys => !Object.values(found).includes(undefined);
  return isWhole(keys) ? keys : undefined;
}

function takesBuffer(handle: object | undefined): handle is { useUserBuffer(memory: Buffer): void } {
  return handle !== undefined && 'useUserBuffer' in handle && typeof handle.useUserBuffer === 'function';
}

function fastPath(keys: Keys): Path {
  return {
    read(socket, receiver) {
      const handle = handleOf(socket);
      if (!takesBuffer(handle)) {
        plainPath.read(socket, receiver);
        return;
      }
      // Few fill the memory, and an object for each that does not makes a connection 3 % heavier.
      let reads: Reads | undefined;
      const take = (length: number): boolean => {
        if (length === SIZE) reads ??= readsOf(socket, receiver, keys);
        return reads === undefined ? receiver.take(part(length), true) : reads.take(length);
      };
      Reflect.set(socket, keys.buffer, memory);
      Reflect.set(socket, keys.generator, sharedMemory);
      Reflect.set(socket, keys.callback, take);
      handle.useUserBuffer(memory);
    },

    write(socket, bytes, sender) {
      const handle = handleOf(socket);
      if (!takesBytes(handle) || requestClass === null) socket._write(bytes, BYTES, (error) => sender.sent(error));
      else if (requestClass === undefined) writeWatched(socket, handle, bytes, sender);
      else writeRequested(requestClass, handle, bytes, sender);
    },
  };
}

/**
 * So many sockets may have memory of their own at a time. One keeps it until its next read, which may never come: 64
 * KiB for each connection of a crowd is what a peer must not get.
 */
const MOST_OWNERS = 64;

let owners = 0;

/**
 * The reads of a socket, from the first one that fills the memory. Where they do and the bytes are kept as they are, the
 * socket has memory of its own, which is given away full: a copy of 64 KiB costs a third of such a read.
 */
export class Reads {
  readonly #receiver: Receiver;
  #own: Buffer | undefined;
  #wasFull = false;

  constructor(socket: net.Socket, receiver: Receiver) {
    this.#receiver = receiver;
    // Rule 8 counts the sockets that there are: one that is gone makes room for another.
    socket.once('close', () => this.#disown());
  }

  /** Where the next read goes. */
  get memory(): Buffer {
    return this.#own ?? memory;
  }

  /** Passes on what a read has brought. */
  take(length: number): boolean {
    const own = this.#own;
    const isFull = length === SIZE;
    // The memory outlasts one read that does not fill it: behind a few full ones comes the rest that the kernel has,
    // and to copy the first of the next ones costs 8 % of receives of 1 KiB.
    if (isFull && this.#receiver.keepsBytes) this.#own = this.#ownMemory();
    else if (isFull || !this.#wasFull) this.#disown();
    this.#wasFull = isFull;
    if (own === undefined) return this.#receiver.take(part(length), true);
    return this.#receiver.take(isFull ? own : own.subarray(0, length), !isFull);
  }

  #ownMemory(): Buffer | undefined {
    if (this.#own === undefined) {
      if (owners === MOST_OWNERS) return undefined;
      owners += 1;
    }
    return Buffer.allocUnsafeSlow(SIZE);
  }

  #disown(): void {
    if (this.#own !== undefined) owners -= 1;
    this.#own = undefined;
  }
}

/** From now on, the socket's reads go where they say. */
function readsOf(socket: net.Socket, receiver: Receiver, { generator }: Keys): Reads {
  const reads = new Reads(socket, receiver);
  Reflect.set(socket, generator, () => reads.memory);
  return reads;
}

function part(length: number): Buffer {
  if (lent.length !== length) lent = memory.subarray(0, length);
  return lent;
}

/** A handle that takes bytes. */
interface ByteHandle {
  writeBuffer: (request: object | null, bytes: Buffer) => number;
}

function takesBytes(handle: object | undefined): handle is ByteHandle {
  return handle !== undefined && 'writeBuffer' in handle;
}

/** What Node's stream gives to the handle with the bytes. */
interface WriteRequest {
  /** −1 for a request that nothing hangs on: that of a write which was done within the call. */
  getAsyncId(): number;
  /** Is called when a write is done that was not. */
  oncomplete?: (status: number) => void;
  /** Keeps the bytes in memory until then. */
  buffer?: Buffer;
}

type RequestClass = new () => WriteRequest;

/** Node's class of such requests, once it is known; `null` for none: Node 26 makes them within the handle. */
let requestClass: RequestClass | null | undefined;

function isRequestClass(maker: unknown): maker is RequestClass {
  return typeof maker === 'function' && typeof Reflect.get(maker.prototype as object, 'getAsyncId') === 'function';
}

/**
 * The next write's request. One that the kernel takes at once leaves it as it was, so that most writes share it: to
 * make one for each, as Node's stream does, is 10 % of a send of 1 KiB (measured, with the rest of the stream's way).
 */
let idleRequest: WriteRequest | undefined;

/** Writes by Node's own method, and sees what the request is that it makes. */
function writeWatched(socket: net.Socket, handle: ByteHandle, bytes: Buffer, sender: Sender): void {
  const look = ([request]: [object | null, Buffer]): void => {
    requestClass = isRequestClass(request?.constructor) ? request.constructor : null;
  };
  watching(handle, 'writeBuffer', look, () => socket._write(bytes, BYTES, (error) => sender.sent(error)));
}

function writeRequested(Request: RequestClass, handle: ByteHandle, bytes: Buffer, sender: Sender): void {
  const request = (idleRequest ??= new Request());
  const status = handle.writeBuffer(request, bytes);
  // Not asked of the handle's queue: libuv tries once more before it queues, and is done in a later turn all the same.
  if (status === 0 && request.getAsyncId() === -1) return sender.sent();
  idleRequest = undefined;
  if (status !== 0) {
    sender.sent(systemError('write', status));
  } else {
    request.buffer = bytes;
    request.oncomplete = (late) => sender.sent(late === 0 ? null : systemError('write', late));
  }
}

const keys = findKeys();

/** The fast way, if this Node has it. */
export const hotPath: Path | undefined = keys === undefined ? undefined : fastPath(keys);
