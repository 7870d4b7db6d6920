import type { Load, LoadPlan } from './load.ts';

/** How a recipe is run. */
export interface Plan extends LoadPlan {
  readonly recipe: string;
  /** The least number of requests. */
  readonly requests: number;
  /** How many processes serve. */
  readonly workers: number;
  /** How long a server behind a proxy is stopped, in seconds. */
  readonly stall: number;
}

/** What became of the requests. */
export interface Result {
  readonly recipe: string;
  /** What happened under load. */
  readonly event: string;
  readonly load: Load;
  /** Whether that is what docs/deployment.md promises. */
  readonly isKept: boolean;
}

/** The results as values of JSON. */
export function plain(results: readonly Result[]): unknown {
  return results.map(({ recipe, event, load }) => ({
    recipe,
    event,
    requests: load.requests,
    answers: load.answers,
    processes: load.answered.size,
    repeated: Object.fromEntries(load.repeated),
    unanswered: Object.fromEntries(load.unanswered),
  }));
}

/** Counts by name, as `2 × ECONNRESET, 1 × end`. */
function counted(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([name, count]) => `${count} × ${name}`).join(', ') || 'none';
}

/** The results as a table of Markdown. */
export function table(results: readonly Result[]): string {
  const head = ['recipe', 'what happens', 'requests', 'processes', 'repeated', 'unanswered', 'slowest'];
  const rows = results.map(({ recipe, event, load }) => [
    recipe,
    event,
    String(load.requests),
    String(load.answered.size),
    counted(load.repeated),
    counted(load.unanswered),
    `${load.slowest.toFixed(2)} s`,
  ]);
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
