import { OSError } from '../common/errors.ts';
import { raised } from '../common/stack.ts';

/**
 * A file was asked for what it is not made for, such as to write where it was opened for reading.
 *
 * @remarks Differs from Python in that it is an `OSError` only, and not a `ValueError` (a `RangeError`) as well.
 *
 * @see https://docs.python.org/3/library/io.html#io.UnsupportedOperation
 */
export class UnsupportedOperation extends OSError {
  /** @param operation - what was asked for: `'write'`. */
  constructor(operation: string) {
    super(null, operation);
  }
}

// On the prototype, as the names of all errors here: see errors.ts.
Object.defineProperty(UnsupportedOperation.prototype, 'name', {
  value: 'UnsupportedOperation',
  configurable: true,
  writable: true,
});

/** The error of a call that the file is not made for. */
export function unsupported(operation: string): UnsupportedOperation {
  return raised(new UnsupportedOperation(operation));
}
