import net from 'node:net';
import type { KeepAlive } from './option-target.ts';
import { inetEndpoint, isUnix, type Endpoint, type InetEndpoint } from './endpoint.ts';
import { failureOf } from './failure.ts';
import { descriptorOf, dropHandle, hasPeer, readOnceMore } from './handle.ts';
import { afterOutput } from './linger.ts';
import type { StreamBackend, StreamHandle, StreamHandleListener } from './stream-handle.ts';
import { RetryPause } from './retry-pause.ts';
import { keepAliveArguments } from './support.ts';

/** A stream over `net.Socket`, by its documented events and `write()`. */
class NetStream implements StreamHandle {
  readonly #socket: net.Socket;
  /** Defined from attach() on, which comes before anything else. */
  #listener: StreamHandleListener | undefined;
  #isReading = false;
  /** Called with the error of a write that failed. */
  #fail: (error: Error) => void = () => undefined;
  /** Why a write has failed, and so each later one: Node's stream would keep them for ever. */
  #failure: Error | undefined;
  /** What waits for the end of the output, which does not come after a write has failed. */
  #afterFailure: () => void = () => undefined;

  constructor(socket: net.Socket) {
    this.#socket = socket;
    // Nothing is read before resume().
    socket.pause();
    socket.unref();
    this.#failAlone(socket);
  }

  get descriptor(): number {
    return descriptorOf(this.#socket);
  }

  get isWritable(): boolean {
    return this.#socket.writable;
  }

  get isFinished(): boolean {
    return this.#socket.writableFinished;
  }

  get isAtEnd(): boolean {
    return this.#socket.readableEnded;
  }

  hasUnread(): boolean {
    return this.#socket.readableLength > 0;
  }

  get local(): InetEndpoint | undefined {
    return inetEndpoint(this.#socket.localAddress, this.#socket.localPort);
  }

  get remote(): InetEndpoint | undefined {
    return inetEndpoint(this.#socket.remoteAddress, this.#socket.remotePort);
  }

  attach(listener: StreamHandleListener): void {
    const isFirst = this.#listener === undefined;
    this.#listener = listener;
    if (isFirst) this.#passOn();
  }

  connect(remote: Endpoint, waitsForRoom: boolean): void {
    if (isUnix(remote)) {
      if (waitsForRoom) this.#waitForRoom(remote.path);
      this.#socket.connect({ path: remote.path });
    } else {
      this.#socket.setNoDelay(true);
      this.#socket.connect({ host: remote.host, port: remote.port, autoSelectFamily: false });
    }
  }

  resume(): void {
    this.#passOnBytes();
    this.#socket.resume();
  }

  handOver(): void {
    this.#passOnBytes();
    while (this.hasUnread() && this.#socket.read() !== null);
    // The socket's own method may wait for one more read, which is for what goes on with the descriptor.
    net.Socket.prototype.destroy.call(this.#socket);
  }

  write(bytes: Buffer): boolean {
    if (this.#failure !== undefined) {
      this.#listener?.onWriteDone(this.#failure);
      return false;
    }
    let told = false;
    const tell = (error?: Error): void => {
      if (told) return;
      told = true;
      this.#listener?.onWriteDone(error);
    };
    this.#fail = tell;
    this.#socket.write(bytes, () => tell());
    // The callback comes in a later tick, and waiting for it would slow down small sends.
    if (told || this.#socket.writableLength > 0) return false;
    told = true;
    return true;
  }

  end(): void {
    this.#socket.end();
  }

  readOnceMore(): void {
    readOnceMore(this.#socket);
  }

  destroy(): void {
    // For a Unix peer, which has no address here, the order makes no difference (unix_release_sock in Linux).
    if (!this.#isEnding || this.remote === undefined) {
      this.#socket.destroy();
      return;
    }
    this.#closeAfterEnd(() => {
      // No call has read bytes that Node has read in the meantime: the peer has to get a reset.
      if (this.hasUnread()) this.#socket.resetAndDestroy();
      else this.#socket.destroy();
    });
  }

  resetAndDestroy(): void {
    if (this.#isEnding) this.#closeAfterEnd(() => this.#socket.resetAndDestroy());
    else this.#socket.resetAndDestroy();
  }

  hasPeer(): boolean {
    return !this.#socket.destroyed && hasPeer(this.#socket);
  }

  setNoDelay(on: boolean): void {
    this.#socket.setNoDelay(on);
  }

  setKeepAlive(keepAlive: KeepAlive): void {
    this.#socket.setKeepAlive(...keepAliveArguments(keepAlive, 1000));
  }

  setTypeOfService(value: number): void {
    const socket = this.#socket;
    // Before the connection is begun there may be no descriptor, and Node would fail with EBADF.
    if (!socket.connecting || this.descriptor !== -1) socket.setTypeOfService(value);
    else socket.once('connect', () => socket.setTypeOfService(value));
  }

  /** Rules 2, 4 and 8, as the listener keeps them: what Node's socket reads is passed on. */
  #passOnBytes(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    this.#socket.on('data', (chunk: Buffer) => {
      if (this.#listener?.take(chunk, false) === false) this.#socket.pause();
    });
  }

  /** Rules 5 to 9, as the listener keeps them: Node's events are passed on. */
  #passOn(): void {
    const socket = this.#socket;
    socket.on('connect', () => this.#listener?.onConnect());
    socket.on('end', () => this.#listener?.onEnd());
    socket.on('close', () => this.#listener?.onClose());
    // Rule 7: what Node still holds of what had come before the error stays.
    socket.on('error', (error) => {
      for (let chunk: unknown = socket.read(); chunk instanceof Buffer; chunk = socket.read())
        this.#listener?.take(chunk, false);
      this.#listener?.onError(error);
    });
    const destroy = socket._destroy.bind(socket);
    socket._destroy = (...how) => {
      this.#listener?.onBeforeClose();
      destroy(...how);
    };
  }

  /** Connects again for as long as the queue of a Unix listener is full, instead of destroying the socket. */
  #waitForRoom(path: string): void {
    const socket = this.#socket;
    const pause = new RetryPause();
    // A bound socket has its descriptor already.
    const isFresh = this.descriptor < 0;
    const destroy = socket.destroy.bind(socket);
    socket.destroy = (error) => {
      if (error !== undefined && failureOf(error).code === 'EAGAIN' && (!isFresh || dropHandle(socket))) {
        pause.pause(() => socket.connect({ path }));
        return socket;
      }
      pause.end();
      return destroy(error);
    };
    socket.once('connect', () => {
      socket.destroy = destroy;
    });
  }

  /** Whether the end of the output is being sent. After a write that has failed, it never is: see #failAlone. */
  get #isEnding(): boolean {
    const { writableEnded, writableFinished, destroyed } = this.#socket;
    return writableEnded && !writableFinished && !destroyed && this.#failure === undefined;
  }

  /**
   * Closes the socket after the end of the output was sent. Node calls shutdown(2) in the next turn of the event loop,
   * and never if the socket is destroyed first: a close with unread bytes would then send a reset without the end. (A
   * reset in that turn fails with EINVAL and leaks the descriptor, on Node 20 to 26.)
   */
  #closeAfterEnd(close: () => void): void {
    this.#socket.pause();
    const closeNow = afterOutput(close, () => this.#socket.destroy());
    this.#socket.once('finish', closeNow);
    this.#socket.once('close', closeNow);
    this.#afterFailure = closeNow;
  }

  /**
   * Keeps failures of writes from the socket, because a stream that learns of a failure destroys itself. It uses the
   * methods that Node documents for implementers of streams.
   */
  #failAlone(socket: net.Socket): void {
    const write = socket._write.bind(socket);
    socket._write = (chunk, encoding, callback) => {
      write(chunk, encoding, (error) => {
        if (error === null || error === undefined) callback();
        else {
          this.#failure = error;
          this.#fail(error);
          this.#afterFailure();
        }
      });
    };
  }
}

/** Whether a stream is a plain socket of Node's. One with TLS is a `net.Socket`, too, but over a handle of its own. */
export function isNetSocket(stream: object): stream is net.Socket {
  return stream instanceof net.Socket && !('encrypted' in stream);
}

/** The documented backend. */
export const netBackend: StreamBackend = {
  make() {
    const socket = new net.Socket();
    // Set here because the constructor's options are slow on Node 20, whose V8 copies them in its slow mode.
    socket.allowHalfOpen = true;
    return new NetStream(socket);
  },

  over: (socket) => new NetStream(socket),

  serve(server, accept) {
    server.on('connection', (socket) => {
      socket.setNoDelay(true);
      accept(new NetStream(socket));
    });
  },
};
