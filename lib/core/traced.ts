import { addressText, type Address } from '../common/addresses.ts';
import { isTraced, traceCall, type CallMessage, type Channel, type Completion } from '../common/channels.ts';
import type { Endpoint } from '../transports/endpoint.ts';
import type { CallRules } from './call-rules.ts';
import { localOf, remoteOf, type State } from './state.ts';

/** What the tracing channels say of a socket. Nothing here runs, and no number is given, while nothing subscribes. */

/** A core, as traces see it. */
interface TracedSocket {
  readonly family: number;
  readonly type: number;
  readonly rules: Pick<CallRules, 'encrypts'>;
  readonly state: State;
  address(endpoint: Endpoint): Address;
}

const numbers = new WeakMap<TracedSocket, number>();
let lastNumber = 0;

/** The number of a socket, for traces. */
export function numberOf(core: TracedSocket): number {
  let number = numbers.get(core);
  if (number === undefined) {
    number = lastNumber += 1;
    numbers.set(core, number);
  }
  return number;
}

/** A connection that goes on in another core keeps its number. */
export function keepNumber(from: TracedSocket, to: TracedSocket): void {
  const number = numbers.get(from);
  if (number !== undefined) numbers.set(to, number);
}

/** A call as its channel sees it. */
interface TracedCall {
  readonly call: string;
  readonly args: readonly unknown[];
  /** Adds what is known once the call has ended. */
  readonly complete?: Completion;
}

/** Runs a call of a socket, and publishes its events where its channel has subscribers. */
export function tracedOn<T>(
  channel: Channel,
  core: TracedSocket,
  { call, args, complete }: TracedCall,
  work: () => T,
): T {
  if (!isTraced(channel)) return work();
  return traceCall(channel, messageOf(core, call, args), work, (message) => {
    noteAddresses(core, message);
    complete?.(message);
  });
}

function messageOf(core: TracedSocket, call: string, args: readonly unknown[]): CallMessage {
  const { family, type, rules } = core;
  const message = { call, socket: numberOf(core), family, type, tls: rules.encrypts, local: '', peer: '', args };
  noteAddresses(core, message);
  return message;
}

/** Notes the addresses that the socket has; those that it had before it was closed stay. */
function noteAddresses(core: TracedSocket, message: CallMessage): void {
  const text = (endpoint: Endpoint | undefined): string =>
    endpoint === undefined ? '' : addressText(core.address(endpoint));
  message.local = text(localOf(core.state)) || message.local;
  message.peer = text(remoteOf(core.state)) || message.peer;
}
