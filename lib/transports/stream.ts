import { ByteQueue } from '../queues/byte-queue.ts';
import type { Searched } from '../queues/search.ts';
import { afterPoll, resetBudget } from '../waiting/fairness.ts';
import { observeAll, BY_CLOSE, WaiterList } from '../waiting/waiters.ts';
import type { Bound } from './bound.ts';
import { isOneAddress, StreamBase, type Phase } from './stream-base.ts';
import { isUnix, type Endpoint } from './endpoint.ts';
import { Failure, failureOf, InputFailure } from './failure.ts';
import { hold, release } from './open-descriptors.ts';
import { streamBackend } from './stream-backend.ts';
import type { StreamHandle, StreamHandleListener } from './stream-handle.ts';
import { HalfClosedInput } from './half-closed-input.ts';
import type { Readiness } from './readiness.ts';
import type { Received, Shut, Source, Successor, TakeFlags } from './source.ts';
import { streamEvents } from './stream-events.ts';

/**
 * How many bytes are read ahead of the program: reading stops at the first mark and resumes at the second. They bound
 * the memory that a peer can fill.
 */
const READ_AHEAD = 256 * 1024;
const READ_AGAIN = READ_AHEAD / 2;

/**
 * A call that wants more than is read ahead gets memory for all of it once this part of it has come: a peer that only
 * announces a long message, and does not send it, makes the program reserve nothing.
 */
const RESERVED_AFTER = 1 / 16;

/** The most that one read of Node's gives. */
const ONE_READ = 64 * 1024;

const NOTHING = Buffer.alloc(0);

/** The queue of all streams whose bytes have all gone straight to calls. */
const NO_BYTES = new ByteQueue();

/** A Unix socket without a name. */
const NAMELESS: Endpoint = { path: '' };

/** One for all streams that have no others. */
const NONE: readonly WaiterList[] = [];

/** What a stream gives away: its handle, and what it knows of the connection. */
export interface Released {
  readonly handle: StreamHandle;
  /** What has come and no call has received. */
  readonly unread: Buffer;
  readonly hasEnded: boolean;
  /** What broke the connection, and no call was told. */
  readonly failure: Failure | undefined;
  /** Whether the handle has yet to say that a write is done. */
  readonly isWriting: boolean;
  readonly local: Endpoint | undefined;
  readonly remote: Endpoint | undefined;
}

/**
 * A connection: turns the events of a stream handle into a queue of bytes and lists of waiting calls. An operation
 * returns its result, or a {@link Failure}, or `undefined` where the call has to wait in the list for it. The handlers
 * cite the rules of docs/promises.md by number.
 */
export class Stream extends StreamBase implements StreamHandleListener, Source, Readiness {
  /** The calls that wait for bytes. */
  readonly readers = new WaiterList();
  /** The calls that wait until bytes can be sent. */
  readonly writers = new WaiterList();
  #connectors: WaiterList | undefined;
  /** What has come and no call has taken; a queue of its own from the first bytes on that no call waits for. */
  #received = NO_BYTES;
  #phase: Phase;
  /** Whether the last receive took bytes as they are. */
  #keepsBytes = true;
  #givesPieces = false;
  /** The calls that wait for more than bytes, as those of TLS do; they end with the others. */
  #others: readonly WaiterList[] = NONE;
  #isFlowing = false;
  /** Whether a reader waits for more bytes than the queue has. A reader that waits for its turn does not. */
  #isStarved = false;
  /** Reading was last asked for by a poll, and not by a reader that waits: it stops after one read. */
  #readsOnce = false;
  /** Nothing more will arrive: after the bytes in the queue, a read gives the failure, once, and then the end. */
  #inputEnded = false;
  /** What receives give in place of the end. */
  #inputFailure: InputFailure | undefined;
  /** Nothing more can be sent: SHUT_WR, or an error. */
  #outputEnded = false;
  /** The input after SHUT_RD, over TCP. */
  #shutInput: HalfClosedInput | undefined;
  /** SHUT_RD. */
  #isInputShut = false;
  #closed = false;
  /** Node holds bytes that the kernel has not taken. */
  #writing = false;
  /** What answers the calls that waited here, once the connection was handed over. */
  #successor: Successor | undefined;

  private constructor(handle: StreamHandle, phase: Phase) {
    super(handle);
    this.#phase = phase;
    hold(this);
    handle.attach(this);
  }

  /**
   * A connection that was accepted, or is one of a descriptor. Node does not report the path of a Unix peer: it is empty
   * where the kernel was not asked.
   */
  static accepted(handle: StreamHandle, listener: Endpoint, peer: Endpoint = NAMELESS): Stream {
    const stream = new Stream(handle, 'open');
    if (isUnix(listener)) {
      stream.name(listener, peer);
    } else {
      stream.name(isOneAddress(listener.host) ? listener : undefined, undefined);
      stream.learnAddresses();
    }
    return stream;
  }

  /**
   * Begins to connect to a numeric address or a path, from the bound address if there is one. Nothing is read before
   * the first read(): a connection that is only opened and closed costs no buffer, and TCP's flow control holds the
   * peer back.
   *
   * @param waitsForRoom - whether to wait while the queue of a Unix listener is full, as Python does without a time
   * limit; else that is EAGAIN.
   */
  static connect(remote: Endpoint, bound: Bound | undefined, waitsForRoom: boolean): Stream {
    const stream = new Stream(
      bound === undefined ? streamBackend.make(remote) : streamBackend.over(bound.toSocket()),
      'connecting',
    );
    if (isUnix(remote)) stream.name(bound?.local ?? { path: '' }, remote);
    else if (isOneAddress(remote.host)) stream.name(undefined, remote);
    stream.handle.connect(remote, waitsForRoom);
    return stream;
  }

  /**
   * A connection over a handle that another stream has given away, or over one that stands on such a handle.
   *
   * @param givesPieces - whether a read gives no more than the handle gave at a time, as a read of TLS gives a record: it
   * is given as it is, where more would have to be copied together.
   * @param others - lists of calls that wait for the handle; `close()` ends them too.
   */
  static over(
    { handle, unread, hasEnded, failure, isWriting, local, remote }: Released,
    givesPieces = false,
    others: readonly WaiterList[] = NONE,
  ): Stream {
    const stream = new Stream(handle, 'open');
    stream.#givesPieces = givesPieces;
    stream.#others = others;
    stream.name(local, remote);
    stream.#queue.push(unread);
    stream.#writing = isWriting;
    if (failure !== undefined) stream.#fail(failure);
    if (hasEnded) stream.#endInput();
    return stream;
  }

  /** The calls that wait for the connection to be made. */
  get connectors(): WaiterList {
    return (this.#connectors ??= new WaiterList());
  }

  /** Whether the connection is being made, is open, or could not be made. */
  get phase(): Phase {
    return this.#phase;
  }

  /** Whether received buffers are taken as they are, rather than copied into other memory. */
  get keepsBytes(): boolean {
    return this.#keepsBytes && !this.#received.isReserved;
  }

  /** True once the connection is open, a failure where it could not be made. */
  connected(): true | Failure | undefined {
    if (this.#successor !== undefined) return this.#successor.connected();
    if (this.#phase === 'open') return true;
    return this.#phase === 'refused' ? (this.takePendingError() ?? new Failure('ECONNABORTED')) : undefined;
  }

  /** The pending error, including one that only the kernel knows of yet; returned once, then cleared. */
  takeFailure(): Failure | undefined {
    // While a TCP connection is not being read, an empty write brings out its error, within the call.
    if (this.#phase === 'open' && !this.isUnix() && this.handle.isWritable && !this.#writing) this.#handOver(NOTHING);
    return this.takePendingError();
  }

  /**
   * Waits for more bytes. False where none will come; but where the stream did not end as it should, that failure first.
   * The bytes that have come stay in either case.
   */
  more(): boolean | Failure | undefined {
    if (this.#successor !== undefined) return this.#successor.more();
    if (this.#inputEnded) {
      // EPIPE is for senders: after the peer's end of the stream, recv() gives that end and no error (tcp_recvmsg,
      // SOCK_DONE).
      if (this.failure !== undefined && this.failure.code !== 'EPIPE') return this.takePendingError();
      return this.#inputFailure ?? false;
    }
    this.#isStarved = true;
    this.#readsOnce = false;
    const before = this.#received.length;
    this.#flow();
    // A handle that has bytes gives them at once, as TLS does: the call that asks has looked for them before, and is served
    // once it waits.
    if (this.#received.length > before || this.#inputEnded) process.nextTick(() => this.readers.serve());
    if (this.#shutInput?.isOver === true) return false;
    this.#shutInput?.endAfterPoll();
    return undefined;
  }

  /** Prepares for a call that waits for `size` bytes, more than have come. */
  expect(size: number): void {
    if (size > READ_AHEAD && this.#received.length >= size * RESERVED_AFTER) this.#queue.reserve(size);
  }

  /** Takes `size` bytes of those that have come. */
  takeOut(size: number): Buffer {
    if (this.#successor !== undefined) return this.#successor.takeOut(size);
    this.#keepsBytes = true;
    const bytes = this.#received.take(size);
    this.#readOn();
    return bytes;
  }

  /** Takes the bytes up to a byte and that byte, if they lie together and the limit allows it; no other call may wait. */
  takeThrough(byte: number, limit: number): Buffer | undefined {
    const bytes = this.#received.takeThrough(byte, limit);
    if (bytes !== undefined) this.#readOn();
    return bytes;
  }

  /** Up to `size` bytes; none at the end of the stream. */
  read(size: number, flags: TakeFlags): Buffer | Failure | undefined {
    if (this.#successor !== undefined) return this.#successor.read(size, flags);
    this.#keepsBytes = true;
    const ready = this.#readable(size, flags);
    if (ready !== true) return ready;
    if (flags.peek) return this.#received.peek(size);
    return this.takeOut(this.#givesPieces && !flags.all ? Math.min(size, this.#received.firstLength) : size);
  }

  /** As many bytes as `target` has room for, into it; 0 at the end of the stream. */
  readInto(target: Uint8Array, flags: TakeFlags): number | Failure | undefined {
    if (this.#successor !== undefined) return this.#successor.readInto(target, flags);
    this.#keepsBytes = false;
    const ready = this.#readable(target.length, flags);
    if (ready !== true) return ready;
    if (flags.peek) return this.#received.peekInto(target);
    const taken = this.#received.takeInto(target);
    this.#readOn();
    return taken;
  }

  /**
   * Up to `size` bytes, without their sender, who is the peer: but Linux gives the path of a Unix peer that has one.
   */
  receive(size: number, flags: TakeFlags): Received | Failure | undefined {
    if (this.#successor !== undefined) return this.#successor.receive(size, flags);
    const remote = this.peer;
    const isNamed = remote !== undefined && isUnix(remote) && remote.path !== '' && this.#received.length > 0;
    const data = this.read(size, flags);
    if (data === undefined || data instanceof Failure) return data;
    return { data, from: isNamed ? remote : undefined, truncated: false };
  }

  /**
   * Hands all of the bytes to Node, if Node holds none that the kernel has not taken: thus at most one call's bytes are
   * between the program and the kernel. The memory must not change until {@link flushed}, unless `copy` is true.
   */
  write(bytes: Buffer, copy: boolean): number | Failure | undefined {
    if (this.#successor !== undefined) return this.#successor.write(bytes);
    const ended = this.#outputFailure();
    if (ended !== undefined) return ended;
    if (this.#phase === 'connecting' || this.#writing) return undefined;
    this.#handOver(copy ? Buffer.from(bytes) : bytes);
    return this.#outputFailure() ?? bytes.length;
  }

  /** Whether the kernel has all that was handed over. */
  get isFlushed(): boolean {
    return !this.#writing;
  }

  /** True once the kernel has all that was handed over. */
  flushed(): true | Failure | undefined {
    if (this.#successor !== undefined) return true;
    return this.#outputFailure() ?? (this.isFlushed || undefined);
  }

  /** Ends the output after the bytes that were handed over. */
  shutdownWrite(): void {
    this.#outputEnded = true;
    if (!this.#writing && !this.isBroken) this.handle.end();
    this.writers.serve();
    this.#refuseWhatComes();
  }

  /**
   * Ends the input after the bytes that the kernel has now. Over TCP, bytes that arrive later can still be received, as
   * on Linux, but no call waits for them. On a Unix socket they are dropped: Linux does not let the peer send them.
   */
  shutdownRead(): void {
    this.#isInputShut = true;
    this.#flow();
    if (this.isUnix()) return afterPoll(() => this.#endInput());
    this.#shutInput ??= new HalfClosedInput(this.readers);
    this.#shutInput.endAfterPoll();
    this.#refuseWhatComes();
  }

  /**
   * Closes the connection and ends the calls that wait. Bytes that were handed over are still sent. If `reset` is true,
   * or bytes are left that no call has read, the peer gets a reset instead, as from the kernel (RFC 2525, 2.17).
   */
  close(reset: boolean): void {
    this.#closed = true;
    const isReset = reset || this.#hasUnread();
    if (this.#phase === 'connecting') this.handle.destroy();
    else if (this.#writing && !isReset) this.resetWhereOutputLingers();
    else this.#leave(isReset);
    this.endWaits();
  }

  /**
   * Gives the connection away: this stream has no more to do with it, and the calls that wait are ended. Reading goes on,
   * so that the handle needs its next listener within the turn.
   */
  release(): Released {
    const { handle, local, peer: remote } = this;
    const unread = this.#received.take(this.#received.length);
    const failure = this.takePendingError();
    this.#closed = true;
    release(this);
    this.endWaits();
    return { handle, unread, hasEnded: this.#inputEnded, failure, isWriting: this.#writing, local, remote };
  }

  /**
   * Closes the handle, whose descriptor was duplicated, and gives what it has read: a successor answers the calls that
   * wait here from now on. No write may be under way.
   */
  handOver(): { unread: Buffer; failure: Failure | undefined; shut: Shut } {
    this.handle.handOver?.();
    const unread = this.#received.take(this.#received.length);
    const failure = this.takePendingError();
    const shut = { input: this.#isInputShut, output: this.#outputEnded };
    this.#closed = true;
    release(this);
    return { unread, failure, shut };
  }

  /** Names what answers the calls that wait here, after {@link handOver}. */
  succeed(successor: Successor): void {
    this.#successor = successor;
  }

  /** Whether the connection is open, and the kernel has all that was handed over. */
  get isIdle(): boolean {
    return this.#phase === 'open' && !this.#writing;
  }

  /** Ends the calls that wait. */
  endWaits(): void {
    this.#connectors?.end(BY_CLOSE);
    this.readers.end(BY_CLOSE);
    this.writers.end(BY_CLOSE);
    for (const waiters of this.#others) waiters.end(BY_CLOSE);
  }

  poll(): number {
    if (this.#phase === 'connecting') return 0;
    this.#findResetAfterEnd();
    const hasInput = this.#received.length > 0 || this.handle.hasOutcome === true;
    const hasInputEnded = this.#inputEnded || this.#shutInput !== undefined;
    if (!hasInput && !hasInputEnded) this.#readOnce();
    return streamEvents({
      isUnix: this.isUnix(),
      hasError: this.failure !== undefined,
      hasInput,
      hasInputEnded,
      hasOutputEnded: this.#outputEnded,
      hasRoom: this.#phase === 'open' && !this.#writing,
    });
  }

  get isSettling(): boolean {
    return this.readers.isHeld;
  }

  observe(observer: () => void): () => void {
    return observeAll([this.readers, this.writers, ...this.#others], observer);
  }

  /** The bytes that have come and no call has received. */
  get unread(): Searched {
    return this.#successor === undefined ? this.#received : this.#successor.unread;
  }

  get isShared(): boolean {
    return this.#successor?.isShared === true;
  }

  /** Rule 5: once no call waits for a connection, it is closed, and this is not called. */
  onConnect(): void {
    this.#phase = 'open';
    if (this.peer === undefined) this.learnAddresses();
    this.#connectors?.serve();
    this.readers.serve();
    this.writers.serve();
  }

  /**
   * Rules 2, 4 and 8: bytes go straight to a call that waits for them alone; otherwise into the queue, and to the readers
   * in their order. Reading stops at READ_AHEAD, unless a reader still waits for more: a reader that has its bytes may be
   * slower than the peer. Where only polls ask, it stops after a read that was full, or that found bytes of an earlier
   * one: a stop after each would cost two more calls to the system for each message.
   */
  take(bytes: Buffer, isLent: boolean): boolean {
    resetBudget();
    if (this.#shutInput?.refuses === true) this.#refuse();
    if (this.#inputEnded) return true;
    this.#shutInput?.arrive();
    const isAhead = this.#readsOnce && (this.#received.length > 0 || bytes.length >= ONE_READ);
    this.#isStarved = false;
    const taken = this.#received.length === 0 ? this.readers.offer(bytes, isLent) : 0;
    if (taken === bytes.length) return true;
    const queue = this.#queue;
    if (isLent) queue.lend(taken === 0 ? bytes : bytes.subarray(taken));
    else queue.push(bytes);
    this.readers.serve();
    if (isLent) queue.keep();
    const isEnough = queue.length >= (isAhead ? 1 : READ_AHEAD);
    if (!isEnough || this.#isStarved || this.isBroken) return true;
    this.#isFlowing = false;
    return false;
  }

  giveBack(memory: Buffer): boolean {
    return this.#received.giveBack(memory);
  }

  /**
   * Rule 7: the end of the input may be a reset that libuv hides (Node 20 and 22); an empty write brings it out.
   */
  onEnd(): void {
    const { handle } = this;
    if (this.isBroken) {
      this.#endInput();
      handle.destroy();
    } else if (handle.isFinished || this.isUnix()) {
      // A Unix peer's reset shows in no write.
      handle.readOnceMore();
      // The end has arrived: it counts for a call that does not wait, too.
      const release = this.readers.hold();
      afterPoll(() => {
        this.#endInput();
        release();
      });
    } else if (handle.isWritable && !this.#writing) {
      this.#handOver(NOTHING);
      this.#endInput();
    } else {
      // If it is a reset, the write that is under way fails, and libuv reports that within this turn of the event loop.
      setImmediate(() => this.#endInput());
    }
  }

  /** Rule 9: an error that no call waits for is kept for the next one. Rule 7: bytes that came before it stay. */
  onError(error: Error): void {
    const failure = failureOf(error);
    if (failure instanceof InputFailure) this.#inputFailure = failure;
    else this.#fail(failure);
    if (this.#phase === 'connecting') {
      this.#phase = 'refused';
      this.#connectors?.serve();
    }
    this.#endInput();
  }

  /**
   * Rule 3: senders go on once the kernel has the bytes that were handed over. Rule 6: the kernel has them before the
   * handle is closed.
   */
  onWriteDone(error?: Error | null): void {
    this.#writing = false;
    if (error !== null && error !== undefined) {
      this.#onWriteError(error);
    } else {
      if (this.#outputEnded && !this.isBroken) this.handle.end();
      if (this.#closed) this.#leave(this.#hasUnread());
    }
    this.writers.serve();
  }

  /** Until close(), getsockname() gives the address, even if the handle closes before a call asks. */
  onBeforeClose(): void {
    if (!this.#closed) this.learnAddresses();
  }

  /** Rule 6: no call waits on a closed handle. */
  onClose(): void {
    release(this);
    this.endLingering();
    this.#writing = false;
    this.#outputEnded = true;
    this.#endInput();
    this.writers.serve();
  }

  /**
   * Whether a read may take from the queue: it has what the read waits for, or the last bytes before the end, or is at
   * the end.
   */
  #readable(size: number, { all, peek }: TakeFlags): true | Failure | undefined {
    if (this.#received.length > 0) {
      // On Linux, MSG_WAITALL with MSG_PEEK does not wait for all on a Unix socket.
      if (!all || this.#received.length >= size || this.#inputEnded || (peek && this.isUnix())) return true;
      this.expect(size);
    }
    const more = this.more();
    return more === false ? true : more;
  }

  /** The queue, to put bytes into. */
  get #queue(): ByteQueue {
    if (this.#received === NO_BYTES) this.#received = new ByteQueue();
    return this.#received;
  }

  #outputFailure(): Failure | undefined {
    if (!this.#outputEnded) return undefined;
    // A Unix socket first checks whether its peer has closed; the reset is for receivers (unix_stream_sendmsg).
    if (this.isUnix() && this.failure?.code !== 'EPIPE') return new Failure('EPIPE');
    return this.takePendingError() ?? new Failure('EPIPE');
  }

  #fail(failure: Failure): void {
    this.recordError(failure, this.#closed);
    this.#outputEnded = true;
    this.writers.serve();
    // On a Unix socket only the call that failed gets EPIPE: SO_ERROR does not have it.
    if (this.isUnix() && this.failure?.code === 'EPIPE') this.takePendingError();
  }

  /**
   * Rule 7: the kernel may have bytes to read although a write failed; over TCP they are read before the reset takes them.
   */
  #onWriteError(error: Error): void {
    this.#fail(failureOf(error));
    if (this.#closed || this.handle.isAtEnd) this.handle.destroy();
    else if (!this.isUnix()) this.#flow();
  }

  /** Whether bytes have arrived that no call has received. */
  #hasUnread(): boolean {
    return this.#received.length > 0 || this.handle.hasUnread();
  }

  #leave(isReset: boolean): void {
    if (isReset) this.resetAndDestroy();
    else this.handle.destroy();
  }

  #handOver(bytes: Buffer): void {
    this.#writing = true;
    if (this.handle.write(bytes)) this.#writing = false;
  }

  /** After the peer's end nothing is read, and a reset is not noticed: but the kernel then knows no peer. */
  #findResetAfterEnd(): void {
    if (!this.#inputEnded || this.#outputEnded || this.isUnix() || this.isBroken || this.#writing) return;
    if (this.handle.isWritable && !this.handle.hasPeer()) this.#handOver(NOTHING);
  }

  #endInput(): void {
    this.#inputEnded = true;
    this.readers.serve();
  }

  #refuseWhatComes(): void {
    if (this.#outputEnded && !this.isBroken) this.#shutInput?.refuseWhatComes(() => this.#isFlowing);
  }

  #refuse(): void {
    this.#fail(new Failure('ECONNRESET'));
    this.#endInput();
    this.resetAndDestroy();
  }

  #readOn(): void {
    const mark = this.#readsOnce ? 0 : READ_AGAIN;
    if (!this.#isFlowing && this.#received.length <= mark) this.#flow();
  }

  #readOnce(): void {
    if (this.#phase !== 'open') return;
    this.#readsOnce = true;
    this.#flow();
  }

  #flow(): void {
    if (this.#isFlowing || this.#closed) return;
    this.#isFlowing = true;
    this.handle.resume();
  }
}
