import fs from 'node:fs';
import { join } from 'node:path';
import { int, rangeError } from '../common/arguments.ts';
import * as constants from '../common/constants.ts';
import { textError } from '../common/errors.ts';
import { called } from '../common/stack.ts';
import { COMMON_SERVICES } from './common-services.ts';
import { text } from './text.ts';

/** An entry of a file such as /etc/services: a port and its protocol, or only the number of a protocol. */
interface Entry {
  readonly names: readonly string[];
  readonly number: number;
  readonly proto: string;
}

/** The entries of a text in the format of services(5) and protocols(5). */
export function parseEntries(content: string): Entry[] {
  return content.split('\n').flatMap((line) => {
    const [name, value, ...aliases] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (name === undefined || value === undefined) return [];
    const [number = '', proto = ''] = value.split('/');
    return [{ names: [name, ...aliases], number: Number.parseInt(number, 10), proto }];
  });
}

/**
 * The entries of the machine's file, read when they are first needed; the fallback's where the file does not exist.
 */
function lazyEntries(file: string, fallback: () => Entry[]): () => readonly Entry[] {
  let entries: readonly Entry[] | undefined;
  const read = (): Entry[] => {
    try {
      return parseEntries(fs.readFileSync(file, 'utf8'));
    } catch {
      return fallback();
    }
  };
  return () => (entries ??= read());
}

const isWindows = process.platform === 'win32';
const folder = isWindows ? join(process.env.SystemRoot ?? '', 'System32', 'drivers', 'etc') : '/etc';
const services = lazyEntries(join(folder, 'services'), () => parseEntries(COMMON_SERVICES));
const protocols = lazyEntries(join(folder, isWindows ? 'protocol' : 'protocols'), protocolConstants);

/** The protocols that have a constant: `IPPROTO_TCP` is `tcp`. */
function protocolConstants(): Entry[] {
  return Object.entries(constants)
    .filter(([name]) => name.startsWith('IPPROTO_'))
    .map(([name, value]) => {
      const upper = name.slice('IPPROTO_'.length).replace('ICMPV6', 'IPV6-ICMP').replace('HOPOPTS', 'HOPOPT');
      return { names: [upper.toLowerCase(), upper], number: Number(value), proto: '' };
    });
}

/**
 * The port of a service; `undefined` for an unknown service. The first entry counts, as in getservbyname(3).
 */
export function portOf(service: string, proto: string | undefined): number | undefined {
  return services().find((entry) => entry.names.includes(service) && entry.proto === (proto ?? entry.proto))?.number;
}

/** The name of the service at a port; `undefined` where no service has the port. */
export function serviceAt(port: number, proto: string | undefined): string | undefined {
  return services().find((entry) => entry.number === port && entry.proto === (proto ?? entry.proto))?.names[0];
}

/**
 * The port of a service, by the machine's list of services (/etc/services).
 *
 * @remarks Differs from Python where the machine has no such list: the commonest services are known even there.
 *
 * @param servicename - the service's name or one of its aliases: `'http'`.
 * @param protocolname - `'tcp'` or `'udp'`; any where it is left out.
 * @returns the port.
 * @throws OSError without a number ('service/proto not found') where there is none.
 * @see https://docs.python.org/3/library/socket.html#socket.getservbyname
 *
 * @example
 * ```ts
 * import * as socket from 'await-socket';
 *
 * console.log(socket.getservbyname('https', 'tcp')); // 443
 * ```
 */
export function getservbyname(servicename: string, protocolname?: string): number {
  return called(getservbyname, () => {
    const name = text(servicename, 'getservbyname(): servicename');
    const port = portOf(name, optionalText(protocolname, 'getservbyname(): protocolname'));
    if (port === undefined) throw textError('service/proto not found', { address: entryText(name, protocolname) });
    return port;
  });
}

/**
 * The name of the service at a port, by the machine's list of services (/etc/services).
 *
 * @remarks Differs from Python where the machine has no such list: the commonest services are known even there.
 *
 * @param port - 0 to 65535.
 * @param protocolname - `'tcp'` or `'udp'`; any where it is left out.
 * @returns the service's name: `'http'`.
 * @throws OSError without a number ('port/proto not found') where there is none; RangeError (Python: OverflowError) for
 * a port out of range.
 * @see https://docs.python.org/3/library/socket.html#socket.getservbyport
 *
 * @example
 * ```ts
 * import * as socket from 'await-socket';
 *
 * console.log(socket.getservbyport(443, 'tcp')); // https
 * ```
 */
export function getservbyport(port: number, protocolname?: string): string {
  return called(getservbyport, () => {
    const number = int(port, 'getservbyport(): port');
    const proto = optionalText(protocolname, 'getservbyport(): protocolname');
    if (number < 0 || number > 0xffff) throw rangeError('getservbyport(): port must be 0-65535', port);
    const name = serviceAt(number, proto);
    if (name === undefined) throw textError('port/proto not found', { address: entryText(number, proto) });
    return name;
  });
}

function optionalText(value: unknown, name: string): string | undefined {
  return value === undefined ? undefined : text(value, name);
}

function entryText(what: string | number, proto: string | undefined): string {
  return proto === undefined ? String(what) : `${what}/${proto}`;
}

/**
 * The number of a protocol, for the third argument of `socket()`, by the machine's list of protocols (/etc/protocols).
 *
 * @remarks Differs from Python where the machine has no such list: the protocols that have an `IPPROTO_*` constant are
 * known even there.
 *
 * @param protocolname - the protocol's name or one of its aliases: `'tcp'`, `'TCP'`.
 * @returns the number: 6.
 * @throws OSError without a number ('protocol not found') where there is none.
 * @see https://docs.python.org/3/library/socket.html#socket.getprotobyname
 *
 * @example
 * ```ts
 * import * as socket from 'await-socket';
 *
 * console.log(socket.getprotobyname('tcp') === socket.IPPROTO_TCP); // true
 * ```
 */
export function getprotobyname(protocolname: string): number {
  return called(getprotobyname, () => {
    const name = text(protocolname, 'getprotobyname(): protocolname');
    const entry = protocols().find(({ names }) => names.includes(name));
    if (entry === undefined) throw textError('protocol not found', { address: name });
    return entry.number;
  });
}
