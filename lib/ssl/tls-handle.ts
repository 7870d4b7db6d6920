import type { KeepAlive } from '../transports/option-target.ts';
import type { Endpoint, InetEndpoint } from '../transports/endpoint.ts';
import { Failure, FailureError, failureOf } from '../transports/failure.ts';
import type { Released } from '../transports/stream.ts';
import type { StreamHandle, StreamHandleListener } from '../transports/stream-handle.ts';
import { afterPoll } from '../waiting/fairness.ts';
import { WaiterList } from '../waiting/waiters.ts';
import type { EngineHost, TlsEngine } from './engine.ts';
import { openEngine, type EngineSource } from './engine-source.ts';
import { RecordOutput } from './record-output.ts';
import { RecordSplitter } from './records.ts';
import { cutShort, errorOf, inputCutShort, isAlert, isShutDown } from './tls-failures.ts';

/** So many bytes of records may wait for the engine; then the connection below is not read. */
const MOST_WAITING = 64 * 1024;

/** How the end of a connection without `close_notify` is taken. */
export interface TlsHandleOptions {
  readonly source: EngineSource;
  readonly suppressesRaggedEofs: boolean;
}

/**
 * A stream handle that speaks TLS over another one: records come up from that, and plain text goes up to the stream. The
 * stream knows nothing of it.
 */
export class TlsHandle implements StreamHandle, StreamHandleListener, EngineHost {
  /** Records are copied out of the memory that they are read into. */
  readonly keepsBytes = false;
  /** The calls that wait for the end of the handshake. */
  readonly handshakers = new WaiterList();
  /** The calls that wait for the end of TLS. */
  readonly closers = new WaiterList();
  readonly #raw: StreamHandle;
  readonly #names: { readonly local: Endpoint | undefined; readonly remote: Endpoint | undefined };
  readonly #options: TlsHandleOptions;
  readonly #records = new RecordSplitter();
  readonly #output: RecordOutput;
  #listener!: StreamHandleListener;
  #engine: TlsEngine | undefined;
  #phase: 'fresh' | 'begun' | 'established' | 'failed' = 'fresh';
  #failure: Failure | undefined;
  /** What is to be sent once the handshake is done. */
  #held: Buffer | undefined;
  /** The engine has bytes of ours whose records have not all gone out. */
  #isSending = false;
  #plainLength = 0;
  /** The next record is fed a tick later: the end that one made comes a tick late. */
  #rests = false;
  #isDigesting = false;
  #isReading = false;
  #input: 'open' | 'closed' | 'ended' = 'open';
  #closing: 'no' | 'closing' | 'closed' = 'no';
  /** The peer has ended its output, as it should. */
  #hasCloseNotify = false;
  #endsRaw = false;
  /** Why the handshake could not send. */
  #writeError: Error | undefined;
  /** What a call was told to wait for, and has not asked for since. */
  #pending: 'handshake' | 'closing' | undefined;
  /** What has become of the connection below. */
  #rawEnd: { readonly error: Error | undefined } | undefined;
  #isGone = false;
  #isRawClosed = false;
  /** The stream has closed this handle. */
  #isDestroyed = false;
  /** The stream was told so. */
  #isClosed = false;

  constructor({ handle, unread, hasEnded, failure, isWriting, local, remote }: Released, options: TlsHandleOptions) {
    this.#raw = handle;
    this.#names = { local, remote };
    this.#options = options;
    this.#output = new RecordOutput(handle, isWriting, this);
    this.#records.push(unread);
    this.#records.keep();
    if (failure !== undefined) this.#rawEnd = { error: new FailureError(failure) };
    else if (hasEnded) this.#rawEnd = { error: undefined };
    handle.attach(this);
  }

  get engine(): TlsEngine | undefined {
    return this.#engine;
  }

  get descriptor(): number {
    return this.#raw.descriptor;
  }

  get isWritable(): boolean {
    return this.#raw.isWritable && this.#closing === 'no' && this.#phase !== 'failed';
  }

  get isFinished(): boolean {
    return this.#raw.isFinished;
  }

  get isAtEnd(): boolean {
    return this.#input === 'ended';
  }

  get hasOutcome(): boolean {
    if (this.#pending === undefined) return false;
    return (this.#pending === 'handshake' ? this.established() : this.closed()) !== undefined;
  }

  get local(): InetEndpoint | undefined {
    return this.#raw.local;
  }

  get remote(): InetEndpoint | undefined {
    return this.#raw.remote;
  }

  attach(listener: StreamHandleListener): void {
    this.#listener = listener;
  }

  connect(): void {
    // It stands on a connection.
  }

  /** Whether a call has ended that will be made again, to learn how a handshake or the end of TLS went. */
  set pending(what: 'handshake' | 'closing' | undefined) {
    this.#pending = what;
  }

  /** Begins the handshake, if it has not begun. */
  begin(): void {
    if (this.#phase !== 'fresh') return;
    this.#phase = 'begun';
    this.#open(undefined);
    this.#readRaw();
    this.#digest();
  }

  /** True where the handshake is done, a failure where it could not be. */
  established(): true | Failure | undefined {
    if (this.#phase === 'established') return true;
    return this.#failure;
  }

  /** Ends our output with `close_notify`, and leaves the connection below as it is. */
  closeNotify(): void {
    if (this.#closing !== 'no') return;
    this.#closing = 'closing';
    this.#engine?.closeNotify();
    this.#readRaw();
  }

  /** True where both sides have ended TLS, a failure where it broke. */
  closed(): true | Failure | undefined {
    if (this.#failure !== undefined) return this.#failure;
    if (!this.#hasCloseNotify) return this.#input === 'ended' ? cutShort() : undefined;
    return this.#closing === 'closed' && !this.#output.isWriting ? true : undefined;
  }

  /** Gives the connection below away, with what came after the peer's `close_notify`. */
  release(): Released {
    this.#isGone = true;
    this.#output.stop();
    this.#engine?.destroy();
    const { error } = this.#rawEnd ?? { error: undefined };
    return {
      handle: this.#raw,
      unread: this.#records.takeRest(),
      hasEnded: this.#rawEnd !== undefined,
      failure: error instanceof FailureError ? error.failure : undefined,
      isWriting: this.#output.isWriting,
      ...this.#names,
    };
  }

  resume(): void {
    this.#isReading = true;
    this.begin();
    this.#engine?.resume();
    this.#digest();
    this.#readRaw();
  }

  write(bytes: Buffer): boolean {
    if (this.#isGone) return false;
    if (this.#failure !== undefined) {
      this.#listener.onError(new FailureError(this.#failure));
      return true;
    }
    if (this.#isRawClosed) {
      this.#listener.onWriteDone(this.#sendError);
      return false;
    }
    if (bytes.length === 0) return !this.#output.probe((error) => this.#listener.onWriteDone(error));
    if (this.#closing !== 'no') {
      this.#listener.onWriteDone(new FailureError(isShutDown()));
      return false;
    }
    this.#isSending = true;
    if (this.#phase === 'established') {
      this.#engine?.write(bytes);
    } else {
      this.#held = bytes;
      this.begin();
    }
    return false;
  }

  end(): void {
    this.#endsRaw = true;
    if (this.#phase === 'established') this.closeNotify();
    else this.#raw.end();
  }

  readOnceMore(): void {
    if (this.#rawEnd !== undefined) this.#raw.readOnceMore();
  }

  destroy(): void {
    this.#leave();
    // Session tickets may have come that were not read yet: a reset because of them follows our last bytes, and not the
    // other way round.
    if (this.#phase === 'established') this.#raw.end();
    this.#raw.destroy();
  }

  resetAndDestroy(): void {
    this.#leave();
    this.#raw.resetAndDestroy();
  }

  hasUnread(): boolean {
    return this.#raw.hasUnread() || this.#records.length > 0;
  }

  hasPeer(): boolean {
    return this.#raw.hasPeer();
  }

  setNoDelay(on: boolean): void {
    this.#raw.setNoDelay(on);
  }

  setKeepAlive(keepAlive: KeepAlive): void {
    this.#raw.setKeepAlive(keepAlive);
  }

  setTypeOfService(value: number): void {
    this.#raw.setTypeOfService(value);
  }

  // From the connection below.

  take(bytes: Buffer, isLent: boolean): boolean {
    this.#records.push(bytes);
    this.#digest();
    if (isLent) this.#records.keep();
    return this.#wantsRaw;
  }

  onConnect(): void {
    // It stands on a connection.
  }

  onWriteDone(error?: Error | null): void {
    if (!this.#output.onWriteDone(error ?? undefined)) this.onBroken(error);
    else if (this.#closing === 'closed') this.closers.serve();
  }

  /** Records cannot be sent. */
  onBroken(error: Error | null | undefined): void {
    this.#isSending = false;
    // A handshake reads on: the peer's alert may have arrived before.
    if (this.#phase !== 'established') this.#writeError ??= error ?? undefined;
    this.#listener.onWriteDone(error);
    this.closers.serve();
  }

  onEnd(): void {
    const raw = this.#raw;
    if (raw.isFinished) {
      raw.readOnceMore();
      afterPoll(() => this.#endRaw(undefined));
    } else if (!this.#output.probe((error) => this.#endRaw(endOf(error)))) {
      setImmediate(() => this.#endRaw(undefined));
    }
  }

  onError(error: Error): void {
    this.#endRaw(error);
  }

  onBeforeClose(): void {
    this.#listener.onBeforeClose();
  }

  /**
   * Rule 7: a connection closes by itself once both directions have ended, or it has broken. Records that the program has
   * not come to yet are still to be decrypted then, and the end follows them.
   */
  onClose(): void {
    this.#isRawClosed = true;
    this.#rawEnd ??= { error: undefined };
    if (this.#isSending) this.onBroken(this.#sendError);
    this.#digest();
    this.#closeAfterInput();
  }

  // From the engine.

  onPlaintext(bytes: Buffer): boolean {
    this.#plainLength += bytes.length;
    this.#isReading = this.#listener.take(bytes, false);
    this.closers.serve();
    return this.#isReading;
  }

  onOutput(records: Buffer, done: () => void): void {
    this.#output.send(records, done);
  }

  onReady(): void {
    this.#digest();
    this.#readRaw();
  }

  onHandshake(): void {
    this.#phase = 'established';
    this.handshakers.serve();
    // A server of Node 20 loses its session tickets where it writes before Node has written them.
    if (this.#held !== undefined) setImmediate(() => this.#writeHeld());
  }

  onWritten(): void {
    this.#endWrite();
  }

  onCloseNotify(): void {
    if (this.#input !== 'open') return;
    this.#input = 'closed';
    this.#hasCloseNotify = true;
    this.#listener.onEnd();
    this.closers.serve();
  }

  onClosed(): void {
    this.#closing = 'closed';
    if (this.#endsRaw) this.#raw.end();
    this.closers.serve();
  }

  onFailure(failure: Failure): void {
    if (this.#failure !== undefined) return;
    const isCut =
      this.#phase !== 'established' && !this.#options.suppressesRaggedEofs && !isAlert(errorOf(failure, 'recv'));
    this.#input = 'ended';
    this.#failHandshake(failure);
    this.closers.serve();
    this.#listener.onError(new FailureError(failure));
    if (isCut) this.#listener.onError(new FailureError(inputCutShort()));
    this.#endWrite();
    this.#closeAfterInput();
  }

  /** Why nothing can be sent over a connection that has closed. */
  get #sendError(): Error {
    return this.#rawEnd?.error ?? new FailureError(new Failure('EPIPE'));
  }

  /** Whether the engine has taken all records that can be whole. */
  get #isDrained(): boolean {
    return !this.#rests && (this.#input !== 'open' || this.#engine === undefined || this.#engine.isReady);
  }

  /** Whether more is to be read from the connection below. */
  get #wantsRaw(): boolean {
    if (this.#isGone || this.#input !== 'open' || this.#records.length >= MOST_WAITING) return false;
    return this.#phase !== 'established' || this.#isReading || this.#closing !== 'no';
  }

  #readRaw(): void {
    if (this.#wantsRaw && this.#phase !== 'fresh') this.#raw.resume();
  }

  #open(record: Buffer | undefined): void {
    openEngine(this.#options.source, this, record, (engine) => (this.#engine = engine));
  }

  /** Feeds the engine, and passes on the end of the connection once it has all. */
  #digest(): void {
    if (this.#phase === 'fresh' || this.#rests || this.#isGone || this.#isDigesting) return;
    this.#isDigesting = true;
    this.#feed();
    this.#isDigesting = false;
    if (this.#rawEnd !== undefined && this.#isDrained) this.#endInput(this.#rawEnd.error);
  }

  #feed(): void {
    while (this.#input === 'open' && this.#engine?.isReady !== false) {
      const record = this.#records.next();
      if (record === undefined) break;
      const before = this.#plainLength;
      if (this.#engine === undefined) this.#open(record);
      else this.#engine.feed(record);
      if (this.#plainLength === before && this.#phase === 'established' && this.#records.length > 0) {
        this.#rest();
        return;
      }
    }
  }

  #rest(): void {
    this.#rests = true;
    process.nextTick(() => {
      this.#rests = false;
      this.#digest();
      this.#readRaw();
    });
  }

  #endRaw(error: Error | undefined): void {
    this.#rawEnd ??= { error: error ?? this.#writeError };
    this.#digest();
  }

  /** The connection below has ended, and all that came over it was given to the engine. */
  #endInput(error: Error | undefined): void {
    // A `close_notify` that has just been fed comes out a tick later.
    process.nextTick(() => {
      if (this.#input === 'ended' || this.#isGone) return;
      const before = this.#input;
      this.#input = 'ended';
      const isCut = before === 'open';
      const isError = isCut && !this.#options.suppressesRaggedEofs;
      if (error !== undefined) this.#failWith(error);
      else if (isCut && this.#phase !== 'established') this.#cutHandshake();
      if (error === undefined && isCut && !isError) this.#listener.onEnd();
      // After a reset, too, that a call has been told of.
      if (isError) this.#listener.onError(new FailureError(inputCutShort()));
      this.closers.serve();
      this.#closeAfterInput();
    });
  }

  /** We close the connection below, and want nothing more of it. */
  #leave(): void {
    this.#isDestroyed = true;
    this.#engine?.destroy();
    // It may have closed by itself before.
    if (this.#isRawClosed) process.nextTick(() => this.#closeAfterInput());
  }

  #closeAfterInput(): void {
    if (!this.#isRawClosed || this.#isClosed || (this.#input !== 'ended' && !this.#isDestroyed)) return;
    this.#isClosed = true;
    this.#engine?.destroy();
    this.#listener.onClose();
  }

  #failWith(error: Error): void {
    if (this.#phase !== 'established') this.#failHandshake(failureOf(error));
    this.#listener.onError(error);
    this.#endWrite();
  }

  /** The error is for the handshake, and for sends. A receive gives what it always gives where the connection is cut. */
  #cutHandshake(): void {
    const failure = cutShort();
    this.#failHandshake(failure);
    if (this.#isSending) this.#listener.onError(new FailureError(failure));
    this.#endWrite();
  }

  /** Ends the write that is under way, if any. A broken engine does not: its error was reported before. */
  #endWrite(): void {
    if (!this.#isSending) return;
    this.#isSending = false;
    this.#listener.onWriteDone();
  }

  #failHandshake(failure: Failure): void {
    this.#phase = 'failed';
    this.#failure = failure;
    this.handshakers.serve();
  }

  #writeHeld(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined && this.#phase === 'established' && !this.#isGone) this.#engine?.write(held);
  }
}

/** What an empty write has told of the end of a connection. EPIPE is for senders: the end stays an end. */
function endOf(error: Error | undefined): Error | undefined {
  return error === undefined || failureOf(error).code === 'EPIPE' ? undefined : error;
}
