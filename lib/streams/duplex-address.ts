import { isUnix, type Endpoint, type InetEndpoint } from '../transports/endpoint.ts';

/** An address as Node's sockets give it; empty where there is none. */
export interface DuplexAddress {
  /** The numeric address. */
  readonly address?: string;
  /** Its kind. */
  readonly family?: 'IPv4' | 'IPv6';
  /** The port. */
  readonly port?: number;
}

/** An endpoint of TCP; `undefined` for the others, which have no address in Node. */
export function inetOf(endpoint: Endpoint | undefined): InetEndpoint | undefined {
  return endpoint === undefined || isUnix(endpoint) ? undefined : endpoint;
}

/** The family of an endpoint, as Node's sockets name it. */
export function familyOf(endpoint: InetEndpoint | undefined): 'IPv4' | 'IPv6' | undefined {
  if (endpoint === undefined) return undefined;
  return endpoint.host.includes(':') ? 'IPv6' : 'IPv4';
}
