import type { Call, Dialogue, EndName, Result, Results } from './dialogue.ts';

/** Which end is Python's, and which ours. */
export type Pairing = Readonly<Record<EndName, 'python' | 'ours'>>;

/** The first difference between a dialogue of Python with itself and one with ours. */
export interface Difference {
  /** The dialogue, up to the step with the difference. */
  readonly program: Dialogue;
  readonly pairing: Pairing;
  /** The end where the results differ; it may be Python's own, by what ours did. */
  readonly end: EndName;
  readonly index: number;
  readonly at: number;
  readonly call: Call;
  /** What this end gave when Python talked with itself; `undefined` where it did not get that far. */
  readonly python: Result | undefined;
  /** What it gave with ours. */
  readonly ours: Result | undefined;
  /** All results of Python with itself. */
  readonly earlier: readonly Results[];
}

/** A known difference. */
export interface Excuse {
  /** The words of docs/differences.md. */
  readonly reason: string;
  excuses(facts: Facts): boolean;
  /** Whether nothing else follows from it: then the rest of the dialogue is compared. */
  readonly harmless?: true;
}

/** What the table of differences looks at. */
export interface Facts extends Difference {
  /** The call's name and its arguments. */
  readonly name: string;
  readonly args: readonly unknown[];
  /** The results in a word: an error's reason or name, `'blocks'`, or the value as JSON. */
  readonly theirs: string;
  readonly here: string;
  /** Whether the end with the difference is ours. */
  readonly isOurs: boolean;
  /** The calls that this end made before, with Python's results, and those of the other end. */
  readonly own: readonly Past[];
  readonly others: readonly Past[];
}

/** A call that was made, and what it gave in Python. */
export interface Past {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly word: string;
}

export function factsOf(difference: Difference): Facts {
  const { call, end, pairing, python, ours } = difference;
  const [name, ...args] = call;
  return {
    ...difference,
    name,
    args,
    theirs: inWords(python),
    here: inWords(ours),
    isOurs: pairing[end] === 'ours',
    own: pastOf(difference, end),
    others: pastOf(difference, end === 'client' ? 'server' : 'client'),
  };
}

function pastOf({ program, index, at, earlier, end: own }: Difference, end: EndName): Past[] {
  return program.steps.flatMap((step, number) =>
    (step[end] ?? [])
      .filter((_, place) => number < index || end !== own || place < at)
      .map(([name, ...args], place) => ({ name, args, word: inWords(earlier[number]?.[end][place]) })),
  );
}

/** A result in a word. */
export function inWords(result: Result | undefined): string {
  if (result === undefined) return 'nothing';
  if (result === 'blocks') return 'blocks';
  if ('value' in result) return JSON.stringify(result.value);
  const { error, errno, reason, verify } = result;
  if (verify !== undefined) return `${error} ${verify[0]}`;
  if (reason !== undefined && reason !== null) return `${error} ${reason}`;
  return errno === undefined || errno === null ? error : `${error} ${errno}`;
}

/** A difference in one line, which is equal for dialogues that show the same difference. */
export function signatureOf(difference: Difference): string {
  const { pairing, end, name, theirs, here } = factsOf(difference);
  const words = [theirs, here].map((word) =>
    word.replaceAll(/"bytes":"[^"]*"|\[\d+,"[0-9a-f]+"\]/g, 'bytes').slice(0, 80),
  );
  return `${pairing.client} with ${pairing.server}, ${end}, ${name}: ${words.join(' / ')}`;
}
