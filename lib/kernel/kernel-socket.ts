import {
  AF_UNIX,
  MSG_ERRQUEUE,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  SO_ACCEPTCONN,
  SO_ERROR,
  SOCK_STREAM,
} from '../common/constants.ts';
import { errnoOf } from '../common/errno.ts';
import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLPRI,
  POLLRDBAND,
  POLLRDHUP,
  POLLRDNORM,
  POLLWRBAND,
  POLLWRNORM,
} from '../common/poll-constants.ts';
import { ByteQueue } from '../queues/byte-queue.ts';
import { Failure } from '../transports/failure.ts';
import { hold, release } from '../transports/open-descriptors.ts';
import type { Readiness } from '../transports/readiness.ts';
import { observeAll, BY_CLOSE, WaiterList } from '../waiting/waiters.ts';
import { intOption } from './int-option.ts';
import type { Outcome } from './koffi.ts';
import type { SocketKind } from './libc.ts';
import { NO_FACTS, type KernelMessage, type ReadAhead, type Wanted } from './kernel-message.ts';
import { failureIn, failureOf, nameIn } from './outcomes.ts';
import { receiveSpace } from './receive-space.ts';
import type { OutgoingMessage, SocketCalls, SocketName } from './socket-calls.ts';
import { later } from './retry.ts';
import { unixName } from './socket-name.ts';
import { StreamInput } from './stream-input.ts';
import type { System } from './system.ts';
import { Watch } from './watch.ts';
import { Watches } from './watches.ts';

/** A connection that was accepted. */
export interface AcceptedSocket {
  /** It belongs to the caller. */
  readonly descriptor: number;
  readonly peer: SocketName;
}

/** What a socket takes over from what had the descriptor before. */
export interface Shared {
  /** The calls that wait. */
  readonly readers?: WaiterList;
  readonly writers?: WaiterList;
  readonly readAhead?: ReadAhead;
  /** Whether its names are not shown: those of a pair that was made over a temporary path. */
  readonly isNameless?: boolean;
  /** Whether it has a connection, whose connect(2) libuv has called, or accept(2). */
  readonly isConnected?: boolean;
}

const EAGAIN = -errnoOf('EAGAIN');
const EALREADY = -errnoOf('EALREADY');
const EISCONN = -errnoOf('EISCONN');
const EINPROGRESS = -errnoOf('EINPROGRESS');

/** All that poll(2) is asked for. */
const ALL_EVENTS = POLLIN | POLLPRI | POLLOUT | POLLRDHUP | POLLRDNORM | POLLRDBAND | POLLWRNORM | POLLWRBAND;

/**
 * A socket that is read and written by calls to the kernel, and not by libuv. It reads nothing ahead. An operation gives
 * its result, or a {@link Failure}, or `undefined` where the call has to wait in the list for it: then the kernel is
 * watched, and the list is served when something has come.
 */
export class KernelSocket implements Readiness {
  /** The calls that wait to receive or to accept. */
  readonly readers: WaiterList;
  /** The calls that wait to send or to connect. */
  readonly writers: WaiterList;
  readonly isSettling = false;
  /** For calls that want all of their bytes or none, such as a line; for streams only. */
  readonly bytes: StreamInput;
  readonly kind: SocketKind;
  readonly #system: System;
  readonly #watches: Watches;
  #descriptor: number;
  #isConnecting = false;
  readonly readAhead: ReadAhead;
  readonly isNameless: boolean;
  readonly isConnected: boolean;
  #failure: Failure | undefined;

  private constructor(kind: SocketKind, system: System, descriptor: number, input: Watch, shared: Shared) {
    this.readers = shared.readers ?? new WaiterList();
    this.writers = shared.writers ?? new WaiterList();
    this.readAhead = shared.readAhead ?? { bytes: new ByteQueue(), messages: [], accepted: [], readers: new Set() };
    this.readAhead.readers.add(this.readers);
    this.isNameless = shared.isNameless === true;
    this.isConnected = shared.isConnected === true;
    this.bytes = new StreamInput(this.readers, this.readAhead, (size) => this.#piece(size));
    this.kind = kind;
    this.#system = system;
    this.#descriptor = descriptor;
    this.#watches = new Watches(system, descriptor, input, this.readers, this.writers);
    hold(this);
  }

  /** A new socket. */
  static make(kind: SocketKind, system: System): KernelSocket | Failure {
    const descriptor = system.calls.socket(kind);
    return descriptor < 0 ? failureOf(descriptor) : KernelSocket.over(descriptor, kind, system);
  }

  /** Two new sockets that are connected to each other. */
  static pair(kind: SocketKind, system: System): [KernelSocket, KernelSocket] | Failure {
    const pair = system.calls.socketpair(kind);
    if (typeof pair === 'number') return failureOf(pair);
    const one = KernelSocket.over(pair[0], kind, system);
    const other = KernelSocket.over(pair[1], kind, system);
    if (other instanceof Failure) {
      if (one instanceof KernelSocket) one.close();
      return other;
    }
    if (one instanceof KernelSocket) return [one, other];
    other.close();
    return one;
  }

  /** A socket over a descriptor, which from now on belongs to it; where that fails, the descriptor is closed. */
  static over(descriptor: number, kind: SocketKind, system: System, shared: Shared = {}): KernelSocket | Failure {
    const watch = Watch.over(descriptor, system.Handle);
    if (watch instanceof Watch) return new KernelSocket(kind, system, descriptor, watch, shared);
    system.calls.close(descriptor);
    return failureOf(watch);
  }

  /** The descriptor; −1 once it is closed. */
  get descriptor(): number {
    return this.#descriptor;
  }

  bind(name: SocketName): Failure | undefined {
    return failureIn(this.#calls.bind(this.#descriptor, name));
  }

  listen(backlog: number): Failure | undefined {
    return failureIn(this.#calls.listen(this.#descriptor, backlog));
  }

  /**
   * The attempt to connect. A listener whose queue is full makes it wait, too. A call that did not wait needs a second
   * one, by which Linux takes the socket for a connected one (`__inet_stream_connect()`); libuv does not make it.
   */
  connector(name: SocketName, mayWait: boolean): () => true | Failure | undefined {
    return () => {
      if (this.#isConnecting) return this.#isUndecided() ? undefined : this.#confirm(name);
      if (this.isConnected) return new Failure('EISCONN');
      const outcome = this.#calls.connect(this.#descriptor, name);
      if (outcome >= 0) return true;
      if (outcome === EAGAIN && mayWait) {
        // The listener's queue is full: Linux wakes only a connect() that blocks (unix_stream_connect).
        later(this.writers);
        return undefined;
      }
      this.#isConnecting = outcome === EINPROGRESS && mayWait;
      if (!this.#isConnecting) return failureOf(outcome);
      this.#watches.awaitRoom();
      return undefined;
    };
  }

  /** The outcome of a connect(2) that Node has made before it gave the descriptor away. */
  connected(): true | Failure | undefined {
    if (this.#isUndecided()) return undefined;
    // The name first: the peer may reset the connection at any time, and then the error says what has happened.
    const peer = nameIn(this.#calls.getpeername(this.#descriptor));
    if (!(peer instanceof Failure)) return this.#confirm(peer);
    const error = intOption(this.#calls, this.#descriptor, SO_ERROR);
    return error === 0 ? peer : failureOf(-error);
  }

  /** The call that waited for a connection waits no longer; the kernel goes on. */
  forgetConnect(): void {
    this.#isConnecting = false;
  }

  /** The oldest connection that was not accepted yet. */
  accept(mayWait: boolean): AcceptedSocket | Failure | undefined {
    // accept4(2) has no MSG_DONTWAIT: where another process has made the description blocking, it would block.
    const accepted = this.hasInput || !this.isListening ? this.#calls.accept(this.#descriptor) : EAGAIN;
    if (typeof accepted === 'number') return this.#awaitInput(accepted, mayWait);
    const [descriptor, peer] = accepted;
    return { descriptor, peer };
  }

  /** The socket of a connection that this one has accepted. */
  accepted(descriptor: number): KernelSocket | Failure {
    return KernelSocket.over(descriptor, this.kind, this.#system);
  }

  /** Puts before what the kernel has what was read of the descriptor by others. */
  inherit(messages: readonly KernelMessage[], failure: Failure | undefined): void {
    this.readAhead.messages.push(...messages);
    this.#failure = failure;
  }

  /** The oldest message, or what a stream has. */
  receive(wanted: Wanted, mayWait: boolean): KernelMessage | Failure | undefined {
    const isPlain = (wanted.flags & (MSG_ERRQUEUE | MSG_OOB)) === 0;
    const had = isPlain ? this.#takeInherited(wanted) : undefined;
    return had ?? this.#receiveNow(wanted, mayWait);
  }

  #receiveNow({ size, controlSize, flags }: Wanted, mayWait: boolean): KernelMessage | Failure | undefined {
    const isMessage = this.kind.type !== SOCK_STREAM && (flags & MSG_ERRQUEUE) === 0;
    const data = receiveSpace(Math.min(size, isMessage ? LONGEST_MESSAGE : LONGEST_PIECE));
    const control = controlSize === 0 ? undefined : Buffer.alloc(controlSize);
    const outcome = this.#calls.recvmsg(this.#descriptor, { data, control }, flags);
    if (outcome < 0) return this.#awaitInput(outcome, mayWait);
    const facts = this.#calls.received();
    const count = Math.min(outcome, data.length);
    return {
      ...facts,
      from: this.isNameless ? NO_FACTS.from : facts.from,
      data: Buffer.from(data.subarray(0, count)),
      control: control?.subarray(0, facts.controlLength) ?? Buffer.alloc(0),
    };
  }

  /** What has been read already: bytes of a stream, or a whole message. */
  #takeInherited({ size, flags }: Wanted): KernelMessage | Failure | undefined {
    const isPeek = (flags & MSG_PEEK) !== 0;
    const { unread } = this.bytes;
    if (unread.length > 0) {
      return { ...NO_FACTS, from: this.#sender(), data: isPeek ? unread.peek(size) : unread.take(size) };
    }
    const [first] = this.readAhead.messages;
    if (first === undefined) {
      const failure = this.#failure;
      this.#failure = undefined;
      return failure;
    }
    if (!isPeek) this.readAhead.messages.shift();
    const isCut = first.data.length > size;
    return { ...first, data: Buffer.from(first.data.subarray(0, size)), flags: isCut ? MSG_TRUNC : 0 };
  }

  /** Linux names the peer of a Unix stream where that is bound to a path. */
  #sender(): SocketName {
    const name = this.kind.family === AF_UNIX ? this.peer() : NO_FACTS.from;
    return name instanceof Failure || name.length === NAMELESS.length ? NO_FACTS.from : name;
  }

  /** What a stream has, none at its end. */
  #piece(size: number): Buffer | Failure | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    const message = failure ?? this.#receiveNow({ size, controlSize: 0, flags: 0 }, true);
    return message === undefined || message instanceof Failure ? message : message.data;
  }

  /** Sends a message, or of a stream's bytes as many as the kernel has room for. */
  send(message: OutgoingMessage, flags: number, mayWait: boolean): number | Failure | undefined {
    const outcome = this.#calls.sendmsg(this.#descriptor, message, flags);
    if (outcome >= 0) return outcome;
    if (outcome !== EAGAIN || !mayWait) return failureOf(outcome);
    // The queue of a Unix socket that this one is not connected to may be full: the kernel calls that writable.
    const isWritable = (this.#calls.poll(this.#descriptor, POLLOUT) & POLLOUT) !== 0;
    if (isWritable && message.to !== undefined) this.#watches.awaitPeer(this.kind, message.to);
    else this.#watches.awaitRoom();
    return undefined;
  }

  shutdown(how: number): Failure | undefined {
    const failure = failureIn(this.#calls.shutdown(this.#descriptor, how));
    this.readers.serve();
    this.writers.serve();
    return failure;
  }

  /** Its own name. */
  name(): SocketName | Failure {
    return this.isNameless ? NAMELESS : nameIn(this.#calls.getsockname(this.#descriptor));
  }

  /** The peer's name. */
  peer(): SocketName | Failure {
    const name = nameIn(this.#calls.getpeername(this.#descriptor));
    return this.isNameless && !(name instanceof Failure) ? NAMELESS : name;
  }

  setOption(level: number, optname: number, value: Buffer | null, length: number): Outcome {
    return this.#calls.setsockopt(this.#descriptor, level, optname, value, length);
  }

  getOption(level: number, optname: number, value: Buffer): Outcome {
    return this.#calls.getsockopt(this.#descriptor, level, optname, value);
  }

  /** Whether the kernel has something to receive or to accept. */
  get hasInput(): boolean {
    return (this.#calls.poll(this.#descriptor, POLLIN) & POLLIN) !== 0;
  }

  /** Whether the input has ended, as by SHUT_RD: of datagrams, only a receive that blocks in the kernel gives that. */
  get hasEnded(): boolean {
    return (this.#calls.poll(this.#descriptor, POLLRDHUP) & POLLRDHUP) !== 0;
  }

  /** Whether it listens. */
  get isListening(): boolean {
    return intOption(this.#calls, this.#descriptor, SO_ACCEPTCONN) === 1;
  }

  /** What poll(2) reports; where nothing is ready, a change of that is reported to the observers. */
  poll(): number {
    if (this.#descriptor < 0) return POLLERR;
    const { bytes, messages, accepted } = this.readAhead;
    const hasInherited = bytes.length > 0 || messages.length > 0 || accepted.length > 0;
    const events =
      Math.max(0, this.#calls.poll(this.#descriptor, ALL_EVENTS)) | (hasInherited ? POLLIN | POLLRDNORM : 0);
    if ((events & (POLLIN | POLLHUP | POLLERR)) === 0) this.#watches.awaitInput();
    if ((events & (POLLOUT | POLLERR)) === 0) this.#watches.awaitRoom();
    return events;
  }

  observe(observer: () => void): () => void {
    return observeAll([this.readers, this.writers], observer);
  }

  /** Closes the descriptor, within the call, and ends the calls that wait. */
  close(): void {
    if (this.#descriptor < 0) return;
    this.#descriptor = -1;
    release(this);
    this.readAhead.readers.delete(this.readers);
    // As the kernel does with those that wait, once no socket is left that might accept them.
    if (this.readAhead.readers.size === 0) for (const stream of this.readAhead.accepted.splice(0)) stream.close(true);
    this.#watches.close();
    for (const waiters of [this.readers, this.writers]) waiters.end(BY_CLOSE);
  }

  get #calls(): SocketCalls {
    return this.#system.calls;
  }

  #awaitInput(outcome: Outcome, mayWait: boolean): Failure | undefined {
    if (outcome !== EAGAIN || !mayWait) return failureOf(outcome);
    // An error that is queued, for MSG_ERRQUEUE alone, makes the descriptor readable for ever (ip(7), IP_RECVERR).
    // So does the end of the input, for datagrams.
    const isWoken = (this.#calls.poll(this.#descriptor, POLLRDHUP) & (POLLERR | POLLHUP | POLLRDHUP)) !== 0;
    if (isWoken) this.#watches.awaitNews();
    else this.#watches.awaitInput();
    return undefined;
  }

  /** Whether connect(2) has no outcome yet; a call waits for that. */
  #isUndecided(): boolean {
    const events = this.#calls.poll(this.#descriptor, POLLOUT);
    if ((events & (POLLOUT | POLLERR | POLLHUP)) !== 0) return false;
    this.#watches.awaitRoom();
    return true;
  }

  #confirm(name: SocketName): true | Failure | undefined {
    const outcome = this.#calls.connect(this.#descriptor, name);
    // Another holder of the description has learned the outcome: this call has begun to connect anew.
    this.#isConnecting = outcome === EINPROGRESS || outcome === EALREADY;
    if (this.#isConnecting) {
      this.#watches.awaitRoom();
      return undefined;
    }
    return outcome >= 0 || outcome === EISCONN ? true : failureOf(outcome);
  }
}

/** How many bytes of a stream, or of an error's queue, are received at once, at most. */
const LONGEST_PIECE = 1024 * 1024;

/**
 * No message is longer: Linux makes a Unix socket's of one piece of 4 MiB at most, and of pages (unix_dgram_sendmsg). To ask
 * how long the next one is does not help, because another holder of the description may take it before it is received.
 */
const LONGEST_MESSAGE = 8 * 1024 * 1024;

/** The name of a Unix socket that has none. */
const NAMELESS = unixName(Buffer.alloc(0));
