import type { Duplex } from 'node:stream';
import { inetEndpoint, type InetEndpoint } from '../transports/endpoint.ts';
import { Failure, FailureError } from '../transports/failure.ts';
import { LINGER } from '../transports/linger.ts';
import type { KeepAlive } from '../transports/option-target.ts';
import type { StreamHandle, StreamHandleListener } from '../transports/stream-handle.ts';
import { keepAliveArguments } from '../transports/support.ts';

/** A stream handle over any Duplex of Node's, by what Node documents of streams. */
export class DuplexHandle implements StreamHandle {
  readonly descriptor = -1;
  readonly #stream: Duplex;
  #listener: StreamHandleListener | undefined;
  #isReading = false;
  #isDestroyed = false;

  constructor(stream: Duplex) {
    this.#stream = stream;
  }

  get isWritable(): boolean {
    return this.#stream.writable;
  }

  get isFinished(): boolean {
    return this.#stream.writableFinished;
  }

  get isAtEnd(): boolean {
    return this.#stream.readableEnded;
  }

  get local(): InetEndpoint | undefined {
    return endpointOf(this.#stream, 'local');
  }

  get remote(): InetEndpoint | undefined {
    return endpointOf(this.#stream, 'remote');
  }

  attach(listener: StreamHandleListener): void {
    const isFirst = this.#listener === undefined;
    this.#listener = listener;
    if (isFirst) this.#passOn(this.#stream);
  }

  connect(): void {
    // It stands on a connection.
  }

  resume(): void {
    if (!this.#isReading) {
      this.#isReading = true;
      this.#stream.on('data', (chunk: Buffer) => {
        if (this.#listener?.take(chunk, false) === false) this.#stream.pause();
      });
    }
    this.#stream.resume();
  }

  write(bytes: Buffer): boolean {
    // An empty write asks for an error that the kernel has: a stream reports its errors by itself.
    if (bytes.length === 0) return true;
    let told = false;
    const tell = (error?: Error | null): void => {
      if (told) return;
      told = true;
      this.#listener?.onWriteDone(error);
    };
    this.#stream.write(bytes, (error) => tell(error === null || error === undefined ? undefined : writeError(error)));
    // The callback comes in a later tick, and waiting for it would slow down small sends.
    if (told || this.#stream.writableLength > 0 || !this.#stream.writable) return false;
    told = true;
    return true;
  }

  end(): void {
    this.#stream.end();
  }

  readOnceMore(): void {
    // For libuv's handles only.
  }

  /** A stream that is destroyed loses its end: that is sent before. */
  destroy(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    const stream = this.#stream;
    if (stream.writableFinished || stream.destroyed) {
      stream.destroy();
      return;
    }
    const late = setTimeout(() => stream.destroy(), LINGER * 1000).unref();
    stream.once('close', () => clearTimeout(late));
    stream.once('finish', () => stream.destroy());
    stream.end();
  }

  resetAndDestroy(): void {
    this.#isDestroyed = true;
    this.#stream.destroy();
  }

  hasUnread(): boolean {
    return this.#stream.readableLength > 0;
  }

  hasPeer(): boolean {
    return !this.#stream.destroyed;
  }

  setNoDelay(on: boolean): void {
    callIfThere(this.#stream, 'setNoDelay', [on]);
  }

  setKeepAlive(keepAlive: KeepAlive): void {
    callIfThere(this.#stream, 'setKeepAlive', keepAliveArguments(keepAlive, 1000));
  }

  setTypeOfService(value: number): void {
    callIfThere(this.#stream, 'setTypeOfService', [value]);
  }

  /** Rules 5 to 9, as the listener keeps them. */
  #passOn(stream: Duplex): void {
    let hasFailed = false;
    stream.on('end', () => this.#listener?.onEnd());
    // Rule 7: what the stream still holds of what had come before the error stays.
    stream.on('error', (error) => {
      hasFailed = true;
      for (let chunk: unknown = stream.read(); chunk instanceof Buffer; chunk = stream.read())
        this.#listener?.take(chunk, false);
      this.#listener?.onError(error);
    });
    stream.on('close', () => {
      // A stream that others destroy in the middle must not look as if it were complete.
      if (!hasFailed && !this.#isDestroyed && !stream.readableEnded) this.#listener?.onError(cutShort());
      this.#listener?.onClose();
    });
  }
}

/** The errors by which Node says that a stream cannot be written to any more. */
const IS_CLOSED = ['ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'];

function writeError(error: Error): Error {
  const isClosed = 'code' in error && typeof error.code === 'string' && IS_CLOSED.includes(error.code);
  return isClosed ? new FailureError(new Failure('EPIPE', error)) : error;
}

function cutShort(): Error {
  return new FailureError(new Failure('ECONNABORTED', undefined, 'the stream was destroyed before its end'));
}

/** An end of the connection, as Node's sockets name it; other streams have none. */
function endpointOf(stream: Duplex, end: 'local' | 'remote'): InetEndpoint | undefined {
  const host: unknown = Reflect.get(stream, `${end}Address`);
  const port: unknown = Reflect.get(stream, `${end}Port`);
  return inetEndpoint(typeof host === 'string' ? host : undefined, typeof port === 'number' ? port : undefined);
}

/** Calls a method that Node's sockets have, and that other streams may not have. */
function callIfThere(stream: Duplex, name: string, given: readonly unknown[]): void {
  const method: unknown = Reflect.get(stream, name);
  if (typeof method === 'function') Reflect.apply(method, stream, given);
}
