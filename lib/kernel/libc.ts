import { SOCK_CLOEXEC } from '../common/constants.ts';
import { foundOnce, outcomesBy, requireKoffi, withKoffi, type Koffi, type NoKernel, type Outcome } from './koffi.ts';

/** Calls to the kernel that Node does not have: setsockopt(2) and getsockopt(2) on a socket's descriptor. */

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

/** The calls, or why this system does not have them. */
export function kernelOf(loadKoffi: () => Koffi, platform: string): Kernel | NoKernel {
  return withKoffi(loadKoffi, platform, callsBy);
}

function callsBy(koffi: Koffi): Kernel {
  const libc = koffi.load(null);
  const set = libc.func('int setsockopt(int fd, int level, int optname, const void *value, uint32_t length)');
  const get = libc.func('int getsockopt(int fd, int level, int optname, void *value, _Inout_ uint32_t *length)');
  const socket = libc.func('int socket(int family, int type, int proto)');
  const close = libc.func('int close(int fd)');
  const outcome = outcomesBy(koffi);
  return {
    setsockopt: (descriptor, level, optname, value, length) => outcome(set, descriptor, level, optname, value, length),
    getsockopt: (descriptor, level, optname, value) => {
      const length = [value.length];
      const failed = outcome(get, descriptor, level, optname, value, length);
      return failed === 0 ? (length[0] ?? 0) : failed;
    },
    withSocket: ({ family, type, proto }, use) => {
      const descriptor = outcome(socket, family, type | SOCK_CLOEXEC, proto);
      if (descriptor < 0) return descriptor;
      try {
        return use(descriptor);
      } finally {
        close(descriptor);
      }
    },
  };
}

/** The calls of this system; koffi is loaded once. */
export const kernel = foundOnce(() => kernelOf(requireKoffi, process.platform));
