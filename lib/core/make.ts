import { int, rangeError } from '../common/arguments.ts';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_TCP,
  IPPROTO_UDP,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOCK_SEQPACKET,
  SOCK_STREAM,
} from '../common/constants.ts';
import type { ErrorCode } from '../common/errno.ts';
import { osError } from '../common/errors.ts';
import { kernel } from '../kernel/libc.ts';
import { reasonAgainstDescriptor } from '../options/refused-options.ts';
import { Datagrams } from '../transports/datagram.ts';
import { adopt, type Adopted } from '../transports/descriptor.ts';
import { Failure } from '../transports/failure.ts';
import { streamPair } from '../transports/pair.ts';
import { Core, protocolOf, type SocketKind } from './core.ts';
import { kernelCore, kernelPair } from './kernel-calls.ts';

/** Makes the core of a new socket, or of one over a descriptor; arguments are checked as in Python. */
export function makeCore(family: unknown, type: unknown, proto: unknown, fileno: unknown): Core {
  const domain = int(family, 'family');
  const typeAndFlags = int(type, 'type');
  const wanted = withoutFlags(typeAndFlags);
  const protocol = int(proto, 'proto');
  if (fileno !== null) return withMode(adoptedCore(fileno, domain, wanted, protocol), typeAndFlags);
  const kind = {
    family: domain === -1 ? AF_INET : domain,
    type: wanted === -1 ? SOCK_STREAM : wanted,
    proto: protocol === -1 ? 0 : protocol,
  };
  const code = unsupported(kind);
  return withMode(code === undefined ? newCore(kind) : kernelCore(kind, code), typeAndFlags);
}

function withoutFlags(type: number): number {
  return type === -1 ? -1 : type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
}

/** Makes the socket non-blocking, where the type has SOCK_NONBLOCK. */
function withMode(core: Core, type: number): Core {
  if (type !== -1 && (type & SOCK_NONBLOCK) !== 0) core.timeout = 0;
  return core;
}

/** Makes the cores of two sockets that are connected to each other; of streams, those that Node reads. */
export function makePair(family: unknown, type: unknown, proto: unknown): [Core, Core] | Promise<[Core, Core]> {
  const { kind, typeAndFlags } = pairKind(family, type, proto);
  const code = unsupported(kind);
  if (code !== undefined) return pairByKernel(kind, typeAndFlags, code);
  const one = (): Core => withMode(newCore(kind), typeAndFlags);
  const cores: [Core, Core] = [one(), one()];
  if (cores[0].family !== AF_UNIX) throw cores[0].error('ENOTSUP', 'socketpair');
  return connected(cores);
}

/** Makes the cores of two sockets that are connected to each other, at once. */
export function makePairSync(family: unknown, type: unknown, proto: unknown): [Core, Core] {
  const { kind, typeAndFlags } = pairKind(family, type, proto);
  return pairByKernel(kind, typeAndFlags, unsupported(kind) ?? 'ENOTSUP');
}

function pairByKernel(kind: SocketKind, typeAndFlags: number, code: ErrorCode): [Core, Core] {
  const [one, other] = kernelPair(kind, code);
  return [withMode(one, typeAndFlags), withMode(other, typeAndFlags)];
}

/** Unlike in socket(), −1 does not stand for a default. */
function pairKind(family: unknown, type: unknown, proto: unknown): { kind: SocketKind; typeAndFlags: number } {
  const domain = int(family, 'family');
  const typeAndFlags = int(type, 'type');
  return { kind: { family: domain, type: withoutFlags(typeAndFlags), proto: int(proto, 'proto') }, typeAndFlags };
}

async function connected(cores: [Core, Core]): Promise<[Core, Core]> {
  const streams = await streamPair();
  if (streams instanceof Failure) throw cores[0].error(streams, 'socketpair');
  cores[0].setState({ kind: 'connected', stream: streams[0] });
  cores[1].setState({ kind: 'connected', stream: streams[1] });
  return cores;
}

/** A socket of a kind that Node has. */
function newCore(kind: SocketKind): Core {
  const { family, type } = kind;
  const core = new Core(kind);
  if (type === SOCK_DGRAM) core.setState({ kind: 'datagrams', datagrams: new Datagrams(family === AF_INET6 ? 6 : 4) });
  return core;
}

function adoptedCore(fileno: unknown, domain: number, wanted: number, protocol: number): Core {
  const { family, type, state } = adoptedFrom(fileno, domain, wanted);
  const core = new Core({ family, type, proto: protocol === -1 ? protocolOf(family, type) : protocol });
  core.setState(state);
  return core;
}

/** The socket that a descriptor belongs to; the number is checked as in Python. */
function adoptedFrom(fileno: unknown, family: number, type: number): Adopted {
  const descriptor = int(fileno, 'fileno');
  if (descriptor < 0) throw rangeError('negative file descriptor', fileno);
  const note = reasonAgainstDescriptor(descriptor, kernel());
  if (note !== undefined) throw osError('ENOTSUP', { syscall: 'socket', address: String(descriptor), note });
  const adopted = adopt(descriptor, family, type);
  if (!(adopted instanceof Failure)) return adopted;
  const { code, cause, reason } = adopted;
  throw osError(code, { syscall: 'socket', address: String(descriptor), note: reason, cause });
}

/** Linux's bounds of socket types and of internet protocols (net.h, in.h). */
const SOCK_MAX = 11;
const IPPROTO_MAX = 263;

/** As a Unix socket's protocol, Linux accepts the family's number too. */
const PF_UNIX = AF_UNIX;

/** Why Node can make no such socket, in the order in which Linux checks: type, family, then the family's protocols. */
function unsupported({ family, type, proto }: SocketKind): ErrorCode | undefined {
  if (type < 0 || type >= SOCK_MAX) return 'EINVAL';
  if (family === AF_UNIX) {
    if (proto !== 0 && proto !== PF_UNIX) return 'EPROTONOSUPPORT';
    if (type === SOCK_STREAM) return undefined;
    return [SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET].includes(type) ? 'EPROTONOSUPPORT' : 'ESOCKTNOSUPPORT';
  }
  if (family !== AF_INET && family !== AF_INET6) return 'EAFNOSUPPORT';
  if (proto < 0 || proto >= IPPROTO_MAX) return 'EINVAL';
  if (![SOCK_STREAM, SOCK_DGRAM, SOCK_RAW].includes(type)) return 'ESOCKTNOSUPPORT';
  if (type === SOCK_RAW) return 'EPROTONOSUPPORT';
  const usual = type === SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
  return proto === 0 || proto === usual ? undefined : 'EPROTONOSUPPORT';
}
