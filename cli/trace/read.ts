import { readFileSync } from 'node:fs';
import { TRACE_VERSION, type TraceEvent, type TraceProcess } from '../../lib/trace/event.ts';

/** A line of a trace. */
export type Entry = TraceProcess | TraceEvent;

/** What a field of a call has to be; those with `?` may be left out. */
const FIELDS: Readonly<Record<string, RegExp>> = {
  process: /^string$/,
  id: /^number$/,
  at: /^number$/,
  call: /^string$/,
  socket: /^(number|null)$/,
  kind: /^(string|null)$/,
  tls: /^(boolean|undefined)$/,
  local: /^(string|undefined)$/,
  peer: /^(string|undefined)$/,
  args: /^strings$/,
  worked: /^number$/,
  waited: /^number$/,
  waits: /^(boolean|undefined)$/,
  bytes: /^(number|undefined)$/,
  data: /^(string|undefined)$/,
  peek: /^(boolean|undefined)$/,
  other: /^(string|undefined)$/,
  accepted: /^(number|undefined)$/,
  result: /^(string|undefined)$/,
  error: /^(error|undefined)$/,
};

/** Reads lines of a trace that come in pieces. */
export class LineReader {
  readonly #source: string;
  #rest = '';
  #line = 0;

  /** @param source - where the lines come from, for messages. */
  constructor(source: string) {
    this.#source = source;
  }

  /**
   * The entries of the lines that are complete.
   *
   * @throws Error for a line that is none of a trace.
   */
  entries(text: string): Entry[] {
    const lines = `${this.#rest}${text}`.split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.map((line) => this.#entry(line));
  }

  #entry(line: string): Entry {
    this.#line += 1;
    const value = parsed(line);
    if (isProcess(value)) {
      if (value.version <= TRACE_VERSION) return value;
      throw new Error(`${this.#place} has version ${value.version} of the format; ${TRACE_VERSION} is known here`);
    }
    if (isEvent(value)) return value;
    throw new Error(`${this.#place} is no line of a trace: ${JSON.stringify(line.slice(0, 60))}`);
  }

  get #place(): string {
    return `${this.#source}:${this.#line}`;
  }
}

/** Reads files of a trace. The last line may be incomplete, where its process was killed. */
export function readTraces(files: readonly string[]): Entry[] {
  return files.flatMap((file) => new LineReader(file).entries(readFileSync(file, 'utf8')));
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isProcess(value: unknown): value is TraceProcess {
  const fields = { process: /^string$/, version: /^number$/, at: /^number$/, command: /^string$/, node: /^string$/ };
  return typeof value === 'object' && value !== null && 'trace' in value && has(value, fields);
}

function isEvent(value: unknown): value is TraceEvent {
  return typeof value === 'object' && value !== null && has(value, FIELDS);
}

function has(value: object, fields: Readonly<Record<string, RegExp>>): boolean {
  return Object.entries(fields).every(([name, kind]) => kind.test(kindOf(Reflect.get(value, name))));
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.every((item) => typeof item === 'string') ? 'strings' : 'array';
  if (typeof value !== 'object') return typeof value;
  return has(value, { name: /^string$/, code: /^(string|undefined)$/, message: /^string$/ }) ? 'error' : 'object';
}
