import { createRequire } from 'node:module';
import { endianness } from 'node:os';
import { nodeErrorCode } from '../common/errno.ts';
import { shortageOfDescriptors } from '../common/shortage.ts';

/**
 * koffi, by which C functions are called. The package is optional, and is loaded for the first call that needs it.
 */

/** The result of a call to the kernel, 0 or more, or the negated number of its error. */
export type Outcome = number;

/** A C function, as koffi makes it. */
export type CFunction = (...args: readonly unknown[]) => unknown;

/** The part of koffi that is used here; written out, because the types have to work without koffi, too. */
export interface Koffi {
  load(path: null): { func(prototype: string): CFunction };
  errno(): number;
  /** Where memory begins. */
  address(memory: Buffer): bigint;
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

/** What `use` makes of koffi, or why this system does not have it. */
export function withKoffi<T>(loadKoffi: () => Koffi, platform: string, use: (koffi: Koffi) => T): T | NoKernel {
  if (platform !== 'linux') return new NoKernel('it is had on Linux only');
  try {
    return use(loadKoffi());
  } catch (error) {
    return new NoKernel(whyWithout(error), error);
  }
}

/** Why koffi does not load: its machine code may be missing for this system, or Node may not be allowed to load it. */
function whyWithout(error: unknown): string {
  if (nodeErrorCode(error) === 'MODULE_NOT_FOUND') return 'Node has no call for it; npm install koffi gives it one';
  return `koffi cannot be loaded: ${error instanceof Error ? error.message : String(error)}`;
}

/** Finds calls once; where koffi could not be loaded for want of a free descriptor, the next call tries again. */
export function foundOnce<T>(find: () => T | NoKernel): () => T | NoKernel {
  let known: T | NoKernel | undefined;
  return () => {
    if (known !== undefined) return known;
    const found = find();
    const shortage = found instanceof NoKernel ? shortageOfDescriptors() : undefined;
    if (shortage !== undefined) return new NoKernel(`koffi cannot be loaded: ${shortage.message}`, shortage);
    known = found;
    return found;
  };
}

/** The same for calls that take C's structures. */
export function withStructures<T>(loadKoffi: () => Koffi, platform: string, use: (koffi: Koffi) => T): T | NoKernel {
  const calls = withKoffi(loadKoffi, platform, (koffi) => (hasKnownLayout(koffi) ? use(koffi) : undefined));
  return calls ?? new NoKernel('it is had on 64-bit processors only, and with koffi 3');
}

/** Whether C's structures have the layout that is written here: 64-bit pointers, the lowest byte first. */
function hasKnownLayout(koffi: Koffi): boolean {
  const first = Buffer.alloc(1);
  return endianness() === 'LE' && ADDRESS_SIZES.includes(process.arch) && typeof koffi.address(first) === 'bigint';
}

const ADDRESS_SIZES: readonly string[] = ['x64', 'arm64', 'riscv64', 'loong64', 'ppc64'];

/** A function that gives a call's result, or its negated error. */
export function outcomesBy(koffi: Koffi): (call: CFunction, ...args: readonly unknown[]) => Outcome {
  return (call, ...args) => {
    const result: unknown = call(...args);
    // The error's number is asked for at once: a call of Node's in between would overwrite it.
    return typeof result === 'number' && result >= 0 ? result : -koffi.errno();
  };
}

/** Loads the package. */
export function requireKoffi(): Koffi {
  // A cast, because require() knows no types.
  return createRequire(ownFile())('koffi') as Koffi;
}

/**
 * This file, from which the package is resolved. `import.meta` gives it only in an ES module and `__filename` only in
 * CommonJS, and this is both: dist/ is the one, ts-node and Jest make the other.
 */
function ownFile(): string {
  // With --frozen-intrinsics the stack cannot be asked; a bundler may have replaced the name, so it comes second.
  if (Object.isFrozen(Error) && typeof __filename === 'string') return __filename;
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
