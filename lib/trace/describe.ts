import { inspect, types } from 'node:util';
import { addressText } from '../common/addresses.ts';
import type { CallMessage } from '../common/channels.ts';
import { AF_UNIX, MSG_PEEK, SOCK_DGRAM } from '../common/constants.ts';
import type { TraceError, TraceEvent } from './event.ts';

/** What a trace says of a call, out of the message of its channel. */

/** Where the flags stand among the arguments of the calls that receive. */
const FLAGS: Readonly<Record<string, number>> = {
  recv: 1,
  recvInto: 2,
  recvfrom: 1,
  recvfromInto: 2,
  recvmsg: 2,
  recvmsgInto: 2,
};

/** Where the address stands in the result. */
const SENDER: Readonly<Record<string, number>> = { recvfrom: 1, recvfromInto: 1, recvmsg: 3, recvmsgInto: 3 };

/** How arguments and results are shown. */
const SHOWN = { depth: 1, breakLength: Infinity, maxStringLength: 64, maxArrayLength: 8 };

/** What a trace says of a call, apart from times. */
export type Description = Omit<TraceEvent, 'process' | 'id' | 'at' | 'worked' | 'waited' | 'waits'>;

/** Describes a call; `size` is how many bytes of its data are kept. */
export function describe(message: CallMessage, size: number): Description {
  const { call, socket, tls, local, peer, bytes, accepted, error } = message;
  const isEnded = message.waited !== undefined;
  const data = bytes === undefined ? undefined : dataOf(message, bytes, size);
  const other = isDatagram(message) ? otherOf(message) : undefined;
  return {
    call,
    socket,
    kind: kindOf(message),
    ...(tls && { tls }),
    ...(local !== '' && { local }),
    ...(peer !== '' && { peer }),
    args: argumentsOf(message),
    ...(bytes !== undefined && { bytes }),
    ...(data !== undefined && data.length > 0 && { data: data.toString('base64') }),
    ...(peeks(message) && { peek: true }),
    ...(other !== undefined && { other }),
    ...(accepted !== undefined && { accepted }),
    ...(isEnded && bytes === undefined && resultOf(message)),
    ...(error !== undefined && { error: errorOf(error) }),
  };
}

function kindOf({ family, type }: CallMessage): TraceEvent['kind'] {
  if (family === null) return null;
  if (family === AF_UNIX) return 'unix';
  return type === SOCK_DGRAM ? 'udp' : 'tcp';
}

function isDatagram({ type }: CallMessage): boolean {
  return type === SOCK_DGRAM;
}

/** The first bytes that a call has received or sent. */
function dataOf({ call, args, result, error }: CallMessage, bytes: number, size: number): Buffer | undefined {
  const isReceived = call.startsWith('recv');
  const partial: unknown = isError(error) && 'partial' in error ? error.partial : undefined;
  const given = Array.isArray(result) ? (result as unknown[])[0] : (result ?? partial);
  const source = isReceived && typeof given !== 'number' ? given : args[0];
  const pieces: unknown[] = Array.isArray(source) ? source : [source];
  const found = pieces.map(bytesOf).filter((piece) => piece !== undefined);
  return found.length === 0 ? undefined : firstOf(found, Math.min(bytes, size));
}

/** The first bytes of several pieces; not more of them are copied. */
function firstOf(pieces: readonly Buffer[], length: number): Buffer {
  const kept: Buffer[] = [];
  let missing = length;
  for (const piece of pieces) {
    if (missing === 0) break;
    kept.push(piece.subarray(0, missing));
    missing -= Math.min(piece.length, missing);
  }
  return Buffer.concat(kept);
}

function bytesOf(value: unknown): Buffer | undefined {
  if (typeof value === 'string') return Buffer.from(value);
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return types.isAnyArrayBuffer(value) ? Buffer.from(value) : undefined;
}

function peeks({ call, args }: CallMessage): boolean {
  const flags = args[FLAGS[call] ?? -1];
  return typeof flags === 'number' && (flags & MSG_PEEK) !== 0;
}

/** Where a datagram goes, or comes from; a call without an address has the peer's. */
function otherOf({ call, args, result, peer }: CallMessage): string | undefined {
  const sender: unknown = Array.isArray(result) ? (result as unknown[])[SENDER[call] ?? -1] : undefined;
  const address = sender ?? args.slice(1).find((argument) => Array.isArray(argument) && argument.length > 1);
  return placeOf(address) ?? (peer === '' ? undefined : peer);
}

function placeOf(address: unknown): string | undefined {
  if (!Array.isArray(address)) return undefined;
  const [host, port] = address as readonly unknown[];
  return typeof host === 'string' && typeof port === 'number' ? addressText([host, port]) : undefined;
}

/** An argument or a result for people: of bytes their number alone, as the data is shown apart. */
function textOf(value: unknown): string {
  const bytes = typeof value === 'string' ? undefined : bytesOf(value);
  if (bytes !== undefined) return `${bytes.length} bytes`;
  return inspect(value, SHOWN);
}

/** The data of a call that sends is shown apart, also where it is a string. */
function argumentsOf({ call, args }: CallMessage): string[] {
  const [data, ...rest] = args;
  if (!call.startsWith('send') || typeof data !== 'string') return args.map(textOf);
  return [`${Buffer.byteLength(data)} bytes`, ...rest.map(textOf)];
}

function resultOf({ call, result, error }: CallMessage): { readonly result?: string } {
  if (error !== undefined || result === undefined) return {};
  // The handshake's own result says nothing, and accept()'s socket is named by its number.
  if (call === 'doHandshake' || call === 'unwrap') return {};
  const value: unknown = call === 'accept' && Array.isArray(result) ? result[1] : result;
  return { result: placeOf(value) ?? textOf(value) };
}

/** Not `instanceof`, which is false for the errors of another realm. */
function isError(error: unknown): error is Error {
  if (typeof error !== 'object' || error === null) return false;
  return 'name' in error && typeof error.name === 'string' && 'message' in error && typeof error.message === 'string';
}

function errorOf(error: unknown): TraceError {
  if (!isError(error)) return { name: 'reason', message: inspect(error, SHOWN) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { name: error.name, ...(code !== undefined && { code }), message: error.message };
}
