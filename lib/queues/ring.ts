const FEWEST_SLOTS = 4;

/** Shared by all rings that were never filled, as are those of most idle connections. */
const NO_SLOTS: never[] = [];

/**
 * A first-in-first-out queue in an array that is used as a ring, so that every operation is O(1).
 * (`Array.prototype.shift` moves all entries.)
 */
export class Ring<T> {
  /** Its length is a power of two, so that a mask wraps an index around; 0 before the first entry. */
  #slots: (T | undefined)[] = NO_SLOTS;
  #head = 0;
  #length = 0;

  /** How many entries the queue has. */
  get length(): number {
    return this.#length;
  }

  /** The oldest entry, which stays; `undefined` where there is none. */
  get first(): T | undefined {
    return this.#slots[this.#head];
  }

  /** The newest entry, which stays; `undefined` where there is none. */
  get last(): T | undefined {
    return this.#length === 0 ? undefined : this.at(this.#length - 1);
  }

  /** An entry by its place, 0 for the oldest; `undefined` where there is none. */
  at(position: number): T | undefined {
    return position < this.#length ? this.#slots[wrapped(this.#head + position, this.#slots)] : undefined;
  }

  /** Appends an entry. */
  push(entry: T): void {
    if (this.#length === this.#slots.length) {
      this.#slots = roomier(this.#slots, this.#head);
      this.#head = 0;
    }
    this.#slots[wrapped(this.#head + this.#length, this.#slots)] = entry;
    this.#length += 1;
  }

  /** Takes the oldest entry off; `undefined` where there is none. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const entry = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = wrapped(this.#head + 1, this.#slots);
    this.#length -= 1;
    return entry;
  }

  /** Replaces the newest entry. */
  replaceLast(entry: T): void {
    this.#slots[wrapped(this.#head + this.#length - 1, this.#slots)] = entry;
  }

  /** The entries from the oldest to the newest; they stay. */
  *[Symbol.iterator](): Generator<T, void> {
    for (let position = 0; position < this.#length; position += 1) {
      yield this.#slots[wrapped(this.#head + position, this.#slots)] as T;
    }
  }
}

/** The same entries at the beginning of an array of twice the length. */
function roomier<T>(slots: readonly T[], head: number): (T | undefined)[] {
  const room = new Array<T | undefined>(Math.max(FEWEST_SLOTS, slots.length * 2));
  for (let position = 0; position < slots.length; position += 1)
    room[position] = slots[wrapped(head + position, slots)];
  return room;
}

/** Where a position of the ring is in its array. */
function wrapped(position: number, { length }: readonly unknown[]): number {
  return position & (length - 1);
}
