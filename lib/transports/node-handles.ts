import { constants } from 'node:os';
import { types } from 'node:util';

/**
 * What Node's sockets are built on: the classes of libuv's handles and requests. They are not documented, so everything
 * is checked before it is used.
 */

/** A handle of a TCP or Unix connection. A result below 0 is an error of the kernel's. */
export interface LibuvHandle {
  /** Called for bytes, the end or an error; returns the memory for the next read. */
  onread: (this: LibuvHandle) => Buffer | undefined;
  readonly fd?: number;
  useUserBuffer(memory: Buffer): void;
  readStart(): number;
  readStop(): number;
  /** Node 26 returns a number where all is done within the call, otherwise a request that it makes itself. */
  writeBuffer(request: Request | null, bytes: Buffer): number | Request;
  shutdown(request: Request): number;
  close(done: (this: LibuvHandle) => void): void;
  ref(): void;
  unref(): void;
  connect(request: Request, address: string, port?: number): number;
  /** The following members exist only for TCP. */
  connect6?(request: Request, address: string, port: number): number;
  reset?(done: (this: LibuvHandle) => void): number;
  getsockname?(out: Name): number;
  getpeername?(out: Name): number;
  setNoDelay?(on: boolean): number;
  /** Seconds. */
  setKeepAlive?(on: boolean, idle: number, interval?: number, count?: number): number;
  setTypeOfService?(value: number): number;
}

/** The object that a handle writes an address into. */
export interface Name {
  address?: string;
  port?: number;
}

/** An operation that ends later, and calls back then. */
export interface Request {
  oncomplete?: (status: number) => void;
  /** Keeps bytes in memory until they are written. */
  buffer?: Buffer;
  /** On Node 26, the outcome of a write that ended before `oncomplete` was set. */
  writeStatus?: number | null;
}

type RequestClass = new () => Request;
type HandleClass = new (type: number) => LibuvHandle;

/** Everything that is used of Node here. */
export interface NodeHandles {
  readonly TCP: HandleClass;
  readonly Pipe: HandleClass;
  readonly TCPConnectWrap: RequestClass;
  readonly PipeConnectWrap: RequestClass;
  readonly ShutdownWrap: RequestClass;
  /** The request for a write; `undefined` where the handle makes it itself (Node 26). */
  readonly WriteWrap: RequestClass | undefined;
  /** The outcomes of the last calls to handles, at the indexes below. */
  readonly state: Int32Array;
  /** How many bytes were read; an error below 0. */
  readonly kReadBytesOrError: number;
  /** Whether a write ends later. */
  readonly kLastWriteWasAsync: number;
  /** The error of a failed write that returned a request; only on Node 26. */
  readonly kLastWriteErr: number | undefined;
}

/** The type of a handle that is not a server. */
export const SOCKET = 0;

/** libuv's number for the end of the input. */
export const END_OF_FILE = -4095;

/** libuv's numbers for EAGAIN and ECANCELED: the system's own, negated. */
export const TRY_AGAIN = -constants.errno.EAGAIN;
export const CANCELED = -constants.errno.ECANCELED;

/** Node's `process`, which has the classes in some versions. */
export interface MaybeBinding {
  readonly binding?: unknown;
  readonly execArgv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The handles of this Node, from `process.binding()`. Node throws instead where a program runs with restricted
 * permissions, and warns where the user asked for pending deprecations (DEP0111): then it is not called, as the user
 * cannot act on that warning.
 */
export function findNodeHandles(from: MaybeBinding): NodeHandles | undefined {
  const { binding } = from;
  if (typeof binding !== 'function' || asksForPendingDeprecations(from)) return undefined;
  try {
    return handlesOf(partsOf(binding, 'tcp_wrap'), partsOf(binding, 'pipe_wrap'), partsOf(binding, 'stream_wrap'));
  } catch {
    // Whatever part is missing: the documented backend always works.
    return undefined;
  }
}

/**
 * Other undocumented parts of Node, those of all the names together; `undefined` where the user has asked for pending
 * deprecations. Throws what Node throws.
 */
export function findParts(from: MaybeBinding, names: readonly string[]): Parts | undefined {
  const { binding } = from;
  if (typeof binding !== 'function' || asksForPendingDeprecations(from)) return undefined;
  return Object.assign({}, ...names.map((name) => partsOf(binding, name))) as Parts;
}

/** The flags with which TCP handles bind. */
export interface BindFlags {
  readonly IPV6_ONLY: number;
  readonly REUSE_PORT: number;
}

/**
 * The flags that this Node gives, otherwise libuv's (uv.h, `uv_tcp_flags`): Deno's (2.9) differ, and Node 20 does not
 * have the second.
 */
export function findBindFlags(from: MaybeBinding): BindFlags {
  const { binding } = from;
  const flags = { IPV6_ONLY: 1, REUSE_PORT: 2 };
  if (typeof binding !== 'function' || asksForPendingDeprecations(from)) return flags;
  try {
    const { constants } = partsOf(binding, 'tcp_wrap');
    const { UV_TCP_IPV6ONLY, UV_TCP_REUSEPORT } = { ...(constants as Parts) };
    return {
      IPV6_ONLY: typeof UV_TCP_IPV6ONLY === 'number' ? UV_TCP_IPV6ONLY : flags.IPV6_ONLY,
      REUSE_PORT: typeof UV_TCP_REUSEPORT === 'number' ? UV_TCP_REUSEPORT : flags.REUSE_PORT,
    };
  } catch {
    return flags;
  }
}

function asksForPendingDeprecations({ execArgv, env }: MaybeBinding): boolean {
  const options = [...execArgv, ...(env.NODE_OPTIONS ?? '').split(' ')];
  return env.NODE_PENDING_DEPRECATION === '1' || options.includes('--pending-deprecation');
}

/** Parts that are not checked yet. */
export type Parts = Readonly<Record<string, unknown>>;

function partsOf(binding: object, name: string): Parts {
  const parts: unknown = Reflect.apply(binding as () => unknown, process, [name]);
  return typeof parts === 'object' && parts !== null ? { ...parts } : {};
}

/** The methods that both kinds of handles must have, and those that only TCP has. */
const STREAM = 'useUserBuffer readStart readStop writeBuffer shutdown close ref unref connect'.split(' ');
const TCP_ONLY = 'connect6 reset getsockname getpeername setNoDelay setKeepAlive'.split(' ');

function hasMethods(value: unknown, methods: readonly string[]): boolean {
  if (typeof value !== 'function') return false;
  const prototype = value.prototype as object;
  return methods.every((method) => typeof Reflect.get(prototype, method) === 'function');
}

function isHandleClass(value: unknown, methods: readonly string[]): value is HandleClass {
  return hasMethods(value, methods);
}

function isRequestClass(value: unknown): value is RequestClass {
  return hasMethods(value, ['getAsyncId']);
}

/** Everything that is used, if it is as expected. */
function handlesOf(tcp: Parts, pipe: Parts, stream: Parts): NodeHandles | undefined {
  const { TCP, TCPConnectWrap } = tcp;
  const { Pipe, PipeConnectWrap } = pipe;
  const { ShutdownWrap, WriteWrap, streamBaseState } = stream;
  const { kReadBytesOrError, kBytesWritten, kLastWriteWasAsync, kLastWriteErr } = stream;
  if (!isHandleClass(TCP, [...STREAM, ...TCP_ONLY]) || !isHandleClass(Pipe, STREAM)) return undefined;
  if (!isRequestClass(TCPConnectWrap) || !isRequestClass(PipeConnectWrap)) return undefined;
  if (!isRequestClass(ShutdownWrap) || !isRequestClass(WriteWrap)) return undefined;
  if (!types.isInt32Array(streamBaseState)) return undefined;
  if (typeof kReadBytesOrError !== 'number' || typeof kLastWriteWasAsync !== 'number') return undefined;
  if (typeof kBytesWritten !== 'number') return undefined;
  if (!tellsResults(new TCP(SOCKET), new WriteWrap(), streamBaseState, kBytesWritten)) return undefined;
  const makesRequests = typeof kLastWriteErr === 'number';
  return {
    TCP,
    Pipe,
    TCPConnectWrap,
    PipeConnectWrap,
    ShutdownWrap,
    WriteWrap: makesRequests ? undefined : WriteWrap,
    state: streamBaseState,
    kReadBytesOrError,
    kLastWriteWasAsync,
    kLastWriteErr: makesRequests ? kLastWriteErr : undefined,
  };
}

/**
 * Whether a handle is libuv's, and not one that only has the same methods, as in Deno (2.9): there a server does not
 * get its clients, and a callback has no `this`. libuv's handle, when it is not connected, refuses a write within the
 * call, still reports its length, and knows that it has no descriptor. The check makes no socket.
 */
function tellsResults(handle: LibuvHandle, request: Request, state: Int32Array, kBytesWritten: number): boolean {
  const bytes = Buffer.alloc(1);
  // While it is being closed, it must not keep the process alive.
  handle.unref();
  state[kBytesWritten] = 0;
  const status = handle.writeBuffer(request, bytes);
  handle.close(() => undefined);
  return typeof status === 'number' && status < 0 && state[kBytesWritten] === bytes.length && handle.fd === -1;
}
