import { rejected } from '../waiting/gate.ts';
import { fromCaller, showCallers } from '../common/stack.ts';

/** The methods that throw. */
const SYNCHRONOUS = ['fileno', 'isatty', 'readable', 'seekable', 'writable', Symbol.asyncIterator];

/** The classes of files; each comes after those whose methods it calls. */
let prototypes: readonly object[] = [];

/** Makes the errors of files' methods show the line of the call (rule 10). */
export function showFileCallers(classes: readonly { readonly prototype: object }[]): void {
  prototypes = classes.map(({ prototype }) => prototype);
  for (const prototype of prototypes) {
    const own = SYNCHRONOUS.filter(
      (name) => typeof Object.getOwnPropertyDescriptor(prototype, name)?.value === 'function',
    );
    showCallers(prototype, own);
  }
}

/** Removes the library's frames, up to a method of a file, from the beginning of an error's stack. */
export function shownToCaller(error: unknown, method: string): unknown {
  for (const callee of new Set(prototypes.map((prototype): unknown => Reflect.get(prototype, method)))) {
    if (typeof callee === 'function') fromCaller(error, callee);
  }
  return error;
}

/** The rejection of an awaited call of a file that threw. */
export function refused(error: unknown, method: string): Promise<never> {
  return rejected(shownToCaller(error, method));
}
