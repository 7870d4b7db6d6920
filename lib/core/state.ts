import type { KernelSocket } from '../kernel/kernel-socket.ts';
import type { SettingsLog } from '../options/settings-log.ts';
import type { Bound } from '../transports/bound.ts';
import type { Datagrams } from '../transports/datagram.ts';
import type { Endpoint, InetEndpoint } from '../transports/endpoint.ts';
import type { Listener } from '../transports/listener.ts';
import type { Stream } from '../transports/stream.ts';
import type { Target } from './target.ts';

/** The socket in which a connection goes on. */
interface Successor {
  discard(reset: boolean): void;
}

/**
 * A connection that a connect() with a time limit has made. The kernel takes it for one that is being made until connect(2)
 * is called once more, or shutdown(2): see `__inet_stream_connect()` and `inet_shutdown()` in Linux.
 */
export interface Unconfirmed {
  /** What the socket was bound to. */
  readonly from: Endpoint | undefined;
}

/** What a socket has become. Each state carries what its calls need, and nothing else. */
export type State =
  /** `had` is an address whose port the system chose and has freed: Linux still reports it, and keeps the host. */
  | { readonly kind: 'fresh'; readonly had?: InetEndpoint | undefined }
  | { readonly kind: 'bound'; readonly bound: Bound }
  | { readonly kind: 'listening'; readonly listener: Listener }
  | {
      readonly kind: 'connecting';
      readonly stream: Stream;
      readonly from: Endpoint | undefined;
      /** Whether a connect() began it without waiting: a later one reports the outcome. */
      readonly isPolled: boolean;
      /** Whether that connect() had a time limit, 0 included, over IP. */
      readonly isLimited: boolean;
    }
  | { readonly kind: 'connected'; readonly stream: Stream; readonly unconfirmed?: Unconfirmed | undefined }
  /** `lastTarget` is where the last datagram to a numeric address went. */
  | { readonly kind: 'datagrams'; readonly datagrams: Datagrams; lastTarget?: Target }
  /** A socket that Node does not have, or has no more; what it is bound or connected to, the kernel knows. */
  | {
      readonly kind: 'kernel';
      readonly socket: KernelSocket;
      /** The options that were set since then; the library knows of them what the kernel does not tell. */
      settings?: SettingsLog;
    }
  /** `successor` has what was this socket's, where TLS was put on it. */
  | { readonly kind: 'closed'; readonly successor?: Successor };

/** The states that carry nothing: one object each for all sockets. */
export const FRESH: State = { kind: 'fresh' };
export const CLOSED: State = { kind: 'closed' };

/** A connection that is being made. */
export type ConnectingState = Extract<State, { readonly kind: 'connecting' }>;

/** A socket of the kernel's. */
export type KernelState = Extract<State, { readonly kind: 'kernel' }>;

/** The connection that is open or being made. */
export function streamOf(state: State): Stream | undefined {
  switch (state.kind) {
    case 'connecting':
    case 'connected':
      return state.stream;
    case 'fresh':
    case 'bound':
    case 'listening':
    case 'datagrams':
    case 'kernel':
    case 'closed':
      return undefined;
  }
}

/** The peer's address while there is a connection with it. */
export function remoteOf(state: State): Endpoint | undefined {
  switch (state.kind) {
    case 'connected':
      return state.stream.remote;
    case 'datagrams':
      return state.datagrams.remote;
    case 'fresh':
    case 'bound':
    case 'listening':
    case 'connecting':
    case 'kernel':
    case 'closed':
      return undefined;
  }
}

/** The socket's own address; `undefined` where it has none. */
export function localOf(state: State): Endpoint | undefined {
  switch (state.kind) {
    case 'fresh':
      return state.had;
    case 'bound':
      return state.bound.local;
    case 'listening':
      return state.listener.local;
    case 'connecting':
      return state.stream.local ?? state.from;
    case 'connected':
      return state.stream.local;
    case 'datagrams':
      return state.datagrams.local;
    case 'kernel':
    case 'closed':
      return undefined;
  }
}

/** The number of the socket's descriptor, −1 where it has none. */
export function descriptorOf(state: State): number {
  switch (state.kind) {
    case 'bound':
      return state.bound.descriptor;
    case 'listening':
      return state.listener.descriptor;
    case 'connecting':
    case 'connected':
      return state.stream.descriptor;
    case 'datagrams':
      return state.datagrams.descriptor;
    case 'kernel':
      return state.socket.descriptor;
    case 'fresh':
    case 'closed':
      return -1;
  }
}

/** Whether the socket has a port, or a name. */
export function isBound(state: State): boolean {
  switch (state.kind) {
    case 'datagrams':
      return state.datagrams.isBound;
    case 'bound':
    case 'listening':
    case 'connecting':
    case 'connected':
    case 'kernel':
    case 'closed':
      return true;
    case 'fresh':
      return false;
  }
}

/** Closes the transport below; `reset` resets a connection. */
export function closeState(state: State, reset: boolean): void {
  switch (state.kind) {
    case 'bound':
      return state.bound.close();
    case 'listening':
      return state.listener.close();
    case 'datagrams':
      return state.datagrams.close();
    case 'kernel':
      return state.socket.close();
    case 'connecting':
      return state.stream.close(false);
    case 'connected':
      return state.stream.close(reset);
    case 'fresh':
    case 'closed':
      return undefined;
  }
}
