import { OSError } from '../common/errors.ts';
import { raised } from '../common/stack.ts';

/**
 * A file does not support the operation, such as a write to a file that was opened for reading.
 *
 * @remarks Differs from Python in that it is an `OSError` only, and not a `ValueError` (a `RangeError`) as well.
 *
 * @see https://docs.python.org/3/library/io.html#io.UnsupportedOperation
 */
export class UnsupportedOperation extends OSError {
  /** @param operation - the operation: `'write'`. */
  constructor(operation: string) {
    super(null, operation);
  }
}

// On the prototype, like the names of all errors here: see errors.ts.
Object.defineProperty(UnsupportedOperation.prototype, 'name', {
  value: 'UnsupportedOperation',
  configurable: true,
  writable: true,
});

/** The error of an operation that the file does not support. */
export function unsupported(operation: string): UnsupportedOperation {
  return raised(new UnsupportedOperation(operation));
}
