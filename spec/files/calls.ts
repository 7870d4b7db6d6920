import type { AnyFile } from '../../lib/files/makefile.ts';
import type { Socket } from '../../lib/index.ts';
import { own, pair } from '../support/pairs.ts';

/**
 * Every awaited call of a file, and every class of files: the promises of docs/promises.md that cover all of them are
 * tested over these tables. A spec compares the tables with the classes, so that no call is forgotten.
 */

/** The arguments of each awaited method, without options, in all forms. */
export const METHODS: Readonly<Record<string, readonly (readonly unknown[])[]>> = {
  read: [[1], [0], [], [null]],
  read1: [[1], [0], []],
  readall: [[]],
  readinto: [[new Uint8Array(1)], [new Uint8Array(0)]],
  readinto1: [[new Uint8Array(1)], [new Uint8Array(0)]],
  readExactly: [[1], [0]],
  readUntil: [['\n'], [Buffer.of(10)], [['\n', '\0']]],
  readline: [[-1], [0], [1], [], [null]],
  readlines: [[1], [], [null]],
  peek: [[1], []],
  write: [['x'], ['']],
  writelines: [[['x']], [[]]],
  flush: [[]],
  close: [[]],
};

/** Those that take no options. */
export const BY_SYMBOL = [Symbol.asyncDispose, Symbol.asyncIterator].map(String);

/** The synchronous methods. */
export const SYNCHRONOUS_METHODS = ['fileno', 'isatty', 'readable', 'seekable', 'writable'];

/** What makes a file of each class, which is closed at the end of the test. */
export const CLASSES: Readonly<Record<string, (socket: Socket) => AnyFile>> = {
  RawFile: (socket) => owned(socket.makefile('rwb', 0)),
  BufferedReader: (socket) => owned(socket.makefile('rb')),
  BufferedWriter: (socket) => owned(socket.makefile('wb')),
  BufferedPair: (socket) => owned(socket.makefile('rwb')),
  TextFile: (socket) => owned(socket.makefile('rw')),
};

/** Closes a file at the end of the test, and ignores what it could not send. */
export function owned<T extends AnyFile>(file: T): T {
  own({ [Symbol.dispose]: () => void file.close().catch(() => undefined) });
  return file;
}

/** The names of all methods of a file, its classes' own and those that they inherit. */
export function methodsOf(file: object): string[] {
  const names = new Set<string>();
  for (let one: unknown = Object.getPrototypeOf(file); one !== null && one !== Object.prototype;) {
    if (typeof one !== 'object') break;
    for (const [key, { value }] of Reflect.ownKeys(one).map(
      (name) => [name, descriptorOf(one as object, name)] as const,
    )) {
      if (typeof value === 'function' && key !== 'constructor') names.add(String(key));
    }
    one = Object.getPrototypeOf(one);
  }
  return [...names].sort();
}

function descriptorOf(one: object, name: string | symbol): PropertyDescriptor {
  return Object.getOwnPropertyDescriptor(one, name) ?? {};
}

/** Whether a file has a method. */
export function has(file: AnyFile, method: string): boolean {
  return typeof Reflect.get(file, method) === 'function';
}

/** Calls a method by its name. */
export function call(file: AnyFile, method: string, args: readonly unknown[]): Promise<unknown> {
  const callable: unknown = Reflect.get(file, method);
  if (typeof callable !== 'function') throw new TypeError(`${method} is no method`);
  const result: unknown = Reflect.apply(callable, file, args);
  if (!(result instanceof Promise)) throw new TypeError(`${method}() gave no promise`);
  return result;
}

/** The states of a file that a call may meet. */
export const STATES: Readonly<Record<string, (make: (socket: Socket) => AnyFile) => Promise<AnyFile> | AnyFile>> = {
  'with lines to read': async (make) => {
    const [one, other] = await pair();
    await other.sendall('x\n'.repeat(50_000));
    return make(one);
  },
  'at the end of the stream': async (make) => {
    const [one, other] = await pair();
    other.close();
    return make(one);
  },
  'of a closed socket': async (make) => {
    const [one] = await pair();
    one.close();
    return make(one);
  },
  'that is closed': async (make) => {
    const [one] = await pair();
    const file = make(one);
    await file.close();
    return file;
  },
};
