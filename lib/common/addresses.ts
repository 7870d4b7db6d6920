import { isUtf8 } from 'node:buffer';
import { bytesOf, integer, isBytes, rangeError, shown, typeError } from './arguments.ts';
import { AF_INET6, type AF_INET, type AF_UNIX } from './constants.ts';
import { osError, textError } from './errors.ts';
import { fsencode } from './file-names.ts';

/** An address of AF_INET, as calls return it: a numeric host such as `'127.0.0.1'`, and a port from 0 to 65535. */
export type Inet4Address = [host: string, port: number];

/**
 * An address of AF_INET6, as calls return it: a numeric host such as `'::1'`, a port from 0 to 65535, the flow
 * information (0 to 1048575), and the index of the interface that a link-local address belongs to (0 for others).
 */
export type Inet6Address = [host: string, port: number, flowinfo: number, scopeid: number];

/** An address of AF_INET or of AF_INET6, as calls return it: `[0]` is the host and `[1]` the port. */
export type InetAddress = Inet4Address | Inet6Address;

/** An address of AF_UNIX, as calls return it: a path, or an abstract name as bytes, the first of them 0. */
export type UnixAddress = string | Buffer;

/** An address of AF_NETLINK, as calls return it: the number of a port (0 is the kernel), and the groups as bits. */
export type NetlinkAddress = [pid: number, groups: number];

/** An address of AF_VSOCK, as calls return it: the number of a machine, and a port. */
export type VsockAddress = [cid: number, port: number];

/**
 * An address of AF_PACKET, as calls return it: the interface's name, the number of an Ethernet protocol, the packet's
 * type (PACKET_*), the ARP type of the interface, and the hardware address.
 */
export type PacketAddress = [ifname: string, proto: number, pkttype: number, hatype: number, addr: Buffer];

/** An address of a family that is not known here: the family's number, and the bytes after it. */
export type OtherAddress = [family: number, bytes: Buffer];

/**
 * An address as calls return it, where the family is not known: of AF_INET, of AF_INET6, or of AF_UNIX. A program that
 * knows the family of such a socket uses a cast: `sock.getsockname() as socket.Inet4Address`. So does one that has a
 * socket of another family: `sock.getsockname() as unknown as socket.NetlinkAddress`.
 */
export type Address = Inet4Address | Inet6Address | string | Buffer;

/** An address of any family, those of AF_NETLINK, AF_VSOCK, AF_PACKET and others included. */
export type AnyAddress = Address | NetlinkAddress | VsockAddress | PacketAddress | OtherAddress;

/**
 * The addresses of a family, given by its constant: `AddressOf<typeof AF_INET6>`. Where the compiler knows only that
 * the family is a number, it is an {@link Address}.
 */
export type AddressOf<Family extends number> = number extends Family
  ? Address
  : Family extends typeof AF_INET | -1
    ? Inet4Address
    : Family extends typeof AF_INET6
      ? Inet6Address
      : Family extends typeof AF_UNIX
        ? UnixAddress
        : Address;

/**
 * An address as calls take it. A host may be numeric, a name, `''` for all interfaces, or (AF_INET only)
 * `'<broadcast>'`; bytes stand for the same text in ASCII. For AF_INET6, `flowinfo` and `scopeid` may be left out.
 * AF_UNIX takes a path, or an abstract name after a NUL, in UTF-8; AF_NETLINK, AF_VSOCK and AF_PACKET take what calls
 * return, of AF_PACKET also the first two to four fields.
 */
export type AddressLike =
  | readonly [host: string | Uint8Array, port: number]
  | readonly [host: string | Uint8Array, port: number, flowinfo: number]
  | readonly [host: string | Uint8Array, port: number, flowinfo: number, scopeid: number]
  | readonly [host: string | Uint8Array, port: number, flowinfo: number, scopeid: number, addr: Uint8Array]
  | readonly [pid: number, groups: number]
  | readonly [family: number, bytes: Uint8Array]
  | string
  | Uint8Array;

/** A checked address of AF_INET or AF_INET6. Its host is yet to be resolved. */
export interface InetTarget {
  readonly host: string;
  readonly port: number;
  readonly flowinfo: number;
  readonly scopeid: number;
}

const MAX_PORT = 0xffff;
const MAX_FLOWINFO = 0xf_ffff;
const MAX_SCOPEID = 0xffff_ffff;

/**
 * Checks an address of AF_INET or AF_INET6: shape, host, then all types, then all ranges, as Python does.
 *
 * Python resolves the host before it checks the ranges, and lets a scope id wrap around at 2³²; here a check of an
 * argument never waits for a name server, and no number is silently changed.
 */
export function checkInetAddress(call: string, family: number, address: unknown): InetTarget {
  const isInet6 = family === AF_INET6;
  const fields: readonly unknown[] = Array.isArray(address) ? address : [];
  if (fields.length < 2 || fields.length > (isInet6 ? 4 : 2)) {
    const shape = isInet6
      ? 'AF_INET6 address must be [host, port, flowinfo?, scopeid?]'
      : 'AF_INET address must be [host, port]';
    throw typeError(`${call}(): ${shape}`, address);
  }
  const [name, portField, flowinfoField = 0, scopeidField = 0] = fields;
  const host = hostOf(call, name);
  const port = integer(portField, `${call}(): port`);
  const flowinfo = integer(flowinfoField, `${call}(): flowinfo`);
  const scopeid = integer(scopeidField, `${call}(): scopeid`);
  checkRange(call, 'port', port, MAX_PORT);
  checkRange(call, 'flowinfo', flowinfo, MAX_FLOWINFO);
  checkRange(call, 'scopeid', scopeid, MAX_SCOPEID);
  return { host, port, flowinfo, scopeid };
}

/** `sun_path` of unix(7) has 108 bytes, one of them for the NUL after a path. */
const MAX_PATH = 108;

/**
 * Checks an address of AF_UNIX, as Node takes it.
 *
 * @throws OSError ENOTSUP for a name that is not UTF-8: Node takes names as strings, and would use another name.
 */
export function checkUnixAddress(call: string, address: unknown): string {
  const bytes = checkUnixName(call, address);
  if (isUtf8(bytes)) return bytes.toString();
  throw osError('ENOTSUP', { syscall: call, address: shown(bytes), note: 'Node takes only paths that are UTF-8' });
}

/**
 * Checks an address of AF_UNIX: a path, or an abstract name after a NUL, in at most 107 bytes (an abstract name in
 * 108). A byte that is not UTF-8 may stand in a string as Python's `os.fsdecode()` has it.
 */
export function checkUnixName(call: string, address: unknown): Buffer {
  if (typeof address !== 'string' && !ArrayBuffer.isView(address)) {
    throw typeError(`${call}(): AF_UNIX address must be a path, as a string or bytes`, address);
  }
  const bytes = typeof address === 'string' ? fsencode(address) : bytesOf(address);
  if (bytes === undefined) throw rangeError(`${call}(): path must not contain half a surrogate pair`, address);
  const isAbstract = bytes[0] === 0;
  if (bytes.length >= MAX_PATH + Number(isAbstract)) {
    throw textError('AF_UNIX path too long', { syscall: call, address: shown(address), note: `${bytes.length} bytes` });
  }
  // C would end the path at its first NUL, and use another path than the caller's.
  if (!isAbstract && bytes.includes(0)) throw typeError(`${call}(): path must not contain a null character`, address);
  return bytes;
}

/** A Unix socket's name as calls return it: a path as text, an abstract name as bytes, as in Python. */
export function unixAddress(path: string): string | Buffer {
  return path.startsWith('\0') ? Buffer.from(path) : path;
}

function hostOf(call: string, value: unknown): string {
  if (typeof value !== 'string' && !isBytes(value)) {
    throw typeError(`${call}(): host must be a string or bytes`, value);
  }
  const host = typeof value === 'string' ? value : Buffer.from(value).toString('latin1');
  if (host.includes('\0')) throw typeError(`${call}(): host must not contain a null character`, value);
  // Python passes such bytes unchanged to the system's resolver. Node's takes only text, and would read other letters
  // in them.
  if (typeof value !== 'string' && /[^\0-\x7f]/.test(host)) {
    throw typeError(`${call}(): host in bytes must be ASCII`, value);
  }
  return host;
}

function checkRange(call: string, name: string, value: number, max: number): void {
  if (value < 0 || value > max) throw rangeError(`${call}(): ${name} must be 0-${max}`, value);
}

/** An address as messages show it: `'127.0.0.1:4000'`, `'[::1]:4000'`, a path, or an abstract name with `@` for NUL. */
export function addressText(address: AddressLike): string {
  if (isBytes(address)) return addressText(Buffer.from(address).toString());
  if (typeof address === 'string') return address.startsWith('\0') ? `@${address.slice(1)}` : address;
  const [name, port, , scopeid] = address;
  if (typeof name === 'number' || typeof port !== 'number') return address.map((field) => shown(field)).join(':');
  const host = typeof name === 'string' ? name : Buffer.from(name).toString('latin1');
  if (!host.includes(':')) return `${host}:${port}`;
  const zone = scopeid === undefined || scopeid === 0 || host.includes('%') ? '' : `%${scopeid}`;
  return `[${host}${zone}]:${port}`;
}

/** The numeric host that stands for all interfaces. */
export function wildcardOf(family: number): string {
  return family === AF_INET6 ? '::' : '0.0.0.0';
}
