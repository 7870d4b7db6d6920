/**
 * Stacks that begin at the caller's line. Node prints the source line of an uncaught error's first frame, and a line of
 * this library would not show the mistake in the program.
 */

/** A function or a class of the library that programs call. */
export type Callee = NonNullable<Parameters<typeof Error.captureStackTrace>[1]>;

/** The errors that the library made on purpose. Others, such as the reason of a signal, keep their stacks. */
const ours = new WeakSet<object>();

/** Notes that the library made an error on purpose. */
export function raised<E extends Error>(error: E): E {
  ours.add(error);
  return error;
}

/**
 * Removes `callee`, and everything that it called, from the stack of an error that the library made. The stack stays
 * unchanged where nothing would be left of it: no function awaits the call, or `callee` has returned.
 */
export function fromCaller(error: unknown, callee: Callee): unknown {
  if (typeof error !== 'object' || error === null || !ours.has(error)) return error;
  const rest: { readonly stack?: unknown } = {};
  Error.captureStackTrace(rest, callee);
  if (typeof rest.stack === 'string' && rest.stack.includes('\n    at ')) Error.captureStackTrace(error, callee);
  return error;
}

/** A method by its name, as the stacks of its errors need it. */
export function methodOf(prototype: object, name: string): Callee | undefined {
  const method: unknown = Reflect.get(prototype, name);
  return typeof method === 'function' ? method : undefined;
}

/** Runs the body of a synchronous function that programs call. */
export function called<T>(callee: Callee, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw fromCaller(error, callee);
  }
}

/** Makes synchronous methods and setters of a class throw as {@link called} does. */
export function showCallers(prototype: object, names: readonly (string | symbol)[]): void {
  for (const name of names) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name) ?? {};
    const part = Reflect.get(descriptor, 'set') === undefined ? 'value' : 'set';
    const method: unknown = Reflect.get(descriptor, part);
    if (typeof method !== 'function') throw new Error(`the method ${String(name)}() does not exist`);
    const shown = function (this: unknown, ...given: unknown[]): unknown {
      // Not by called(): each call would make a closure for it.
      try {
        return Reflect.apply(method, this, given) as unknown;
      } catch (error) {
        throw fromCaller(error, shown);
      }
    };
    Object.defineProperty(shown, 'name', { value: method.name, configurable: true });
    Object.defineProperty(prototype, name, { ...descriptor, [part]: shown });
  }
}
