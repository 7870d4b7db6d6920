import { openDescriptors, turns } from '../support/peer-observed.ts';

/** What a process holds. */
export interface Figures {
  /** Bytes that the operating system counts. */
  readonly rss: number;
  readonly descriptors: number;
  /** The handles of libuv, whether they keep the process alive or not. */
  readonly handles: number;
}

/** The figures of this process after a garbage collection. */
export async function figures(): Promise<Figures> {
  // The memory of a Buffer is freed some turns after the collection that found it.
  for (let round = 0; round < 5; round += 1) {
    globalThis.gc?.();
    await turns(10);
  }
  return { rss: process.memoryUsage.rss(), descriptors: openDescriptors(), handles: openHandles() };
}

/** The handles of this process, those of idle sockets included. */
export function openHandles(): number {
  // Otherwise Node looks up the names of all peers. The types do not have it yet.
  Reflect.set(process.report, 'excludeNetwork', true);
  const report: unknown = process.report.getReport();
  const isReport = typeof report === 'object' && report !== null && 'libuv' in report;
  // The last entry is the event loop itself.
  return isReport && Array.isArray(report.libuv) ? report.libuv.length - 1 : 0;
}

/** Waits until this process has no more descriptors open than before; how many it has too many after so many seconds. */
export async function leakedDescriptors(before: number, seconds: number): Promise<number> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const more = openDescriptors() - before;
    if (more <= 0 || performance.now() > end) return Math.max(0, more);
    await turns(5);
  }
}

/** The most that the memory may grow after warm-up. */
const TOLERANCE = 0.05;

/** With fewer connections V8 is still compiling, and its memory grows by more. */
const STEADY = 10_000;

/** What has grown too much after warm-up, as sentences; descriptors and handles may not grow at all. */
export function growth(before: Figures, after: Figures, what: string, connections: number): string[] {
  const most = { rss: connections < STEADY ? Infinity : 1 + TOLERANCE, descriptors: 1, handles: 1 } as const;
  return (Object.keys(most) as (keyof Figures)[])
    .filter((name) => after[name] > before[name] * most[name])
    .map((name) => `${what}: ${name} grew from ${before[name]} to ${after[name]}`);
}

/** Two figures for a cell: `81.2 → 82.0 MB`. */
export function megabytes(before: number, after: number): string {
  return `${(before / 1e6).toFixed(1)} → ${(after / 1e6).toFixed(1)} MB (${percent(before, after)})`;
}

function percent(before: number, after: number): string {
  const change = ((after - before) / before) * 100;
  return `${change >= 0 ? '+' : '−'}${Math.abs(change).toFixed(1)} %`;
}
