import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { hasKoffi } from '../support/koffi.ts';
import { accepted, bound, deserted, listening, loopback, own, pair, reset, tcp } from '../support/pairs.ts';
import { EBADF, ECONNREFUSED, ECONNRESET } from '../support/expected-errors.ts';
import { hasIPv6 } from '../support/network.ts';
import { hasPython, python } from '../support/python.ts';
import { temporaryPath, unixPair } from '../support/unix.ts';

const { AF_INET, AF_INET6, AF_UNIX, IPPROTO_IP, IPPROTO_IPV6, IPPROTO_TCP, SOL_SOCKET } = socket;
const { SO_BINDTODEVICE, SO_PEERCRED, SO_PRIORITY, SO_RCVBUF, SO_SNDBUF } = socket;
const { TCP_CONGESTION, TCP_INFO, TCP_KEEPCNT, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_USER_TIMEOUT } = socket;

/** For both sides: a number, bytes as hexadecimal digits, or `null` with its length. */
type Value = number | { readonly hex: string } | { readonly null: number };
type Set = readonly [level: number, optname: number, value: Value];
type Get = readonly [level: number, optname: number, buflen: number];

const text = (letters: string): Value => ({ hex: Buffer.from(letters).toString('hex') });

const KINDS = {
  tcp: [AF_INET, socket.SOCK_STREAM],
  tcp6: [AF_INET6, socket.SOCK_STREAM],
  udp: [AF_INET, socket.SOCK_DGRAM],
  udp6: [AF_INET6, socket.SOCK_DGRAM],
  unix: [AF_UNIX, socket.SOCK_STREAM],
} as const;
type Kind = keyof typeof KINDS;

/**
 * When the options are set: on a fresh socket; before it is bound, or connected, or listens (then the accepted socket
 * is read); or after that.
 */
type Moment = 'fresh' | 'before bind' | 'bound' | 'listening' | 'before connect' | 'connected' | 'before listen';
const STREAM: readonly Moment[] = [
  'fresh',
  'before bind',
  'bound',
  'listening',
  'before connect',
  'connected',
  'before listen',
];
const MOMENTS: Readonly<Record<Kind, readonly Moment[]>> = {
  tcp: STREAM,
  tcp6: STREAM,
  udp: ['fresh', 'before bind', 'bound'],
  udp6: ['fresh', 'before bind', 'bound'],
  unix: STREAM,
};

const INTERNET = ['tcp', 'tcp6', 'udp', 'udp6'] as const;
const TCP = ['tcp', 'tcp6'] as const;
const ALL = [...INTERNET, 'unix'] as const;

/** The options that are set, one after the other, and those that are then read. */
const CASES: readonly (readonly [name: string, kinds: readonly Kind[], sets: readonly Set[], gets: readonly Get[]])[] = [
  ['SO_RCVBUF', ['tcp', 'tcp6', 'unix'], [[SOL_SOCKET, SO_RCVBUF, 6000]], [[SOL_SOCKET, SO_RCVBUF, 0]]],
  ['SO_SNDBUF', ['tcp', 'tcp6', 'unix'], [[SOL_SOCKET, SO_SNDBUF, 1]], [[SOL_SOCKET, SO_SNDBUF, 4]]],
  ['SO_PRIORITY', ALL, [[SOL_SOCKET, SO_PRIORITY, 5]], [[SOL_SOCKET, SO_PRIORITY, 0]]],
  ['SO_MARK', ALL, [[SOL_SOCKET, socket.SO_MARK, 99]], [[SOL_SOCKET, socket.SO_MARK, 0]]],
  ['SO_BINDTODEVICE', INTERNET, [[SOL_SOCKET, SO_BINDTODEVICE, text('lo')]], [[SOL_SOCKET, SO_BINDTODEVICE, 16]]],
  ['SO_BINDTODEVICE of none', INTERNET, [[SOL_SOCKET, SO_BINDTODEVICE, text('')]], [[SOL_SOCKET, SO_BINDTODEVICE, 16]]],
  ['SO_BINDTODEVICE of what is not there', INTERNET, [[SOL_SOCKET, SO_BINDTODEVICE, text('none-such')]], []],
  ['SO_PASSCRED', ALL, [[SOL_SOCKET, socket.SO_PASSCRED, 1]], [[SOL_SOCKET, socket.SO_PASSCRED, 0]]],
  ['SO_RCVTIMEO', ALL, [[SOL_SOCKET, socket.SO_RCVTIMEO, { hex: '05' + '00'.repeat(15) }]], [[SOL_SOCKET, socket.SO_RCVTIMEO, 1024]]],
  ['TCP_USER_TIMEOUT', TCP, [[IPPROTO_TCP, TCP_USER_TIMEOUT, 12345]], [[IPPROTO_TCP, TCP_USER_TIMEOUT, 0]]],
  ['TCP_USER_TIMEOUT, two times', TCP, [[IPPROTO_TCP, TCP_USER_TIMEOUT, 1], [IPPROTO_TCP, TCP_USER_TIMEOUT, 2]], [[IPPROTO_TCP, TCP_USER_TIMEOUT, 8]]],
  ['TCP_QUICKACK', TCP, [[IPPROTO_TCP, socket.TCP_QUICKACK, 0]], []],
  ['TCP_CONGESTION', TCP, [[IPPROTO_TCP, TCP_CONGESTION, text('reno')]], [[IPPROTO_TCP, TCP_CONGESTION, 16], [IPPROTO_TCP, TCP_CONGESTION, 2], [IPPROTO_TCP, TCP_CONGESTION, 0]]],
  ['TCP_CONGESTION of a name that is none', TCP, [[IPPROTO_TCP, TCP_CONGESTION, text('none-such')]], [[IPPROTO_TCP, TCP_CONGESTION, 16]]],
  ['TCP_SYNCNT', TCP, [[IPPROTO_TCP, socket.TCP_SYNCNT, 3]], [[IPPROTO_TCP, socket.TCP_SYNCNT, 0]]],
  ['TCP_LINGER2', TCP, [[IPPROTO_TCP, socket.TCP_LINGER2, 7]], [[IPPROTO_TCP, socket.TCP_LINGER2, 0]]],
  ['TCP_DEFER_ACCEPT', TCP, [], [[IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 0]]],
  ['TCP_NOTSENT_LOWAT', TCP, [[IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, 4096]], [[IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, 0]]],
  ['TCP_WINDOW_CLAMP', TCP, [[IPPROTO_TCP, socket.TCP_WINDOW_CLAMP, 10000]], []],
  ['TCP_KEEPINTVL and TCP_KEEPCNT', TCP, [[IPPROTO_TCP, TCP_KEEPINTVL, 11], [IPPROTO_TCP, TCP_KEEPCNT, 4]], [[IPPROTO_TCP, TCP_KEEPINTVL, 0], [IPPROTO_TCP, TCP_KEEPCNT, 0]]],
  ['the interval of keep-alive, and then its time', TCP, [[IPPROTO_TCP, TCP_KEEPINTVL, 12], [SOL_SOCKET, socket.SO_KEEPALIVE, 1], [IPPROTO_TCP, TCP_KEEPIDLE, 33]], [[IPPROTO_TCP, TCP_KEEPINTVL, 0], [IPPROTO_TCP, TCP_KEEPIDLE, 0]]],
  // The seventh byte has the scales of both windows, which the handshake settles.
  ['the window that a small SO_RCVBUF leads to', TCP, [[SOL_SOCKET, SO_RCVBUF, 3000]], [[IPPROTO_TCP, TCP_INFO, 7]]],
  ['IP_TOS', ['tcp', 'udp'], [[IPPROTO_IP, socket.IP_TOS, 0x10]], [[IPPROTO_IP, socket.IP_TOS, 0]]],
  ['IP_TTL', ['tcp', 'udp', 'tcp6'], [[IPPROTO_IP, socket.IP_TTL, 9]], [[IPPROTO_IP, socket.IP_TTL, 0]]],
  ['IPV6_TCLASS', ['tcp6', 'udp6'], [[IPPROTO_IPV6, socket.IPV6_TCLASS, 0x20]], [[IPPROTO_IPV6, socket.IPV6_TCLASS, 0]]],
  ['IPV6_UNICAST_HOPS', ['tcp6'], [[IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, 5]], [[IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, 0]]],
  ['UDP_CORK', ALL, [[socket.IPPROTO_UDP, 1, 1], [socket.IPPROTO_UDP, 1, 0]], [[socket.IPPROTO_UDP, 1, 0]]],
  ['an unknown level', ALL, [[12345, 1, 1]], [[12345, 1, 0]]],
  ['an unknown option', ALL, [[SOL_SOCKET, 12345, 1]], [[SOL_SOCKET, 12345, 0]]],
  ['options of TCP', ALL, [[IPPROTO_TCP, 12345, 1]], [[IPPROTO_TCP, 12345, 0]]],
  ['what can only be read', ALL, [[SOL_SOCKET, SO_PEERCRED, 1], [IPPROTO_TCP, TCP_INFO, 1]], []],
  ['too few bytes', ALL, [[SOL_SOCKET, SO_PRIORITY, { hex: '' }], [SOL_SOCKET, SO_PRIORITY, { hex: '050000' }]], [[SOL_SOCKET, SO_PRIORITY, 0], [SOL_SOCKET, SO_PRIORITY, 2]]],
  ['too many bytes', ALL, [[SOL_SOCKET, SO_PRIORITY, { hex: '030000000900' }]], [[SOL_SOCKET, SO_PRIORITY, 1024]]],
  ['null', ALL, [[SOL_SOCKET, SO_PRIORITY, { null: 4 }], [SOL_SOCKET, SO_PRIORITY, { null: 0 }], [SOL_SOCKET, SO_PRIORITY, { null: -1 }], [SOL_SOCKET, SO_BINDTODEVICE, { null: 0 }]], []],
  ['what cannot be', TCP, [[IPPROTO_TCP, TCP_USER_TIMEOUT, -1], [IPPROTO_TCP, socket.TCP_SYNCNT, 500], [IPPROTO_TCP, TCP_KEEPINTVL, 0]], [[IPPROTO_TCP, TCP_USER_TIMEOUT, 0]]],
]; // prettier-ignore

/** One case on one kind of socket at one moment, the same for both sides. */
interface Program {
  readonly kind: readonly [family: number, type: number];
  readonly moment: Moment;
  readonly sets: readonly Set[];
  readonly gets: readonly Get[];
}

const SOURCE = `
import json, os, sys, tempfile
from socket import *

def attempt(call):
    try:
        got = call()
        return {'hex': got.hex()} if isinstance(got, bytes) else got
    except OSError as error:
        return {'errno': error.errno}

def arguments(value):
    if isinstance(value, dict):
        return (None, value['null']) if 'null' in value else (bytes.fromhex(value['hex']),)
    return (value,)

def outcome(program, folder):
    family, type = program['kind']
    moment = program['moment']
    one = socket(family, type)
    def address():
        if family == AF_UNIX:
            return tempfile.mktemp(dir=folder)
        return ('::1' if family == AF_INET6 else '127.0.0.1', 0)
    def listening(listener):
        listener.bind(address())
        listener.listen()
        return listener
    def sets():
        return [attempt(lambda: one.setsockopt(level, name, *arguments(value))) for level, name, value in program['sets']]
    if moment == 'bound':
        one.bind(address())
    elif moment == 'listening':
        listening(one)
    elif moment == 'connected':
        other = listening(socket(family, type))
        one.connect(other.getsockname())
    outcomes = sets()
    if moment == 'before bind':
        one.bind(address())
    elif moment == 'before connect':
        other = listening(socket(family, type))
        one.connect(other.getsockname())
    elif moment == 'before listen':
        listener, client = listening(one), socket(family, type)
        client.connect(listener.getsockname())
        one, _ = listener.accept()
    return outcomes + [attempt(lambda: one.getsockopt(*get)) for get in program['gets']]

with tempfile.TemporaryDirectory() as folder:
    print(json.dumps([outcome(program, folder) for program in json.load(sys.stdin)]))
`;

function attempt(call: () => unknown): unknown {
  try {
    const got = call() ?? null;
    return Buffer.isBuffer(got) ? { hex: got.toString('hex') } : got;
  } catch (error) {
    if (error instanceof socket.OSError) return { errno: error.errno };
    throw error;
  }
}

function set(one: socket.Socket, [level, optname, value]: Set): void {
  if (typeof value === 'number') one.setsockopt(level, optname, value);
  else if ('null' in value) one.setsockopt(level, optname, null, value.null);
  else one.setsockopt(level, optname, Buffer.from(value.hex, 'hex'));
}

async function outcome({ kind: [family, type], moment, sets, gets }: Program): Promise<unknown[]> {
  const make = (): socket.Socket => own(socket.socket(family, type));
  const address = (): socket.AddressLike => (family === AF_UNIX ? temporaryPath() : [loopback(family), 0]);
  const listens = (listener: socket.Socket): socket.Socket => {
    listener.bind(address());
    listener.listen();
    return listener;
  };
  let one = make();
  if (moment === 'bound') one.bind(address());
  else if (moment === 'listening') listens(one);
  else if (moment === 'connected') await one.connect(listens(make()).getsockname());
  const outcomes = sets.map((setting) => attempt(() => set(one, setting)));
  if (moment === 'before bind') one.bind(address());
  else if (moment === 'before connect') await one.connect(listens(make()).getsockname());
  else if (moment === 'before listen') {
    const listener = listens(one);
    await make().connect(listener.getsockname());
    one = await accepted(listener);
  }
  return [...outcomes, ...gets.map((get) => attempt(() => one.getsockopt(...get)))];
}

(hasPython && hasKoffi ? describe : describe.skip)('options of the kernel, against Python', () => {
  const cases = CASES.flatMap(([name, kinds, sets, gets]) => {
    const here = kinds.filter((kind) => hasIPv6 || !kind.endsWith('6'));
    const programs = here.flatMap((kind) =>
      MOMENTS[kind].map((moment): Program => ({ kind: KINDS[kind], moment, sets, gets })),
    );
    return programs.map((program, index) => ({ name, program, index }));
  });
  let told: unknown[];

  beforeAll(() => {
    told = python(
      SOURCE,
      cases.map(({ program }) => program),
    ) as unknown[];
  });

  it.each(CASES.map(([name]) => name))('%s', async (wanted) => {
    for (const [index, { name, program }] of cases.entries()) {
      if (name === wanted) expect([program, await outcome(program)]).toEqual([program, told[index]]);
    }
  });
});

const int = (value: number): Buffer => Buffer.from(Int32Array.of(value).buffer);
const milliseconds = (one: socket.Socket): number => one.getsockopt(IPPROTO_TCP, TCP_USER_TIMEOUT);

(hasKoffi ? describe : describe.skip)('options of the kernel', () => {
  it('leave their mark on the handshake only if they are set before it', async () => {
    // The upper half of this byte of `struct tcp_info` is the scale of this end's window.
    const scale = (one: socket.Socket): number => {
      const info = one.getsockopt(IPPROTO_TCP, TCP_INFO, 104);
      return Buffer.isBuffer(info) ? info.readUInt8(6) >> 4 : -1;
    };
    const listener = listening();
    const early = tcp();
    early.setsockopt(SOL_SOCKET, SO_RCVBUF, 3000);
    await early.connect(listener.getsockname());
    const late = tcp();
    await late.connect(listener.getsockname());
    late.setsockopt(SOL_SOCKET, SO_RCVBUF, 3000);
    expect([early, late].map((one) => one.getsockopt(SOL_SOCKET, SO_RCVBUF))).toEqual([6000, 6000]);
    expect(scale(early)).toBe(0);
    expect(scale(late)).toBeGreaterThan(0);
  });

  it('outlast a refused connect(), which frees the port that was bound to set them', async () => {
    const one = tcp();
    one.setsockopt(IPPROTO_TCP, TCP_USER_TIMEOUT, 4321);
    await expect(one.connect(deserted())).rejects.toMatchObject(ECONNREFUSED);
    expect(milliseconds(one)).toBe(4321);
    one.bind(['127.0.0.1', 0]);
    expect(milliseconds(one)).toBe(4321);
    await one.connect(listening().getsockname());
    expect(milliseconds(one)).toBe(4321);
    expect(one.getsockname()[0]).toBe('127.0.0.1');
  });

  it('may be set after a connect() that did not wait was refused', async () => {
    const one = bound();
    one.setblocking(false);
    await expect(one.connect(deserted())).rejects.toMatchObject({ code: 'EINPROGRESS' });
    while (one.fileno() >= 0) await new Promise((resolve) => setImmediate(resolve));
    one.setsockopt(IPPROTO_TCP, TCP_USER_TIMEOUT, 99);
    expect(milliseconds(one)).toBe(99);
    one.settimeout(null);
    const name = listening().getsockname();
    // The first connect() may report the earlier refusal.
    for (let result = -1; result !== 0;) result = await one.connectEx(name);
    expect(milliseconds(one)).toBe(99);
  });

  it('stay when a bound socket has to be bound again', async () => {
    const one = bound();
    const name = one.getsockname();
    one.setsockopt(IPPROTO_TCP, TCP_USER_TIMEOUT, 111);
    await expect(one.connect(deserted())).rejects.toMatchObject(ECONNREFUSED);
    expect([one.getsockname(), milliseconds(one)]).toEqual([name, 111]);
    one.setsockopt(IPPROTO_TCP, TCP_USER_TIMEOUT, 222);
    one.listen();
    // The system had chosen the port, which is free again: as on Linux, listen() may get another one.
    const listened = one.getsockname();
    one.shutdown(socket.SHUT_RDWR);
    expect([one.getsockname(), milliseconds(one)]).toEqual([listened, 222]);
  });

  it('may be set during connect()', async () => {
    const one = tcp();
    const connecting = one.connect(listening().getsockname());
    one.setsockopt(IPPROTO_TCP, TCP_USER_TIMEOUT, 77);
    expect(milliseconds(one)).toBe(77);
    await connecting;
    expect(milliseconds(one)).toBe(77);
  });

  it('keep the value that was set, whatever happens to the memory', async () => {
    const one = tcp();
    const value = int(88);
    one.setsockopt(IPPROTO_TCP, TCP_USER_TIMEOUT, value);
    value.fill(0);
    await one.connect(listening().getsockname());
    expect(milliseconds(one)).toBe(88);
  });

  it('tell who a Unix peer is', async () => {
    const ids = Buffer.concat([process.pid, process.getuid?.() ?? -1, process.getgid?.() ?? -1].map(int));
    for (const one of await unixPair()) expect(one.getsockopt(SOL_SOCKET, SO_PEERCRED, 12)).toEqual(ids);
  });

  it('raise EBADF where Node has closed the descriptor, and do not touch its new owner', async () => {
    const [client, server] = await pair();
    client.setsockopt(IPPROTO_TCP, TCP_USER_TIMEOUT, 1000);
    const number = client.fileno();
    reset(server);
    await expect(client.recv(1)).rejects.toMatchObject(ECONNRESET);
    while (client.fileno() >= 0) await new Promise((resolve) => setImmediate(resolve));
    const others = Array.from({ length: 8 }, () => bound());
    expect(others.map((one) => one.fileno())).toContain(number);
    expect(() => client.setsockopt(IPPROTO_TCP, TCP_USER_TIMEOUT, 2000)).toThrow(expect.objectContaining(EBADF));
    expect(() => client.getsockopt(IPPROTO_TCP, TCP_USER_TIMEOUT)).toThrow(expect.objectContaining(EBADF));
    expect(others.map(milliseconds)).toEqual(others.map(() => 0));
    client.close();
    expect(() => client.getsockopt(IPPROTO_TCP, TCP_USER_TIMEOUT)).toThrow(expect.objectContaining(EBADF));
  });

  it('leave no temporary descriptor open', () => {
    const one = tcp();
    const before = readdirSync('/proc/self/fd').length;
    for (let count = 0; count < 100; count += 1) one.setsockopt(IPPROTO_TCP, TCP_USER_TIMEOUT, count);
    expect(() => one.setsockopt(SOL_SOCKET, 12345, 1)).toThrow('[Errno 92] Protocol not available: setsockopt');
    expect(readdirSync('/proc/self/fd').length).toBe(before);
  });
});

const isRoot = process.geteuid?.() === 0;

(hasKoffi && isRoot ? describe : describe.skip)('options of the kernel that only root may set', () => {
  it('raise PermissionError for other users', () => {
    const one = bound();
    process.seteuid?.(65534);
    try {
      expect(() => one.setsockopt(SOL_SOCKET, SO_PRIORITY, 7)).toThrow(socket.PermissionError);
      expect(() => tcp().setsockopt(SOL_SOCKET, SO_PRIORITY, 7)).toThrow(socket.PermissionError);
    } finally {
      process.seteuid?.(0);
    }
    expect(one.getsockopt(SOL_SOCKET, SO_PRIORITY)).toBe(0);
  });
});
