import net from 'node:net';
import type { Path } from './path.ts';
import { plainPath } from './plain-path.ts';

/**
 * The fast way between Node's socket and a connection, around Node's streams. It is the only file that touches what Node does not
 * document for the sake of speed.
 *
 * - Each read goes into memory that all sockets share, and is taken before the next one. Node documents that as `onread`, for sockets
 *   that a program makes. For those that a server accepts it is switched on by what the option itself leaves behind. Node's 'data'
 *   events cost a new 64 KiB buffer a read, and the stream's bookkeeping.
 * - A write goes to the method that Node's stream would call. The stream would call back in a later turn, also where the kernel has
 *   all the bytes at once.
 *
 * docs/performance.md has what that buys, with the plain way beside it.
 */

/** As much as libuv asks for in one read. */
const memory = Buffer.allocUnsafeSlow(64 * 1024);

/** The last part of the memory that was lent: messages are often as long as the one before, and a new Buffer costs 0.1 µs. */
let lent: Buffer = memory;

/** The encoding that Node's stream gives with bytes (stream.md, `writable._write`); its types leave it out. */
const BYTES = 'buffer' as BufferEncoding;

/** Where Node keeps the two parts of its option `onread`: under symbols of its own. */
interface Keys {
  readonly buffer: symbol;
  readonly callback: symbol;
}

function findKeys(): Keys | undefined {
  const onread = { buffer: Buffer.alloc(0), callback: () => true };
  const probe = new net.Socket({ onread });
  const keyOf = (part: unknown): symbol | undefined =>
    Object.getOwnPropertySymbols(probe).find((symbol) => Reflect.get(probe, symbol) === part);
  const buffer = keyOf(onread.buffer);
  const callback = keyOf(onread.callback);
  return buffer === undefined || callback === undefined ? undefined : { buffer, callback };
}

function takesBuffer(handle: unknown): handle is { useUserBuffer(memory: Buffer): void } {
  return (
    typeof handle === 'object' &&
    handle !== null &&
    'useUserBuffer' in handle &&
    typeof handle.useUserBuffer === 'function'
  );
}

function fastPath(keys: Keys): Path {
  return {
    read(socket, receive) {
      const handle: unknown = Reflect.get(socket, '_handle');
      if (!takesBuffer(handle)) {
        plainPath.read(socket, receive);
        return;
      }
      Reflect.set(socket, keys.buffer, memory);
      Reflect.set(socket, keys.callback, (length: number) => receive(part(length), true));
      handle.useUserBuffer(memory);
    },

    write(socket, bytes, written) {
      socket._write(bytes, BYTES, written);
    },
  };
}

function part(length: number): Buffer {
  if (lent.length !== length) lent = memory.subarray(0, length);
  return lent;
}

const keys = findKeys();

/** The fast way, if this Node has it. */
export const hotPath: Path | undefined = keys === undefined ? undefined : fastPath(keys);
