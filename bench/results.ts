import { readFileSync } from 'node:fs';
import type { Growth } from './growth.ts';
import type { Outcome, Result } from './measure.ts';
import type { MemoryOutcome } from './memory.ts';
import type { Report } from './report.ts';
import { rows, type Contestant } from './rows.ts';

/** The latest results of each row on each Node: rows can be measured one by one, and the documents show them all. */

/** The machine, the time and the method of a measurement. */
export interface Run {
  /** The exact version, as `20.19.0`. */
  readonly node: string;
  readonly machine: string;
  readonly how: string;
}

/** The latest results of one Node: each says which of the runs gave it. */
export interface NodeResults {
  readonly runs: readonly Run[];
  readonly outcomes: readonly KeptOutcome[];
  readonly memory?: MemoryOutcome | undefined;
  readonly tlsMemory?: MemoryOutcome | undefined;
  readonly growths?: readonly Growth[] | undefined;
  readonly allocation?: number | undefined;
}

type KeptResult = Result & { readonly run: number };
type KeptOutcome = Outcome & { readonly results: Partial<Record<Contestant, KeptResult>> };

/** By the major version of Node. */
export type Results = Readonly<Record<string, NodeResults>>;

/** The file of the latest results, from which the documents are written. */
export const RESULTS = 'bench/results.json';

export function readResults(): Results {
  return JSON.parse(readFileSync(RESULTS, 'utf8')) as Results;
}

/**
 * The results with those of a new run, which replace older ones. Contenders that it left out keep theirs, each of which
 * compares with the plain code of its own rounds.
 */
export function added(all: Results, run: Run, report: Report): Results {
  const major = String(parseInt(run.node));
  const before: NodeResults = all[major] ?? { runs: [], outcomes: [] };
  const outcomes = rows.flatMap(({ name }): KeptOutcome[] => {
    const old = before.outcomes.find(({ row }) => row === name);
    const now = report.outcomes.find(({ row }) => row === name);
    if (now === undefined) return old === undefined ? [] : [old];
    const results: Partial<Record<Contestant, KeptResult>> = { ...old?.results };
    for (const [one, result] of Object.entries(now.results) as [Contestant, Result][]) {
      results[one] = { ...result, run: before.runs.length };
    }
    return [{ row: name, peer: now.peer, results, failures: now.failures }];
  });
  const { memory = before.memory, tlsMemory = before.tlsMemory, growths = before.growths } = report;
  const { allocation = before.allocation } = report;
  const runs = [...before.runs, run];
  return { ...all, [major]: withoutIdleRuns({ runs, outcomes, memory, tlsMemory, growths, allocation }) };
}

/** Forgets the runs of whose rows nothing is shown any more. */
function withoutIdleRuns(results: NodeResults): NodeResults {
  const used = results.runs.map((_, run) => run).filter((run) => shown(results, run));
  const outcomes = results.outcomes.map((outcome) => ({
    ...outcome,
    results: Object.fromEntries(
      Object.entries(outcome.results).map(([name, result]) => [name, { ...result, run: used.indexOf(result.run) }]),
    ),
  }));
  return { ...results, runs: results.runs.filter((_, run) => used.includes(run)), outcomes };
}

function shown({ outcomes }: NodeResults, run: number): boolean {
  return outcomes.some(({ results }) => Object.values(results).some((result) => result.run === run));
}

/** The runs whose results are shown, each in a line. */
export function runsOf(results: Results): string[] {
  return Object.values(results).flatMap(({ runs }) =>
    runs.map(({ node, machine, how }) => `Node ${node}: ${how}; ${machine}`),
  );
}
