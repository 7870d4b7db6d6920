import { raised } from '../common/stack.ts';

/**
 * An object is not registered, or is registered already.
 *
 * @see https://docs.python.org/3/library/exceptions.html#KeyError
 */
export class KeyError extends Error {
  static {
    // A property of the prototype, like that of `Error`; written out because a bundler may rename the class.
    Object.defineProperty(this.prototype, 'name', { value: 'KeyError', configurable: true, writable: true });
  }
}

/** A KeyError that the library makes on purpose. */
export function keyError(text: string): KeyError {
  return raised(new KeyError(text));
}
