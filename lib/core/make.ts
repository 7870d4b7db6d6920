import { int, rangeError } from '../common/arguments.ts';
import { AF_INET, AF_UNIX, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_STREAM } from '../common/constants.ts';
import type { ErrorCode } from '../common/errno.ts';
import { osError } from '../common/errors.ts';
import { kindOf } from '../kernel/duplicate.ts';
import { KernelSocket } from '../kernel/kernel-socket.ts';
import { kernelSystem, type System } from '../kernel/system.ts';
import { NoKernel } from '../kernel/koffi.ts';
import { kernel } from '../kernel/libc.ts';
import { addressOf } from '../kernel/socket-name.ts';
import { reasonAgainstDescriptor } from '../options/refused-options.ts';
import { adopt, mismatchOf, type Adopted } from '../transports/descriptor.ts';
import { Failure } from '../transports/failure.ts';
import { isHeld, socketInode } from '../transports/open-descriptors.ts';
import { streamPair } from '../transports/pair.ts';
import { Core, protocolOf, type SocketKind } from './core.ts';
import { unsupported } from './kinds.ts';
import { newDatagrams } from './datagrams.ts';
import { coreOver, kernelCore, kernelPair } from './kernel-calls.ts';

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
  if (type === SOCK_DGRAM) core.setState({ kind: 'datagrams', datagrams: newDatagrams(family) });
  return core;
}

function adoptedCore(fileno: unknown, domain: number, wanted: number, protocol: number): Core {
  const descriptor = int(fileno, 'fileno');
  if (descriptor < 0) throw rangeError('negative file descriptor', fileno);
  const byKernel = adoptedByKernel(descriptor, { family: domain, type: wanted, proto: protocol });
  if (byKernel !== undefined) return byKernel;
  const { family, type, state } = adoptedFrom(descriptor, domain, wanted);
  const core = new Core({ family, type, proto: protocol === -1 ? protocolOf(family, type) : protocol });
  core.setState(state);
  return core;
}

/**
 * The core over a descriptor that Node cannot read, or must not read because of an option; `undefined` where it can, and
 * where the kernel cannot be asked.
 */
function adoptedByKernel(descriptor: number, wanted: SocketKind): Core | undefined {
  const system = kernelSystem();
  if (system instanceof NoKernel || !isFreeSocket(descriptor)) return undefined;
  const actual = kindOf(system, descriptor, { family: -1, type: -1, proto: -1 });
  if (actual instanceof Failure) return undefined;
  const isNodes = unsupported(actual) === undefined && hasName(system, descriptor);
  if (isNodes && reasonAgainstDescriptor(descriptor, kernel()) === undefined) return undefined;
  const kind = mismatchOf(actual, wanted.family, wanted.type) ?? kindOf(system, descriptor, wanted);
  const socket = kind instanceof Failure ? kind : KernelSocket.over(descriptor, kind, system);
  if (socket instanceof KernelSocket) return coreOver(socket);
  throw osError(socket.code, { syscall: 'socket', address: String(descriptor), note: socket.reason });
}

/** Whether a descriptor is a socket's that no socket of this process has yet. */
function isFreeSocket(descriptor: number): boolean {
  const inode = socketInode(descriptor);
  return !(inode instanceof Failure) && !isHeld(descriptor, inode);
}

/** Whether a socket is bound or connected. */
function hasName({ calls }: System, descriptor: number): boolean {
  if (typeof calls.getpeername(descriptor) !== 'number') return true;
  const name = calls.getsockname(descriptor);
  const address = typeof name === 'number' ? '' : addressOf(name);
  return Array.isArray(address) ? address[1] !== 0 : address !== '' && address !== null;
}

/** The socket that a descriptor belongs to. */
function adoptedFrom(descriptor: number, family: number, type: number): Adopted {
  const note = reasonAgainstDescriptor(descriptor, kernel());
  if (note !== undefined) throw osError('ENOTSUP', { syscall: 'socket', address: String(descriptor), note });
  const adopted = adopt(descriptor, family, type);
  if (!(adopted instanceof Failure)) return adopted;
  const { code, cause, reason } = adopted;
  throw osError(code, { syscall: 'socket', address: String(descriptor), note: reason, cause });
}
