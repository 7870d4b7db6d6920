import { typeError } from '../common/arguments.ts';
import { checkOptions, checkSignal, type WaitOptions } from '../common/call-options.ts';
import { TimeoutError } from '../common/errors.ts';
import { raised } from '../common/stack.ts';
import { checkTimeout } from '../common/timeouts.ts';
import { Socket } from '../socket.ts';
import { whenAborted } from '../waiting/abort.ts';
import { atDeadline } from '../waiting/clock.ts';
import { awaited } from '../waiting/gate.ts';
import { wrong } from './errors.ts';
import type { ProxyHeader } from './header.ts';
import { parseHeader } from './parse.ts';

/** How {@link readProxyHeader} reads. */
export interface ReadProxyHeaderOptions extends WaitOptions {
  /** How long the whole header may take, in seconds; 10 where it is left out, `null` for as long as it takes. */
  readonly timeout?: number | null | undefined;
}

/** How long the whole header may take, in seconds. */
const TIMEOUT = 10;

/**
 * Reads the PROXY header with which a connection begins, of version 1 or 2, and not a byte of what follows it.
 *
 * Read it only from peers that are known to be proxies: everyone else could claim any address. The connection is the
 * caller's, whatever happens; after an error it is of no more use.
 *
 * @param conn - the connection. The header comes before TLS, so wrap the socket afterwards.
 * @param options - `timeout` and `signal`.
 * @returns what the header says.
 * @throws {@link ProxyProtocolError} if it is no header, is wrong, or ends too early; TimeoutError if it takes too long;
 * what {@link Socket.recv} throws.
 * @see https://www.haproxy.org/download/2.6/doc/proxy-protocol.txt
 *
 * @remarks Python has no such call.
 *
 * @example
 * ```ts
 * import * as socket from 'await-socket';
 * import { readProxyHeader } from 'await-socket/proxy-protocol';
 *
 * const [proxy, conn] = await socket.socketpair();
 * await proxy.sendall('PROXY TCP4 192.0.2.1 192.0.2.9 56324 443\r\nhello');
 * const header = await readProxyHeader(conn);
 * console.log(header.source); // [ '192.0.2.1', 56324 ]
 * console.log(String(await conn.recv(1024))); // hello
 * proxy.close();
 * conn.close();
 * ```
 */
export function readProxyHeader(conn: Socket, options?: ReadProxyHeaderOptions): Promise<ProxyHeader> {
  return awaited(() => {
    if (!(conn instanceof Socket)) throw typeError('readProxyHeader(): conn must be a socket', conn);
    checkOptions(options, ['timeout', 'signal'], 'readProxyHeader');
    const { timeout = TIMEOUT, signal } = options ?? {};
    const seconds = checkTimeout(timeout);
    return readWithin(conn, seconds, checkSignal(signal, 'readProxyHeader'));
  }, readProxyHeader);
}

/** Reads the header within a time limit, by a signal of its own: it may take several calls of recv(). */
async function readWithin(conn: Socket, seconds: number | null, signal: AbortSignal | undefined): Promise<ProxyHeader> {
  signal?.throwIfAborted();
  const ending = new AbortController();
  const late = (): void => ending.abort(raised(new TimeoutError('timed out', { code: 'ETIMEDOUT', syscall: 'recv' })));
  const forgetDeadline = seconds === null ? undefined : atDeadline(performance.now() + seconds * 1000, late);
  const forgetSignal = signal === undefined ? undefined : whenAborted(signal, () => ending.abort(signal.reason));
  try {
    return await read(conn, ending.signal);
  } finally {
    forgetDeadline?.();
    forgetSignal?.();
  }
}

async function read(conn: Socket, signal: AbortSignal): Promise<ProxyHeader> {
  let bytes: Buffer = Buffer.alloc(0);
  for (;;) {
    const parsed = parseHeader(bytes);
    if (typeof parsed !== 'number') return parsed;
    const block = await conn.recv(parsed, { signal });
    if (block.length === 0) throw wrong(`the connection ended after ${bytes.length} bytes of a PROXY header`);
    bytes = Buffer.concat([bytes, block]);
  }
}
