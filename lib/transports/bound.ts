import type net from 'node:net';
import type { Endpoint } from './endpoint.ts';
import type { Failure } from './failure.ts';

/** What may be chosen before a port is bound. */
export interface BindOptions {
  /** Leaves IPv4 alone (IPV6_V6ONLY). */
  readonly ipv6Only: boolean;
  /** Shares the port with others who ask for it too (SO_REUSEPORT). */
  readonly reusePort: boolean;
}

/** An address that is bound, and neither listens nor is connected yet. Becoming either uses it up. */
export interface Bound {
  readonly local: Endpoint;
  /** Gives the address back, at once. */
  close(): void;
  /** The socket that connects from it. */
  toSocket(): net.Socket;
  /** What a `net.Server` listens on. */
  readonly handle: object;
  /** The server that listens on it already, where nothing binds without that; its clients are the caller's from now on. */
  toServer?(): net.Server;
  /** The descriptor, or −1 where Node does not tell it. */
  readonly descriptor: number;
}

/** Binds: one of several implementations, chosen by what this Node has. */
export type BindBackend = (local: Endpoint, options: BindOptions) => Bound | Failure;
