import { rejected } from './gate.ts';

/** What a signal may end. */
export interface Abortable {
  /** The signal was aborted: takes nothing from now on. */
  abort(): void;
  /** The list that it waits in: those after it may have their turn once all that the signal ends have ended. */
  readonly list?: { serve(): void } | undefined;
}

/**
 * All that one signal may end. They share a listener, because `addEventListener` goes through all listeners that are
 * there already (10,000 of them took 290 ms on Node 20), and Node 20 warns of a leak when there are more than ten.
 */
export class SharedAbortListener {
  static readonly #shared = new WeakMap<AbortSignal, SharedAbortListener>();
  readonly #signal: AbortSignal;
  readonly #all = new Set<Abortable>();

  private constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Has a signal end something. The signal must not be aborted yet. */
  static add(signal: AbortSignal, one: Abortable): void {
    let shared = SharedAbortListener.#shared.get(signal);
    if (shared === undefined) {
      shared = new SharedAbortListener(signal);
      SharedAbortListener.#shared.set(signal, shared);
      signal.addEventListener('abort', shared);
    }
    shared.#all.add(one);
  }

  /** Has a signal not end something any more. */
  static remove(signal: AbortSignal, one: Abortable): void {
    const shared = SharedAbortListener.#shared.get(signal);
    if (shared === undefined) return;
    shared.#all.delete(one);
    if (shared.#all.size === 0) shared.#end();
  }

  /** The signal's 'abort'. */
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

/** Calls back when a signal is aborted, until the function is called that this gives. */
export function whenAborted(signal: AbortSignal, callback: () => void): () => void {
  const one: Abortable = { abort: callback };
  SharedAbortListener.add(signal, one);
  return () => SharedAbortListener.remove(signal, one);
}

/** What an operation gives, or the signal's reason: then the operation goes on, and nothing waits for it any more. */
export function unlessAborted<T>(operation: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return operation;
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => resolve(rejected(signal.reason));
    if (signal.aborted) abort();
    const forget = signal.aborted ? undefined : whenAborted(signal, abort);
    operation.then(resolve, reject).finally(forget);
  });
}
