import net from 'node:net';
import type { KeepAlive, OptionTarget } from './option-target.ts';
import { isUnix, type Endpoint } from './endpoint.ts';
import type { Failure } from './failure.ts';
import { LINGER } from './linger.ts';
import type { StreamHandle } from './stream-handle.ts';

/** Whether the kernel would report the same host: then it need not be asked, which would slow down each connection. */
export function isOneAddress(host: string): boolean {
  return net.isIPv4(host) && host !== '0.0.0.0';
}

/** How far a connection has come. */
export type Phase = 'connecting' | 'open' | 'refused';

/**
 * A connection apart from its bytes: its addresses, its descriptor and options, and how it fails or ends.
 */
export abstract class StreamBase implements OptionTarget {
  protected readonly handle: StreamHandle;
  #local: Endpoint | undefined;
  #remote: Endpoint | undefined;
  #isNameless = false;
  #failure: Failure | undefined;
  #broken = false;
  #lingering: NodeJS.Timeout | undefined;

  protected constructor(handle: StreamHandle) {
    this.handle = handle;
  }

  /** Whether the connection is being made, is open, or could not be made. */
  abstract get phase(): Phase;

  /**
   * This end's address, from the moment the connection is open. The kernel is asked only when a call wants it: most
   * programs never do, and every connect() would be slower.
   */
  get local(): Endpoint | undefined {
    if (this.#local === undefined && this.phase === 'open') this.learnAddresses();
    return this.#local;
  }

  /** Whether it is an end of a pair, whose temporary path is not shown. */
  get isNameless(): boolean {
    return this.#isNameless;
  }

  /** The peer's address, for messages: it stays when the connection has ended. */
  get peer(): Endpoint | undefined {
    return this.#remote;
  }

  /**
   * The peer's address while the connection is open; `undefined` also where the peer reset it before it was accepted.
   */
  get remote(): Endpoint | undefined {
    // Linux keeps the name of a Unix socket's peer, even after that has closed.
    if (this.isUnix()) return this.#remote;
    return this.isBroken || !this.handle.hasPeer() ? undefined : this.#remote;
  }

  /** The descriptor, or −1 where there is none or Node does not give it. */
  get descriptor(): number {
    return this.handle.descriptor;
  }

  /** Clears both names: the ends of a pair have none. */
  forgetNames(): void {
    this.#local = { path: '' };
    this.#remote = { path: '' };
    this.#isNameless = true;
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

  /** The pending error. */
  protected get failure(): Failure | undefined {
    return this.#failure;
  }

  /** The pending error; returned once, then cleared. */
  protected takePendingError(): Failure | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  /** Keeps an error, unless the connection is closed and no call can report it. */
  protected recordError(failure: Failure, isClosed: boolean): void {
    // Only the first error is kept: later ones, such as the EPIPE after an ECONNRESET, follow from it. What TLS says does
    // not: the peer's alert may have arrived before a send failed.
    if ((!this.#broken || failure.makeError !== undefined) && !isClosed) this.#failure = failure;
    // On a Unix socket only the call that failed gets EPIPE; a receive still has to report a reset.
    this.#broken ||= !(this.isUnix() && failure.code === 'EPIPE');
  }

  protected resetAndDestroy(): void {
    // A Unix socket has no reset of its own.
    if (this.isUnix()) this.handle.destroy();
    else this.handle.resetAndDestroy();
  }

  /** A peer that reads nothing more must not keep a closed connection for ever. */
  protected resetWhereOutputLingers(): void {
    this.#lingering = setTimeout(() => this.resetAndDestroy(), LINGER * 1000);
  }

  /** The pending output was sent, or cannot be. */
  protected endLingering(): void {
    if (this.#lingering !== undefined) clearTimeout(this.#lingering);
  }

  protected isUnix(): boolean {
    return this.#local !== undefined && isUnix(this.#local);
  }

  /** Sets the addresses that are known without asking the kernel. */
  protected name(local: Endpoint | undefined, remote: Endpoint | undefined): void {
    this.#local = local;
    this.#remote = remote;
  }

  /** Asks the kernel for the addresses that are not known yet. */
  protected learnAddresses(): void {
    this.#local ??= this.handle.local;
    this.#remote ??= this.handle.remote;
  }
}
