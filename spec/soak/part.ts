import type { Table } from './tables.ts';

/** How much a part does. */
export interface Extent {
  /** The seed of the first run; each run's own is the next one. */
  readonly seed: number;
  /** How many times it is done: connections, transfers, calls; a part has its own full number. */
  readonly runs: number;
  /** After so many seconds it begins nothing new. */
  readonly seconds: number;
}

/** What a part has come to. */
export interface Outcome extends Table {
  /** What must not be, each with what repeats it. */
  readonly mistakes: readonly string[];
}

/** The most mistakes that a part shows. */
const MOST = 25;

/** Collects what must not be. */
export class Mistakes {
  readonly shown: string[] = [];
  #count = 0;

  add(text: string): void {
    this.#count += 1;
    if (this.shown.length < MOST) this.shown.push(text);
  }

  get count(): number {
    return this.#count;
  }

  /** Whether so many were found that more would show nothing new. */
  get isFull(): boolean {
    return this.#count >= MOST;
  }
}

/** Whether the time of a part is over. */
export class Deadline {
  readonly #end: number;
  readonly #started = performance.now();

  constructor({ seconds }: Extent) {
    this.#end = this.#started + seconds * 1000;
  }

  get isOver(): boolean {
    return performance.now() >= this.#end;
  }

  /** How many seconds are left, at least 0. */
  get left(): number {
    return Math.max(0, (this.#end - performance.now()) / 1000);
  }

  /** How many seconds it has taken so far, in words. */
  get taken(): string {
    return `${((performance.now() - this.#started) / 1000).toFixed(0)} s`;
  }
}
