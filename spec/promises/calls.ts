import * as socket from '../../lib/index.ts';
import type { Socket } from '../../lib/index.ts';
import { hasKoffi } from '../support/koffi.ts';
import { accepted, listening, own, pair, tcp } from '../support/pairs.ts';
import { tlsPair } from '../support/tls.ts';
import { temporaryPath, unix, unixPair } from '../support/unix.ts';

/**
 * Every awaited call of a socket and of the module, and every kind of socket: the promises of docs/promises.md that
 * cover all of them are tested over these tables. A spec compares the tables with the module, so that no call is
 * forgotten.
 */

/** A call that may be made with more arguments than its type has. */
export type Call = (...args: readonly unknown[]) => Promise<unknown>;

/** Calls a method by its name. */
export function call(one: Socket, method: string, args: readonly unknown[]): Promise<unknown> {
  const callable: unknown = Reflect.get(one, method);
  if (typeof callable !== 'function') throw new TypeError(`${method} is no method`);
  const result: unknown = Reflect.apply(callable, one, args);
  if (!(result instanceof Promise)) throw new TypeError(`${method}() gave no promise`);
  return result;
}

/** The arguments of each awaited method, without options, in all forms; `to` is an address in the socket's family. */
export const METHODS: Readonly<Record<string, (to: socket.Address) => readonly (readonly unknown[])[]>> = {
  accept: () => [[]],
  connect: (to) => [[to]],
  connectEx: (to) => [[to]],
  readable: () => [[]],
  writable: () => [[]],
  recv: () => [[10], [0], [10, 0], [10, socket.MSG_PEEK], [10, socket.MSG_DONTWAIT]],
  recvExactly: () => [[1], [0]],
  recvUntil: () => [['\0'], [Buffer.of(0)], [['\0', 'x']]],
  recvLine: () => [[], [100]],
  recvInto: () => [[new Uint8Array(10)], [new Uint8Array(0)], [new Uint8Array(10), 5], [new Uint8Array(10), 5, 0]],
  recvfrom: () => [[10], [0], [10, 0]],
  recvfromInto: () => [[new Uint8Array(10)], [new Uint8Array(10), 5], [new Uint8Array(10), 5, 0]],
  recvmsg: () => [[10], [10, 0], [10, 0, 0]],
  recvmsgInto: () => [[[new Uint8Array(10)]], [[new Uint8Array(10)], 0], [[new Uint8Array(10)], 0, 0], [[]]],
  send: () => [['x'], [''], ['x', 0], ['x', socket.MSG_DONTWAIT]],
  sendall: () => [['x'], [''], ['x', 0]],
  sendto: (to) => [
    ['x', to],
    ['x', 0, to],
  ],
  sendmsg: (to) => [[['x']], [[]], [['x'], []], [['x'], [], 0], [['x'], [], 0, to]],
  sendfile: () => [[{ read: () => Buffer.alloc(0) }], [{ read: () => Buffer.alloc(0) }, 0], [emptyFile, 0, null]],
};

const emptyFile = { read: () => Buffer.alloc(0), seek: () => undefined };

/** The synchronous methods. */
export const SYNCHRONOUS_METHODS = [
  'bind',
  'close',
  'detach',
  'dup',
  'fileno',
  'getblocking',
  'getInheritable',
  'getpeername',
  'getsockname',
  'getsockopt',
  'gettimeout',
  'listen',
  'makefile',
  'ref',
  'setblocking',
  'setInheritable',
  'setsockopt',
  'settimeout',
  'shutdown',
  'toDuplex',
  'toString',
  'toWeb',
  'unref',
];

function closed(): Socket {
  const one = socket.socket();
  one.close();
  return one;
}

/** The arguments of each awaited function, without options, in all forms. */
export const FUNCTIONS: Readonly<Record<string, readonly (readonly unknown[])[]>> = {
  createConnection: [[['127.0.0.1', 1]], [['127.0.0.1', 1], 10], [['127.0.0.1', 1], 10, null], [['127.0.0.1', 'no']]],
  getaddrinfo: [
    ['127.0.0.1', 80],
    ['::1', null, 0],
    ['127.0.0.1', 'http', 0, socket.SOCK_STREAM, 0, 0],
    [null, 'no-such-service'],
  ],
  getfqdn: [['127.0.0.1'], []],
  gethostbyaddr: [['127.0.0.1'], ['127.0.0.1 ']],
  gethostbyname: [['127.0.0.1'], ['::1']],
  gethostbynameEx: [['127.0.0.1'], ['']],
  getnameinfo: [
    [['127.0.0.1', 80], socket.NI_NUMERICHOST | socket.NI_NUMERICSERV],
    [['no', 80], 0],
  ],
  recvFds: [
    [5, 1, 1],
    [closed(), 10, 1],
    [closed(), 10, 1, 0],
  ],
  sendFds: [
    [5, ['x'], [1]],
    [closed(), ['x'], [1]],
    [closed(), ['x'], [1], 0],
    [closed(), ['x'], [1], 0, null],
  ],
  socketpair: [[], [socket.AF_INET], [socket.AF_UNIX, socket.SOCK_STREAM, 0]],
};

/** The synchronous functions. */
export const SYNCHRONOUS_FUNCTIONS = [
  'CMSG_LEN',
  'CMSG_SPACE',
  'close',
  'createServer',
  'dup',
  'fromfd',
  'getdefaulttimeout',
  'gethostname',
  'getprotobyname',
  'getservbyname',
  'getservbyport',
  'hasDualstackIpv6',
  'htonl',
  'htons',
  'ifIndextoname',
  'ifNameindex',
  'ifNametoindex',
  'inetAton',
  'inetNtoa',
  'inetNtop',
  'inetPton',
  'ntohl',
  'ntohs',
  'setdefaulttimeout',
  'sethostname',
  'socket',
  'socketpairSync',
];

/** A socket of some kind, and an address in its family at which a socket listens or receives. */
export interface Subject {
  readonly one: Socket;
  readonly to: socket.Address;
}

/** A datagram socket that is bound to this machine. */
export function datagrams(): Socket {
  const one = own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
  one.bind(['127.0.0.1', 0]);
  return one;
}

const address = (): socket.Address => listening().getsockname();

/** Makes a socket of each kind and in each state; all are closed at the end of the test. */
export const KINDS: Readonly<Record<string, () => Promise<Subject> | Subject>> = {
  'a fresh socket': () => ({ one: tcp(), to: address() }),
  'a bound socket': () => {
    const one = tcp();
    one.bind(['127.0.0.1', 0]);
    return { one, to: address() };
  },
  'a listener': () => ({ one: listening(), to: address() }),
  'a connection': async () => {
    const [one] = await pair();
    return { one, to: address() };
  },
  'a connection with bytes': async () => {
    const [one, other] = await pair();
    await other.sendall(Buffer.alloc(100_000));
    return { one, to: address() };
  },
  'a connection that ended': async () => {
    const [one, other] = await pair();
    other.close();
    return { one, to: address() };
  },
  'a connection whose output is shut': async () => {
    const [one] = await pair();
    one.shutdown(socket.SHUT_WR);
    return { one, to: address() };
  },
  'a closed socket': () => {
    const one = tcp();
    one.close();
    return { one, to: address() };
  },
  'a connection with TLS': async () => {
    const [one] = await tlsPair();
    return { one, to: address() };
  },
  'a connection with TLS and bytes': async () => {
    const [one, other] = await tlsPair();
    await other.sendall(Buffer.alloc(100_000));
    return { one, to: address() };
  },
  'a connection with TLS that ended': async () => {
    const [one, other] = await tlsPair();
    other.shutdown(socket.SHUT_WR);
    return { one, to: address() };
  },
  'a Unix connection': async () => {
    const [one] = await unixPair();
    return { one, to: temporaryPath() };
  },
  'a fresh Unix socket': () => ({ one: unix(), to: temporaryPath() }),
  'a datagram socket': () => ({ one: datagrams(), to: datagrams().getsockname() }),
  'a fresh datagram socket': () => ({
    one: own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)),
    to: datagrams().getsockname(),
  }),
  'a connected datagram socket': async () => {
    const [one, other] = [datagrams(), datagrams()];
    await one.connect(other.getsockname());
    return { one, to: other.getsockname() };
  },
  ...(hasKoffi && {
    'a Unix datagram socket': () => ({ one: kernelPair(socket.SOCK_DGRAM)[0], to: temporaryPath() }),
    'a connection of SOCK_SEQPACKET': () => ({ one: kernelPair(socket.SOCK_SEQPACKET)[0], to: temporaryPath() }),
    'a stream of the kernel': async () => {
      const [one, other] = kernelPair(socket.SOCK_STREAM);
      await other.sendall(Buffer.alloc(100_000));
      return { one, to: temporaryPath() };
    },
    'a fresh socket of the kernel': () => ({
      one: own(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)),
      to: temporaryPath(),
    }),
  }),
};

/** Kinds that koffi makes. */
function kernelPair(type: number): [Socket, Socket] {
  const [one, other] = socket.socketpairSync(socket.AF_UNIX, type);
  return [own(one), own(other)];
}

/** Both ends of a connection, or of two datagram sockets that are connected with each other. */
export const PAIRS: Readonly<Record<string, () => Promise<[Socket, Socket]>>> = {
  TCP: () => pair(),
  Unix: () => unixPair(),
  TLS: () => tlsPair(),
  UDP: async () => {
    const [one, other] = [datagrams(), datagrams()];
    await Promise.all([one.connect(other.getsockname()), other.connect(one.getsockname())]);
    return [one, other];
  },
};

/** The same of kinds that koffi makes. */
export const KERNEL_PAIRS: Readonly<Record<string, () => Promise<[Socket, Socket]>>> = {
  ...(hasKoffi && {
    'Unix datagrams': () => Promise.resolve(kernelPair(socket.SOCK_DGRAM)),
    SOCK_SEQPACKET: () => Promise.resolve(kernelPair(socket.SOCK_SEQPACKET)),
    'streams of the kernel': () => Promise.resolve(kernelPair(socket.SOCK_STREAM)),
  }),
};

/** Methods that Python's sockets with TLS refuse. */
const REFUSED_OVER_TLS = ['recvfrom', 'recvfromInto', 'recvmsg', 'recvmsgInto', 'sendto', 'sendmsg'];

/** Whether the sockets of a pair have a method. */
export const has = (kind: string, method: string): boolean => kind !== 'TLS' || !REFUSED_OVER_TLS.includes(method);

export { accepted };
