import { MSG_DONTWAIT, MSG_NOSIGNAL, SOCK_CLOEXEC, SOCK_NONBLOCK } from '../common/constants.ts';
import {
  foundOnce,
  outcomesBy,
  requireKoffi,
  withStructures,
  type Koffi,
  type NoKernel,
  type Outcome,
} from './koffi.ts';
import type { SocketKind } from './libc.ts';
import { MessageHeader } from './message-header.ts';

/**
 * The calls to the kernel of which sockets are made that Node does not have. Each gives its result, or the negated number
 * of its error, and none waits: a descriptor is made non-blocking, and messages are sent and received with MSG_DONTWAIT.
 */

/** The kernel's name for an address: a `struct sockaddr` of some family. */
export type SocketName = Buffer;

/** A message that is sent: bytes, and where they go. */
export interface OutgoingMessage {
  readonly data: Buffer;
  readonly control: Buffer | undefined;
  readonly to: SocketName | undefined;
}

/** Memory for a message that is received. */
export interface MessageSpace {
  readonly data: Buffer;
  readonly control: Buffer | undefined;
}

/** What recvmsg(2) says of a message, besides its bytes. */
export interface MessageFacts {
  readonly flags: number;
  readonly controlLength: number;
  /** The sender's name; empty where the protocol gives none. */
  readonly from: SocketName;
}

/** The calls. */
export interface SocketCalls {
  socket(kind: SocketKind): Outcome;
  socketpair(kind: SocketKind): readonly [number, number] | Outcome;
  bind(descriptor: number, name: SocketName): Outcome;
  connect(descriptor: number, name: SocketName): Outcome;
  listen(descriptor: number, backlog: number): Outcome;
  /** Gives the new descriptor, and the peer's name. */
  accept(descriptor: number): readonly [descriptor: number, peer: SocketName] | Outcome;
  getsockname(descriptor: number): SocketName | Outcome;
  getpeername(descriptor: number): SocketName | Outcome;
  shutdown(descriptor: number, how: number): Outcome;
  sendmsg(descriptor: number, message: OutgoingMessage, flags: number): Outcome;
  /** Fills the memory, and gives how many bytes came; {@link received} says the rest. */
  recvmsg(descriptor: number, space: MessageSpace, flags: number): Outcome;
  /** What the last recvmsg() said. */
  received(): MessageFacts;
  /** The events that a descriptor has now, of those that are asked for. */
  poll(descriptor: number, events: number): Outcome;
  setsockopt(descriptor: number, level: number, optname: number, value: Buffer | null, length: number): Outcome;
  getsockopt(descriptor: number, level: number, optname: number, value: Buffer): Outcome;
  fcntl(descriptor: number, command: number, argument: number): Outcome;
  /** An epoll(7) instance that watches one descriptor for events. */
  epollOn(descriptor: number, events: number): Outcome;
  /** Takes what an epoll(7) instance reports, so that it reports only what comes later. */
  epollTake(epoll: number): Outcome;
  close(descriptor: number): Outcome;
}

const EPOLL_CLOEXEC = 0x80000;
const EPOLL_CTL_ADD = 1;

/** The size of `struct sockaddr_storage`, which has room for the name of any family. */
const LONGEST_NAME = 128;

/** The calls, or why this system does not have them. */
export function socketCallsOf(loadKoffi: () => Koffi, platform: string): SocketCalls | NoKernel {
  return withStructures(loadKoffi, platform, callsBy);
}

function callsBy(koffi: Koffi): SocketCalls {
  const libc = koffi.load(null);
  const outcome = outcomesBy(koffi);
  const socket = libc.func('int socket(int family, int type, int proto)');
  const socketpair = libc.func('int socketpair(int family, int type, int proto, void *pair)');
  const bind = libc.func('int bind(int fd, const void *name, uint32_t length)');
  const connect = libc.func('int connect(int fd, const void *name, uint32_t length)');
  const listen = libc.func('int listen(int fd, int backlog)');
  const accept4 = libc.func('int accept4(int fd, void *name, void *length, int flags)');
  const getsockname = libc.func('int getsockname(int fd, void *name, void *length)');
  const getpeername = libc.func('int getpeername(int fd, void *name, void *length)');
  const shutdown = libc.func('int shutdown(int fd, int how)');
  const sendmsg = libc.func('long sendmsg(int fd, const void *message, int flags)');
  const recvmsg = libc.func('long recvmsg(int fd, void *message, int flags)');
  const poll = libc.func('int poll(void *descriptors, unsigned long count, int timeout)');
  const setsockopt = libc.func('int setsockopt(int fd, int level, int optname, const void *value, uint32_t length)');
  const getsockopt = libc.func('int getsockopt(int fd, int level, int optname, void *value, void *length)');
  const fcntl = libc.func('int fcntl(int fd, int command, long argument)');
  const epollCreate = libc.func('int epoll_create1(int flags)');
  const epollControl = libc.func('int epoll_ctl(int epoll, int operation, int fd, void *event)');
  const epollWait = libc.func('int epoll_wait(int epoll, void *events, int most, int timeout)');
  const close = libc.func('int close(int fd)');

  const header = new MessageHeader((memory) => koffi.address(memory));
  const name = Buffer.alloc(LONGEST_NAME);
  const length = Buffer.alloc(4);
  const watched = Buffer.alloc(8);
  const typeOf = (type: number): number => type | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const nameOf = (call: (typeof libc)['func'] extends (text: string) => infer C ? C : never, descriptor: number) => {
    length.writeUInt32LE(LONGEST_NAME);
    const failed = outcome(call, descriptor, name, length);
    return failed < 0 ? failed : taken();
  };
  const taken = (): SocketName => Buffer.from(name.subarray(0, Math.min(length.readUInt32LE(), LONGEST_NAME)));
  return {
    socket: ({ family, type, proto }) => outcome(socket, family, typeOf(type), proto),
    socketpair: ({ family, type, proto }) => {
      const pair = Buffer.alloc(8);
      const failed = outcome(socketpair, family, typeOf(type), proto, pair);
      return failed < 0 ? failed : [pair.readInt32LE(0), pair.readInt32LE(4)];
    },
    bind: (descriptor, to) => outcome(bind, descriptor, to, to.length),
    connect: (descriptor, to) => outcome(connect, descriptor, to, to.length),
    listen: (descriptor, backlog) => outcome(listen, descriptor, backlog),
    accept: (descriptor) => {
      length.writeUInt32LE(LONGEST_NAME);
      const made = outcome(accept4, descriptor, name, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
      return made < 0 ? made : [made, taken()];
    },
    getsockname: (descriptor) => nameOf(getsockname, descriptor),
    getpeername: (descriptor) => nameOf(getpeername, descriptor),
    shutdown: (descriptor, how) => outcome(shutdown, descriptor, how),
    sendmsg: (descriptor, { data, control, to }, flags) =>
      header.lend(to, data, control, (message) =>
        outcome(sendmsg, descriptor, message, flags | MSG_DONTWAIT | MSG_NOSIGNAL),
      ),
    recvmsg: (descriptor, { data, control }, flags) =>
      header.lend(name, data, control, (message) => outcome(recvmsg, descriptor, message, flags | MSG_DONTWAIT)),
    received: () => ({
      flags: header.flags,
      controlLength: header.controlLength,
      from: Buffer.from(name.subarray(0, Math.min(header.nameLength, LONGEST_NAME))),
    }),
    poll: (descriptor, events) => {
      watched.writeInt32LE(descriptor, 0);
      watched.writeInt16LE(events, 4);
      watched.writeInt16LE(0, 6);
      const count = outcome(poll, watched, 1, 0);
      return count < 0 ? count : watched.readUInt16LE(6);
    },
    setsockopt: (descriptor, level, optname, value, size) =>
      outcome(setsockopt, descriptor, level, optname, value, size),
    getsockopt: (descriptor, level, optname, value) => {
      length.writeUInt32LE(value.length);
      const failed = outcome(getsockopt, descriptor, level, optname, value, length);
      return failed < 0 ? failed : length.readUInt32LE();
    },
    fcntl: (descriptor, command, argument) => outcome(fcntl, descriptor, command, argument),
    epollOn: (descriptor, events) => {
      const epoll = outcome(epollCreate, EPOLL_CLOEXEC);
      if (epoll < 0) return epoll;
      const failed = outcome(epollControl, epoll, EPOLL_CTL_ADD, descriptor, epollEvent(events));
      if (failed >= 0) return epoll;
      close(epoll);
      return failed;
    },
    epollTake: (epoll) => outcome(epollWait, epoll, epollEvent(0), 1, 0),
    close: (descriptor) => outcome(close, descriptor),
  };
}

/** `struct epoll_event`: packed on x86-64 only (linux/eventpoll.h), where 12 of these bytes count. */
function epollEvent(events: number): Buffer {
  const event = Buffer.alloc(16);
  event.writeUInt32LE(events);
  return event;
}

/** The calls of this system; koffi is loaded once. */
export const socketCalls = foundOnce(() => socketCallsOf(requireKoffi, process.platform));
