import type { FileHandle } from 'node:fs/promises';
import { types } from 'node:util';
import { integer, rangeError, typeError } from '../common/arguments.ts';
import { nodeErrorCode } from '../common/errno.ts';
import { osError } from '../common/errors.ts';

/** A file for `sendfile()`, in place of Node's `FileHandle`: any object with a `read`. */
export interface Readable {
  /** Returns up to `size` bytes, and none at the end. */
  read(size: number): Uint8Array | Promise<Uint8Array>;
  /** Goes to a position, in bytes from the start; needed where `sendfile()` is given an offset. */
  seek?(offset: number): unknown;
}

/** The files that `sendfile()` takes. */
export type SendableFile = FileHandle | Readable;

/** How many bytes of a file are in memory at a time. */
const PIECE = 64 * 1024;

/** The part of a file to send, checked as in Python. */
export interface FilePart {
  readonly offset: number;
  /** `null` for all to the end. */
  readonly count: number | null;
}

/** Checks the arguments of `sendfile()`. */
export function checkFilePart(file: unknown, offset: unknown, count: unknown): FilePart {
  if (typeof file !== 'object' || file === null || !('read' in file) || typeof file.read !== 'function') {
    throw typeError('file must be a FileHandle or have a read()', file);
  }
  const from = integer(offset, 'offset');
  if (from < 0) throw rangeError('offset must not be negative', offset);
  if (from > Number.MAX_SAFE_INTEGER) throw rangeError('offset is too large', offset);
  if (from > 0 && !isFileHandle(file) && !('seek' in file)) {
    throw typeError('a file without seek() can only be sent from offset 0', offset);
  }
  if (count === null) return { offset: from, count };
  const text = 'count must be a positive integer';
  if (typeof count !== 'number' || !Number.isInteger(count)) throw typeError(text, count);
  if (count <= 0) throw rangeError(text, count);
  return { offset: from, count };
}

/** The bytes of a part of a file, a piece at a time, so that files of any size need little memory. */
export async function* piecesOf(file: SendableFile, { offset, count }: FilePart): AsyncGenerator<Buffer, void> {
  const read = isFileHandle(file) ? readerOf(file, offset) : await soughtReaderOf(file, offset);
  for (let rest = count ?? Infinity; rest > 0;) {
    const piece = await read(Math.min(rest, PIECE));
    if (piece.length === 0) return;
    rest -= piece.length;
    yield piece;
  }
}

type Read = (size: number) => Promise<Buffer>;

function isFileHandle(file: object): file is FileHandle {
  return 'fd' in file && typeof file.fd === 'number';
}

/** Reads from its own position, so that the handle's does not change. Node's errors become Python's. */
function readerOf(file: FileHandle, offset: number): Read {
  let position = offset;
  return async (size) => {
    try {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(size), 0, size, position);
      position += bytesRead;
      return buffer.subarray(0, bytesRead);
    } catch (error) {
      throw osError(nodeErrorCode(error), { syscall: 'read', cause: error });
    }
  };
}

async function soughtReaderOf(file: Readable, offset: number): Promise<Read> {
  if (offset > 0) await file.seek?.(offset);
  return async (size) => {
    const piece: unknown = await file.read(size);
    if (!types.isUint8Array(piece)) {
      throw rangeError('file should be opened in binary mode', piece);
    }
    return Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
  };
}
