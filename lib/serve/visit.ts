import { raised } from '../common/stack.ts';
import { TimeoutError } from '../common/errors.ts';

/**
 * One connection or datagram that is served, from the moment it was taken until its handler has ended. It has a signal
 * of its own: listeners on one signal for all would pile up as long as the server runs.
 */
export class Visit<Item> {
  readonly item: Item;
  /** Whether the handler was called. */
  hasBegun = false;
  readonly #controller = new AbortController();
  readonly #breakOff: () => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param breakOff - takes the item away from a handler that has had its time. */
  constructor(item: Item, breakOff: (item: Item) => void) {
    this.item = item;
    this.#breakOff = () => breakOff(item);
  }

  /** Aborted when the handler has had its time, and when the server is aborted. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The handler is called; from now on its time is counted. */
  begin(seconds: number | null): void {
    this.hasBegun = true;
    this.limit(seconds, 'the handler');
  }

  /** Begins to count the time again. */
  limit(seconds: number | null, what: string): void {
    clearTimeout(this.#timer);
    if (seconds === null) return;
    const text = `${what} took longer than ${seconds} s`;
    const expire = (): void => this.abort(raised(new TimeoutError(text, { code: 'ETIMEDOUT' })));
    this.#timer = setTimeout(expire, seconds * 1000);
  }

  /** Tells the handler to end, and takes the item away from it: the handler need not obey. */
  abort(reason: unknown): void {
    clearTimeout(this.#timer);
    if (this.signal.aborted) return;
    this.#controller.abort(reason);
    this.#breakOff();
  }

  /** The time is not counted any more. */
  end(): void {
    clearTimeout(this.#timer);
  }
}
