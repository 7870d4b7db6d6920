import fs from 'node:fs';
import { networkInterfaces } from 'node:os';
import { integer, rangeError } from '../common/arguments.ts';
import { osError, textError } from '../common/errors.ts';
import { fsdecode, hasSurrogates } from '../common/file-names.ts';
import { called } from '../common/stack.ts';
import { systemName } from './text.ts';

/** The folder in which Linux gives the index of every interface, even of one that is down or has no address. */
const SYSFS = '/sys/class/net';

/** The interfaces by index, read anew each time, as they may change. */
function indexes(): Map<number, string> {
  const found = fromSysfs();
  return new Map([...(found.length > 0 ? found : fromAddresses())].sort(([one], [other]) => one - other));
}

function fromSysfs(): [index: number, name: string][] {
  try {
    return fs.readdirSync(SYSFS, { encoding: 'buffer' }).flatMap((name) => {
      const index = sysfsIndex(name);
      return index === null ? [] : [[index, fsdecode(name)]];
    });
  } catch {
    return [];
  }
}

/**
 * An interface's index; null for an entry that is not an interface, such as the file `bonding_masters`, or that was
 * removed since it was listed.
 */
function sysfsIndex(name: Uint8Array): number | null {
  try {
    const file = Buffer.concat([Buffer.from(`${SYSFS}/`), name, Buffer.from('/ifindex')]);
    return Number.parseInt(fs.readFileSync(file, 'latin1'), 10);
  } catch {
    return null;
  }
}

/** The interfaces of which Node gives the index: those with a link-local IPv6 address, as that address's scope. */
function fromAddresses(): [index: number, name: string][] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) => {
    const scoped = addresses.find((address) => address.family === 'IPv6' && address.scopeid > 0);
    return scoped?.family === 'IPv6' ? [[scoped.scopeid, name]] : [];
  });
}

/** The index of an interface; 0, which no interface has, for an unknown name. */
export function indexOf(name: string): number {
  for (const [index, known] of indexes()) if (known === name) return index;
  return 0;
}

/** The name of an interface; `undefined` where there is none. */
export function ifNameOf(index: number): string | undefined {
  return indexes().get(index);
}

/** The first IPv4 address of an interface; `undefined` where it has none, or does not exist. */
export function inet4Of(index: number): string | undefined {
  const name = indexes().get(index);
  const addresses = name === undefined ? undefined : networkInterfaces()[name];
  return addresses?.find(({ family }) => family === 'IPv4')?.address;
}

/** Which kinds of addresses this machine has. */
export interface Configured {
  /** An IPv4 address besides 127.0.0.1. */
  readonly inet4: boolean;
  /** An IPv6 address besides ::1. */
  readonly inet6: boolean;
  /** Any IPv6 address, so that ::1 can be reached. */
  readonly loopback6: boolean;
}

/** The facts that AI_ADDRCONFIG needs. */
export function configured(): Configured {
  const all = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses);
  return {
    inet4: all.some(({ family, address }) => family === 'IPv4' && address !== '127.0.0.1'),
    inet6: all.some(({ family, address }) => family === 'IPv6' && address !== '::1'),
    loopback6: all.some(({ family }) => family === 'IPv6'),
  };
}

/**
 * A numeric IPv6 host with its interface after a `%`, as Node takes it: by name, on Windows by index. A scope id wins
 * over a zone that the host has already, as in Python.
 */
export function scopedHost(host: string, scopeid: number): string {
  if (scopeid === 0) return host;
  const [address] = host.split('%', 1);
  const name = process.platform === 'win32' ? undefined : indexes().get(scopeid);
  // Node would change a name that is not UTF-8.
  return `${address}%${name === undefined || hasSurrogates(name) ? scopeid : name}`;
}

/**
 * Lists the network interfaces.
 *
 * @remarks Differs from Python outside of Linux: Node gives the index only of interfaces that are up and have a
 * link-local IPv6 address; others are missing.
 *
 * @returns pairs of index (1 and up) and name, in the order of their indexes.
 * @see https://docs.python.org/3/library/socket.html#socket.if_nameindex
 *
 * @example
 * ```ts
 * import * as socket from 'await-socket';
 *
 * for (const [index, name] of socket.ifNameindex()) {
 *   if (socket.ifNametoindex(name) !== index) throw new Error(`the interface ${name} has gone`);
 * }
 * ```
 */
export function ifNameindex(): [index: number, name: string][] {
  return [...indexes()];
}

/**
 * The index of a network interface.
 *
 * @remarks Differs from Python outside of Linux as {@link ifNameindex} does.
 *
 * @param name - the interface's name, such as `'eth0'`, or its bytes.
 * @returns the index, 1 or more.
 * @throws OSError without a number ('no interface with this name') where there is none; RangeError (Python: ValueError)
 * for a name with a NUL.
 * @see https://docs.python.org/3/library/socket.html#socket.if_nametoindex
 */
export function ifNametoindex(name: string | Uint8Array): number {
  return called(ifNametoindex, () => {
    const wanted = fsdecode(systemName(name, 'ifNametoindex(): name'));
    const index = indexOf(wanted);
    if (index === 0) throw textError('no interface with this name', { syscall: 'if_nametoindex', address: wanted });
    return index;
  });
}

/**
 * The name of a network interface.
 *
 * @remarks Differs from Python outside of Linux as {@link ifNameindex} does.
 *
 * @param index - the interface's index.
 * @returns the name, such as `'eth0'`.
 * @throws OSError ENXIO where there is none; RangeError (Python: OverflowError) for an index that is negative
 * or 2**64 and more.
 * @see https://docs.python.org/3/library/socket.html#socket.if_indextoname
 */
export function ifIndextoname(index: number): string {
  return called(ifIndextoname, () => {
    const wanted = integer(index, 'ifIndextoname(): index');
    if (wanted < 0 || wanted >= 2 ** 64) throw rangeError('ifIndextoname(): index must be 0 to 2**64 - 1', index);
    const name = indexes().get(wanted);
    if (name === undefined) throw osError('ENXIO', { syscall: 'if_indextoname', address: String(wanted) });
    return name;
  });
}
