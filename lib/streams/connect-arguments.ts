import { typeError } from '../common/arguments.ts';

/** Where `connect()` of Node's sockets goes; one of the two forms is to be used. */
export interface ConnectOptions {
  /** The port of a TCP socket. */
  readonly port?: number | string | undefined;
  /** `localhost` where it is left out. */
  readonly host?: string | undefined;
  /** The path of a Unix socket. */
  readonly path?: string | undefined;
}

/** A function for the event of the connection. */
type Listener = () => void;

/** What `connect()` was called with, as an address of ours. */
export interface ConnectArguments {
  readonly address: [host: string, port: number] | string;
  readonly listener: Listener | undefined;
}

/** Reads the arguments of `connect()`: `(options)`, `(port, host)` or `(path)`, each with a listener at the end. */
export function connectArguments(given: readonly unknown[]): ConnectArguments {
  const [first, ...rest] = given;
  const listener = rest.find((argument) => isListener(argument));
  if (typeof first === 'object' && first !== null) return { address: addressOf({ ...first }), listener };
  if (portOf(first) === undefined) return { address: addressOf({ path: first }), listener };
  const [host] = rest;
  return { address: addressOf({ port: first, host: isListener(host) ? undefined : host }), listener };
}

function isListener(value: unknown): value is Listener {
  return typeof value === 'function';
}

function addressOf({
  port,
  host,
  path,
}: {
  port?: unknown;
  host?: unknown;
  path?: unknown;
}): ConnectArguments['address'] {
  if (port === undefined && typeof path === 'string') return path;
  const number = portOf(port);
  if (number === undefined)
    throw typeError('connect() takes a port, a path, or an object with one of them', port ?? path);
  if (host === undefined || host === null) return ['localhost', number];
  if (typeof host === 'string') return [host, number];
  throw typeError('connect(): host must be a string', host);
}

/** A port may come as a string, as it is in a URL. */
function portOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : undefined;
}
