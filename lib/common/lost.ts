/**
 * Finds objects that the program has lost without closing them, and warns as Python does (promise 15). With
 * `AWAIT_SOCKET_TRACE_UNCLOSED=1` in the environment, the warning says where the lost object was made, as Python's does
 * under tracemalloc.
 */

/** The stack of the call that made each object, where the environment asks for it. */
const origins = process.env.AWAIT_SOCKET_TRACE_UNCLOSED === '1' ? new WeakMap<object, string>() : undefined;

const HINT = 'With AWAIT_SOCKET_TRACE_UNCLOSED=1 in the environment such warnings say where the object was made.';

let hasWarned = false;

/** How long an object counts as young at most, in milliseconds, and how many objects may. */
const YOUNG_TIME = 100;
const MOST_YOUNG = 1024;

/** Watches objects of a class. Each has an inside, which does not refer to the object. */
export class LossWatch<Inside extends { readonly isClosed: boolean }> {
  readonly #registry: FinalizationRegistry<Inside>;
  /**
   * Objects that were made a moment ago. Only those that are still open a moment later are registered: V8 keeps a
   * registered object until its next full garbage collection, and short connections, which are closed by then, would
   * fill the heap.
   */
  #young: { readonly object: object; readonly inside: Inside }[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param onLost - called when the object of an inside is lost, to close the inside. */
  constructor(onLost: (inside: Inside) => void) {
    this.#registry = new FinalizationRegistry(onLost);
  }

  /** Begins to watch an object. */
  add(object: object, inside: Inside): void {
    origins?.set(inside, String(new Error('made here').stack));
    if (this.#young.length === 0) this.#timer = setTimeout(() => this.#registerYoung(), YOUNG_TIME).unref();
    this.#young.push({ object, inside });
    if (this.#young.length === MOST_YOUNG) this.#registerYoung();
  }

  #registerYoung(): void {
    clearTimeout(this.#timer);
    for (const { object, inside } of this.#young) if (!inside.isClosed) this.#registry.register(object, inside);
    this.#young = [];
  }
}

/** Python's ResourceWarning about a lost object. */
export function warnOfLoss(text: string, inside: object): void {
  const detail = origins?.get(inside) ?? (hasWarned ? undefined : HINT);
  hasWarned = true;
  const options = { type: 'ResourceWarning', code: 'AWAIT_SOCKET_UNCLOSED' };
  process.emitWarning(text, detail === undefined ? options : { ...options, detail });
}
