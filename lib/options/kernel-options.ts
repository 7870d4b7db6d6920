import { errnoOf } from '../common/errno.ts';
import { OSError, osError } from '../common/errors.ts';
import { INT_SIZE, MAX_INT, type OptionQuery, type OptionSetting } from './option.ts';
import { raised } from '../common/stack.ts';
import { NoKernel, type Outcome } from '../kernel/koffi.ts';
import type { Kernel, SocketKind } from '../kernel/libc.ts';

/** An option and its value. */
export interface Setting {
  readonly level: number;
  readonly optname: number;
  readonly value: Buffer | null;
  readonly length: number;
  /** Whether Node sets it too, with others, to a value of its own. */
  readonly isSetToo: boolean;
}

/** An object that has a descriptor, or will have one. */
interface Owner {
  /** Below 0 before the descriptor is made and after it is closed. */
  readonly descriptor?: number;
  /** A connection that was refused leaves a socket that may get another descriptor. */
  readonly phase?: 'connecting' | 'open' | 'refused';
}

/**
 * The options of one socket that the kernel has and Node does not. They are set on its descriptor. Before that exists,
 * they are kept, and the kernel is asked about them on a temporary socket: thus errors come at once, and values are the
 * kernel's own.
 */
export class KernelOptions {
  readonly #kind: SocketKind;
  readonly #find: () => Kernel | NoKernel;
  #kept: Setting[] = [];
  /** The owner of the descriptor on which the kept options were set; `undefined` as long as none were. */
  #owner: Owner | undefined;

  constructor(kind: SocketKind, find: () => Kernel | NoKernel) {
    this.#kind = kind;
    this.#find = find;
  }

  /** Why the kernel cannot be asked; `undefined` where it can. */
  get missing(): NoKernel | undefined {
    const kernel = this.#find();
    return kernel instanceof NoKernel ? kernel : undefined;
  }

  /** Whether options are kept for a later descriptor. */
  get areWaiting(): boolean {
    return this.#owner === undefined && this.#kept.length > 0;
  }

  /** Whether any was set. */
  get areKept(): boolean {
    return this.#kept.length > 0;
  }

  /** Sets an option; `isSetToo` says whether Node sets it too, with others, to a value of its own. */
  set({ level, optname, value, optlen }: OptionSetting, isSetToo: boolean): void {
    const length = optlen ?? value?.length ?? 0;
    if (length < 0 || length > MAX_INT) throw osError('EINVAL', { syscall: 'setsockopt' });
    // A copy, because the caller may reuse its memory.
    const setting: Setting = { level, optname, value: value === null ? null : Buffer.from(value), length, isSetToo };
    const outcome = this.#ask((kernel, descriptor) => apply(kernel, descriptor, setting));
    if (outcome < 0) throw refused(outcome, 'setsockopt');
    // The last number counts, but structures may add up, as memberships and keys do. Once they are set, only the last
    // is kept, for a descriptor that replaces this one: the list must not grow for ever.
    const replaces = this.#owner !== undefined || length <= INT_SIZE;
    if (replaces) this.#kept = this.#kept.filter((one) => one.level !== level || one.optname !== optname);
    this.#kept.push(setting);
  }

  /** The value of an option: a number, or bytes if their number is given. */
  get({ level, optname, buflen }: OptionQuery): number | Buffer {
    const number = new Int32Array(1);
    const value = buflen === 0 ? Buffer.from(number.buffer) : Buffer.alloc(buflen);
    const outcome = this.#ask((kernel, descriptor) => kernel.getsockopt(descriptor, level, optname, value));
    if (outcome < 0) throw refused(outcome, 'getsockopt');
    return buflen === 0 ? (number[0] ?? 0) : value.subarray(0, outcome);
  }

  /**
   * Sets all kept options on a new descriptor, if that exists. On the same descriptor with a new owner, it sets only
   * the options that Node has just set as well. Returns the kernel's error.
   */
  attach(owner: Owner): OSError | undefined {
    const isNew = this.#owner === undefined;
    if (isNew && !isOpen(owner.descriptor)) return undefined;
    this.#owner = owner;
    return isNew ? this.#apply(this.#kept) : this.restore();
  }

  /** The descriptor is closed; another may follow. */
  detach(): void {
    this.#owner = undefined;
  }

  /**
   * Sets again the options that Node may have changed: with TCP_KEEPIDLE, libuv sets its own interval and count on Node
   * 20 and 22.
   */
  restore(): OSError | undefined {
    return this.#apply(this.#kept.filter(({ isSetToo }) => isSetToo));
  }

  /** The options that Node may change on an accepted socket. The kernel inherits all others from the listener. */
  get inheritable(): readonly Setting[] {
    return this.#kept.filter(({ isSetToo }) => isSetToo);
  }

  /** Takes over the options of a listener. */
  inherit(kept: readonly Setting[]): void {
    this.#kept = [...kept];
  }

  /** Makes a call to the kernel, on the socket or on one like it. */
  #ask(call: (kernel: Kernel, descriptor: number) => Outcome): Outcome {
    const kernel = this.#find();
    if (kernel instanceof NoKernel) return -errnoOf('ENOPROTOOPT');
    if (this.#owner !== undefined && this.#owner.phase !== 'refused') {
      const { descriptor } = this.#owner;
      return isOpen(descriptor) ? call(kernel, descriptor) : -errnoOf('EBADF');
    }
    return kernel.withSocket(this.#kind, (descriptor) => {
      for (const setting of this.#kept) apply(kernel, descriptor, setting);
      return call(kernel, descriptor);
    });
  }

  #apply(settings: readonly Setting[]): OSError | undefined {
    // koffi is not loaded where no option is to be set.
    if (settings.length === 0) return undefined;
    const kernel = this.#find();
    const descriptor = this.#owner?.descriptor;
    if (kernel instanceof NoKernel || !isOpen(descriptor)) return undefined;
    const outcomes = settings.map((setting) => apply(kernel, descriptor, setting));
    const refusal = outcomes.find((outcome) => outcome < 0);
    return refusal === undefined ? undefined : refused(refusal, 'setsockopt');
  }
}

/** The error of a call that gave a negative number. */
function refused(outcome: number, syscall: string): OSError {
  return raised(new OSError(-outcome, undefined, { syscall }));
}

function isOpen(descriptor: number | undefined): descriptor is number {
  return descriptor !== undefined && descriptor >= 0;
}

function apply(kernel: Kernel, descriptor: number, { level, optname, value, length }: Setting): Outcome {
  return kernel.setsockopt(descriptor, level, optname, value, length);
}
