import type { Address } from '../common/addresses.ts';
import { int } from '../common/arguments.ts';
import { signalOf } from '../common/call-options.ts';
import { MSG_DONTWAIT, MSG_ERRQUEUE, MSG_OOB, MSG_PEEK, MSG_WAITALL, SOCK_STREAM } from '../common/constants.ts';
import { itemsOf, type AncillaryItem } from '../kernel/control.ts';
import { endOfInput, NO_FACTS, type KernelMessage, type Wanted } from '../kernel/kernel-message.ts';
import type { KernelSocket } from '../kernel/kernel-socket.ts';
import { orEnd } from '../kernel/or-end.ts';
import { addressOf } from '../kernel/socket-name.ts';
import { Failure } from '../transports/failure.ts';
import type { Core } from './core.ts';
import { kernelFlags, mayWait } from './kernel-calls.ts';
import { kernelOperation, type KernelWay } from './kernel-switch.ts';
import { memoryFailure } from './memory.ts';
import { perform, type Operation } from './wait.ts';

/** The arguments of a call that receives. */
export interface KernelReceiving {
  /** How many bytes at most. */
  readonly length: number;
  /** Room for ancillary data, in bytes. */
  readonly ancbufsize?: number;
  readonly flags: unknown;
  readonly options: unknown;
  /** The caller's memory, where the bytes go. */
  readonly targets?: readonly Uint8Array[];
}

/** What a receive gives besides the bytes. */
export interface KernelReceived {
  readonly data: Buffer;
  readonly items: AncillaryItem[];
  readonly flags: number;
  readonly address: Address | null;
}

/** Receives from a kernel's socket; `result` makes of it what the call gives. */
export function receiveKernel<T>(
  core: Core,
  way: KernelWay,
  call: string,
  { length, ancbufsize = 0, flags, options, targets }: KernelReceiving,
  result: (received: KernelReceived) => T,
): Promise<T> {
  const known = kernelFlags(call, int(flags, 'flags'));
  const signal = signalOf(options, call);
  const wanted = { size: length, controlSize: ancbufsize, flags: known };
  const all = waitsForAll(core, wanted);
  const made = (socket: KernelSocket): Operation<T> => {
    const receive = (): T | Failure | undefined => {
      const message = all ? wholeMessage(socket, length) : messageOrEnd(core, socket, wanted);
      return message === undefined || message instanceof Failure ? message : result(receivedOf(message));
    };
    return { attempt: unlessChanged(targets, receive) };
  };
  return perform(core, call, way.readers, kernelOperation(way, made), signal, known);
}

/** Receives what has come already; `undefined` where a receive would have to wait. */
export function tryReceiveKernel(socket: KernelSocket, size: number): Operation<Buffer> {
  return {
    attempt: () => {
      const message = socket.receive({ size, controlSize: 0, flags: 0 }, true);
      return message === undefined || message instanceof Failure ? message : message.data;
    },
  };
}

/** Whether a call waits for all bytes that it asks for, as MSG_WAITALL makes a stream's do that has no time limit. */
function waitsForAll(core: Core, { size, controlSize, flags }: Wanted): boolean {
  const others = MSG_PEEK | MSG_DONTWAIT | MSG_OOB | MSG_ERRQUEUE;
  const isAsked = (flags & MSG_WAITALL) !== 0 && (flags & others) === 0;
  // A call for no bytes waits until some have come, as any other does (`sock_rcvlowat()` in Linux).
  return isAsked && size > 0 && controlSize === 0 && core.type === SOCK_STREAM && core.timeout === null;
}

function wholeMessage(socket: KernelSocket, size: number): KernelMessage | Failure | undefined {
  const data = socket.bytes.all(size);
  return data === undefined || data instanceof Failure ? data : { ...NO_FACTS, data };
}

/** The oldest message, or what a stream has; or the end of the input. */
function messageOrEnd(core: Core, socket: KernelSocket, wanted: Wanted): KernelMessage | Failure | undefined {
  const receive = (): KernelMessage | Failure | undefined => socket.receive(wanted, mayWait(core, wanted.flags));
  return orEnd(socket, core.timeout === null, receive, endOfInput);
}

function receivedOf({ data, control, flags, from }: KernelMessage): KernelReceived {
  return { data, items: itemsOf(control), flags, address: addressOf(from) };
}

/** An attempt that fails where the caller's memory has been detached or resized meanwhile. */
function unlessChanged<T>(
  targets: readonly Uint8Array[] | undefined,
  attempt: () => T | Failure | undefined,
): () => T | Failure | undefined {
  if (targets === undefined) return attempt;
  const lengths = targets.map((target) => target.length);
  return () => (targets.some((target, index) => target.length !== lengths[index]) ? memoryFailure() : attempt());
}
