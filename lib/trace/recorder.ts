import { channels, type CallMessage } from '../common/channels.ts';
import { describe } from './describe.ts';
import { TRACE_VERSION, type TraceEvent, type TraceProcess } from './event.ts';

/** How many characters of lines are kept before they are written; the rest of a turn's lines is written at its end. */
const ENOUGH = 65_536;

/** A call that has begun. */
interface Open {
  readonly id: number;
  readonly message: CallMessage;
  readonly begin: number;
  worked: number;
}

/** Where a trace goes, and what it keeps. */
export interface Recording {
  /** The process, as the trace names it. */
  readonly process: string;
  /** The command line. */
  readonly command: string;
  /** How many bytes of the data of each call are kept. */
  readonly size: number;
  /** Takes some objects of the trace. */
  write(entries: readonly (TraceProcess | TraceEvent)[]): void;
}

/** Records what the tracing channels publish. Lines come in the order in which the calls end. */
export class Recorder {
  readonly #recording: Recording;
  readonly #open = new Map<CallMessage, Open>();
  /** The calls that began in this turn. */
  #begun: Open[] = [];
  #entries: (TraceProcess | TraceEvent)[] = [];
  #length = 0;
  #lastId = 0;
  #isScheduled = false;
  readonly #handlers = {
    start: (message: CallMessage) => this.#start(message),
    end: (message: CallMessage) => this.#end(message),
    asyncStart: () => undefined,
    asyncEnd: (message: CallMessage) => this.#finish(message),
    error: () => undefined,
  };

  constructor(recording: Recording) {
    this.#recording = recording;
    const { process: name, command } = recording;
    const { version: node } = process;
    const at = performance.timeOrigin + performance.now();
    this.#entries.push({ trace: 'await-socket', version: TRACE_VERSION, process: name, at, command, node });
    for (const channel of Object.values(channels)) channel.whole.subscribe(this.#handlers);
    this.flush();
  }

  /** Writes what is left, and records no more. */
  stop(): void {
    for (const channel of Object.values(channels)) channel.whole.unsubscribe(this.#handlers);
    this.flush();
  }

  /** Writes what has been recorded, and the calls of this turn that wait. */
  flush(): void {
    this.#isScheduled = false;
    for (const open of this.#begun) {
      if (this.#open.has(open.message)) this.#entries.push({ ...this.#event(open), waits: true });
    }
    this.#begun = [];
    const entries = this.#entries;
    this.#entries = [];
    this.#length = 0;
    if (entries.length > 0) this.#write(entries);
  }

  /** A trace that cannot be written does not harm the program. */
  #write(entries: readonly (TraceProcess | TraceEvent)[]): void {
    try {
      this.#recording.write(entries);
    } catch (error) {
      for (const channel of Object.values(channels)) channel.whole.unsubscribe(this.#handlers);
      process.emitWarning(`the trace ends here: ${String(error)}`, 'TraceWarning');
    }
  }

  #start(message: CallMessage): void {
    this.#lastId += 1;
    const open = { id: this.#lastId, message, begin: performance.now(), worked: 0 };
    this.#open.set(message, open);
    this.#begun.push(open);
    this.#schedule();
  }

  #end(message: CallMessage): void {
    const open = this.#open.get(message);
    if (open === undefined) return;
    open.worked = performance.now() - open.begin;
    // Without a promise the call has ended.
    if (message.waited !== undefined) this.#finish(message);
  }

  #finish(message: CallMessage): void {
    const open = this.#open.get(message);
    if (open === undefined) return;
    this.#open.delete(message);
    const event = this.#event(open);
    this.#entries.push(event);
    this.#length += 200 + (event.data?.length ?? 0);
    if (this.#length > ENOUGH) this.flush();
    else this.#schedule();
  }

  #event({ id, message, begin, worked }: Open): TraceEvent {
    const { process: name, size } = this.#recording;
    const at = round(performance.timeOrigin + begin);
    return {
      process: name,
      id,
      at,
      ...describe(message, size),
      worked: round(worked),
      waited: round(message.waited ?? 0),
    };
  }

  /** Writes at the end of the turn; this does not keep the process alive, as the end of the process writes, too. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.flush()).unref();
  }
}

/** Microseconds are enough, and shorter. */
function round(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
