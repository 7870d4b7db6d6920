import { checkInetAddress, checkUnixName } from '../common/addresses.ts';
import { bytesOf, int, integer, isBytes, rangeError, shown, typeError } from '../common/arguments.ts';
import { AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_UNIX, AF_VSOCK } from '../common/constants.ts';
import { osError, textError } from '../common/errors.ts';
import { inetName, netlinkName, packetName, unixName, vsockName } from '../kernel/socket-name.ts';
import type { SocketName } from '../kernel/socket-calls.ts';
import { indexOf } from '../names/interfaces.ts';
import { bindHost, numericHost } from '../names/resolver.ts';
import type { Limits } from '../waiting/waiters.ts';
import { isUnix } from '../transports/endpoint.ts';
import { resolve } from './address.ts';
import type { Core } from './core.ts';
import { Target } from './target.ts';

/** Where a call of a kernel's socket goes: the kernel's name of it, or a host to look up first. */
export class KernelTarget {
  readonly text: string;
  readonly #name: SocketName | undefined;
  readonly #target: Target | undefined;
  readonly #flowinfo: number;

  constructor(text: string, name: SocketName | undefined, target?: Target, flowinfo = 0) {
    this.text = text;
    this.#name = name;
    this.#target = target;
    this.#flowinfo = flowinfo;
  }

  /** The name, where no host has to be looked up. */
  get name(): SocketName | undefined {
    return this.#name;
  }

  /** Looks the host up, within the limits of a call. */
  async resolved(core: Core, call: string, limits: Limits): Promise<SocketName> {
    if (this.#name !== undefined) return this.#name;
    const target = this.#target ?? new Target(undefined, '', 0, 0);
    const endpoint = await resolve(core, call, target, limits);
    if (isUnix(endpoint)) throw core.error('EINVAL', call, this.text);
    const { host, port } = endpoint;
    return inetName(core.family, { host, port, flowinfo: this.#flowinfo, scopeid: target.scopeid });
  }
}

/** Checks the address that a call goes to. */
export function kernelTarget(core: Core, call: string, address: unknown): KernelTarget {
  const { family } = core;
  if (family !== AF_INET && family !== AF_INET6) return new KernelTarget(shown(address), nameOf(family, call, address));
  const { host, port, flowinfo, scopeid } = checkInetAddress(call, family, address);
  const target = new Target(undefined, host, port, scopeid);
  const numeric = numericHost(family, host);
  if (numeric === null) return new KernelTarget(target.text, undefined, target, flowinfo);
  return new KernelTarget(target.text, inetName(family, { host: numeric, port, flowinfo, scopeid }));
}

/** Checks the address that a socket is bound to. */
export function kernelLocal(core: Core, address: unknown): KernelTarget {
  const { family } = core;
  if (family !== AF_INET && family !== AF_INET6) return kernelTarget(core, 'bind', address);
  const { host, port, flowinfo, scopeid } = checkInetAddress('bind', family, address);
  const name = inetName(family, { host: bindHost(family, host), port, flowinfo, scopeid });
  return new KernelTarget(new Target(undefined, host, port, scopeid).text, name);
}

/** The name for an address of a family without hosts; checked as in Python's `getsockaddrarg`. */
function nameOf(family: number, call: string, address: unknown): SocketName {
  switch (family) {
    case AF_UNIX:
      return unixName(checkUnixName(call, address));
    case AF_NETLINK:
      return netlinkName(...pairOf(call, 'AF_NETLINK', ['pid', 'groups'], address));
    case AF_VSOCK:
      return vsockName(...pairOf(call, 'AF_VSOCK', ['cid', 'port'], address));
    case AF_PACKET:
      return packetOf(call, address);
    default:
      return otherName(family, call, address);
  }
}

const MAX_UINT32 = 0xffff_ffff;

/** Two numbers that fit in 32 bits; −1 stands for the largest, as in Python, whose `I` format wraps around. */
function pairOf(call: string, family: string, names: readonly [string, string], address: unknown): [number, number] {
  if (!Array.isArray(address) || address.length !== 2) {
    throw typeError(`${call}(): ${family} address must be [${names.join(', ')}]`, address);
  }
  const fields: readonly unknown[] = address;
  const unsigned = (value: unknown, name: string): number => {
    const number = integer(value, `${call}(): ${name}`);
    if (number < -1 || number > MAX_UINT32) throw rangeError(`${call}(): ${name} must be 0-${MAX_UINT32}`, value);
    return number >>> 0;
  };
  return [unsigned(fields[0], names[0]), unsigned(fields[1], names[1])];
}

/** The longest hardware address that `struct sockaddr_ll` has room for. */
const MAX_HARDWARE_ADDRESS = 8;

function packetOf(call: string, address: unknown): SocketName {
  if (!Array.isArray(address) || address.length < 2 || address.length > 5) {
    throw typeError(`${call}(): AF_PACKET address must be [ifname, proto, pkttype?, hatype?, addr?]`, address);
  }
  const [ifname, proto, pkttype = 0, hatype = 0, addr = Buffer.alloc(0)] = address as readonly unknown[];
  if (typeof ifname !== 'string') throw typeError(`${call}(): ifname must be a string`, ifname);
  const protocol = int(proto, `${call}(): proto`);
  const hardware = bytesOf(addr);
  if (hardware.length > MAX_HARDWARE_ADDRESS) throw rangeError('Hardware address must be 8 bytes or less', addr);
  if (protocol < 0 || protocol > 0xffff) throw rangeError(`${call}(): proto must be 0-65535`, proto);
  const index = ifname === '' ? 0 : indexOf(ifname);
  if (ifname !== '' && index === 0) throw osError('ENODEV', { syscall: call, address: ifname });
  return packetName({
    index,
    protocol,
    pkttype: int(pkttype, `${call}(): pkttype`) & 0xff,
    hatype: int(hatype, `${call}(): hatype`) & 0xffff,
    address: hardware,
  });
}

/** The longest name that the kernel takes, without its family. */
const MAX_OTHER = 126;

/** A family that Python's module knows no addresses of takes what calls return: its number and bytes. */
function otherName(family: number, call: string, address: unknown): SocketName {
  const fields: readonly unknown[] = Array.isArray(address) ? address : [];
  const [number, bytes] = fields;
  if (number !== family || !isBytes(bytes) || bytes.length > MAX_OTHER) {
    throw textError(`${call}(): bad family`, { address: shown(address) });
  }
  const head = Buffer.alloc(2);
  head.writeUInt16LE(family);
  return Buffer.concat([head, bytes]);
}
