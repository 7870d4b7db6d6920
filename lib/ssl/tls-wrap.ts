import { createSecureContext, TLSSocket } from 'node:tls';
import { X509Certificate } from 'node:crypto';
import { types } from 'node:util';
import { findParts, type MaybeBinding, type Request } from '../transports/node-handles.ts';

/**
 * What Node's TLS sockets are built on: `TLSWrap`, which has OpenSSL's connection, over `JSStream`, whose bytes a program
 * takes and gives. They are not documented, so everything is checked before it is used.
 *
 * None of their callbacks may throw: some of them are called while OpenSSL is at work, and an error would end the
 * process.
 */

/** The side of the network. */
export interface RecordStream {
  /** Called for bytes that TLS writes, to be ended by `finishWrite`. */
  onwrite: (this: RecordStream, request: object, chunks: readonly Buffer[]) => number;
  /** Called for the end of the output, to be ended by `finishShutdown`. */
  onshutdown: (this: RecordStream, request: object) => number;
  onreadstart: () => number;
  onreadstop: () => number;
  isClosing: () => boolean;
  /** Copies the bytes, and TLS does what they bring about. */
  readBuffer(bytes: Buffer): void;
  finishWrite(request: object, status: number): void;
  finishShutdown(request: object, status: number): void;
}

/** The side of the program. */
export interface TlsWrap {
  /** Called for bytes that were decrypted, and for the end; the number is in `NodeTls.state`. */
  onread: (this: TlsWrap, memory: ArrayBuffer) => void;
  onerror: (this: TlsWrap, error: Error) => void;
  onhandshakestart: (this: TlsWrap, now: number) => void;
  onhandshakedone: (this: TlsWrap) => void;
  onkeylog: (this: TlsWrap, line: Buffer) => void;
  onnewsession: (this: TlsWrap, id: Buffer, session: Buffer) => void;
  start(): void;
  writeBuffer(request: Request | null, bytes: Buffer): number | Request;
  shutdown(request: Request): number;
  destroySSL(): void;
  setVerifyMode(asks: boolean, refuses: boolean): void;
  setServername(name: string): void;
  setALPNProtocols(protocols: Buffer): void;
  setSession(session: Buffer): void;
  enableSessionCallbacks(): void;
  enableKeylogCallback(): void;
  getProtocol(): string | null;
  getCipher(): { readonly name: string } | undefined;
  getALPNNegotiatedProtocol(): string | false;
  getFinished(): Buffer | undefined;
  getPeerFinished(): Buffer | undefined;
  isSessionReused(): boolean;
  verifyError(): unknown;
  getPeerX509Certificate(): unknown;
}

type RequestClass = new () => Request;

/** Everything that is used of Node here. */
export interface NodeTls {
  readonly JSStream: new () => RecordStream;
  readonly wrap: (stream: RecordStream, context: unknown, isServer: boolean, isBusy: boolean) => TlsWrap;
  readonly ShutdownWrap: RequestClass;
  /** The request for a write; `undefined` where TLSWrap makes it itself (Node 26). */
  readonly WriteWrap: RequestClass | undefined;
  readonly state: Int32Array;
  /** The indexes in `state`: how many bytes were read, or an error below 0, and where they begin. */
  readonly kReadBytesOrError: number;
  readonly kArrayBufferOffset: number;
  /** The error of a failed write that returned a request; only on Node 26. */
  readonly kLastWriteErr: number | undefined;
}

/** Options of Node's that show what its TLS sockets do: then there are to be such sockets. */
const WATCHED = /(^|\s)--(tls-keylog|trace-tls)\b/;

/** Node's TLS without a TLS socket, from `process.binding()`; `undefined` where it is not there or not as expected. */
export function findTlsWrap(from: MaybeBinding): NodeTls | undefined {
  if (WATCHED.test([...from.execArgv, from.env.NODE_OPTIONS ?? ''].join(' '))) return undefined;
  try {
    const parts = findParts(from, ['tls_wrap', 'js_stream', 'stream_wrap']);
    const node = parts === undefined ? undefined : tlsOf(parts);
    return node !== undefined && speaks(node) ? node : undefined;
  } catch {
    // Whatever part is missing: the documented layer always works.
    return undefined;
  }
}

/** Gives the certificate that Node's TLS has given, which is none of the documented class yet. */
export function certificateOf(handle: object): X509Certificate {
  // The method makes it of what the handle of its TLS socket gives.
  const socket = { _handle: { getPeerX509Certificate: () => handle } };
  const make: unknown = Reflect.get(TLSSocket.prototype, 'getPeerX509Certificate');
  const certificate: unknown = typeof make === 'function' ? Reflect.apply(make, socket, []) : undefined;
  if (certificate instanceof X509Certificate) return certificate;
  throw new Error('Node gives no certificate');
}

const TLS_METHODS =
  'start writeBuffer shutdown destroySSL setVerifyMode setServername setALPNProtocols setSession enableSessionCallbacks enableKeylogCallback getProtocol getCipher getALPNNegotiatedProtocol getFinished getPeerFinished isSessionReused verifyError getPeerX509Certificate'.split(
    ' ',
  );
const STREAM_METHODS = ['readBuffer', 'finishWrite', 'finishShutdown'];

function hasMethods(value: unknown, methods: readonly string[]): boolean {
  if (typeof value !== 'function') return false;
  const prototype: unknown = value.prototype;
  if (typeof prototype !== 'object' || prototype === null) return false;
  return methods.every((method) => typeof Reflect.get(prototype, method) === 'function');
}

function isStreamClass(value: unknown): value is NodeTls['JSStream'] {
  return hasMethods(value, STREAM_METHODS);
}

function isRequestClass(value: unknown): value is RequestClass {
  return hasMethods(value, ['getAsyncId']);
}

function isWrap(value: unknown): value is NodeTls['wrap'] {
  return typeof value === 'function';
}

function tlsOf(parts: Readonly<Record<string, unknown>>): NodeTls | undefined {
  const { TLSWrap, wrap, JSStream, ShutdownWrap, WriteWrap, streamBaseState } = parts;
  const { kReadBytesOrError, kArrayBufferOffset, kLastWriteErr } = parts;
  if (!hasMethods(TLSWrap, TLS_METHODS) || !isWrap(wrap)) return undefined;
  if (!isStreamClass(JSStream)) return undefined;
  if (!isRequestClass(ShutdownWrap) || !isRequestClass(WriteWrap)) return undefined;
  if (!types.isInt32Array(streamBaseState)) return undefined;
  if (typeof kReadBytesOrError !== 'number' || typeof kArrayBufferOffset !== 'number') return undefined;
  const makesRequests = typeof kLastWriteErr === 'number';
  return {
    JSStream,
    wrap,
    ShutdownWrap,
    WriteWrap: makesRequests ? undefined : WriteWrap,
    state: streamBaseState,
    kReadBytesOrError,
    kArrayBufferOffset,
    kLastWriteErr: makesRequests ? kLastWriteErr : undefined,
  };
}

/** The first byte of a record of the handshake, and what is no record. */
const HANDSHAKE = 22;
const NO_RECORD = Buffer.from('GET / HTTP/1.1\r\n');

/** Whether a client writes its ClientHello within the call, and says within the call that it cannot read an answer. */
function speaks({ JSStream, wrap }: NodeTls): boolean {
  const written: (Buffer | undefined)[] = [];
  const errors: unknown[] = [];
  let request: object | undefined;
  const stream = new JSStream();
  stream.onreadstart = stream.onreadstop = stream.onshutdown = () => 0;
  stream.isClosing = () => false;
  stream.onwrite = (given, chunks) => {
    request = given;
    written.push(chunks[0]);
    return 0;
  };
  const tls = wrap(stream, createSecureContext({ ca: [] }).context, false, false);
  tls.onread = tls.onhandshakestart = tls.onhandshakedone = () => undefined;
  tls.onerror = (error) => errors.push(error);
  tls.start();
  if (request !== undefined) stream.finishWrite(request, 0);
  const isHello = written.length === 1 && written[0]?.[0] === HANDSHAKE;
  stream.readBuffer(NO_RECORD);
  const [error] = errors;
  if (request !== undefined && written.length > 1) stream.finishWrite(request, 0);
  tls.destroySSL();
  return isHello && errors.length === 1 && typeof error === 'object' && error !== null && 'code' in error;
}
