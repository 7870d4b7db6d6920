import { hostname } from 'node:os';
import { isBytes, typeError } from '../common/arguments.ts';
import { signalOf, takeOptions, type WaitOptions } from '../common/call-options.ts';
import { AF_INET, AF_UNSPEC } from '../common/constants.ts';
import { nodeErrorCode } from '../common/errno.ts';
import { OSError, osError } from '../common/errors.ts';
import { awaited } from '../waiting/gate.ts';
import { gaiCodeOf, hostError, type GaiCode } from './gai.ts';
import { toAscii } from './idna.ts';
import { formatIPv4, parseIPv4 } from './inet.ts';
import { lookupAddresses, lookupName } from './lookup.ts';
import { parseHost } from './numeric.ts';
import { resolve } from './resolver.ts';

/**
 * The result of {@link gethostbynameEx} and {@link gethostbyaddr}: the host's name, its aliases, and its addresses.
 */
export type HostEntry = [hostname: string, aliases: string[], addresses: string[]];

/**
 * The IPv4 address of a host.
 *
 * @param hostname - a name, a numeric IPv4 address, or `''` for the wildcard.
 * @param options - `signal` ends the wait.
 * @returns a numeric address: `'127.0.0.1'`.
 * @throws gaierror EAI_NONAME for an unknown name, EAI_ADDRFAMILY for an IPv6 address; RangeError (Python:
 * UnicodeError) for a name that IDNA does not allow; the signal's reason.
 * @see https://docs.python.org/3/library/socket.html#socket.gethostbyname
 *
 * @example
 * ```ts
 * import * as socket from 'await-socket';
 *
 * const host = await socket.gethostbyname('localhost');
 * console.log(host); // 127.0.0.1
 * using sock = socket.socket();
 * sock.bind([host, 0]);
 * ```
 */
export function gethostbyname(hostname: string | Uint8Array, options?: WaitOptions): Promise<string> {
  return awaited(() => {
    const host = hostArgument(hostname, 'gethostbyname(): hostname');
    return resolve(host, AF_INET, signalOf(options, 'gethostbyname')).then((address) => address.host);
  }, gethostbyname);
}

/**
 * The names and all IPv4 addresses of a host.
 *
 * @remarks Differs from Python in that the name is the one that was asked for, and that aliases are always empty: Node
 * gives neither.
 *
 * @param hostname - a name or a numeric IPv4 address.
 * @param options - `signal` ends the wait.
 * @returns `[hostname, aliases, addresses]`.
 * @throws gaierror EAI_NONAME for an unknown name, EAI_ADDRFAMILY for an IPv6 address; herror 1 for `''` and
 * `'<broadcast>'`, which are not names; RangeError (Python: UnicodeError) for a name that IDNA does not allow; the
 * signal's reason.
 * @see https://docs.python.org/3/library/socket.html#socket.gethostbyname_ex
 */
export function gethostbynameEx(hostname: string | Uint8Array, options?: WaitOptions): Promise<HostEntry> {
  return awaited(() => {
    const name = hostArgument(hostname, 'gethostbynameEx(): hostname');
    return hostByName(name, signalOf(options, 'gethostbynameEx'));
  }, gethostbynameEx);
}

async function hostByName(name: string, signal: AbortSignal | undefined): Promise<HostEntry> {
  const inet4 = parseIPv4(name);
  if (inet4 !== null) return [name, [], [formatIPv4(inet4)]];
  // '', '<broadcast>' and a mapped address (::ffff:1.2.3.4) have an address, but are not the name of a host.
  if (parseHost(name, AF_INET) !== null) throw hostError('HOST_NOT_FOUND', { syscall: 'gethostbyname', address: name });
  const addresses = await lookupAddresses(name, AF_INET, 0, signal);
  return [name, [], addresses.map(({ host }) => host)];
}

/**
 * The name of a host, by its address.
 *
 * @remarks Differs from Python in that aliases are always empty: Node does not give them.
 *
 * @param ipAddress - a numeric address of either family, or a name that is resolved first.
 * @param options - `signal` ends the wait.
 * @returns `[hostname, aliases, addresses]`.
 * @throws herror 1 ('Unknown host') for an address without a name; gaierror for an unknown name, as {@link
 * gethostbyname}; OSError without a number for `''`, which stands for both families; the signal's reason.
 * @see https://docs.python.org/3/library/socket.html#socket.gethostbyaddr
 */
export function gethostbyaddr(ipAddress: string | Uint8Array, options?: WaitOptions): Promise<HostEntry> {
  return awaited(() => {
    const host = hostArgument(ipAddress, 'gethostbyaddr(): ipAddress');
    return hostByAddress(host, signalOf(options, 'gethostbyaddr'));
  }, gethostbyaddr);
}

async function hostByAddress(name: string, signal: AbortSignal | undefined): Promise<HostEntry> {
  const { host } = await resolve(name, AF_UNSPEC, signal);
  const found = await lookupName(host, signal);
  if (typeof found === 'string') return [found, [], [host]];
  const details = { syscall: 'gethostbyaddr', address: host, cause: found };
  const code = gaiCodeOf(found);
  throw code === undefined ? osError(nodeErrorCode(found), details) : hostError(hostErrorCode(code), details);
}

function hostErrorCode(code: GaiCode): 'HOST_NOT_FOUND' | 'TRY_AGAIN' | 'NO_RECOVERY' {
  switch (code) {
    case 'EAI_NONAME':
      return 'HOST_NOT_FOUND';
    case 'EAI_AGAIN':
      return 'TRY_AGAIN';
    default:
      return 'NO_RECOVERY';
  }
}

/**
 * The fully qualified name of a host, as far as it can be found.
 *
 * @remarks Differs from Python in that aliases are not considered, as Node does not give them.
 *
 * @param name - a name or an address; `''`, `'0.0.0.0'` and `'::'` stand for this machine.
 * @param options - `signal` ends the wait.
 * @returns the name of the address; otherwise the argument, or the machine's own name.
 * @throws RangeError (Python: UnicodeError) for a name that IDNA does not allow; the signal's reason. An unknown name
 * is not an error.
 * @see https://docs.python.org/3/library/socket.html#socket.getfqdn
 */
export function getfqdn(name?: string, options?: WaitOptions): Promise<string>;
export function getfqdn(options?: WaitOptions): Promise<string>;
export function getfqdn(...given: readonly unknown[]): Promise<string> {
  return awaited(() => {
    const { values, options } = takeOptions(given, 1, 'getfqdn');
    const [name = ''] = values;
    const signal = signalOf(options, 'getfqdn');
    if (typeof name !== 'string') throw typeError('getfqdn(): name must be a string', name);
    const trimmed = name.trim();
    const asked = ['', '0.0.0.0', '::'].includes(trimmed) ? gethostname() : trimmed;
    return qualified(asked, hostArgument(asked, 'getfqdn(): name'), signal);
  }, getfqdn);
}

/** The name of a host's address; `asked` where none is found. */
async function qualified(asked: string, host: string, signal: AbortSignal | undefined): Promise<string> {
  try {
    const [found] = await hostByAddress(host, signal);
    return found;
  } catch (error) {
    // The reason of an abort may be an OSError as well, but is not an error of the resolver.
    if (error instanceof OSError && signal?.aborted !== true) return asked;
    throw error;
  }
}

/**
 * The name of this machine.
 *
 * @returns the name as the system has it, which need not be fully qualified: see {@link getfqdn}.
 * @see https://docs.python.org/3/library/socket.html#socket.gethostname
 */
export function gethostname(): string {
  return hostname();
}

function hostArgument(value: unknown, name: string): string {
  if (typeof value !== 'string' && !isBytes(value)) {
    throw typeError(`${name} must be a string or bytes`, value);
  }
  const host = typeof value === 'string' ? toAscii(value) : Buffer.from(value).toString('latin1');
  if (host.includes('\0')) throw typeError(`${name} must not contain a null character`, value);
  return host;
}
