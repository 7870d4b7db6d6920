import type { TraceEvent, TraceProcess } from '../../lib/trace/event.ts';
import type { Entry } from './read.ts';

/** A trace without what was superseded: one event for each call, in the order in which they began. */
export interface Trace {
  readonly processes: readonly TraceProcess[];
  readonly events: readonly TraceEvent[];
}

/** Puts the lines of one or several processes together. */
export function traceOf(entries: readonly Entry[]): Trace {
  const processes: TraceProcess[] = [];
  const events = new Map<string, TraceEvent>();
  for (const entry of entries) {
    if ('trace' in entry) processes.push(entry);
    else events.set(`${entry.process} ${entry.id}`, entry);
  }
  return { processes, events: [...events.values()].sort((one, other) => one.at - other.at) };
}

/** How a call ended, as pictures and summaries tell it. */
export type Outcome = 'done' | 'end' | 'reset' | 'timeout' | 'abort' | 'error' | 'waits';

/** Errors by which a connection was reset. */
const RESETS = ['ECONNRESET', 'EPIPE', 'ECONNABORTED'];

/** How a call ended. */
export function outcomeOf({ call, bytes, error, waits, kind }: TraceEvent): Outcome {
  if (waits === true) return 'waits';
  if (call === 'reset') return 'reset';
  if (error === undefined) return call.startsWith('recv') && bytes === 0 && kind !== 'udp' ? 'end' : 'done';
  if (RESETS.includes(error.code ?? '')) return 'reset';
  if (error.name === 'TimeoutError') return 'timeout';
  return error.name === 'AbortError' || error.code === undefined ? 'abort' : 'error';
}

/** The end of a call; `last` for one that still waits. */
export function endOf({ at, worked, waited, waits }: TraceEvent, last: number): number {
  return waits === true ? Math.max(last, at + worked) : at + worked + waited;
}
