import net from 'node:net';
import type { KeepAlive, OptionTarget } from './option-target.ts';
import { isUnix, type Endpoint } from './endpoint.ts';
import type { Failure } from './failure.ts';
import type { StreamHandle } from './stream-handle.ts';

/**
 * Seconds that what was accepted may take to go out after close(): Linux gives a connection without an owner as long
 * (tcp(7)).
 */
const LINGER = 60;

/** Whether a host is what the kernel would call it too: to ask for what is known is 3 % of a connect() or accept(). */
export function isOneAddress(host: string): boolean {
  return net.isIPv4(host) && host !== '0.0.0.0';
}

/** Where a connection stands, with what it knows then. */
export type Phase = 'connecting' | 'open' | 'refused';

/**
 * What a connection is apart from its bytes: whose, between whom, with which options, and how it breaks down or ends.
 */
export abstract class Connection implements OptionTarget {
  protected readonly handle: StreamHandle;
  #local: Endpoint | undefined;
  #remote: Endpoint | undefined;
  #failure: Failure | undefined;
  #broken = false;
  #lingering: NodeJS.Timeout | undefined;

  protected constructor(handle: StreamHandle) {
    this.handle = handle;
  }

  /** Whether the connection is being made, is there, or could not be made. */
  abstract get phase(): Phase;

  /**
   * This end's address, from the moment that the connection is open. The kernel is asked when a call wants it: that is
   * 5 % of a connect().
   */
  get local(): Endpoint | undefined {
    if (this.#local === undefined && this.phase === 'open') this.learnAddresses();
    return this.#local;
  }

  /** The peer's address, for messages: it stays when the connection does not. */
  get peer(): Endpoint | undefined {
    return this.#remote;
  }

  /**
   * The peer's address while the connection stands; `undefined` also where the peer reset it before it was accepted.
   */
  get remote(): Endpoint | undefined {
    // Linux keeps the name of a Unix socket's peer, whatever has become of it.
    if (this.isUnix()) return this.#remote;
    return this.isBroken || !this.handle.hasPeer() ? undefined : this.#remote;
  }

  /** The descriptor, or −1 where there is none or Node does not tell it. */
  get descriptor(): number {
    return this.handle.descriptor;
  }

  /** Takes both names away: the ends of a pair have none. */
  forgetNames(): void {
    this.#local = { path: '' };
    this.#remote = { path: '' };
  }

  setNoDelay(on: boolean): undefined {
    this.handle.setNoDelay(on);
  }

  setKeepAlive(keepAlive: KeepAlive): undefined {
    this.handle.setKeepAlive(keepAlive);
  }

  setTypeOfService(value: number): undefined {
    this.handle.setTypeOfService(value);
  }

  /** Whether the connection broke down; its failure was reported or is still pending. */
  protected get isBroken(): boolean {
    return this.#broken;
  }

  /** What went wrong and has not been told yet. */
  protected get failure(): Failure | undefined {
    return this.#failure;
  }

  /** The same; telling it takes it away. */
  protected takePendingError(): Failure | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  /** Keeps what went wrong, unless no call will come to report it. */
  protected recordError(failure: Failure, isClosed: boolean): void {
    // One breakdown has one error: what follows from it, such as the EPIPE after an ECONNRESET, says nothing new.
    if (!this.#broken && !isClosed) this.#failure = failure;
    // The EPIPE of a Unix socket is for the call that failed alone; a receive still has to report a reset.
    this.#broken ||= !(this.isUnix() && failure.code === 'EPIPE');
  }

  protected resetAndDestroy(): void {
    // A Unix socket has no reset of its own.
    if (this.isUnix()) this.handle.destroy();
    else this.handle.resetAndDestroy();
  }

  /** A peer that takes nothing more must not keep for ever what has no owner. */
  protected resetWhereOutputLingers(): void {
    this.#lingering = setTimeout(() => this.resetAndDestroy(), LINGER * 1000);
  }

  /** All has gone out, or cannot any more. */
  protected endLingering(): void {
    clearTimeout(this.#lingering);
  }

  protected isUnix(): boolean {
    return this.#local !== undefined && isUnix(this.#local);
  }

  /** Takes over what is known of the two addresses without asking the kernel. */
  protected name(local: Endpoint | undefined, remote: Endpoint | undefined): void {
    this.#local = local;
    this.#remote = remote;
  }

  /** Asks the kernel for what is not known yet. */
  protected learnAddresses(): void {
    this.#local ??= this.handle.local;
    this.#remote ??= this.handle.remote;
  }
}
