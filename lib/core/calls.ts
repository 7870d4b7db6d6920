import { types } from 'node:util';
import type { Address } from '../common/addresses.ts';
import { channels, isTraced, type CallMessage, type Channel, type Completion } from '../common/channels.ts';
import * as accepting from './accept.ts';
import * as binding from './bind.ts';
import * as closing from './close.ts';
import * as connecting from './connect.ts';
import { Core, findCore } from './core.ts';
import * as readiness from './readiness.ts';
import * as exactly from './receive-exactly.ts';
import * as receiving from './receive.ts';
import * as sending from './send.ts';
import { numberOf, tracedOn } from './traced.ts';

/**
 * The calls of sockets as everything above lib/core/ uses them: methods, files, streams, TLS and servers. They are the
 * operations, with their tracing channels. Where an operation consists of others, only the outer one is traced.
 */

export const bind = traced(channels.bind, 'bind', binding.bind);
export const listen = traced(channels.bind, 'listen', binding.listen);
export const connectEx = traced(channels.connect, 'connectEx', connecting.connectEx);
export const readable = traced(channels.ready, 'readable', readiness.readable);
export const writable = traced(channels.ready, 'writable', readiness.writable);
export const shutdown = traced(channels.shutdown, 'shutdown', closing.shutdown);

export const recvfromInto = traced(channels.recv, 'recvfromInto', receiving.recvfromInto, countResult);
export const recvmsg = traced(channels.recv, 'recvmsg', receiving.recvmsg, countResult);
export const recvmsgInto = traced(channels.recv, 'recvmsgInto', receiving.recvmsgInto, countResult);
export const recvUntil = traced(channels.recv, 'recvUntil', exactly.recvUntil, countResult);

export const send = traced(channels.send, 'send', sending.send, countResult);
export const sendfile = traced(channels.send, 'sendfile', sending.sendfile, countResult);
export const sendmsg = traced(channels.send, 'sendmsg', sending.sendmsg, countResult);
export const sendKept = traced(channels.send, 'send', sending.sendKept, countResult);

/*
 * The calls that are made most often name their arguments: without a trace, to collect those of any number would be most
 * of what the channel costs.
 */

const tracedConnect = traced(channels.connect, 'connect', connecting.connect);
const tracedRecv = traced(channels.recv, 'recv', receiving.recv, countResult);
const tracedRecvInto = traced(channels.recv, 'recvInto', receiving.recvInto, countResult);
const tracedRecvExactly = traced(channels.recv, 'recvExactly', exactly.recvExactly, countResult);
const tracedRecvLine = traced(channels.recv, 'recvLine', exactly.recvLine, countResult);
const tracedRecvfrom = traced(channels.recv, 'recvfrom', receiving.recvfrom, countResult);
const tracedSendall = traced(channels.send, 'sendall', sending.sendall, countArgument);
const tracedSendto = traced(channels.send, 'sendto', sending.sendto, countResult);

/** Connects to an address. */
export function connect(socket: unknown, address: unknown, options?: unknown): Promise<void> {
  const call = isTraced(channels.connect) ? tracedConnect : connecting.connect;
  return call(socket, address, options);
}

/** Receives bytes: waits until some have arrived, and takes those. */
export function recv(socket: unknown, bufsize: unknown, flags?: unknown, options?: unknown): Promise<Buffer> {
  const call = isTraced(channels.recv) ? tracedRecv : receiving.recv;
  return call(socket, bufsize, flags, options);
}

/** Receives bytes into the caller's memory. */
export function recvInto(
  socket: unknown,
  buffer: unknown,
  nbytes?: unknown,
  flags?: unknown,
  options?: unknown,
): Promise<number> {
  const call = isTraced(channels.recv) ? tracedRecvInto : receiving.recvInto;
  return call(socket, buffer, nbytes, flags, options);
}

/** Receives exactly `n` bytes. */
export function recvExactly(socket: unknown, n: unknown, options?: unknown): Promise<Buffer> {
  const call = isTraced(channels.recv) ? tracedRecvExactly : exactly.recvExactly;
  return call(socket, n, options);
}

/** Receives a line. */
export function recvLine(socket: unknown, limit?: unknown, options?: unknown): Promise<Buffer> {
  const call = isTraced(channels.recv) ? tracedRecvLine : exactly.recvLine;
  return call(socket, limit, options);
}

/** Receives bytes and their sender. */
export function recvfrom(
  socket: unknown,
  bufsize: unknown,
  flags?: unknown,
  options?: unknown,
): Promise<[Buffer, Address | null]> {
  const call = isTraced(channels.recv) ? tracedRecvfrom : receiving.recvfrom;
  return call(socket, bufsize, flags, options);
}

/** Sends a datagram to an address. */
export function sendto(
  socket: unknown,
  data: unknown,
  flagsOrAddress: unknown,
  addressOrOptions?: unknown,
  options?: unknown,
): Promise<number> {
  const call = isTraced(channels.send) ? tracedSendto : sending.sendto;
  return call(socket, data, flagsOrAddress, addressOrOptions, options);
}

/** Sends all of the bytes. */
export function sendall(socket: unknown, data: unknown, flags?: unknown, options?: unknown): Promise<void> {
  const call = isTraced(channels.send) ? tracedSendall : sending.sendall;
  return call(socket, data, flags, options);
}

/** Accepts a connection; `make` makes the socket of a core. */
export function accept<S>(socket: unknown, make: (core: Core) => S, options: unknown): Promise<[S, Address]> {
  const core = isTraced(channels.accept) ? coreFor(socket) : undefined;
  if (core === undefined) return accepting.accept(socket, make, options);
  let accepted: number | undefined;
  const numbered = (made: Core): S => {
    accepted = numberOf(made);
    return make(made);
  };
  const complete = (message: CallMessage): void => {
    message.accepted = accepted;
  };
  const args = options === undefined ? [] : [options];
  return tracedOn(channels.accept, core, { call: 'accept', args, complete }, () =>
    accepting.accept(socket, numbered, options),
  );
}

/** Receives bytes that have arrived already. A trace shows the `recv()` that the caller then makes instead. */
export function tryRecv(core: Core, bufsize: number): Buffer | undefined {
  return isTraced(channels.recv) ? undefined : receiving.tryRecv(core, bufsize);
}

/** An operation with its channel; the arguments of `undefined` at its end are left out of the messages. */
function traced<Rest extends readonly unknown[], Result, Self>(
  channel: Channel,
  call: string,
  operation: (socket: Self, ...rest: Rest) => Result,
  complete?: Completion,
): (socket: Self, ...rest: Rest) => Result {
  return (socket, ...rest) => {
    if (!isTraced(channel)) return operation(socket, ...rest);
    const core = coreFor(socket);
    if (core === undefined) return operation(socket, ...rest);
    const args = rest.slice(0, rest.findLastIndex((argument) => argument !== undefined) + 1);
    return tracedOn(channel, core, { call, args, ...(complete && { complete }) }, () => operation(socket, ...rest));
  };
}

function coreFor(socket: unknown): Core | undefined {
  return socket instanceof Core ? socket : findCore(socket);
}

/** Counts the bytes of a call that gives them, or how many they are; alone, or first in an array. */
function countResult(message: CallMessage): void {
  message.bytes = countOf(message.result) ?? countOf(partialOf(message.error));
}

/** Counts the bytes of a call that has sent all of them, or fails. */
function countArgument(message: CallMessage): void {
  if (message.error === undefined) message.bytes = countOf(message.args[0]);
}

function countOf(value: unknown): number | undefined {
  if (Array.isArray(value)) return countOf(value[0]);
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return value.byteLength;
  return typeof value === 'number' ? value : undefined;
}

/** What a read that ended too early has taken. */
function partialOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'partial' in error ? error.partial : undefined;
}
