import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { programs } from './generator.ts';
import { runOurs } from './ours.ts';
import type { Names, Program, Result, Step } from './program.ts';
import { Python } from './theirs.ts';

/** Where a program came out differently. */
export interface Difference {
  readonly step: Step | undefined;
  readonly index: number;
  readonly python: Result | undefined;
  readonly ours: Result | undefined;
}

/** A program that comes out differently, as short as could be made. */
export interface Failure {
  readonly program: Program;
  readonly difference: Difference;
}

/** How many programs run at a time: most of the time is spent waiting for time limits. */
const WORKERS = 8;

/** What runs a program on both sides and compares. */
class Worker {
  readonly #python = new Python();
  readonly #folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  readonly #number: number;
  #runs = 0;

  constructor(number: number) {
    this.#number = number;
  }

  /** The first difference, if there is one. */
  async difference(program: Program): Promise<Difference | undefined> {
    const [python, ours] = await Promise.all([
      this.#python.run(program, this.#names('python')),
      runOurs(program, this.#names('ours')),
    ]);
    for (const [index, step] of program.entries()) {
      // Through JSON as well: an array that Node made is not of Jest's realm.
      const actual = JSON.parse(JSON.stringify(ours[index] ?? null)) as Result | null;
      const expected = python[index] ?? null;
      if (isDeepStrictEqual(actual, expected)) continue;
      return { step, index, python: python[index], ours: ours[index] };
    }
    return undefined;
  }

  /** Leaves steps out as long as the program still comes out differently. */
  async shrink(program: Program, difference: Difference): Promise<Failure> {
    let best: Failure = { program: program.slice(0, difference.index + 1), difference };
    for (let index = best.program.length - 1; index >= 0; index -= 1) {
      const shorter = best.program.toSpliced(index, 1);
      const found = await this.difference(shorter);
      if (found !== undefined) best = { program: shorter.slice(0, found.index + 1), difference: found };
      index = Math.min(index, best.program.length);
    }
    return best;
  }

  [Symbol.dispose](): void {
    this.#python[Symbol.dispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Names that no other program has: then those that run at the same time cannot meet. */
  #names(side: 'python' | 'ours'): Names {
    this.#runs = (this.#runs + 1) % 60_000;
    const host = `127.${10 + this.#number}.${1 + Math.floor(this.#runs / 250)}.${1 + (this.#runs % 250)}`;
    return { host, folder: mkdtempSync(join(this.#folder, side)) };
  }
}

/** What came of many programs. */
export interface Report {
  readonly seed: number;
  readonly runs: number;
  readonly failures: readonly Failure[];
}

/** Makes programs from the seed, and runs each on both sides. */
export async function conform(seed: number, runs: number, most = 5): Promise<Report> {
  const made = fc.sample(programs, { seed, numRuns: runs });
  const failures: Failure[] = [];
  let next = 0;
  const work = async (_: unknown, number: number): Promise<void> => {
    using worker = new Worker(number);
    for (let program = made[next++]; program !== undefined && failures.length < most; program = made[next++]) {
      const difference = await worker.difference(program);
      if (difference !== undefined) failures.push(await worker.shrink(program, difference));
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
  return { seed, runs: Math.min(next, runs), failures };
}
