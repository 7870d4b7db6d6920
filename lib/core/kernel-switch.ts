import {
  AF_UNIX,
  IPPROTO_TCP,
  SHUT_RD,
  SHUT_WR,
  SO_REUSEADDR,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_NODELAY,
} from '../common/constants.ts';
import { intBytes } from '../common/int-bytes.ts';
import { moveDescriptor } from '../kernel/duplicate.ts';
import { NO_FACTS, type KernelMessage } from '../kernel/kernel-message.ts';
import { KernelSocket, type Shared } from '../kernel/kernel-socket.ts';
import { kernelSystem, type System } from '../kernel/system.ts';
import { KernelSource, nameOf } from '../kernel/kernel-source.ts';
import { NoKernel } from '../kernel/koffi.ts';
import type { Datagrams } from '../transports/datagram.ts';
import { Failure } from '../transports/failure.ts';
import type { Shut } from '../transports/source.ts';
import { Stream } from '../transports/stream.ts';
import { BY_CLOSE, type WaiterList } from '../waiting/waiters.ts';
import { plainRules } from './call-rules.ts';
import type { Core } from './core.ts';
import { setKernelOption } from './kernel-options.ts';
import { CLOSED } from './state.ts';
import type { Operation } from './wait.ts';

/**
 * Makes a kernel's socket of one that libuv reads and writes, for good: the call that needs it is the first of its kind.
 * libuv passes on no ancillary data and no flags, and what comes with descriptors while it reads is dropped.
 */
export class Switch {
  readonly readers: WaiterList;
  readonly writers: WaiterList;
  readonly #core: Core;
  readonly #system: System;
  readonly #transport: Stream | Datagrams;
  #forget: (() => void) | undefined;

  private constructor(core: Core, system: System, transport: Stream | Datagrams) {
    this.#core = core;
    this.#system = system;
    this.#transport = transport;
    this.readers = transport.readers;
    this.writers = transport.writers;
  }

  /** The switch of a socket, or why it cannot be made: it has no descriptor, has TLS, or koffi is missing. */
  static of(core: Core): Switch | NoKernel {
    const { state } = core;
    const transport =
      state.kind === 'connected' ? state.stream : state.kind === 'datagrams' ? state.datagrams : undefined;
    if (transport === undefined || transport.descriptor < 0 || core.rules !== plainRules) {
      return new NoKernel('the socket is not connected or bound, or has no descriptor of its own');
    }
    const system = kernelSystem();
    return system instanceof NoKernel ? system : new Switch(core, system, transport);
  }

  /** The operation of a call of the kernel's socket, which first waits until nothing that was sent is left with Node. */
  operation<T>(made: (socket: KernelSocket) => Operation<T>): Operation<T> {
    let own: Operation<T> | undefined;
    return {
      attempt: () => {
        if (own !== undefined) return own.attempt();
        const socket = this.#switch();
        if (socket === undefined || socket instanceof Failure) return socket;
        own = made(socket);
        return own.attempt();
      },
      part: () => own?.part?.(),
      abandon: () => {
        this.#forget?.();
        own?.abandon?.();
      },
    };
  }

  /** The kernel's socket, for a state of its own; `undefined` where Node still sends bytes. */
  now(): KernelSocket | Failure | undefined {
    return this.#transport.isIdle ? this.#takeOver() : undefined;
  }

  #switch(): KernelSocket | Failure | undefined {
    const { state } = this.#core;
    if (state.kind === 'kernel') return state.socket;
    const socket = this.now();
    if (socket === undefined) this.#forget ??= this.writers.observe(() => setImmediate(() => this.readers.serve()));
    else this.#forget?.();
    if (socket instanceof KernelSocket) this.#core.setState({ kind: 'kernel', socket });
    return socket;
  }

  /** Closes libuv's handle, and keeps the descriptor's number. Where that fails after the close, the socket is closed. */
  #takeOver(): KernelSocket | Failure {
    const transport = this.#transport;
    let rest: Rest | undefined;
    const close = (): void => {
      rest = transport instanceof Stream ? restOfStream(transport) : this.#restOfDatagrams(transport);
    };
    const { readers, writers } = this;
    const { family, state } = this.#core;
    const isNameless = transport instanceof Stream && transport.isNameless;
    // A Unix socket asks the kernel, which looks at the path first.
    const isConnected = state.kind === 'connected' && state.unconfirmed === undefined && family !== AF_UNIX;
    const shared = { readers, writers, isNameless, isConnected };
    const socket = movedSocket(this.#core, this.#system, { descriptor: transport.descriptor, close, shared });
    if (rest === undefined) return socket;
    if (socket instanceof Failure) {
      this.#core.setState(CLOSED);
      for (const waiters of [readers, writers]) waiters.end(BY_CLOSE);
      return socket;
    }
    socket.bytes.unread.push(rest.unread);
    socket.inherit(rest.messages, rest.failure);
    shutAsBefore(socket, rest.shut);
    transport.succeed(new KernelSource(socket));
    return socket;
  }

  #restOfDatagrams(datagrams: Datagrams): Rest {
    const { datagrams: received, failure } = datagrams.handOver();
    const messages = received.map(({ data, from }) => ({
      ...NO_FACTS,
      data,
      from: nameOf(this.#core.family, from),
    }));
    return { unread: NOTHING, messages, failure, shut: datagrams.shut };
  }
}

const NOTHING = Buffer.alloc(0);

/** Makes a kernel's socket of a Unix socket that is not bound or connected yet; `undefined` where koffi is missing. */
export function kernelInstead(core: Core, call: string): KernelSocket | undefined {
  const system = kernelSystem();
  if (system instanceof NoKernel) return undefined;
  const socket = freshSocket(core, system);
  if (socket instanceof Failure) throw core.error(socket, call);
  core.setState({ kind: 'kernel', socket });
  return socket;
}

/** A new socket of the kernel's with the options that were set. */
export function freshSocket(core: Core, system: System): KernelSocket | Failure {
  const { family, type, proto } = core;
  const socket = KernelSocket.make({ family, type, proto }, system);
  if (socket instanceof Failure) return socket;
  try {
    // On from the start, as on the sockets that Node makes here.
    if (type === SOCK_STREAM && family !== AF_UNIX) {
      setKernelOption(socket, { level: IPPROTO_TCP, optname: TCP_NODELAY, value: intBytes(1), optlen: undefined });
    }
    for (const setting of core.chosenOptions?.settings ?? []) setKernelOption(socket, setting);
  } catch (error) {
    socket.close();
    throw error;
  }
  return socket;
}

/** What the kernel's socket takes over of one of Node's handles. */
interface Moved {
  readonly descriptor: number;
  /** Closes the handle, within the call. */
  readonly close: () => void;
  readonly shared: Shared;
}

/** A socket of the kernel's over the descriptor of one of Node's handles. */
export function movedSocket(core: Core, system: System, { descriptor, close, shared }: Moved): KernelSocket | Failure {
  if (descriptor < 0) return new Failure('ENOTSUP', undefined, 'Node does not give the descriptor');
  const moved = moveDescriptor(system.calls, descriptor, close);
  if (moved instanceof Failure) return moved;
  const { family, type, proto } = core;
  const socket = KernelSocket.over(moved, { family, type, proto }, system, shared);
  if (socket instanceof KernelSocket && family !== AF_UNIX) setReuse(socket, core.options.reuseAddress);
  return socket;
}

/** libuv sets SO_REUSEADDR on each of its TCP sockets: from now on the kernel has what the program has set. */
function setReuse(socket: KernelSocket, on: boolean): void {
  const value = intBytes(Number(on));
  socket.setOption(SOL_SOCKET, SO_REUSEADDR, value, value.length);
}

/** A kernel's socket, or the way to make one. */
export type KernelWay = KernelSocket | Switch;

/** How a call that only the kernel's sockets have is made; `undefined` where it cannot. */
export function kernelWay(core: Core): KernelWay | undefined {
  if (core.state.kind === 'kernel') return core.state.socket;
  const way = Switch.of(core);
  return way instanceof NoKernel ? undefined : way;
}

/** Why a call that only the kernel's sockets have cannot be made. */
export function whyNoKernel(core: Core): { readonly reason: string | undefined; readonly cause: unknown } {
  const way = Switch.of(core);
  return way instanceof NoKernel ? way : { reason: undefined, cause: undefined };
}

/** The operation of a call of a kernel's socket. */
export function kernelOperation<T>(way: KernelWay, made: (socket: KernelSocket) => Operation<T>): Operation<T> {
  return way instanceof Switch ? way.operation(made) : made(way);
}

/** What a transport has read and no call has received. */
interface Rest {
  readonly unread: Buffer;
  readonly messages: readonly KernelMessage[];
  readonly failure: Failure | undefined;
  readonly shut: Shut;
}

/** Shuts down what the program has shut down, of which Node has told the kernel nothing, or not yet. */
export function shutAsBefore(socket: KernelSocket, { input, output }: Shut): void {
  if (input) socket.shutdown(SHUT_RD);
  if (output) socket.shutdown(SHUT_WR);
}

function restOfStream(stream: Stream): Rest {
  return { ...stream.handOver(), messages: [] };
}
