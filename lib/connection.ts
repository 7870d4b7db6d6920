import { checkInetAddress, type AddressLike, type InetAddress } from './common/addresses.ts';
import { rangeError, typeError } from './common/arguments.ts';
import { checkOptions, checkSignal, takeOptions, type WaitOptions } from './common/call-options.ts';
import { AF_INET, AF_INET6, SOCK_STREAM } from './common/constants.ts';
import { OSError, textError } from './common/errors.ts';
import { checkNames, rowsOf, type AddressInfo, type Names } from './names/resolver.ts';
import { whenAborted } from './waiting/abort.ts';
import { atDeadline } from './waiting/clock.ts';
import { awaited } from './waiting/gate.ts';
import { Socket, type Connection } from './socket.ts';
import { raised } from './common/stack.ts';
import { checkTimeout } from './common/timeouts.ts';

/** How {@link createConnection} connects. */
export interface ConnectionOptions extends WaitOptions {
  /**
   * The time limit in seconds, for each address; the socket keeps it. The default time limit where it is left out.
   */
  readonly timeout?: number | null | undefined;
  /** The address to connect from, as for `bind()`. */
  readonly sourceAddress?: AddressLike | null | undefined;
  /** Whether the error has those of all addresses that were tried, as an `AggregateError`. */
  readonly allErrors?: boolean | undefined;
  /**
   * Seconds after which the next address is tried even if the one before has not failed yet; the first connection wins
   * (RFC 8305 recommends 0.25). Without it, an address is tried only when the one before has failed. Python's `socket`
   * has no such option.
   */
  readonly happyEyeballsDelay?: number | null | undefined;
}

/**
 * Connects to an address, trying all addresses of its host name.
 *
 * @param address - `[host, port]`, as {@link getaddrinfo} takes them; the port may be the name of a service.
 * @param timeout - as the option; seconds, or `null` for none.
 * @param sourceAddress - as the option.
 * @param options - see {@link ConnectionOptions}; they may stand in the place of `timeout` or `sourceAddress`.
 * @returns the connected socket.
 * @throws gaierror if the name cannot be resolved; otherwise the error of `connect()` for the last address, or with
 * `allErrors` an `AggregateError` of all; RangeError for a negative or too large time limit.
 * @see https://docs.python.org/3/library/socket.html#socket.create_connection
 *
 * @remarks Differs from Python in `signal` and `happyEyeballsDelay`, and in the class of the error that holds all
 * others.
 *
 * @example
 * ```ts
 * import * as socket from 'await-socket';
 *
 * using server = socket.createServer(['127.0.0.1', 0]);
 * const [host, port] = server.getsockname() as socket.Inet4Address;
 * using sock = await socket.createConnection([host, port], { timeout: 10 });
 * console.log(sock.gettimeout()); // 10
 * ```
 */
export function createConnection(
  address: readonly [host: string | Uint8Array | null, port: number | string | Uint8Array | null],
  options?: ConnectionOptions,
): Promise<Connection<InetAddress>>;
export function createConnection(
  address: readonly [host: string | Uint8Array | null, port: number | string | Uint8Array | null],
  timeout?: number | null,
  options?: ConnectionOptions,
): Promise<Connection<InetAddress>>;
export function createConnection(
  address: readonly [host: string | Uint8Array | null, port: number | string | Uint8Array | null],
  timeout?: number | null,
  sourceAddress?: AddressLike | null,
  options?: ConnectionOptions,
): Promise<Connection<InetAddress>>;
export function createConnection(
  address: readonly [host: string | Uint8Array | null, port: number | string | Uint8Array | null],
  ...optional: readonly unknown[]
): Promise<Socket> {
  return awaited(() => {
    const [host, port] = checkPair(address);
    const names = checkNames('createConnection', host, port);
    return connectToAny(names, planOf(optional));
  }, createConnection);
}

async function connectToAny(names: Names, plan: Plan): Promise<Socket> {
  const rows = await rowsOf({ ...names, family: 0, type: SOCK_STREAM, proto: 0, flags: 0 }, plan.signal);
  const errors: OSError[] = [];
  const connection = await (plan.delay === undefined
    ? connectInTurn(rows, plan, errors)
    : connectInRace(rows, plan, errors, plan.delay));
  if (connection !== undefined) return connection;
  if (plan.allErrors && errors.length > 0) throw raised(new AggregateError(errors, 'createConnection failed'));
  throw errors.at(-1) ?? textError('getaddrinfo returns an empty list');
}

/** The checked arguments of {@link createConnection}. */
interface Plan {
  /** Seconds; `undefined` for the default time limit. */
  readonly timeout: number | null | undefined;
  readonly sourceAddress: AddressLike | undefined;
  readonly allErrors: boolean;
  /** Seconds between two addresses; `undefined` to try them in turn. */
  readonly delay: number | undefined;
  readonly signal: AbortSignal | undefined;
}

const OPTIONS = ['timeout', 'sourceAddress', 'allErrors', 'happyEyeballsDelay', 'signal'] as const;

/** Checks the arguments of {@link createConnection} after the address: `(timeout, sourceAddress, options)`. */
function planOf(optional: readonly unknown[]): Plan {
  const call = 'createConnection';
  const { values, options } = takeOptions(optional, 2, call);
  const given = checkOptions(options, OPTIONS, call);
  const timeout = oneOf(values[0], given.timeout, 'timeout');
  return {
    timeout: timeout === undefined ? undefined : checkTimeout(timeout),
    sourceAddress: checkSource(oneOf(values[1], given.sourceAddress, 'sourceAddress')),
    allErrors: Boolean(given.allErrors),
    delay: checkDelay(given.happyEyeballsDelay),
    signal: checkSignal(given.signal, call),
  };
}

/** An argument that was given in its place or among the options, but not both. */
function oneOf(argument: unknown, option: unknown, name: string): unknown {
  if (argument === undefined) return option;
  if (option === undefined) return argument;
  throw typeError(`createConnection(): ${name} is given twice`, [argument, option]);
}

function checkDelay(delay: unknown): number | undefined {
  if (delay === undefined || delay === null) return undefined;
  if (typeof delay !== 'number') throw typeError('happyEyeballsDelay must be a number or null', delay);
  if (delay >= 0) return delay;
  throw rangeError('happyEyeballsDelay must be 0 or more seconds', delay);
}

/** An address, checked as far as possible before the connection's family is known. */
function checkSource(source: unknown): AddressLike | undefined {
  if (source === undefined || source === null) return undefined;
  const family = Array.isArray(source) && source.length > 2 ? AF_INET6 : AF_INET;
  const { host, port, flowinfo, scopeid } = checkInetAddress('bind', family, source);
  return family === AF_INET6 ? [host, port, flowinfo, scopeid] : [host, port];
}

/** Tries one address after the other, as Python does; adds their errors to `errors`. */
async function connectInTurn(rows: readonly AddressInfo[], plan: Plan, errors: OSError[]): Promise<Socket | undefined> {
  for (const row of rows) {
    try {
      return await connectTo(row, plan, plan.signal);
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
      errors.push(error);
    }
  }
  return undefined;
}

/**
 * Tries all addresses, each a little later than the one before or as soon as that has failed, in the order of RFC 8305:
 * families in turn. The first connection wins, and the others are given up.
 */
async function connectInRace(
  rows: readonly AddressInfo[],
  plan: Plan,
  errors: OSError[],
  delay: number,
): Promise<Socket | undefined> {
  // Not AbortSignal.any(): a signal that lives longer keeps the signals that it makes (nodejs/node#55351).
  const race = new AbortController();
  const { signal: given } = plan;
  given?.throwIfAborted();
  const stop = given === undefined ? undefined : whenAborted(given, () => race.abort(given.reason));
  const running = new Set<Promise<Socket | OSError>>();
  let winner: Socket | undefined;
  const waiting = alternateFamilies(rows);
  try {
    while (winner === undefined && (waiting.length > 0 || running.size > 0)) {
      const row = waiting.shift();
      if (row !== undefined) running.add(attempt(row, plan, race.signal));
      winner = await firstOutcome(running, errors, waiting.length > 0 ? delay : undefined);
    }
    return winner;
  } finally {
    stop?.();
    race.abort();
    // Two may connect in the same turn of the event loop: the second is closed.
    for (const late of await Promise.allSettled(running)) {
      if (late.status === 'fulfilled' && late.value instanceof Socket && late.value !== winner) late.value.close();
    }
  }
}

/** A connection or an error of the network; other errors reject. */
async function attempt(row: AddressInfo, plan: Plan, signal: AbortSignal): Promise<Socket | OSError> {
  try {
    return await connectTo(row, plan, signal);
  } catch (error) {
    if (error instanceof OSError) return error;
    throw error;
  }
}

/** Waits for the first attempt to end, or for the delay; moves the errors of failed attempts to `errors`. */
async function firstOutcome(
  running: Set<Promise<Socket | OSError>>,
  errors: OSError[],
  delay: number | undefined,
): Promise<Socket | undefined> {
  let stop = (): void => undefined;
  const pause = new Promise<undefined>((resolve) => {
    // The next address does not wait for this one to fail (RFC 8305, 5).
    if (delay !== undefined) stop = atDeadline(performance.now() + delay * 1000, () => resolve(undefined));
  });
  const marked = [...running].map(async (promise) => ({ promise, outcome: await promise }));
  const first = await Promise.race([pause, ...marked]);
  stop();
  if (first === undefined) return undefined;
  if (first.outcome instanceof Socket) return first.outcome;
  running.delete(first.promise);
  errors.push(first.outcome);
  return undefined;
}

/** The rows with the families in turn, the first row's family first (RFC 8305, 4). */
function alternateFamilies(rows: readonly AddressInfo[]): AddressInfo[] {
  const first = rows.filter(([family]) => family === rows[0]?.[0]);
  const others = rows.filter(([family]) => family !== rows[0]?.[0]);
  const length = Math.max(first.length, others.length);
  return Array.from({ length }, (_, index) => [first[index], others[index]])
    .flat()
    .filter((row) => row !== undefined);
}

/** Checks that an address has two fields; Python raises ValueError where it unpacks more or fewer. */
function checkPair(address: unknown): readonly unknown[] {
  if (!Array.isArray(address)) throw typeError('createConnection(): address must be [host, port]', address);
  const fields: readonly unknown[] = address;
  if (fields.length === 2) return fields;
  throw rangeError('createConnection(): address must be [host, port]', address);
}

async function connectTo(
  [family, type, proto, , address]: AddressInfo,
  { timeout, sourceAddress }: Plan,
  signal: AbortSignal | undefined,
): Promise<Socket> {
  const socket = new Socket(family, type, proto);
  try {
    if (timeout !== undefined) socket.settimeout(timeout);
    if (sourceAddress !== undefined) socket.bind(sourceAddress);
    await socket.connect(address, { signal });
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}
