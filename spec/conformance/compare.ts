import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { excuseOf } from './differences.ts';
import { signatureOf, type Difference } from './facts.ts';
import { programs } from './generator.ts';
import { runOurs } from './ours.ts';
import type { Names, Program, Result } from './program.ts';
import { search, type Comparing, type Report } from './search.ts';
import { Python } from './theirs.ts';

/**
 * The factors for the time limits of the runs that confirm a difference: on a busy machine, limits pass too early, and
 * bytes arrive late. A true difference appears with every factor.
 */
const PATIENCE = [1, 2, 4, 8];

/** How often a shortened program has to show the difference. */
const REPEATS = 3;

/** Runs programs on both sides and compares. */
export class Comparison implements Comparing<Program, Difference> {
  readonly #python = new Python();
  readonly #folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  readonly #number: number;
  readonly #excused: Map<string, number>;
  #runs = 0;

  /** @param number - of this comparison among those that run at the same time. */
  constructor(number = 0, excused = new Map<string, number>()) {
    this.#number = number;
    this.#excused = excused;
  }

  /** The first difference that is not excused, if any. */
  async difference(program: Program, patience = 1): Promise<Difference | undefined> {
    const steps = patient(program, patience);
    const [python, ours] = await Promise.all([
      this.#python.run(steps, this.#names('python'), patience),
      runOurs(steps, this.#names('ours'), patience),
    ]);
    let resumes = 0;
    for (const index of program.keys()) {
      if (index < resumes) continue;
      // Through JSON as well: an array that Node made is not of Jest's realm.
      const actual = JSON.parse(JSON.stringify(ours[index] ?? null)) as Result | null;
      if (isDeepStrictEqual(actual, python[index] ?? null)) continue;
      const difference = {
        program: program.slice(0, index + 1),
        index,
        earlier: python.slice(0, index),
        python: python[index],
        ours: ours[index],
      };
      const excuse = excuseOf(difference);
      if (excuse === undefined) return difference;
      this.#excused.set(excuse.reason, (this.#excused.get(excuse.reason) ?? 0) + 1);
      if (excuse.harmless === undefined) resumes = nextBeginning(program, index);
    }
    return undefined;
  }

  /** A difference that appears every time. */
  async certain(program: Program, patiences: readonly number[] = PATIENCE): Promise<Difference | undefined> {
    let difference: Difference | undefined;
    for (const patience of patiences) {
      difference = await this.difference(program, patience);
      if (difference === undefined) return undefined;
    }
    return difference;
  }

  /** Leaves steps out as long as the program still shows the difference. */
  async shrink(difference: Difference): Promise<Difference> {
    const quick = Array.from({ length: REPEATS }, () => 1);
    let best = difference;
    for (let index = best.index - 1; index >= 0; index -= 1) {
      if (index >= best.index) continue;
      best = (await this.certain(best.program.toSpliced(index, 1), quick)) ?? best;
    }
    for (const [index, { ours, ...plain }] of best.program.entries()) {
      if (ours !== undefined) best = (await this.certain(best.program.with(index, plain), quick)) ?? best;
    }
    return (await this.certain(best.program)) ?? difference;
  }

  readonly signatureOf = signatureOf;

  [Symbol.dispose](): void {
    this.#python[Symbol.dispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Hosts and paths that no other program has, so that programs that run at the same time do not meet. */
  #names(side: 'python' | 'ours'): Names {
    this.#runs = (this.#runs + 1) % 60_000;
    const host = `127.${10 + this.#number}.${1 + Math.floor(this.#runs / 250)}.${1 + (this.#runs % 250)}`;
    return { host, folder: mkdtempSync(join(this.#folder, side)) };
  }
}

/** The program with its short time limits made longer. */
function patient(program: Program, patience: number): Program {
  return program.map((step) => {
    const [limit] = step.args ?? [];
    const isShort = step.call === 'settimeout' && typeof limit === 'number' && limit > 0 && limit < 1;
    return isShort ? { ...step, args: [limit * patience] } : step;
  });
}

/**
 * Where to go on after a difference from which others may follow: at the program's next socket, if it has only one at a
 * time.
 */
function nextBeginning(program: Program, index: number): number {
  const isOne = program.every(({ on }) => on === 0);
  const next = program.findIndex((step, at) => at > index && step.call === 'socket');
  return isOne && next !== -1 ? next : program.length;
}

/** Makes programs from the seed, and runs each on both sides. */
export async function conform(seed: number, runs: number): Promise<Report<Difference>> {
  return await conformAll(fc.sample(programs, { seed, numRuns: runs }));
}

/** Runs each program on both sides. */
export async function conformAll(made: readonly Program[]): Promise<Report<Difference>> {
  return await search(made, (number, excused) => new Comparison(number, excused));
}
