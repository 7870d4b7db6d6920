import type { TraceEvent, TraceProcess } from '../../lib/trace/event.ts';
import type { Outcome } from './picture.ts';
import type { Entry } from './read.ts';

/** A trace without what was superseded: one event for each call, in the order in which they began. */
export interface Trace {
  readonly processes: readonly TraceProcess[];
  readonly events: readonly TraceEvent[];
}

/** Puts the lines of one or several processes together. */
export class Calls {
  readonly #processes: TraceProcess[] = [];
  readonly #events = new Map<string, TraceEvent>();

  add(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if ('trace' in entry) this.#processes.push(entry);
      else this.#events.set(`${entry.process} ${entry.id}`, entry);
    }
  }

  trace(): Trace {
    const events = [...this.#events.values()].sort((one, other) => one.at - other.at);
    return { processes: this.#processes, events };
  }
}

/** The trace of some lines. */
export function traceOf(entries: readonly Entry[]): Trace {
  const calls = new Calls();
  calls.add(entries);
  return calls.trace();
}

/** What people call a process: the name of its program, with the process's number where another has the same. */
export function processNames({ processes }: Trace): Map<string, string> {
  const programs = processes.map(({ process, command }) => [process, programOf(command) ?? process] as const);
  const isAlone = (name: string): boolean => programs.filter(([, program]) => program === name).length === 1;
  return new Map(programs.map(([process, name]) => [process, isAlone(name) ? name : `${name} ${process}`]));
}

/** The file of a command line, without its folder and its ending. */
function programOf(command: string): string | undefined {
  const files = command.split(' ').filter((part) => /\.[cm]?[jt]s$/.test(part) && !part.includes('node_modules'));
  return files.at(-1)?.replace(/^.*[/\\]|\.[cm]?[jt]s$/g, '');
}

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
