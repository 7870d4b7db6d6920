import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { search, type Comparing, type Report } from '../search.ts';
import { ENDS, type Dialogue, type End, type EndName, type Result, type Results } from './dialogue.ts';
import { excuseOf } from './differences.ts';
import { signatureOf, type Difference, type Pairing } from './facts.ts';
import { dialogues } from './generator.ts';
import { OurEnd } from './ours.ts';
import { run } from './run.ts';
import { shorter } from './shorter.ts';
import { PythonEnd } from './theirs.ts';

/** How many dialogues run at a time: each takes two processes of Python. */
const WORKERS = 4;

/**
 * The factors for the time limits of the runs that confirm a difference: on a busy machine, limits pass too early, and
 * bytes arrive late. A true difference appears with every factor.
 */
const PATIENCE = [1, 2, 4];

/** How often a shortened dialogue has to show the difference. */
const REPEATS = [1, 1];

/** Who talks with whom, besides Python with itself. */
const PAIRINGS: readonly Pairing[] = [
  { client: 'ours', server: 'python' },
  { client: 'python', server: 'ours' },
  { client: 'ours', server: 'ours' },
];

/** Runs dialogues of Python with itself, and with ours in its place. */
export class SslComparison implements Comparing<Dialogue, Difference> {
  readonly signatureOf = signatureOf;
  readonly #python = { client: new PythonEnd('client'), server: new PythonEnd('server') };
  readonly #ours = { client: new OurEnd('client'), server: new OurEnd('server') };
  readonly #excused: Map<string, number>;

  constructor(excused = new Map<string, number>()) {
    this.#excused = excused;
  }

  /** The first difference that is not excused, if any. */
  async difference(program: Dialogue, patience = 1): Promise<Difference | undefined> {
    const expected = await run(program, this.#python, patience);
    for (const pairing of PAIRINGS) {
      const actual = await run(program, this.#ends(pairing), patience);
      const difference = this.#firstOf(program, pairing, expected, actual);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }

  async certain(program: Dialogue, patiences: readonly number[] = PATIENCE): Promise<Difference | undefined> {
    let difference: Difference | undefined;
    for (const patience of patiences) {
      difference = await this.difference(program, patience);
      if (difference === undefined) return undefined;
    }
    return difference;
  }

  /** Leaves parts out as long as the dialogue still shows the difference. */
  async shrink(difference: Difference): Promise<Difference> {
    let best = difference;
    for (let number = 0; ; number += 1) {
      const program = shorter(best.program, number);
      if (program === undefined) break;
      const found = await this.certain(program, REPEATS);
      if (found === undefined || signatureOf(found) !== signatureOf(difference)) continue;
      best = found;
      number -= 1;
    }
    return (await this.certain(best.program)) ?? difference;
  }

  [Symbol.dispose](): void {
    for (const end of Object.values(this.#python)) end[Symbol.dispose]();
  }

  #ends({ client, server }: Pairing): Readonly<Record<EndName, End>> {
    return {
      client: client === 'ours' ? this.#ours.client : this.#python.client,
      server: server === 'ours' ? this.#ours.server : this.#python.server,
    };
  }

  #firstOf(
    program: Dialogue,
    pairing: Pairing,
    expected: readonly Results[],
    actual: readonly Results[],
  ): Difference | undefined {
    for (const [index, step] of program.steps.entries()) {
      for (const end of pairing.client === 'ours' ? ENDS : ENDS.toReversed()) {
        for (const [at, call] of (step[end] ?? []).entries()) {
          const python = expected[index]?.[end][at];
          const ours = inJson(actual[index]?.[end][at]);
          if (isDeepStrictEqual(python, ours)) continue;
          const steps = program.steps.slice(0, index + 1);
          const difference = {
            program: { ...program, steps },
            pairing,
            end,
            index,
            at,
            call,
            python,
            ours,
            earlier: expected,
          };
          const excuse = excuseOf(difference);
          if (excuse === undefined) return difference;
          this.#excused.set(excuse.reason, (this.#excused.get(excuse.reason) ?? 0) + 1);
          if (excuse.harmless !== true) return undefined;
        }
      }
    }
    return undefined;
  }
}

/** Through JSON as Python's results: without `undefined`, and not of another realm. */
function inJson(result: Result | undefined): Result | undefined {
  return result === undefined ? undefined : (JSON.parse(JSON.stringify(result)) as Result);
}

/** Makes dialogues from the seed, and runs each in all pairings. */
export async function conformSsl(seed: number, runs: number): Promise<Report<Difference>> {
  return await search(
    fc.sample(dialogues, { seed, numRuns: runs }),
    (_number, excused) => new SslComparison(excused),
    undefined,
    WORKERS,
  );
}
