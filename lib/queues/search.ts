/** What a search goes through. */
export interface Searched {
  /** How many bytes have come. */
  readonly length: number;
  /** Where `separator` first lies within the bytes from `from` to `end`; −1 where it does not. */
  indexOf(separator: Buffer, from: number, end: number): number;
}

/** More bytes have come than the limit allows before a separator. */
export interface Overrun {
  /** Whether a separator comes later. */
  readonly isFound: boolean;
  /** How many bytes come before it, or do not belong to one that may still come. */
  readonly consumed: number;
}

/**
 * How far several separators are searched for at a time: one that never comes must not cost a search of all that has
 * come, for each piece.
 */
const STEP = 4096;

/**
 * The search for the separator that ends first, in bytes that are still coming. What was searched once is not searched
 * again.
 */
export class Search {
  readonly #separators: readonly Buffer[];
  readonly #limit: number;
  /** No separator ends within so many bytes. */
  #searched = 0;

  /**
   * @param separators - one at least, the shortest first.
   * @param limit - how many bytes there may be before the separator.
   */
  constructor(separators: readonly Buffer[], limit: number) {
    this.#separators = separators;
    this.#limit = limit;
  }

  /** Goes on in the same bytes, of which more may have come; returns where the separator ends. */
  in(bytes: Searched): number | Overrun | undefined {
    const { length } = bytes;
    const step = this.#separators.length === 1 ? length : STEP;
    while (this.#searched < length) {
      const stop = Math.min(length, this.#searched + step);
      const found = this.#find(bytes, stop);
      if (found !== undefined) return found;
      this.#searched = stop;
    }
    const consumed = length + 1 - (this.#separators.at(-1)?.length ?? 0);
    return consumed > this.#limit ? { isFound: false, consumed } : undefined;
  }

  /** Begins anew: bytes that were searched may have been taken. */
  restart(): void {
    this.#searched = 0;
  }

  #find(bytes: Searched, stop: number): number | Overrun | undefined {
    let start = -1;
    let end = stop + 1;
    for (const separator of this.#separators) {
      const from = Math.max(0, this.#searched + 1 - separator.length);
      const found = bytes.indexOf(separator, from, end - 1);
      if (found === -1) continue;
      start = found;
      end = found + separator.length;
    }
    if (start === -1) return undefined;
    return start <= this.#limit ? end : { isFound: true, consumed: start };
  }
}
