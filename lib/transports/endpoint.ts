/** A numeric address with a port, as the transports know it. */
export interface InetEndpoint {
  readonly host: string;
  readonly port: number;
}

/** A path of the file system, or an abstract name after a NUL; `''` for a socket without a name. */
export interface UnixEndpoint {
  readonly path: string;
}

/** One end of a connection. */
export type Endpoint = InetEndpoint | UnixEndpoint;

export function isUnix(endpoint: Endpoint): endpoint is UnixEndpoint {
  return 'path' in endpoint;
}

/** An address as Node gives it; `undefined` where it does not. */
export function inetEndpoint(host: string | undefined, port: number | undefined): InetEndpoint | undefined {
  return host === undefined || port === undefined ? undefined : { host, port };
}

/** Whether two addresses are the same one. */
export function isSameInet(one: InetEndpoint, other: InetEndpoint): boolean {
  return one.port === other.port && one.host === other.host;
}
