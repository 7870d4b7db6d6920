import type net from 'node:net';
import type { Endpoint } from './endpoint.ts';
import type { Failure } from './failure.ts';

/** The options that count when a port is bound. */
export interface BindOptions {
  /** Takes IPv6 only, and leaves IPv4 to other sockets (IPV6_V6ONLY). */
  readonly ipv6Only: boolean;
  /** Shares the port with other sockets that ask for it too (SO_REUSEPORT). */
  readonly reusePort: boolean;
}

/** A bound address that neither listens nor is connected yet. To listen or to connect uses it up. */
export interface Bound {
  readonly local: Endpoint;
  /** Frees the address, at once. */
  close(): void;
  /** A socket that connects from it. */
  toSocket(): net.Socket;
  /** The handle that a `net.Server` listens on. */
  readonly handle: object;
  /** The server that listens on it already, where binding needs that; from now on its clients are the caller's. */
  toServer?(): net.Server;
  /** The descriptor, or −1 where Node does not give it. */
  readonly descriptor: number;
}

/** Binds an address. There are several backends, chosen by what this Node has. */
export type BindBackend = (local: Endpoint, options: BindOptions) => Bound | Failure;
