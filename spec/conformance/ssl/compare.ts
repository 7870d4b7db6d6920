import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { search, type Comparing, type Report } from '../search.ts';
import { ENDS, type Dialogue, type End, type EndName, type Result, type Results } from './dialogue.ts';
import { excuseOf } from './differences.ts';
import { signatureOf, type Difference, type Excuse, type Pairing } from './facts.ts';
import { dialogues } from './generator.ts';
import { OurEnd } from './ours.ts';
import { run } from './run.ts';
import { shorter } from './shorter.ts';
import { PythonEnd } from './theirs.ts';

/** How many dialogues run at a time: each takes two processes of Python. */
const WORKERS = 4;

/** How often a difference is looked at: a true one appears each time. */
const LOOKS = 3;

/** How often a shortened dialogue has to show the difference. */
const LOOKS_WHILE_SHORTENED = 2;

/** So often Python talks with itself, where it may have several results. */
const PYTHONS = 4;

/** Where Python has several results. */
const SEVERAL = 'Python with itself has several results, and ours is one of them';

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
  async difference(program: Dialogue): Promise<Difference | undefined> {
    const expected = [await run(program, this.#python)];
    for (const pairing of PAIRINGS) {
      const difference = await this.#differenceOf(program, pairing, expected);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }

  async certain(program: Dialogue, looks = LOOKS): Promise<Difference | undefined> {
    let difference: Difference | undefined;
    for (let look = 0; look < looks; look += 1) {
      difference = await this.difference(program);
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
      const found = await this.certain(program, LOOKS_WHILE_SHORTENED);
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

  /** The difference from what Python has done, and from what it does when it is asked again. */
  async #differenceOf(program: Dialogue, pairing: Pairing, expected: Results[][]): Promise<Difference | undefined> {
    const actual = await run(program, this.#ends(pairing));
    let first: Difference | undefined;
    for (let number = 0; number < PYTHONS; number += 1) {
      const python = (expected[number] ??= await run(program, this.#python));
      const { difference, excuses } = firstOf(program, pairing, python, actual);
      if (difference === undefined) {
        for (const { reason } of excuses) this.#excuse(reason);
        if (number > 0) this.#excuse(SEVERAL);
        return undefined;
      }
      first ??= difference;
    }
    return first;
  }

  #excuse(reason: string): void {
    this.#excused.set(reason, (this.#excused.get(reason) ?? 0) + 1);
  }
}

/** What a comparison has found. */
interface Found {
  /** The first difference that is not excused. */
  readonly difference?: Difference;
  readonly excuses: readonly Excuse[];
}

function firstOf(program: Dialogue, pairing: Pairing, earlier: readonly Results[], actual: readonly Results[]): Found {
  const excuses: Excuse[] = [];
  for (const [index, step] of program.steps.entries()) {
    for (const end of pairing.client === 'ours' ? ENDS : ENDS.toReversed()) {
      for (const [at, call] of (step[end] ?? []).entries()) {
        const python = earlier[index]?.[end][at];
        const ours = inJson(actual[index]?.[end][at]);
        if (isDeepStrictEqual(python, ours)) continue;
        const steps = program.steps.slice(0, index + 1);
        const difference = { program: { ...program, steps }, pairing, end, index, at, call, python, ours, earlier };
        const excuse = excuseOf(difference);
        if (excuse === undefined) return { difference, excuses };
        excuses.push(excuse);
        if (excuse.harmless !== true) return { excuses };
      }
    }
  }
  return { excuses };
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
