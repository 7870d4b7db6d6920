import { Duplex } from 'node:stream';
import { IPPROTO_TCP, SHUT_WR, TCP_NODELAY } from '../common/constants.ts';
import { connect, recv, sendKept, shutdown } from '../core/calls.ts';
import type { Core } from '../core/core.ts';
import { watchUnclosed } from '../core/dropped.ts';
import { localOf, remoteOf, streamOf } from '../core/state.ts';
import type { TakenOver } from '../core/take-over.ts';
import type { InetEndpoint } from '../transports/endpoint.ts';
import type { Stream } from '../transports/stream.ts';
import { familyOf, inetOf, type DuplexAddress } from './duplex-address.ts';
import { setKeepAlive, setOption, setTypeOfService, typeOfService, type KeepAliveOptions } from './duplex-options.ts';
import { connectArguments, type ConnectOptions } from './connect-arguments.ts';
import { checkDelay, IdleTimer } from './idle-timer.ts';

/** How many bytes a read takes at most. */
const READ_SIZE = 64 * 1024;

/** The callback of a write, as Node's streams have it. */
type Done = (error?: Error | null) => void;

/**
 * A connection as a stream of Node's, with what libraries use of a `net.Socket` besides.
 *
 * @see https://nodejs.org/api/net.html#class-netsocket
 */
export class SocketDuplex extends Duplex {
  /** Whether it is a connection with TLS of ours. */
  readonly encrypted: boolean;
  /** Always `null`: no server of Node's has accepted it. */
  readonly server: null = null;
  /** Always empty: a socket has one family, and `connect()` tries one address. */
  readonly autoSelectFamilyAttemptedAddresses: string[] = [];
  readonly #core: Core;
  readonly #idle = new IdleTimer(() => this.emit('timeout'));
  #phase: 'fresh' | 'connecting' | 'open' = 'fresh';
  /** Kept for its addresses, which outlast the connection. */
  #stream: Stream | undefined;
  /** What waits for the connection to be made. */
  #held: { readonly begin: () => void; readonly done: Done } | undefined;
  /** Whether bytes are wanted as soon as the connection is made. */
  #wantsBytes = false;
  #timeout: number | undefined;
  #bytesRead = 0;
  #bytesTaken = 0;

  /** @internal */
  constructor({ core, readAhead, encrypts }: TakenOver, allowHalfOpen: boolean) {
    super({ allowHalfOpen, emitClose: false });
    this.#core = core;
    this.encrypted = encrypts;
    watchUnclosed(this, core);
    if (readAhead.length > 0) this.push(readAhead);
    if (core.state.kind === 'connected') this.#open();
  }

  /** Whether the connection is being made. */
  get connecting(): boolean {
    return this.#phase === 'connecting';
  }

  /** Whether there is no connection yet. */
  get pending(): boolean {
    return this.#phase !== 'open';
  }

  /** `opening`, `open`, `readOnly`, `writeOnly` or `closed`. */
  get readyState(): 'opening' | 'open' | 'readOnly' | 'writeOnly' | 'closed' {
    if (this.connecting) return 'opening';
    if (this.readable) return this.writable ? 'open' : 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }

  /** The time limit of {@link setTimeout}, in milliseconds. */
  get timeout(): number | undefined {
    return this.#timeout;
  }

  /** How many bytes were received. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** How many bytes were written, with those that wait to be sent. */
  get bytesWritten(): number {
    return this.#bytesTaken + this.writableLength;
  }

  /** How many bytes wait to be sent. */
  get bufferSize(): number {
    return this.writableLength;
  }

  /** This end's address. */
  get localAddress(): string | undefined {
    return this.#local?.host;
  }

  /** This end's port. */
  get localPort(): number | undefined {
    return this.#local?.port;
  }

  /** `IPv4` or `IPv6`. */
  get localFamily(): 'IPv4' | 'IPv6' | undefined {
    return familyOf(this.#local);
  }

  /** The peer's address. */
  get remoteAddress(): string | undefined {
    return this.#remote?.host;
  }

  /** The peer's port. */
  get remotePort(): number | undefined {
    return this.#remote?.port;
  }

  /** `IPv4` or `IPv6`. */
  get remoteFamily(): 'IPv4' | 'IPv6' | undefined {
    return familyOf(this.#remote);
  }

  /** This end's address, port and family. */
  address(): DuplexAddress {
    const { localAddress: address, localFamily: family, localPort: port } = this;
    if (address === undefined || family === undefined || port === undefined) return {};
    return { address, family, port };
  }

  /**
   * Connects a socket that is not connected yet, as `net.Socket` does; 'connect' and 'ready' follow, or 'error'.
   *
   * @param to - a port or the path of a Unix socket, or an object with `port` and `host` or with `path`.
   * @param hostOrListener - the host of a port, `localhost` where it is left out; or the listener.
   * @param connectionListener - for 'connect'.
   * @throws TypeError for the arguments.
   */
  connect(
    to: ConnectOptions | number | string,
    hostOrListener?: string | (() => void),
    connectionListener?: () => void,
  ): this {
    const { address, listener } = connectArguments([to, hostOrListener, connectionListener]);
    if (listener !== undefined) this.once('connect', listener);
    this.#phase = 'connecting';
    this.#idle.touch();
    connect(this.#core, address, undefined).then(
      () => process.nextTick(() => this.#onConnect()),
      (error: unknown) => this.destroy(errorOf(error)),
    );
    return this;
  }

  /** Destroys the stream once all that was written has been sent. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  /** Destroys the stream, and resets a TCP connection. */
  resetAndDestroy(): this {
    this.#core.discard(true);
    return this.destroy();
  }

  /**
   * Sends small writes at once, without Nagle's algorithm. It is on from the start.
   *
   * @param on - whether to do so.
   */
  setNoDelay(on = true): this {
    setOption(this.#core, IPPROTO_TCP, TCP_NODELAY, Number(on));
    return this;
  }

  /**
   * Lets the system probe an idle connection.
   *
   * @param enable - whether to do so, or an object with all of it.
   * @param initialDelay - as in {@link KeepAliveOptions}.
   * @param interval - as in {@link KeepAliveOptions}.
   * @param count - as in {@link KeepAliveOptions}.
   */
  setKeepAlive(
    enable: boolean | KeepAliveOptions = false,
    initialDelay?: number,
    interval?: number,
    count?: number,
  ): this {
    setKeepAlive(this.#core, typeof enable === 'object' ? enable : { enable, initialDelay, interval, count });
    return this;
  }

  /** The type of service (IP_TOS), or the traffic class of IPv6; 0 over a Unix socket. */
  getTypeOfService(): number {
    return typeOfService(this.#core);
  }

  /**
   * Sets the type of service (IP_TOS), or the traffic class of IPv6.
   *
   * @param tos - from 0 to 255.
   * @throws OSError ENOPROTOOPT where Node cannot do so (before 24.20 and 26.7) and koffi is not installed.
   */
  setTypeOfService(tos: number): this {
    setTypeOfService(this.#core, tos);
    return this;
  }

  /**
   * Emits 'timeout' each time the connection was idle so long; the program decides what follows.
   *
   * @param msecs - milliseconds; 0 for no limit.
   * @param listener - for the next 'timeout'; with 0 it is removed.
   * @throws TypeError or RangeError for the time.
   */
  setTimeout(msecs: number, listener?: () => void): this {
    if (this.destroyed) return this;
    const delay = checkDelay(msecs);
    this.#timeout = msecs;
    this.#idle.set(delay);
    if (listener !== undefined) {
      if (delay === 0) this.removeListener('timeout', listener);
      else this.once('timeout', listener);
    }
    return this;
  }

  /** Lets an open connection keep the process alive while it is read, which is the default. */
  ref(): this {
    this.#core.keepProcess(true);
    return this;
  }

  /** Lets the process end although the connection is open. */
  unref(): this {
    this.#core.keepProcess(false);
    return this;
  }

  /**
   * Called by Node for more bytes.
   *
   * @internal
   */
  override _read(): void {
    if (this.#phase === 'open') this.#receive();
    else this.#wantsBytes = true;
  }

  /**
   * Called by Node with bytes to send.
   *
   * @internal
   */
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#whenOpen(() => this.#send(chunk, done), done);
  }

  /**
   * Called by Node with what was written in the meantime.
   *
   * @internal
   */
  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: Done): void {
    const bytes = Buffer.concat(chunks.map(({ chunk }) => chunk));
    this.#whenOpen(() => this.#send(bytes, done), done);
  }

  /**
   * Called by Node for the end of the output.
   *
   * @internal
   */
  override _final(done: Done): void {
    if (this.#phase === 'fresh') return done();
    this.#whenOpen(() => this.#endOutput(done), done);
  }

  /**
   * Called by Node, once.
   *
   * @internal
   */
  override _destroy(error: Error | null, done: Done): void {
    this.#idle.set(0);
    this.#core.close();
    const held = this.#held;
    this.#held = undefined;
    held?.done(error ?? new Error('the socket was closed before the connection was made'));
    done(error);
    process.nextTick(() => this.emit('close', error !== null));
  }

  get #local(): InetEndpoint | undefined {
    return inetOf(this.#stream === undefined ? localOf(this.#core.state) : this.#stream.local);
  }

  get #remote(): InetEndpoint | undefined {
    return inetOf(this.#stream?.peer);
  }

  #open(): void {
    this.#phase = 'open';
    this.#stream = streamOf(this.#core.state);
    // As net.Socket does: the end of the connection is noticed even if no data are wanted.
    this.read(0);
  }

  #onConnect(): void {
    if (this.destroyed) return;
    this.#open();
    this.#idle.touch();
    if (this.#wantsBytes) this.#receive();
    const held = this.#held;
    this.#held = undefined;
    held?.begin();
    this.emit('connect');
    this.emit('ready');
  }

  /** Calls `begin` once there is a connection; at most one of the calls of Node's streams waits at a time. */
  #whenOpen(begin: () => void, done: Done): void {
    if (this.#phase === 'open') begin();
    else this.#held = { begin, done };
  }

  /** Node calls `_read()` again once the bytes are wanted; a call that waits for bytes keeps the process alive. */
  #receive(): void {
    recv(this.#core, READ_SIZE).then(
      // In a microtask of its own, what a listener throws is an uncaught exception, and not a rejection.
      (bytes) => queueMicrotask(() => this.#onBytes(bytes)),
      (error: unknown) => this.destroy(errorOf(error)),
    );
  }

  #onBytes(bytes: Buffer): void {
    if (this.destroyed) return;
    this.#idle.touch();
    this.#bytesRead += bytes.length;
    try {
      this.push(bytes.length === 0 ? null : bytes);
    } catch (error) {
      // Node asks for more bytes after its listeners have returned. As in net.Socket, one that throws stops nothing.
      process.nextTick(() => void this.read(0));
      throw error;
    }
  }

  #send(bytes: Buffer, done: Done): void {
    this.#idle.touch();
    this.#bytesTaken += bytes.length;
    try {
      const sent = sendKept(this.#core, bytes, undefined);
      if (typeof sent === 'number') return done();
      sent.then(
        () => queueMicrotask(() => this.#onSent(done)),
        (error: unknown) => queueMicrotask(() => done(errorOf(error))),
      );
    } catch (error) {
      done(errorOf(error));
    }
  }

  #onSent(done: Done): void {
    this.#idle.touch();
    done();
  }

  #endOutput(done: Done): void {
    // As in Node: where there is no peer any more, the output has ended, and a read reports the reset.
    if (remoteOf(this.#core.state) !== undefined) shutdown(this.#core, SHUT_WR);
    done();
  }
}

/** The calls below raise nothing but errors. */
function errorOf(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
