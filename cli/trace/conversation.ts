import type { TraceEvent } from '../../lib/trace/event.ts';
import { TraceText } from '../../lib/trace/text.ts';
import { endOf, outcomeOf, processNames, type Trace } from './calls.ts';
import { inOrder, keyOf, socketsOf, type TracedSocket } from './lanes.ts';
import type { Arrow, Bar, Lane, Picture } from './picture.ts';

/** How many characters of base64 a picture has of the data of each call. */
const DATA_LENGTH = 344;

/** Arranges a trace as a picture. */
export function pictureOf(trace: Trace, title: string): Picture {
  return new Arrangement(trace, title).picture();
}

/** A call that sends or receives, by its bytes' places in the stream. */
interface Part {
  readonly bar: number;
  readonly from: number;
  readonly to: number;
  readonly begin: number;
  readonly end: number;
}

/** What goes through a socket in each direction. */
interface Flow {
  readonly sent: Part[];
  readonly received: Part[];
  sentBytes: number;
  receivedBytes: number;
  /** When it ended its output, and with which call. */
  shutAt: Part | undefined;
  reset: Part | undefined;
  /** When it saw the end of its input. */
  endSeen: Part | undefined;
  resetSeen: Part | undefined;
  connected: Part | undefined;
  /** The end of the accept() that made it. */
  acceptedBy: Part | undefined;
}

class Arrangement {
  readonly #trace: Trace;
  readonly #title: string;
  readonly #begin: number;
  readonly #last: number;
  readonly #sockets: Map<string, TracedSocket>;
  readonly #lanes: Lane[] = [];
  readonly #places = new Map<string, number>();
  readonly #bars: Bar[] = [];
  readonly #arrows: Arrow[] = [];
  readonly #flows = new Map<string, Flow>();

  constructor(trace: Trace, title: string) {
    this.#trace = trace;
    this.#title = title;
    this.#begin = trace.events[0]?.at ?? 0;
    this.#last = trace.events.reduce((last, event) => Math.max(last, event.at + event.worked + event.waited), 0);
    this.#sockets = socketsOf(trace);
  }

  picture(): Picture {
    this.#placeLanes();
    const text = new TraceText(false);
    for (const event of this.#trace.events) this.#addCall(event, text.line(event));
    for (const [key, one] of this.#sockets) this.#connect(one, this.#flow(key));
    this.#joinDatagrams();
    this.#arrows.sort((one, other) => one.begin - other.begin);
    const end = this.#last - this.#begin;
    return { title: this.#title, begin: this.#begin, end, lanes: this.#lanes, bars: this.#bars, arrows: this.#arrows };
  }

  #placeLanes(): void {
    const names = processNames(this.#trace);
    for (const one of inOrder(this.#sockets.values())) {
      const peer = one.peer === '' ? '' : ` → ${one.peer}`;
      this.#addLane(one.key, {
        name: `#${one.number}`,
        address: `${one.local}${peer}`,
        process: names.get(one.process) ?? one.process,
      });
      // The other end of a connection stands beside it, where its process is not in the trace.
      if (one.kind !== 'udp' && one.peer !== '' && one.other === undefined) this.#outside(one.peer, one.key);
    }
  }

  #addLane(key: string, lane: Omit<Lane, 'isOutside'>): number {
    const place = this.#lanes.push({ ...lane, isOutside: lane.process === '' }) - 1;
    this.#places.set(key, place);
    return place;
  }

  /** The lane of an address that no socket of the trace has. */
  #outside(address: string, key: string): number {
    const name = `outside ${key}`;
    return this.#places.get(name) ?? this.#addLane(name, { name: '', address, process: '' });
  }

  #flow(key: string): Flow {
    const known = this.#flows.get(key);
    if (known !== undefined) return known;
    const none = { shutAt: undefined, reset: undefined, endSeen: undefined, resetSeen: undefined };
    const begun = {
      sent: [],
      received: [],
      sentBytes: 0,
      receivedBytes: 0,
      connected: undefined,
      acceptedBy: undefined,
    };
    const flow: Flow = { ...begun, ...none };
    this.#flows.set(key, flow);
    return flow;
  }

  #addCall(event: TraceEvent, text: string): void {
    const { process, socket, call, bytes = 0, worked } = event;
    if (socket === null) return;
    const key = keyOf(process, socket);
    const lane = this.#places.get(key) ?? 0;
    const at = event.at - this.#begin;
    const waited = event.waits === true ? endOf(event, this.#last) - event.at - worked : event.waited;
    const outcome = outcomeOf(event);
    const data = (event.data ?? '').slice(0, DATA_LENGTH);
    const bar =
      this.#bars.push({ lane, column: columnOf(call), at, worked, waited, outcome, call, bytes, text, data }) - 1;
    this.#note(event, this.#flow(key), { bar, from: 0, to: 0, begin: at, end: at + worked + waited });
  }

  /** Notes what a call does to the streams of its socket. */
  #note(event: TraceEvent, flow: Flow, part: Part): void {
    const { call, bytes = 0, peek, process, accepted } = event;
    const outcome = outcomeOf(event);
    if (accepted !== undefined) this.#flow(keyOf(process, accepted)).acceptedBy = part;
    if (call.startsWith('connect') && outcome === 'done') flow.connected = part;
    if (call.startsWith('send') && bytes > 0) {
      flow.sent.push({ ...part, from: flow.sentBytes, to: (flow.sentBytes += bytes) });
    }
    if (call.startsWith('recv') && bytes > 0 && peek === undefined) {
      flow.received.push({ ...part, from: flow.receivedBytes, to: (flow.receivedBytes += bytes) });
    }
    if (call === 'reset') flow.reset ??= part;
    else if (call === 'close' || (call === 'shutdown' && !/^0\b|SHUT_RD$/.test(event.args[0] ?? '')))
      flow.shutAt ??= part;
    if (call.startsWith('recv') && outcome === 'end') flow.endSeen ??= part;
    if (outcome === 'reset' && call !== 'reset') flow.resetSeen ??= part;
  }

  /** The arrows that begin at a socket, or come from outside of the trace. */
  #connect(one: TracedSocket, flow: Flow): void {
    if (one.kind === 'udp') return;
    const from = this.#places.get(one.key) ?? 0;
    if (one.other === undefined) {
      if (one.peer !== '') this.#connectOutside(flow, from, this.#outside(one.peer, one.key));
      return;
    }
    const to = this.#places.get(one.other.key) ?? 0;
    const there = this.#flow(one.other.key);
    const { connected, sent, shutAt, reset } = flow;
    const accepted = there.acceptedBy ?? connected;
    if (connected !== undefined && accepted !== undefined) this.#arrow('connect', from, to, connected, accepted, 0);
    this.#join(sent, there.received, from, to);
    if (reset !== undefined && there.resetSeen !== undefined) this.#arrow('reset', from, to, reset, there.resetSeen, 0);
    else if (shutAt !== undefined && there.endSeen !== undefined)
      this.#arrow('end', from, to, shutAt, there.endSeen, 0);
  }

  #connectOutside(flow: Flow, own: number, outside: number): void {
    const { connected, acceptedBy, sent, received, shutAt, endSeen, reset, resetSeen } = flow;
    const leaves = (kind: Arrow['kind'], part: Part, bytes: number): void =>
      this.#arrow(kind, own, outside, part, { ...part, end: part.begin }, bytes);
    const arrives = (kind: Arrow['kind'], part: Part, bytes: number): void =>
      this.#arrow(kind, outside, own, { ...part, begin: part.end }, part, bytes);
    if (connected !== undefined) leaves('connect', connected, 0);
    if (acceptedBy !== undefined) arrives('connect', acceptedBy, 0);
    for (const part of sent) leaves('data', part, part.to - part.from);
    for (const part of received) arrives('data', part, part.to - part.from);
    if (reset !== undefined) leaves('reset', reset, 0);
    else if (shutAt !== undefined) leaves('end', shutAt, 0);
    if (resetSeen !== undefined) arrives('reset', resetSeen, 0);
    else if (endSeen !== undefined) arrives('end', endSeen, 0);
  }

  /** An arrow from each send to each receive that has some of its bytes. */
  #join(sent: readonly Part[], received: readonly Part[], from: number, to: number): void {
    let index = 0;
    for (const part of sent) {
      while (index < received.length && (received[index]?.to ?? 0) <= part.from) index += 1;
      for (let next = index; next < received.length; next += 1) {
        const other = received[next];
        if (other === undefined || other.from >= part.to) break;
        const bytes = Math.min(part.to, other.to) - Math.max(part.from, other.from);
        this.#arrow('data', from, to, part, other, bytes);
      }
    }
  }

  /** Datagrams: each is received by a socket with the port that it was sent to, in their order. */
  #joinDatagrams(): void {
    const waiting = new Map<string, { readonly part: Part; readonly lane: number; readonly bytes: number }[]>();
    const events = this.#trace.events.filter(
      ({ kind, bytes, peek }) => kind === 'udp' && bytes !== undefined && peek === undefined,
    );
    const ends = [...events].sort((one, other) => one.at + one.worked - (other.at + other.worked));
    const bars = new Map(this.#trace.events.filter(({ socket }) => socket !== null).map((event, bar) => [event, bar]));
    const partOf = (event: TraceEvent): Part => {
      const begin = event.at - this.#begin;
      return { bar: bars.get(event) ?? 0, from: 0, to: 0, begin, end: begin + event.worked + event.waited };
    };
    for (const event of ends.filter(({ call }) => call.startsWith('send'))) {
      const key = `${portOf(event.local)} ${portOf(event.other)}`;
      const lane = this.#places.get(keyOf(event.process, event.socket ?? 0)) ?? 0;
      const queue = waiting.get(key) ?? [];
      waiting.set(key, queue);
      queue.push({ part: partOf(event), lane, bytes: event.bytes ?? 0 });
    }
    for (const event of ends.filter(({ call }) => call.startsWith('recv'))) {
      const lane = this.#places.get(keyOf(event.process, event.socket ?? 0)) ?? 0;
      const sent = waiting.get(`${portOf(event.other)} ${portOf(event.local)}`)?.shift();
      if (sent !== undefined) this.#arrow('data', sent.lane, lane, sent.part, partOf(event), sent.bytes);
    }
  }

  #arrow(kind: Arrow['kind'], from: number, to: number, one: Part, other: Part, bytes: number): void {
    const bar = other.bar;
    this.#arrows.push({ kind, from, to, begin: one.begin, end: Math.max(one.begin, other.end), bytes, bar });
  }
}

function columnOf(call: string): Bar['column'] {
  if (call.startsWith('recv') || call === 'readable' || call === 'accept') return -1;
  return call.startsWith('send') || call === 'writable' ? 1 : 0;
}

function portOf(address: string | undefined): string {
  return address?.slice(address.lastIndexOf(':') + 1) ?? '';
}
