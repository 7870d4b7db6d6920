import { errnoOf } from '../errno.ts';
import { BlockingIOError } from '../errors.ts';

/**
 * A buffered file's socket does not wait, and the buffer is full: Python's `BlockingIOError` with `characters_written`.
 *
 * @see https://docs.python.org/3/library/exceptions.html#BlockingIOError.characters_written
 */
export class IncompleteWrite extends BlockingIOError {
  /** How many bytes of this call's data are in the buffer or sent; the others are the caller's to write again. */
  readonly charactersWritten: number;

  /** @param charactersWritten - how many bytes were taken. */
  constructor(charactersWritten: number) {
    super(errnoOf('EAGAIN'), 'write could not complete without blocking');
    this.charactersWritten = charactersWritten;
  }
}
