import net from 'node:net';
import type { KeepAlive, OptionTarget } from '../option.ts';
import { isUnix, type Endpoint } from './endpoint.ts';
import { descriptorOf, hasPeer } from './handle.ts';
import { setKeepAlive } from './support.ts';

function endpointOf(host: string | undefined, port: number | undefined): Endpoint | undefined {
  return host === undefined || port === undefined ? undefined : { host, port };
}

/** Whether a host is what the kernel would call it too: to ask for what is known is 3 % of a connect() or accept(). */
export function isOneAddress(host: string): boolean {
  return net.isIPv4(host) && host !== '0.0.0.0';
}

/** Where a connection stands, with what it knows then. */
export type Phase = 'connecting' | 'open' | 'refused';

/** What a connection is apart from its bytes: whose, between whom, and with which options. */
export abstract class Connection implements OptionTarget {
  protected readonly socket: net.Socket;
  #local: Endpoint | undefined;
  #remote: Endpoint | undefined;

  protected constructor(socket: net.Socket) {
    this.socket = socket;
  }

  /** Whether the connection is being made, is there, or could not be made. */
  abstract get phase(): Phase;

  /** Whether the connection broke down. */
  protected abstract get isBroken(): boolean;

  /** This end's address, from the moment that the connection is open. */
  get local(): Endpoint | undefined {
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
    return this.isBroken || this.socket.destroyed || !hasPeer(this.socket) ? undefined : this.#remote;
  }

  /** The descriptor, or −1 where there is none or Node does not tell it. */
  get descriptor(): number {
    return descriptorOf(this.socket);
  }

  /** Whether the process stays alive for what this socket waits for. */
  keepProcess(on: boolean): void {
    if (on) this.socket.ref();
    else this.socket.unref();
  }

  /** Takes both names away: the ends of a pair have none. */
  forgetNames(): void {
    this.#local = { path: '' };
    this.#remote = { path: '' };
  }

  setNoDelay(on: boolean): undefined {
    this.socket.setNoDelay(on);
  }

  setKeepAlive(keepAlive: KeepAlive): undefined {
    setKeepAlive(this.socket, keepAlive);
  }

  setTypeOfService(value: number): undefined {
    // Before the connection is begun there may be no descriptor to set it on, and Node fails with EBADF.
    if (this.phase !== 'connecting' || this.descriptor !== -1) this.socket.setTypeOfService(value);
    else this.socket.once('connect', () => this.socket.setTypeOfService(value));
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
    const { socket } = this;
    this.#local ??= endpointOf(socket.localAddress, socket.localPort);
    this.#remote ??= endpointOf(socket.remoteAddress, socket.remotePort);
  }
}
