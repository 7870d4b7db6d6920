import { createRequire } from 'node:module';

/**
 * Calls to the kernel that Node does not have: setsockopt(2) and getsockopt(2) on a socket's descriptor, by way of
 * koffi. That package is optional, is loaded for the first such call, and is used in this file only.
 */

/** The result of a call to the kernel, 0 or more, or the negated number of its error. */
export type Outcome = number;

/** The arguments of socket(2). */
export interface SocketKind {
  readonly family: number;
  readonly type: number;
  readonly proto: number;
}

/** The calls. A descriptor must belong to the caller and be open. */
export interface Kernel {
  /** Sets an option; `null` is C's null pointer. */
  setsockopt(descriptor: number, level: number, optname: number, value: Buffer | null, length: number): Outcome;
  /** Gets an option into `value`, and returns its length in bytes. */
  getsockopt(descriptor: number, level: number, optname: number, value: Buffer): Outcome;
  /** Opens a socket for as long as `use` runs, to ask the kernel about it; returns what `use` returns. */
  withSocket(kind: SocketKind, use: (descriptor: number) => Outcome): Outcome;
}

/** Why these calls are not available, as the end of a sentence. */
export class NoKernel {
  readonly reason: string;
  readonly cause: unknown;

  constructor(reason: string, cause?: unknown) {
    this.reason = reason;
    this.cause = cause;
  }
}

/** A C function, as koffi makes it. */
type CFunction = (...args: readonly unknown[]) => unknown;

/** The part of koffi that is used here; written out, because the types have to work without koffi, too. */
export interface Koffi {
  load(path: null): { func(prototype: string): CFunction };
  errno(): number;
}

/** SOCK_CLOEXEC, Linux's flag in a socket's type: child processes do not inherit the descriptor. */
const CLOSE_ON_EXEC = 0x80000;

/** The calls, or why this system does not have them. */
export function kernelOf(loadKoffi: () => Koffi, platform: string): Kernel | NoKernel {
  if (platform !== 'linux') return new NoKernel('it is had on Linux only');
  try {
    return callsBy(loadKoffi());
  } catch (error) {
    return new NoKernel('Node has no call for it; npm install koffi gives it one', error);
  }
}

function callsBy(koffi: Koffi): Kernel {
  const libc = koffi.load(null);
  const set = libc.func('int setsockopt(int fd, int level, int optname, const void *value, uint32_t length)');
  const get = libc.func('int getsockopt(int fd, int level, int optname, void *value, _Inout_ uint32_t *length)');
  const socket = libc.func('int socket(int family, int type, int proto)');
  const close = libc.func('int close(int fd)');
  const outcome = (call: CFunction, ...args: readonly unknown[]): Outcome => {
    const result: unknown = call(...args);
    return typeof result === 'number' && result >= 0 ? result : -koffi.errno();
  };
  return {
    setsockopt: (descriptor, level, optname, value, length) => outcome(set, descriptor, level, optname, value, length),
    getsockopt: (descriptor, level, optname, value) => {
      const length = [value.length];
      const failed = outcome(get, descriptor, level, optname, value, length);
      return failed === 0 ? (length[0] ?? 0) : failed;
    },
    withSocket: ({ family, type, proto }, use) => {
      const descriptor = outcome(socket, family, type | CLOSE_ON_EXEC, proto);
      if (descriptor < 0) return descriptor;
      try {
        return use(descriptor);
      } finally {
        close(descriptor);
      }
    },
  };
}

let known: Kernel | NoKernel | undefined;

/** The calls of this system; koffi is loaded once. */
export function kernel(): Kernel | NoKernel {
  known ??= kernelOf(requireKoffi, process.platform);
  return known;
}

function requireKoffi(): Koffi {
  // A cast, because require() knows no types.
  return createRequire(ownFile())('koffi') as Koffi;
}

/**
 * This file, from which the package is resolved. `import.meta` gives it only in an ES module and `__filename` only in
 * CommonJS, and this is both: dist/ is the one, ts-node and Jest make the other.
 */
function ownFile(): string {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is only put back
  const { prepareStackTrace } = Error;
  try {
    Error.prepareStackTrace = (_error, sites) => sites[0]?.getFileName();
    const file: unknown = new Error().stack;
    if (typeof file === 'string') return file;
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
  }
  throw new Error('cannot find the path of this file, from which koffi is loaded');
}
