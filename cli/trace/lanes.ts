import type { TraceEvent } from '../../lib/trace/event.ts';
import type { Trace } from './calls.ts';

/** A socket of a trace. */
export interface TracedSocket {
  readonly key: string;
  readonly process: string;
  readonly number: number;
  readonly kind: TraceEvent['kind'];
  local: string;
  peer: string;
  /** Whether it has connected, rather than being accepted. */
  hasConnected: boolean;
  /** The listener that accepted it. */
  listener: TracedSocket | undefined;
  /** The socket at the other end, if that is in the trace. */
  other: TracedSocket | undefined;
  readonly begin: number;
  end: number;
}

/** The key of a socket in a trace. */
export function keyOf(process: string, socket: number): string {
  return `${process}#${socket}`;
}

/** The sockets of a trace, each with the one at its other end. */
export function socketsOf({ events }: Trace): Map<string, TracedSocket> {
  const sockets = new Map<string, TracedSocket>();
  for (const event of events) {
    if (event.socket === null) continue;
    const one = socketIn(sockets, event, event.socket);
    one.local = event.local ?? one.local;
    one.peer = event.peer ?? one.peer;
    one.end = Math.max(one.end, event.at + event.worked + event.waited);
    if (event.call.startsWith('connect')) one.hasConnected = true;
    if (event.accepted === undefined) continue;
    const accepted = socketIn(sockets, event, event.accepted);
    accepted.listener = one;
    accepted.peer = event.result ?? '';
    accepted.local = accepted.local === '' ? one.local : accepted.local;
  }
  pairByAddress([...sockets.values()]);
  pairByName([...sockets.values()]);
  return sockets;
}

function socketIn(sockets: Map<string, TracedSocket>, event: TraceEvent, number: number): TracedSocket {
  const key = keyOf(event.process, number);
  const known = sockets.get(key);
  if (known !== undefined) return known;
  const { process, kind, at } = event;
  const begin = event.accepted === number ? at + event.worked + event.waited : at;
  const made = { key, process, number, kind, local: '', peer: '', hasConnected: false, begin, end: begin };
  const socket: TracedSocket = { ...made, listener: undefined, other: undefined };
  sockets.set(key, socket);
  return socket;
}

/** The two ends of a connection have each other's addresses. Ports are used again: the nearest in time belong together. */
function pairByAddress(sockets: readonly TracedSocket[]): void {
  const waiting = new Map<string, TracedSocket[]>();
  const connected = sockets.filter(({ kind, local, peer }) => kind === 'tcp' && local !== '' && peer !== '');
  for (const one of connected.sort((first, second) => first.begin - second.begin)) {
    const others = waiting.get(`${one.peer} ${one.local}`);
    const other = others?.find(({ end }) => end >= one.begin) ?? others?.[0];
    if (other === undefined) {
      const own = `${one.local} ${one.peer}`;
      waiting.set(own, [...(waiting.get(own) ?? []), one]);
    } else {
      others?.splice(others.indexOf(other), 1);
      join(one, other);
    }
  }
}

/** A Unix client has no address: connections to a path are accepted in their order. */
function pairByName(sockets: readonly TracedSocket[]): void {
  const unix = sockets.filter(({ kind, other }) => kind === 'unix' && other === undefined);
  const accepted = unix.filter(({ listener }) => listener !== undefined);
  for (const one of unix.filter(({ hasConnected, peer }) => hasConnected && peer !== '')) {
    const index = accepted.findIndex(({ listener }) => listener?.local === one.peer);
    const [other] = index === -1 ? [] : accepted.splice(index, 1);
    if (other !== undefined) join(one, other);
  }
}

function join(one: TracedSocket, other: TracedSocket): void {
  one.other = other;
  other.other = one;
}

/** The sockets in the order of their lanes: each beside its other end, and the one that connected to the left of it. */
export function inOrder(sockets: Iterable<TracedSocket>): TracedSocket[] {
  const placed = new Set<TracedSocket>();
  const place = (one: TracedSocket): void => {
    const pair = one.other === undefined ? [one] : [one, one.other];
    const ordered = pair.sort((first, second) => Number(second.hasConnected) - Number(first.hasConnected));
    // A listener stands to the right of the first that it accepted.
    const listener = ordered.find((each) => each.listener !== undefined)?.listener;
    for (const each of ordered) placed.add(each);
    if (listener !== undefined) placed.add(listener);
  };
  const all = [...sockets];
  for (const one of all.filter(({ hasConnected, listener }) => hasConnected || listener !== undefined)) place(one);
  for (const one of all) place(one);
  return [...placed];
}
