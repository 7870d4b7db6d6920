import { fstatSync } from 'node:fs';
import { int, rangeError, typeError } from '../common/arguments.ts';
import { osError } from '../common/errors.ts';
import { findCore, type Core } from '../core/core.ts';
import { ownerOf } from '../core/descriptor-owners.ts';
import { SocketSource } from '../core/file-source.ts';
import { descriptorOf } from '../core/state.ts';
import { sourceOfFile } from '../files/io-base.ts';

/** What can be watched: a socket, a file of `makefile()`, or the number that the `fileno()` of one gave. */
export type FileObject = number | { fileno(): number };

/** What a file object stands for. */
export interface Subject {
  /** The socket; `undefined` for a number that belongs to no open descriptor. */
  readonly core: Core | undefined;
  /** The number of the descriptor; −1 where the socket has none yet, or Node does not give it. */
  readonly fd: number;
}

/**
 * Finds the socket of a file object, with Python's errors.
 *
 * @param mayBeClosed - whether a socket may be closed by now.
 */
export function subjectOf(fileobj: unknown, mayBeClosed = false): Subject {
  const own = findCore(fileobj);
  if (own !== undefined) return mayBeClosed ? { core: own, fd: descriptorOf(own.state) } : openSubject(own);
  if (typeof fileobj === 'number' || typeof fileobj === 'boolean') return numbered(fileobj);
  if (!hasFileno(fileobj)) throw typeError('argument must be an int, or have a fileno() method.', fileobj);
  const number: unknown = fileobj.fileno();
  const source = sourceOfFile(fileobj);
  if (source instanceof SocketSource) return openSubject(source.core);
  if (typeof number !== 'number' || !Number.isInteger(number)) {
    throw typeError('fileno() returned a non-integer', number);
  }
  return numbered(number);
}

function openSubject(core: Core): Subject {
  if (core.state.kind === 'closed') refuseNegative(-1);
  return { core, fd: descriptorOf(core.state) };
}

function numbered(number: number | boolean): Subject {
  if (typeof number === 'number' && !Number.isInteger(number)) {
    throw typeError('argument must be an int, or have a fileno() method.', number);
  }
  const fd = int(number, 'fd');
  if (fd < 0) refuseNegative(fd);
  const core = ownerOf(fd);
  if (core === undefined && isOpen(fd)) {
    const note = 'no socket of this process has given this number by fileno()';
    throw osError('ENOTSUP', { syscall: 'select', address: String(fd), note });
  }
  return { core, fd };
}

function refuseNegative(fd: number): never {
  throw rangeError('file descriptor cannot be a negative integer (-1)', fd);
}

function hasFileno(value: unknown): value is { fileno(): unknown } {
  return typeof value === 'object' && value !== null && 'fileno' in value && typeof value.fileno === 'function';
}

function isOpen(fd: number): boolean {
  try {
    fstatSync(fd);
    return true;
  } catch {
    return false;
  }
}
