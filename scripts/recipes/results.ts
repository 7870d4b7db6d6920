import type { Load } from './load.ts';

/** How a recipe is run. */
export interface Plan {
  readonly recipe: string;
  /** The least number of requests. */
  readonly requests: number;
  /** How many clients ask at once. */
  readonly clients: number;
  /** How many processes serve. */
  readonly workers: number;
}

/** What became of the requests. */
export interface Result {
  readonly recipe: string;
  /** What happened under load. */
  readonly event: string;
  readonly load: Load;
  /** Whether not even one attempt may fail. */
  readonly isSmooth: boolean;
}

/** Whether a recipe keeps what docs/deployment.md promises of it. */
export function isKept({ load, isSmooth }: Result): boolean {
  return load.lost.length === 0 && !(isSmooth && load.failures.size > 0);
}

/** The results as values of JSON. */
export function plain(results: readonly Result[]): unknown {
  return results.map(({ recipe, load }) => ({
    recipe,
    requests: load.requests,
    answers: load.answers,
    processes: load.answered.size,
    failures: Object.fromEntries(load.failures),
    lost: load.lost,
  }));
}

/** Counts by name, as `2 × ECONNRESET, 1 × end`. */
export function counted(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([name, count]) => `${count} × ${name}`).join(', ') || 'none';
}

/** The results as a table of Markdown. */
export function table(results: readonly Result[]): string {
  const head = ['recipe', 'what happens', 'requests', 'processes', 'failed attempts', 'lost', 'slowest'];
  const rows = results.map(({ recipe, event, load }) => [
    recipe,
    event,
    String(load.requests),
    String(load.answered.size),
    counted(load.failures),
    String(load.lost.length),
    `${load.slowest.toFixed(2)} s`,
  ]);
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
