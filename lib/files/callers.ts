import { rejected } from '../waiting/gate.ts';
import { fromCaller, showCallers } from '../common/stack.ts';

/** The methods that throw. */
const SYNCHRONOUS = ['fileno', 'isatty', 'readable', 'seekable', 'writable', Symbol.asyncIterator];

/** The classes of files; one stands after those whose methods it calls. */
let prototypes: readonly object[] = [];

/** Has the calls of files show the line that makes them, in what they throw and reject with (rule 10). */
export function showFileCallers(classes: readonly { readonly prototype: object }[]): void {
  prototypes = classes.map(({ prototype }) => prototype);
  for (const prototype of prototypes) {
    const own = SYNCHRONOUS.filter(
      (name) => typeof Object.getOwnPropertyDescriptor(prototype, name)?.value === 'function',
    );
    showCallers(prototype, own);
  }
}

/** Leaves the library's frames at its beginning out of the stack of an error, up to a method of a file. */
export function shownToCaller(error: unknown, method: string): unknown {
  for (const callee of new Set(prototypes.map((prototype): unknown => Reflect.get(prototype, method)))) {
    if (typeof callee === 'function') fromCaller(error, callee);
  }
  return error;
}

/** Gives what an awaited call of a file has thrown. */
export function refused(error: unknown, method: string): Promise<never> {
  return rejected(shownToCaller(error, method));
}
