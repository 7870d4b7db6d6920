import type dns from 'node:dns';
import type PQueue from 'p-queue';
import { channels, isTraced, traceCall, type CallMessage } from '../common/channels.ts';
import { AF_INET, AF_INET6, AI_ADDRCONFIG, AI_ALL, AI_V4MAPPED } from '../common/constants.ts';
import { nodeErrorCode } from '../common/errno.ts';
import { osError } from '../common/errors.ts';
import { shortageOfDescriptors } from '../common/shortage.ts';
import { whenAborted } from '../waiting/abort.ts';
import { gaiError, lookupError } from './gai.ts';
import { isAscii } from './idna.ts';
import type { Resolved } from './numeric.ts';

/**
 * How many look-ups may run at once. They run on libuv's thread pool, which also reads files: libuv gives look-ups at
 * most half of its threads, rounded up, and cannot cancel one that it was given. All others wait here, where one whose
 * caller gave up can still be dropped.
 *
 * @param size - UV_THREADPOOL_SIZE, read as libuv reads it: 4 threads unless it says otherwise, at least 1, at most
 * 1024.
 */
export function lookupConcurrency(size: string | undefined): number {
  const threads = size === undefined ? 4 : Number.parseInt(size, 10);
  return Math.ceil(Math.min(Math.max(Number.isNaN(threads) ? 1 : threads, 1), 1024) / 2);
}

/** The modules and the queue that look-ups need. */
interface Tools {
  readonly resolver: typeof dns;
  readonly queue: PQueue;
}

let tools: Tools | undefined;

/**
 * Loads the tools with the first look-up, as many programs look no name up. libuv, too, reads UV_THREADPOOL_SIZE when
 * it first needs a thread.
 */
async function lookupTools(): Promise<Tools> {
  tools ??= await loadTools();
  return tools;
}

async function loadTools(): Promise<Tools> {
  try {
    const [{ default: resolver }, { default: Queue }] = await Promise.all([import('node:dns'), import('p-queue')]);
    return tools ?? { resolver, queue: new Queue({ concurrency: lookupConcurrency(process.env.UV_THREADPOOL_SIZE) }) };
  } catch (error) {
    const shortage = shortageOfDescriptors();
    throw shortage === undefined ? error : osError(nodeErrorCode(shortage), { syscall: 'getaddrinfo', cause: error });
  }
}

/**
 * Runs a look-up in its turn. When the signal is aborted, a look-up that waits leaves the queue. One that runs cannot
 * be stopped: its caller goes on at once, but its place stays taken until its thread is free. Otherwise callers that
 * give up and try again, while the name server does not answer, would pile up look-ups inside libuv.
 */
async function inTurn<T>(work: (resolver: typeof dns) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const { resolver, queue } = await lookupTools();
  if (signal === undefined) return await queue.add(async () => await work(resolver));
  signal.throwIfAborted();
  const waiting = new AbortController();
  let hasStarted = false;
  const start = async (): Promise<T> => {
    hasStarted = true;
    return await work(resolver);
  };
  let stop = (): void => undefined;
  const aborted = new Promise<void>((resolve) => {
    stop = whenAborted(signal, () => {
      if (!hasStarted) waiting.abort(signal.reason);
      resolve();
    });
  });
  try {
    const outcome = queue.add(start, { signal: waiting.signal });
    await Promise.race([outcome, aborted]);
    signal.throwIfAborted();
    return await outcome;
  } finally {
    stop();
  }
}

/**
 * The addresses of a name, in the order in which the system's getaddrinfo() gives them; at least one.
 *
 * @param host - a name in ASCII that is not a numeric address.
 * @throws gaierror for a name without an address in this family; the signal's reason.
 */
export async function lookupAddresses(
  host: string,
  family: number,
  flags: number,
  signal: AbortSignal | undefined,
): Promise<Resolved[]> {
  // Node accepts '', C ends the text at a NUL, and getaddrinfo() reads '*' as "no name"; no host name has bytes beyond
  // ASCII.
  if (host === '' || host === '*' || host.includes('\0') || !isAscii(host))
    throw gaiError('EAI_NONAME', { address: host });
  const outcome = await traced('lookup', [host], () =>
    inTurn((resolver) => {
      const hints = dnsHints(flags, resolver);
      const options = { family: dnsFamily(family), hints, all: true, order: 'verbatim' } as const;
      return answerOf<dns.LookupAddress[]>((end) => resolver.lookup(host, options, end));
    }, signal),
  );
  // Errors are made after the await, so that their stack names the caller's line.
  if (!Array.isArray(outcome)) throw lookupError(outcome, { address: host });
  if (outcome.length === 0) throw gaiError('EAI_NONAME', { address: host });
  return outcome.map(({ address, family }) => ({
    family: family === 6 ? AF_INET6 : AF_INET,
    host: address,
    scopeid: 0,
  }));
}

function dnsFamily(family: number): 0 | 4 | 6 {
  if (family === AF_INET) return 4;
  return family === AF_INET6 ? 6 : 0;
}

/** The flags of getaddrinfo() that Node passes on. Its constants have the platform's values, ours have Linux's. */
function dnsHints(flags: number, { ADDRCONFIG, V4MAPPED, ALL }: typeof dns): number {
  return (
    ((flags & AI_ADDRCONFIG) === 0 ? 0 : ADDRCONFIG) |
    ((flags & AI_V4MAPPED) === 0 ? 0 : V4MAPPED) |
    ((flags & AI_ALL) === 0 ? 0 : ALL)
  );
}

/** The name of a numeric address, or Node's error; rejects only with the signal's reason. */
export async function lookupName(
  address: string,
  signal: AbortSignal | undefined,
): Promise<string | NodeJS.ErrnoException> {
  return await traced('lookupName', [address], () =>
    inTurn((resolver) => answerOf<string>((end) => resolver.lookupService(address, 0, end)), signal),
  );
}

/** Runs a look-up, and publishes its events. */
function traced<T>(call: string, args: readonly unknown[], work: () => Promise<T>): Promise<T> {
  if (!isTraced(channels.lookup)) return work();
  const message = { call, socket: null, family: null, type: null, tls: false, local: '', peer: '', args };
  return traceCall(channels.lookup, message, work, noteFailure);
}

/** Node's errors are results here, which become Python's later. */
function noteFailure(message: CallMessage): void {
  if (isNodeError(message.result)) message.error = message.result;
}

/** Node's answer: a result, or its error, which it throws where it may not look anything up (`--permission`). */
function answerOf<T>(
  ask: (end: (error: NodeJS.ErrnoException | null, result: T) => void) => void,
): Promise<T | NodeJS.ErrnoException> {
  return new Promise((resolve, reject) => {
    try {
      ask((error, result) => resolve(error === null ? result : truthOf(error)));
    } catch (error) {
      if (isNodeError(error)) resolve(error);
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever was thrown is passed on
      else reject(error);
    }
  });
}

/**
 * Without a free descriptor glibc cannot read its own files, and says of a name that it is unknown, or that the name server
 * is busy. Python gives EMFILE.
 */
function truthOf(error: NodeJS.ErrnoException): NodeJS.ErrnoException {
  return shortageOfDescriptors() ?? error;
}

/** Not `instanceof`, which is false for Node's errors where a test runner gives each test its own realm. */
function isNodeError(error: unknown): error is NodeJS.ErrnoException {
  return typeof error === 'object' && error !== null && 'code' in error;
}
