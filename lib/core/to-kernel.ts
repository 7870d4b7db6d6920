import { linkSync, renameSync } from 'node:fs';
import { AF_UNIX, IPPROTO_TCP, SOCK_STREAM, TCP_NODELAY } from '../common/constants.ts';
import { fsencode } from '../common/file-names.ts';
import { osError } from '../common/errors.ts';
import { moveDescriptor } from '../kernel/duplicate.ts';
import { kernelSystem, KernelSocket, type Shared, type System } from '../kernel/kernel-socket.ts';
import { NoKernel } from '../kernel/koffi.ts';
import { isUnix, type Endpoint } from '../transports/endpoint.ts';
import { Failure } from '../transports/failure.ts';
import type { Listener } from '../transports/listener.ts';
import { Stream } from '../transports/stream.ts';
import { WaiterList } from '../waiting/waiters.ts';
import { plainRules } from './call-rules.ts';
import type { Core } from './core.ts';
import { streamOver } from './kernel-connect.ts';
import { setKernelOption } from './kernel-options.ts';
import { Switch } from './kernel-switch.ts';
import type { State } from './state.ts';

/** The socket that the kernel has instead. */
type KernelState = Extract<State, { kind: 'kernel' }>;

/** The calls to the kernel; raises where there are none, for `call`. */
export function systemFor(call: string): System {
  const system = kernelSystem();
  if (!(system instanceof NoKernel)) return system;
  throw osError('ENOTSUP', { syscall: call, note: system.reason, cause: system.cause });
}

/**
 * Makes a socket of the kernel's of what the socket is, at once and for good, for a call that Node does not have. Another
 * holder of the description may make it blocking, which stops libuv's loop and does not touch the kernel's sockets.
 */
export function toKernel(core: Core, call: string): KernelSocket {
  core.checkOpen(call);
  core.syncConnectState();
  if (core.state.kind === 'kernel') return core.state.socket;
  const system = systemFor(call);
  if (core.rules !== plainRules) throw core.error(new Failure('ENOTSUP', undefined, 'the socket has TLS'), call);
  const made = stateOver(core, system);
  if (made instanceof Failure) throw core.error(made, call);
  core.setState(made);
  // The calls that wait ask the kernel from now on.
  made.socket.readers.serve();
  made.socket.writers.serve();
  return made.socket;
}

function stateOver(core: Core, system: System): KernelState | Failure {
  const { state } = core;
  switch (state.kind) {
    case 'fresh':
      return fresh(core, system);
    case 'bound': {
      const { bound } = state;
      return keepingPath(bound.local, () => over(core, system, bound.descriptor, () => bound.close()));
    }
    case 'listening':
      return keepingPath(state.listener.local, () => listening(core, system, state.listener));
    case 'datagrams':
      return state.datagrams.isBound ? switched(core) : fresh(core, system);
    case 'connected':
      return switched(core);
    case 'connecting':
      return new Failure('EALREADY', undefined, 'connect() is under way');
    case 'kernel':
      return state;
    case 'closed':
      return new Failure('EBADF');
  }
}

function listening(core: Core, system: System, listener: Listener): KernelState | Failure {
  const shared = { readers: listener.acceptors, writers: new WaiterList() };
  const made = over(core, system, listener.descriptor, () => listener.retire(), shared);
  if (made instanceof Failure) return made;
  const { socket } = made;
  const accepted = listener.handOver(() => {
    const next = accepted.shift() ?? socket.accept(true);
    return next === undefined || next instanceof Failure || next instanceof Stream
      ? next
      : streamOver(socket, next.descriptor);
  });
  return { ...made, accepted };
}

function switched(core: Core): KernelState | Failure {
  const way = Switch.of(core);
  if (way instanceof NoKernel) return new Failure('ENOTSUP', way.cause, way.reason);
  const socket = way.now();
  if (socket !== undefined) return socket instanceof Failure ? socket : { kind: 'kernel', socket };
  return new Failure('EBUSY', undefined, 'bytes are being sent: await that call first');
}

/** A new socket with the options that were set. */
function fresh(core: Core, system: System): KernelState | Failure {
  const { family, type, proto } = core;
  const socket = KernelSocket.make({ family, type, proto }, system);
  if (socket instanceof Failure) return socket;
  try {
    // On from the start, as on the sockets that Node makes here.
    if (type === SOCK_STREAM && family !== AF_UNIX) {
      const on = Buffer.from(Int32Array.of(1).buffer);
      setKernelOption(socket, { level: IPPROTO_TCP, optname: TCP_NODELAY, value: on, optlen: undefined });
    }
    for (const setting of core.chosenOptions?.settings ?? []) setKernelOption(socket, setting);
  } catch (error) {
    socket.close();
    throw error;
  }
  return { kind: 'kernel', socket };
}

/** A socket over the descriptor of one of Node's handles. */
function over(
  core: Core,
  system: System,
  descriptor: number,
  close: () => void,
  shared?: Shared,
): KernelState | Failure {
  if (descriptor < 0) return new Failure('ENOTSUP', undefined, 'Node does not give the descriptor');
  const moved = moveDescriptor(system.calls, descriptor, close);
  if (moved instanceof Failure) return moved;
  const { family, type, proto } = core;
  const socket = KernelSocket.over(moved, { family, type, proto }, system, shared);
  return socket instanceof Failure ? socket : { kind: 'kernel', socket };
}

/** Keeps the path of a Unix socket, which libuv removes when it closes the handle that was bound to it. */
function keepingPath<T>(local: Endpoint, close: () => T): T {
  if (!isUnix(local) || local.path === '' || local.path.startsWith('\0')) return close();
  const path = fsencode(local.path) ?? Buffer.from(local.path);
  const spare = Buffer.concat([path, Buffer.from(`.${process.pid}`)]);
  linkSync(path, spare);
  try {
    return close();
  } finally {
    renameSync(spare, path);
  }
}
