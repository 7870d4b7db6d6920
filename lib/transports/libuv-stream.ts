import net from 'node:net';
import type { KeepAlive } from './option-target.ts';
import { afterPoll } from '../waiting/fairness.ts';
import { inetEndpoint, isUnix, type Endpoint, type InetEndpoint } from './endpoint.ts';
import { systemError } from './failure.ts';
import { Reads, sharedMemory, sharedPart, SIZE } from './libuv-reads.ts';
import { afterOutput } from './linger.ts';
import {
  END_OF_FILE,
  SOCKET,
  TRY_AGAIN,
  type Name,
  type NodeHandles,
  type Request,
  type LibuvHandle,
} from './node-handles.ts';
import type { StreamHandle, StreamHandleListener } from './stream-handle.ts';
import { RetryPause } from './retry-pause.ts';
import { keepAliveArguments } from './support.ts';

/** The property in which a handle keeps its stream. */
const STREAM = Symbol('stream');

interface OwnedHandle extends LibuvHandle {
  [STREAM]?: LibuvStream | undefined;
}

/**
 * The next write's request. A write that the kernel takes at once leaves it unchanged, so most writes share it: Node's
 * stream makes one for each, which slows down small sends.
 */
let idleRequest: Request | undefined;

/** A stream over a handle of libuv's. */
export class LibuvStream implements StreamHandle {
  readonly #node: NodeHandles;
  #handle: OwnedHandle;
  /** Defined from attach() on, which comes before anything else. */
  #listener!: StreamHandleListener;
  #isConnecting = false;
  /** The pause in which connect() waits for room in the queue of a Unix listener. */
  #pause: RetryPause | undefined;
  #reading: 'never' | 'soon' | 'on' | 'off' = 'never';
  /** Needed only once a read fills the shared memory, which few streams ever do. */
  #reads: Reads | undefined;
  #isAtEnd = false;
  #onceMore: 'no' | 'reading' | 'leaving' = 'no';
  #output: 'open' | 'ending' | 'finished' = 'open';
  /** Closes the handle of a destroyed stream once the end of its output was sent. */
  #closeLater: (() => void) | undefined;
  #isDestroyed = false;

  constructor(node: NodeHandles, handle: OwnedHandle) {
    this.#node = node;
    this.#handle = this.#adopt(handle);
  }

  get descriptor(): number {
    return this.#isDestroyed ? -1 : (this.#handle.fd ?? -1);
  }

  get isWritable(): boolean {
    return this.#output === 'open' && !this.#isDestroyed;
  }

  get isFinished(): boolean {
    return this.#output === 'finished';
  }

  get isAtEnd(): boolean {
    return this.#isAtEnd;
  }

  hasUnread(): boolean {
    return false;
  }

  get local(): InetEndpoint | undefined {
    const name: Name = {};
    if (!this.#isDestroyed) this.#handle.getsockname?.(name);
    return inetEndpoint(name.address, name.port);
  }

  get remote(): InetEndpoint | undefined {
    const name: Name = {};
    if (!this.#isDestroyed) this.#handle.getpeername?.(name);
    return inetEndpoint(name.address, name.port);
  }

  attach(listener: StreamHandleListener): void {
    this.#listener = listener;
    if (this.#reads !== undefined) this.#reads.receiver = listener;
  }

  connect(remote: Endpoint, waitsForRoom: boolean): void {
    if (waitsForRoom && isUnix(remote)) this.#pause = new RetryPause();
    this.#isConnecting = true;
    this.#tryToConnect(remote);
  }

  resume(): void {
    if (this.#isDestroyed || this.#reading === 'on') return;
    if (this.#isConnecting) {
      this.#reading = 'soon';
      return;
    }
    if (this.#reading !== 'off') this.#handle.useUserBuffer(sharedMemory);
    this.#reading = 'on';
    const status = this.#handle.readStart();
    if (status !== 0) this.#break(systemError('read', status));
  }

  write(bytes: Buffer): boolean {
    // onClose() follows.
    if (this.#isDestroyed) return false;
    const done = this.#handOver(bytes);
    if (done === 0) return true;
    if (typeof done === 'number') {
      this.#listener.onWriteDone(systemError('write', done));
      return false;
    }
    done.buffer = bytes;
    // Rule 3: senders go on when the kernel has the rest.
    done.oncomplete = (status) => this.#listener.onWriteDone(status === 0 ? null : systemError('write', status));
    if (typeof done.writeStatus === 'number') done.oncomplete(done.writeStatus);
    return false;
  }

  end(): void {
    if (!this.isWritable) return;
    this.#output = 'ending';
    const request = new this.#node.ShutdownWrap();
    // Rule 7: a stream closes when both directions have ended.
    request.oncomplete = () => this.#finish();
    // 1 means that it is done within the call; it fails where there is no peer any more (ENOTCONN).
    if (this.#handle.shutdown(request) !== 0) this.#finish();
  }

  readOnceMore(): void {
    if (this.#isDestroyed) return;
    this.#onceMore = 'reading';
    this.#handle.readStart();
    afterPoll(() => {
      const leaves = this.#onceMore === 'leaving';
      this.#onceMore = 'no';
      if (leaves) this.destroy();
    });
  }

  destroy(): void {
    if (this.#onceMore !== 'no') this.#onceMore = 'leaving';
    else if (this.#leave()) this.#closeHandle(false);
  }

  handOver(): void {
    // What goes on with the descriptor reads once more, and ends the output, by itself.
    this.#onceMore = 'no';
    if (this.#leave()) this.#closeNow(false);
  }

  resetAndDestroy(): void {
    if (this.#leave()) this.#closeHandle(true);
  }

  hasPeer(): boolean {
    return !this.#isDestroyed && (this.#handle.getpeername?.({}) ?? 0) === 0;
  }

  setNoDelay(on: boolean): void {
    if (!this.#isDestroyed) this.#handle.setNoDelay?.(on);
  }

  setKeepAlive(keepAlive: KeepAlive): void {
    if (!this.#isDestroyed) this.#handle.setKeepAlive?.(...keepAliveArguments(keepAlive, 1));
  }

  setTypeOfService(value: number): void {
    const status = this.#isDestroyed ? 0 : (this.#handle.setTypeOfService?.(value) ?? 0);
    if (status !== 0) throw systemError('setTypeOfService', status);
  }

  /** Rules 2, 4, 7 and 8, as the listener keeps them: bytes are passed on in order, and then the end. */
  static readonly #onRead = function (this: OwnedHandle): Buffer | undefined {
    const stream = this[STREAM];
    if (stream === undefined || stream.#isDestroyed) return undefined;
    const count = stream.#node.state[stream.#node.kReadBytesOrError] ?? 0;
    if (count > 0) return stream.#take(count);
    if (count === END_OF_FILE) stream.#endInput();
    else if (count < 0) stream.#break(systemError('read', count));
    return undefined;
  };

  /** Rule 6, as the listener keeps it: the stream is closed. */
  static readonly #onClose = function (this: OwnedHandle): void {
    const stream = this[STREAM];
    if (stream !== undefined) stream.#listener.onClose();
  };

  /** Returns the memory for the next read; `undefined` for the same. */
  #take(count: number): Buffer | undefined {
    const listener = this.#listener;
    if (count === SIZE) this.#reads ??= new Reads(listener);
    const reads = this.#reads;
    const goesOn = reads === undefined ? listener.take(sharedPart(count), true) : reads.take(count);
    if (!goesOn && !this.#isDestroyed) {
      this.#reading = 'off';
      this.#handle.readStop();
    }
    return reads?.memory;
  }

  #endInput(): void {
    if (this.#isAtEnd) return;
    // At once: Node has run the tasks that the bytes before the end have woken, as each read is a callback of its own.
    this.#isAtEnd = true;
    this.#listener.onEnd();
    this.#leaveAtEnd();
  }

  #finish(): void {
    this.#output = 'finished';
    if (this.#closeLater === undefined) this.#leaveAtEnd();
    else this.#closeLater();
  }

  #closeHandle(isReset: boolean): void {
    if (this.#output === 'ending' && this.#handle.reset !== undefined) this.#closeAfterEnd(isReset);
    else this.#closeNow(isReset);
  }

  #closeNow(isReset: boolean): void {
    const handle = this.#handle;
    if (isReset && handle.reset !== undefined) handle.reset(LibuvStream.#onClose);
    else handle.close(LibuvStream.#onClose);
  }

  /**
   * Closes the handle after the end of the output was sent. libuv calls shutdown(2) in the next turn of the event loop,
   * and never if the handle is closed first: a close with unread bytes would then send a reset without the end. (A
   * reset in that turn fails with EINVAL, and the handle can never be closed, on Node 20 to 26.) For a Unix peer the
   * order makes no difference (unix_release_sock in Linux).
   */
  #closeAfterEnd(isReset: boolean): void {
    const closing = (reset: boolean) => () => this.#closeNow(reset);
    this.#closeLater = afterOutput(closing(isReset), closing(false));
    // Unread bytes have to stay in the kernel: they make it reset the connection.
    if (this.#reading === 'on') this.#handle.readStop();
  }

  #leaveAtEnd(): void {
    if (this.#isAtEnd && this.isFinished) this.destroy();
  }

  #adopt(handle: OwnedHandle): OwnedHandle {
    handle[STREAM] = this;
    handle.onread = LibuvStream.#onRead;
    handle.unref();
    return handle;
  }

  #tryToConnect(remote: Endpoint): void {
    const { TCPConnectWrap, PipeConnectWrap } = this.#node;
    const request = new (isUnix(remote) ? PipeConnectWrap : TCPConnectWrap)();
    const wasBound = this.descriptor >= 0;
    request.oncomplete = (status) => this.#onConnect(status, remote, wasBound);
    const status = this.#begin(request, remote);
    if (status !== 0) this.#break(systemError('connect', status, remote));
  }

  #begin(request: Request, remote: Endpoint): number {
    const handle = this.#handle;
    if (isUnix(remote)) return handle.connect(request, remote.path);
    const { host, port } = remote;
    // libuv keeps this option for the descriptor that connect() makes.
    handle.setNoDelay?.(true);
    if (net.isIPv4(host) || handle.connect6 === undefined) return handle.connect(request, host, port);
    return handle.connect6(request, host, port);
  }

  /** Rule 5: a connection that was given up by then is not reported. */
  #onConnect(status: number, remote: Endpoint, wasBound: boolean): void {
    if (this.#isDestroyed) return;
    if (status === TRY_AGAIN && this.#pause !== undefined) return this.#connectAgain(remote, wasBound);
    this.#isConnecting = false;
    if (status !== 0) return this.#break(systemError('connect', status, remote));
    this.#listener.onConnect();
    if (this.#reading === 'soon') this.resume();
  }

  #connectAgain(remote: Endpoint, wasBound: boolean): void {
    this.#pause?.pause(() => {
      // The descriptor of a failed attempt would stay unreadable: uv_pipe_connect() prepares only new ones.
      if (!wasBound) this.#replaceHandle();
      this.#tryToConnect(remote);
    });
  }

  #replaceHandle(): void {
    const former = this.#handle;
    this.#handle = this.#adopt(new this.#node.Pipe(SOCKET));
    former[STREAM] = undefined;
    former.close(LibuvStream.#onClose);
  }

  /** Hands bytes to the kernel: returns 0, or an error, or the request that calls back when the kernel has them all. */
  #handOver(bytes: Buffer): number | Request {
    const { WriteWrap, state, kLastWriteWasAsync, kLastWriteErr } = this.#node;
    if (WriteWrap === undefined) {
      const done = this.#handle.writeBuffer(null, bytes);
      const failed = kLastWriteErr === undefined ? 0 : (state[kLastWriteErr] ?? 0);
      return typeof done === 'number' || failed === 0 ? done : failed;
    }
    const request = (idleRequest ??= new WriteWrap());
    const status = this.#handle.writeBuffer(request, bytes);
    if (status === 0 && state[kLastWriteWasAsync] === 0) return 0;
    idleRequest = undefined;
    return status === 0 ? request : status;
  }

  #break(error: Error): void {
    // After an error there is no further read.
    this.#onceMore = 'no';
    this.destroy();
    process.nextTick(() => this.#listener.onError(error));
  }

  /** Marks the stream as closed; false if it was already. */
  #leave(): boolean {
    if (this.#isDestroyed) return false;
    this.#listener.onBeforeClose();
    this.#isDestroyed = true;
    this.#pause?.end();
    this.#reads?.end();
    return true;
  }
}
