import { endOf, outcomeOf, type Trace } from './calls.ts';
import { keyOf, socketsOf, type TracedSocket } from './lanes.ts';
import { ACK, FIN, packet, PSH, RST, SYN, type Ends } from './packets.ts';
import { TraceText } from '../../lib/trace/text.ts';
import type { TraceEvent } from '../../lib/trace/event.ts';

/**
 * A trace as a capture (https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-03.html): each socket is an interface,
 * and its calls are packets of the connection, with headers that are made up. What was sent and received over TLS is in
 * plain text. A connection whose two ends are in the trace is written once, as the end saw it that connected.
 */

const SECTION = 0x0a0d0d0a;
const INTERFACE = 1;
const PACKET = 6;
/** Packets begin with the header of IPv4 or IPv6 (LINKTYPE_RAW). */
const RAW = 101;

const OPTION = { comment: 1, name: 2, description: 3 };

/** How many bytes go into one packet. */
const SEGMENT = 32_768;

/** Where a direction of a connection is. */
interface Direction {
  next: number;
  hasEnded: boolean;
}

/** The capture of a trace. */
export function pcapngOf(trace: Trace): Buffer {
  return new Capture(trace).bytes();
}

class Capture {
  readonly #trace: Trace;
  readonly #sockets: Map<string, TracedSocket>;
  readonly #blocks: Buffer[] = [];
  readonly #interfaces = new Map<string, number>();
  readonly #flows = new Map<string, { readonly out: Direction; readonly in: Direction; isOpen: boolean }>();
  readonly #text = new TraceText(false);
  readonly #last: number;

  constructor(trace: Trace) {
    this.#trace = trace;
    this.#sockets = socketsOf(trace);
    this.#last = trace.events.reduce((last, event) => Math.max(last, event.at + event.worked + event.waited), 0);
  }

  bytes(): Buffer {
    const section = Buffer.alloc(16);
    section.writeUInt32LE(0x1a2b3c4d, 0);
    section.writeUInt16LE(1, 4);
    section.writeBigInt64LE(-1n, 8);
    this.#block(SECTION, section);
    const ended = this.#trace.events.map((event) => ({ event, at: endOf(event, this.#last) }));
    for (const { event, at } of ended.sort((one, other) => one.at - other.at)) this.#addCall(event, at);
    return Buffer.concat(this.#blocks);
  }

  #addCall(event: TraceEvent, at: number): void {
    const { process, socket, accepted } = event;
    if (socket === null) return;
    // The connection that was accepted begins with this call.
    const one = this.#sockets.get(keyOf(process, accepted ?? socket));
    if (one === undefined || (one.other !== undefined && !one.hasConnected)) return;
    if (one.kind === 'udp') this.#addDatagram(event, at, one);
    else if (one.peer !== '') this.#addSegments(event, at, one);
  }

  #addDatagram(event: TraceEvent, at: number, one: TracedSocket): void {
    const { bytes, data, local = '', other = '', call, peek } = event;
    if (bytes === undefined || peek !== undefined || other === '' || local === '') return;
    const isSent = call.startsWith('send');
    const [source, target] = isSent ? [local, other] : [other, local];
    const payload = Buffer.from(data ?? '', 'base64');
    this.#packet(one, event, at, packet({ source, target }, { protocol: 'udp', payload, length: bytes }));
  }

  #addSegments(event: TraceEvent, at: number, one: TracedSocket): void {
    const { call, bytes = 0, data, peek, accepted } = event;
    const outcome = outcomeOf(event);
    const flow = this.#flow(one.key);
    const isSent = call.startsWith('send');
    const [mine, theirs] = [flow.out, flow.in];
    const add = (isOut: boolean, flags: number, payload = Buffer.alloc(0), length = 0): void => {
      const [from, to] = isOut ? [mine, theirs] : [theirs, mine];
      const header = { protocol: 'tcp', sequence: from.next, acknowledged: to.next, flags, payload, length } as const;
      this.#packet(one, event, at, packet(endsOf(one, isOut), header));
      from.next = (from.next + length + ((flags & (SYN | FIN)) === 0 ? 0 : 1)) >>> 0;
    };
    if (!flow.isOpen && outcome === 'done') {
      flow.isOpen = true;
      const isClient = accepted === undefined && one.listener === undefined;
      add(isClient, SYN);
      add(!isClient, SYN | ACK);
      add(isClient, ACK);
    }
    if ((isSent || call.startsWith('recv')) && bytes > 0 && peek === undefined) {
      const all = Buffer.from(data ?? '', 'base64');
      for (let start = 0; start < bytes; start += SEGMENT) {
        const length = Math.min(SEGMENT, bytes - start);
        add(isSent, PSH | ACK, all.subarray(start, start + length), length);
      }
    }
    if (outcome === 'reset') add(call === 'reset', RST | ACK);
    else if (call === 'close' || (call === 'shutdown' && !/^0\b/.test(event.args[0] ?? '')))
      this.#end(mine, () => add(true, FIN | ACK));
    else if (outcome === 'end') this.#end(theirs, () => add(false, FIN | ACK));
  }

  #end(direction: Direction, add: () => void): void {
    if (!direction.hasEnded) add();
    direction.hasEnded = true;
  }

  #flow(key: string): { readonly out: Direction; readonly in: Direction; isOpen: boolean } {
    const known = this.#flows.get(key);
    if (known !== undefined) return known;
    const flow = { out: { next: 0, hasEnded: false }, in: { next: 0, hasEnded: false }, isOpen: false };
    this.#flows.set(key, flow);
    return flow;
  }

  #packet(
    one: TracedSocket,
    event: TraceEvent,
    at: number,
    { bytes, length }: { readonly bytes: Buffer; readonly length: number },
  ): void {
    const number = this.#interface(one);
    const header = Buffer.alloc(20);
    const time = BigInt(Math.round(at * 1000));
    header.writeUInt32LE(number, 0);
    header.writeUInt32LE(Number(time >> 32n), 4);
    header.writeUInt32LE(Number(time & 0xffff_ffffn), 8);
    header.writeUInt32LE(bytes.length, 12);
    header.writeUInt32LE(length, 16);
    this.#block(PACKET, header, padded(bytes), options([[OPTION.comment, this.#text.line(event)]]));
  }

  #interface(one: TracedSocket): number {
    const known = this.#interfaces.get(one.key);
    if (known !== undefined) return known;
    const number = this.#interfaces.size;
    this.#interfaces.set(one.key, number);
    const body = Buffer.alloc(8);
    body.writeUInt16LE(RAW, 0);
    const names = options([
      [OPTION.name, `socket ${one.number} of ${one.process}`],
      [OPTION.description, `${one.local} to ${one.peer}`],
    ]);
    this.#block(INTERFACE, body, names);
    return number;
  }

  #block(type: number, ...parts: readonly Buffer[]): void {
    const body = Buffer.concat(parts);
    const [begin, end] = [Buffer.alloc(8), Buffer.alloc(4)];
    begin.writeUInt32LE(type, 0);
    for (const [target, offset] of [
      [begin, 4],
      [end, 0],
    ] as const)
      target.writeUInt32LE(body.length + 12, offset);
    this.#blocks.push(begin, body, end);
  }
}

/** The addresses of a packet. Unix sockets have none: their numbers stand for ports. */
function endsOf({ kind, local, peer, number, other }: TracedSocket, isOut: boolean): Ends {
  const port = (value: number): string => `127.0.0.1:${value % 65_536}`;
  const [mine, theirs] = kind === 'unix' ? [port(number), port(other?.number ?? 32_768 + number)] : [local, peer];
  return isOut ? { source: mine, target: theirs } : { source: theirs, target: mine };
}

function options(all: readonly (readonly [code: number, text: string])[]): Buffer {
  const parts = all.flatMap(([code, text]) => {
    const bytes = Buffer.from(text);
    const header = Buffer.alloc(4);
    header.writeUInt16LE(code, 0);
    header.writeUInt16LE(bytes.length, 2);
    return [header, padded(bytes)];
  });
  return Buffer.concat([...parts, Buffer.alloc(4)]);
}

/** Blocks and options are filled up to whole words. */
function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
