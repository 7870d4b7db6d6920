import { tracingChannel, type TracingChannel } from 'node:diagnostics_channel';

/**
 * The tracing channels of the library, all of them. Each has the five channels of Node's tracing channels, with the
 * names `tracing:await-socket:NAME:start` and so on; docs/tracing.md says what subscribers get.
 */

/** The tracing channels, by the part of their names after `await-socket:`. */
export const channels = {
  accept: channelOf('accept'),
  bind: channelOf('bind'),
  close: channelOf('close'),
  connect: channelOf('connect'),
  handshake: channelOf('handshake'),
  lookup: channelOf('lookup'),
  ready: channelOf('ready'),
  recv: channelOf('recv'),
  send: channelOf('send'),
  shutdown: channelOf('shutdown'),
} as const;

/** What the subscribers of a channel get: one object for all events of a call. */
export interface CallMessage {
  /** The name of the method or function. */
  readonly call: string;
  /** The number of the socket in this process, from 1 on; `null` for look-ups. */
  readonly socket: number | null;
  /** What the socket is: `AF_INET` and its relatives; `null` for look-ups. */
  readonly family: number | null;
  /** `SOCK_STREAM` or `SOCK_DGRAM`; `null` for look-ups. */
  readonly type: number | null;
  /** Whether bytes are encrypted below the call: then they are shown in plain text. */
  readonly tls: boolean;
  /** The socket's own address as text, `''` for none. */
  local: string;
  /** The peer's address as text, `''` for none. */
  peer: string;
  /** The arguments of the call. */
  readonly args: readonly unknown[];
  /** How many bytes the call has received or sent, once it has ended. */
  bytes?: number | undefined;
  /** The number of the socket that accept() has made. */
  accepted?: number | undefined;
  /** For how many milliseconds the call has waited, once it has ended: 0 if it had its outcome at once. */
  waited?: number | undefined;
  /** What the call gives. */
  result?: unknown;
  /** The error that it throws, or that it rejects with. */
  error?: unknown;
}

type Whole = TracingChannel<CallMessage, CallMessage>;

/** One of the {@link channels}: its five parts, and the whole of them to subscribe to. */
export interface Channel extends Pick<Whole, 'start' | 'end' | 'asyncStart' | 'asyncEnd' | 'error'> {
  readonly whole: Whole;
}

/** Adds to the message of a call what is known once it has ended. */
export type Completion = (message: CallMessage) => void;

/** Whether a channel has any subscriber; all that a call costs where it has none. */
export function isTraced({ start, end, asyncStart, asyncEnd, error }: Channel): boolean {
  // Not the `hasSubscribers` of the whole: Deno and Bun do not have it.
  return (
    start.hasSubscribers ||
    end.hasSubscribers ||
    asyncStart.hasSubscribers ||
    asyncEnd.hasSubscribers ||
    error.hasSubscribers
  );
}

/**
 * Runs a call, and publishes its events in the order of Node's `tracePromise()`. That function itself would do for
 * promises alone, and on Node 20 to 24 it makes promises of results that are none.
 */
export function traceCall<T>(channel: Channel, message: CallMessage, work: () => T, complete: Completion): T {
  return channel.start.runStores(message, () => {
    try {
      const outcome = work();
      if (outcome instanceof Promise) return follow(channel, message, outcome, complete) as T;
      message.waited = 0;
      message.result = outcome;
      complete(message);
      return outcome;
    } catch (error) {
      message.waited = 0;
      message.error = error;
      complete(message);
      channel.error.publish(message);
      throw error;
    } finally {
      channel.end.publish(message);
    }
  });
}

/** Publishes the rest when a promise is settled; gives a promise with the same outcome. */
function follow<T>(channel: Channel, message: CallMessage, outcome: Promise<T>, complete: Completion): Promise<T> {
  const begin = performance.now();
  let waits = false;
  const settle = (): void => {
    message.waited = waits ? performance.now() - begin : 0;
    complete(message);
    if (message.error !== undefined) channel.error.publish(message);
    channel.asyncStart.publish(message);
    channel.asyncEnd.publish(message);
  };
  const followed = outcome.then(
    (result) => {
      message.result = result;
      settle();
      return result;
    },
    (error: unknown) => {
      message.error = error;
      settle();
      throw error;
    },
  );
  // A promise that is settled already comes before this microtask.
  queueMicrotask(() => (waits = true));
  return followed;
}

function channelOf(name: string): Channel {
  const whole: Whole = tracingChannel(`await-socket:${name}`);
  // Node 26 has getters for the parts: each call of the library would run them.
  const { start, end, asyncStart, asyncEnd, error } = whole;
  return { whole, start, end, asyncStart, asyncEnd, error };
}
