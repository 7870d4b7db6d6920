import { constants } from 'node:os';
import { types } from 'node:util';

/**
 * What Node's sockets stand on: the classes of libuv's handles and requests. They are not documented, so all of it is
 * looked at before it is used.
 */

/** A handle of a TCP or Unix connection. What the kernel refuses is a number below 0. */
export interface LibuvHandle {
  /** Is called when bytes are read, or the end or an error; gives the memory for the next read. */
  onread: (this: LibuvHandle) => Buffer | undefined;
  readonly fd?: number;
  useUserBuffer(memory: Buffer): void;
  readStart(): number;
  readStop(): number;
  /** Node 26 gives a number where all is done within the call, and else the request that it makes by itself. */
  writeBuffer(request: Request | null, bytes: Buffer): number | Request;
  shutdown(request: Request): number;
  close(done: (this: LibuvHandle) => void): void;
  ref(): void;
  unref(): void;
  connect(request: Request, address: string, port?: number): number;
  /** What follows only a TCP connection has. */
  connect6?(request: Request, address: string, port: number): number;
  reset?(done: (this: LibuvHandle) => void): number;
  getsockname?(out: Name): number;
  getpeername?(out: Name): number;
  setNoDelay?(on: boolean): number;
  /** Seconds. */
  setKeepAlive?(on: boolean, idle: number, interval?: number, count?: number): number;
  setTypeOfService?(value: number): number;
}

/** Where a handle writes an address. */
export interface Name {
  address?: string;
  port?: number;
}

/** What is done later, and calls back then. */
export interface Request {
  oncomplete?: (status: number) => void;
  /** Keeps bytes in memory until they are written. */
  buffer?: Buffer;
  /** What a write of Node 26's came to before `oncomplete` was there. */
  writeStatus?: number | null;
}

type RequestClass = new () => Request;
type HandleClass = new (type: number) => LibuvHandle;

/** All that is used of Node here. */
export interface NodeHandles {
  readonly TCP: HandleClass;
  readonly Pipe: HandleClass;
  readonly TCPConnectWrap: RequestClass;
  readonly PipeConnectWrap: RequestClass;
  readonly ShutdownWrap: RequestClass;
  /** What a write is given; `undefined` where the handle makes that by itself (Node 26). */
  readonly WriteWrap: RequestClass | undefined;
  /** What the handles' last calls have come to, at the places that follow. */
  readonly state: Int32Array;
  /** How many bytes were read, or below 0 what failed. */
  readonly kReadBytesOrError: number;
  /** Whether a write is to be done later. */
  readonly kLastWriteWasAsync: number;
  /** Why a write failed that has a request all the same; only on Node 26. */
  readonly kLastWriteErr: number | undefined;
}

/** The type of a handle that is no server. */
export const SOCKET = 0;

/** libuv's number for the end of the input. */
export const END_OF_FILE = -4095;

/** libuv's number for EAGAIN, which is this system's. */
export const TRY_AGAIN = -constants.errno.EAGAIN;

/** What gives the classes: Node's `process`, as far as it has it. */
export interface MaybeBinding {
  readonly binding?: unknown;
  readonly execArgv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * What this Node has of it. `process.binding()` is what gives it. Node throws instead where a program runs with
 * restricted permissions, and warns where it was asked to tell what is deprecated one day (DEP0111): whoever asked is
 * not to be told of this.
 */
export function findNodeHandles(from: MaybeBinding): NodeHandles | undefined {
  const { binding } = from;
  if (typeof binding !== 'function' || asksForPendingDeprecations(from)) return undefined;
  try {
    return handlesOf(partsOf(binding, 'tcp_wrap'), partsOf(binding, 'pipe_wrap'), partsOf(binding, 'stream_wrap'));
  } catch {
    // Whatever it is that this Node does not give: the documented backend is always there.
    return undefined;
  }
}

/** The flags with which TCP handles bind. */
export interface BindFlags {
  readonly IPV6_ONLY: number;
  readonly REUSE_PORT: number;
}

/**
 * The flags that this Node tells, else libuv's (uv.h, `uv_tcp_flags`): those of Deno (2.9) are others, and Node 20 does
 * not know the second.
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

/** What is yet to be looked at. */
type Parts = Readonly<Record<string, unknown>>;

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

/** All that is used, if it is as expected. */
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
 * Whether a handle is libuv's, and not one that only has the same methods, as Deno's (2.9): there servers are not given
 * their clients, and a callback has no `this`. A handle without a connection refuses a write within the call and tells
 * the length all the same, and it knows that it has no descriptor. No socket is made for that.
 */
function tellsResults(handle: LibuvHandle, request: Request, state: Int32Array, kBytesWritten: number): boolean {
  const bytes = Buffer.alloc(1);
  // As long as it is being closed, it must not count as something that keeps the process alive.
  handle.unref();
  state[kBytesWritten] = 0;
  const status = handle.writeBuffer(request, bytes);
  handle.close(() => undefined);
  return typeof status === 'number' && status < 0 && state[kBytesWritten] === bytes.length && handle.fd === -1;
}
