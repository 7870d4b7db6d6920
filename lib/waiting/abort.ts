import { rejected } from './gate.ts';

/** A wait that a signal may end. */
export interface Abortable {
  /** Called when the signal is aborted: the wait takes nothing from now on. */
  abort(): void;
  /** The list that it waits in; served once all waits of the signal have ended, for those that are next in it. */
  readonly list?: { serve(): void } | undefined;
}

/**
 * All waits that one signal may end. They share a listener, because `addEventListener` goes through all listeners that
 * exist already, and Node 20 warns of a leak when there are more than ten.
 */
export class SharedAbortListener {
  static readonly #shared = new WeakMap<AbortSignal, SharedAbortListener>();
  readonly #signal: AbortSignal;
  readonly #all = new Set<Abortable>();

  private constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Lets a signal end a wait. The signal must not be aborted yet. */
  static add(signal: AbortSignal, one: Abortable): void {
    let shared = SharedAbortListener.#shared.get(signal);
    if (shared === undefined) {
      shared = new SharedAbortListener(signal);
      SharedAbortListener.#shared.set(signal, shared);
      signal.addEventListener('abort', shared);
    }
    shared.#all.add(one);
  }

  /** The signal does not end the wait any more. */
  static remove(signal: AbortSignal, one: Abortable): void {
    const shared = SharedAbortListener.#shared.get(signal);
    if (shared === undefined) return;
    shared.#all.delete(one);
    if (shared.#all.size === 0) shared.#end();
  }

  /** Handles the signal's 'abort' event. */
  handleEvent(): void {
    const all = [...this.#all];
    this.#all.clear();
    this.#end();
    for (const one of all) one.abort();
    for (const list of new Set(all.map((one) => one.list))) list?.serve();
  }

  #end(): void {
    SharedAbortListener.#shared.delete(this.#signal);
    this.#signal.removeEventListener('abort', this);
  }
}

/** Calls back when a signal is aborted, unless the returned function is called first. */
export function whenAborted(signal: AbortSignal, callback: () => void): () => void {
  const one: Abortable = { abort: callback };
  SharedAbortListener.add(signal, one);
  return () => SharedAbortListener.remove(signal, one);
}

/** The result of an operation, or the signal's reason: then the operation goes on, but nothing waits for it. */
export function unlessAborted<T>(operation: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return operation;
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => resolve(rejected(signal.reason));
    if (signal.aborted) abort();
    const forget = signal.aborted ? undefined : whenAborted(signal, abort);
    // The signal is forgotten first: a rejection that came after the result would have no handler, and end the process.
    const settle = <V>(outcome: (value: V) => void, value: V): void => {
      forget?.();
      outcome(value);
    };
    operation.then(
      (value) => settle(resolve, value),
      (error: unknown) => settle(reject, error),
    );
  });
}
