import { linkSync, renameSync, unlinkSync } from 'node:fs';
import { AF_UNIX } from '../common/constants.ts';
import { fsencode } from '../common/file-names.ts';
import { KernelSocket } from '../kernel/kernel-socket.ts';
import type { System } from '../kernel/system.ts';
import { KernelSource } from '../kernel/kernel-source.ts';
import { NoKernel } from '../kernel/koffi.ts';
import type { Datagrams } from '../transports/datagram.ts';
import { isUnix, type Endpoint } from '../transports/endpoint.ts';
import { Failure, failureIn } from '../transports/failure.ts';
import type { Listener } from '../transports/listener.ts';
import type { Stream } from '../transports/stream.ts';
import { plainRules } from './call-rules.ts';
import type { Core } from './core.ts';
import { systemFor } from './kernel-calls.ts';
import { nextOrEnd, nextStream } from './kernel-connect.ts';
import { freshSocket, movedSocket, shutAsBefore, Switch } from './kernel-switch.ts';
import { CLOSED, type KernelState } from './state.ts';

/**
 * Makes a socket of the kernel's of what the socket is, at once and for good, for a call that Node does not have. Another
 * holder of the description may make it blocking, which stops libuv's loop and does not touch the kernel's sockets.
 */
export function toKernel(core: Core, call: string): KernelSocket {
  core.checkOpen(call);
  core.syncConnectState();
  if (core.state.kind === 'kernel') return core.state.socket;
  const system = systemFor(call, 'ENOTSUP');
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
      return stateOf(freshSocket(core, system));
    case 'bound': {
      const { bound } = state;
      const moved = { descriptor: bound.descriptor, close: () => bound.close(), shared: {} };
      return keepingPath(bound.local, () => stateOf(movedSocket(core, system, moved)));
    }
    case 'listening':
      return keepingPath(state.listener.local, () => listening(core, system, state.listener));
    case 'datagrams':
      return stateOf(state.datagrams.isBound ? switched(core) : unboundDatagrams(core, system, state.datagrams));
    case 'connected':
      return stateOf(switched(core));
    case 'connecting':
      return stateOf(connecting(core, system, state.stream));
    case 'kernel':
      return state;
    case 'closed':
      return new Failure('EBADF');
  }
}

function stateOf(socket: KernelSocket | Failure): KernelState | Failure {
  return socket instanceof Failure ? socket : { kind: 'kernel', socket };
}

function unboundDatagrams(core: Core, system: System, datagrams: Datagrams): KernelSocket | Failure {
  const socket = freshSocket(core, system);
  if (socket instanceof KernelSocket) shutAsBefore(socket, datagrams.shut);
  return socket;
}

/** The kernel goes on connecting; a call that waits for that asks it from now on. */
function connecting(core: Core, system: System, stream: Stream): KernelSocket | Failure {
  const { descriptor, readers, connectors } = stream;
  // A Unix socket waits for room in a listener's queue, and the kernel knows nothing of that. The documented path has no
  // descriptor yet.
  if (core.family === AF_UNIX || stream.phase !== 'connecting' || descriptor < 0) {
    return new Failure('EALREADY', undefined, 'connect() is under way');
  }
  let isGone = false;
  const close = (): void => {
    stream.handOver();
    isGone = true;
  };
  const socket = movedSocket(core, system, { descriptor, close, shared: { readers, writers: connectors } });
  if (socket instanceof KernelSocket) {
    stream.succeed(new KernelSource(socket));
  } else if (isGone) {
    core.setState(CLOSED);
    stream.endWaits();
  }
  return socket;
}

function listening(core: Core, system: System, listener: Listener): KernelState | Failure {
  const { descriptor, acceptors } = listener;
  const moved = { descriptor, close: () => listener.retire(), shared: { readers: acceptors } };
  const socket = movedSocket(core, system, moved);
  if (socket instanceof Failure) return socket;
  const made: KernelState = { kind: 'kernel', socket };
  const next = (): Stream | Failure | undefined => nextOrEnd(core, made, () => nextStream(made, true));
  socket.readAhead.accepted.push(...listener.handOver(next));
  return made;
}

function switched(core: Core): KernelSocket | Failure {
  const way = Switch.of(core);
  if (way instanceof NoKernel) return new Failure('ENOTSUP', way.cause, way.reason);
  return way.now() ?? new Failure('EBUSY', undefined, 'bytes are being sent: await that call first');
}

/** Keeps the path of a Unix socket, which libuv removes when it closes the handle that was bound to it. */
function keepingPath(local: Endpoint, move: () => KernelState | Failure): KernelState | Failure {
  if (!isUnix(local) || local.path === '' || local.path.startsWith('\0')) return move();
  const path = fsencode(local.path) ?? Buffer.from(local.path);
  const spare = Buffer.concat([path, Buffer.from(`.${process.pid}`)]);
  const failure = failureIn(() => linkSync(path, spare));
  // Another program may have removed the path already.
  if (failure !== undefined) return failure.code === 'ENOENT' ? move() : failure;
  const made = move();
  // In this folder link(2) was allowed, so rename(2) is. It leaves both names where libuv has not removed the path.
  failureIn(() => renameSync(spare, path));
  failureIn(() => unlinkSync(spare));
  return made;
}
