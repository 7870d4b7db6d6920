/**
 * A registered object: what `register()`, `select()` and others give.
 *
 * @see https://docs.python.org/3/library/selectors.html#selectors.SelectorKey
 */
export class SelectorKey<Data, File> implements Iterable<File | number | Data> {
  /** The object that was registered. */
  readonly fileobj: File;
  /** The number of its descriptor when it was registered; −1 where it had none. */
  readonly fd: number;
  /** The events that are waited for. */
  readonly events: number;
  /** What the program keeps with it; `null` where that was left out. */
  readonly data: Data;

  /**
   * @param fileobj - the object.
   * @param fd - the number of its descriptor.
   * @param events - the events.
   * @param data - what the program keeps with it.
   */
  constructor(fileobj: File, fd: number, events: number, data: Data) {
    this.fileobj = fileobj;
    this.fd = fd;
    this.events = events;
    this.data = data;
  }

  /** The four, in the order of Python's named tuple. */
  *[Symbol.iterator](): Generator<File | number | Data, void> {
    yield* [this.fileobj, this.fd, this.events, this.data];
  }
}
