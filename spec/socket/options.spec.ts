import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { EADDRINUSE, EBADF, ECONNREFUSED, EINVAL, ENOPROTOOPT, ENOTSUP } from '../support/expected-errors.ts';
import { hasIPv6 } from '../support/network.ts';
import { accepted, bound, itWithIPv6, linger, listening, pair, portOf, reset, story, tcp } from '../support/pairs.ts';
import { kernelOptions, startPython } from '../support/python-child.ts';
import { hasPython } from '../support/python.ts';

const { AF_INET, AF_INET6, IPPROTO_IP, IPPROTO_IPV6, IPPROTO_TCP, SOL_SOCKET } = socket;
const { SO_KEEPALIVE, SO_LINGER, SO_REUSEADDR, SO_REUSEPORT } = socket;
const { IP_TOS, IPV6_TCLASS, IPV6_V6ONLY, TCP_KEEPCNT, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_NODELAY } = socket;

const [MAJOR = 0, MINOR = 0] = process.versions.node.split('.').map(Number);
const hasKeepAliveInterval = MAJOR > 24 || (MAJOR === 24 && MINOR >= 19);
const hasTypeOfService = MAJOR > 24 || (MAJOR === 24 && MINOR >= 15);
const hasReusePort = MAJOR > 22 || (MAJOR === 22 && MINOR >= 12);

/** A test of an option that not every Node has; spec/options/options.spec.ts tests that other Nodes refuse it. */
const itWith = (available: boolean, family = AF_INET): ((name: string, test: () => Promise<void>) => void) =>
  available ? (family === AF_INET6 ? itWithIPv6 : it) : () => undefined;

type Setting = readonly [level: number, optname: number, value: number];

/** Options that are set together, in their order. */
const CASES: readonly (readonly [name: string, available: boolean, family: number, settings: readonly Setting[]])[] = [
  ['TCP_NODELAY off', true, AF_INET, [[IPPROTO_TCP, TCP_NODELAY, 0]]],
  ['TCP_NODELAY on', true, AF_INET, [[IPPROTO_TCP, TCP_NODELAY, 1]]],
  ['SO_KEEPALIVE on', true, AF_INET, [[SOL_SOCKET, SO_KEEPALIVE, 1]]],
  [
    'SO_KEEPALIVE and then its idle time',
    true,
    AF_INET,
    [
      [SOL_SOCKET, SO_KEEPALIVE, 1],
      [IPPROTO_TCP, TCP_KEEPIDLE, 77],
    ],
  ],
  [
    'the idle time and then SO_KEEPALIVE',
    true,
    AF_INET6,
    [
      [IPPROTO_TCP, TCP_KEEPIDLE, 78],
      [SOL_SOCKET, SO_KEEPALIVE, 1],
    ],
  ],
  [
    'all of keep-alive',
    hasKeepAliveInterval,
    AF_INET,
    [
      [IPPROTO_TCP, TCP_KEEPCNT, 5],
      [IPPROTO_TCP, TCP_KEEPINTVL, 11],
      [SOL_SOCKET, SO_KEEPALIVE, 1],
      [IPPROTO_TCP, TCP_KEEPIDLE, 79],
    ],
  ],
  ['IP_TOS', hasTypeOfService, AF_INET, [[IPPROTO_IP, IP_TOS, 0x10]]],
  ['IPV6_TCLASS', hasTypeOfService, AF_INET6, [[IPPROTO_IPV6, IPV6_TCLASS, 0x20]]],
];

function set(one: socket.Socket, settings: readonly Setting[]): void {
  for (const setting of settings) one.setsockopt(...setting);
}

/** Sets the options, and compares them with getsockopt() and with the kernel. */
function expectSet(one: socket.Socket, settings: readonly Setting[]): void {
  const values = settings.map(([, , value]) => value);
  expect(settings.map(([level, optname]) => one.getsockopt(level, optname))).toEqual(values);
  expect(
    kernelOptions(
      one,
      settings.map(([level, optname]) => [level, optname]),
    ),
  ).toEqual(values);
}

(hasPython ? describe : describe.skip)('setsockopt() reaches the kernel', () => {
  for (const [name, available, family, settings] of CASES) {
    itWith(available, family)(`${name}, on a connection, at either end`, async () => {
      for (const one of await pair(family)) {
        set(one, settings);
        expectSet(one, settings);
      }
    });

    itWith(available, family)(`${name}, before and during connect()`, async () => {
      const listener = listening(family);
      const early = tcp(family);
      set(early, settings);
      await early.connect(listener.getsockname());
      expectSet(early, settings);
      const between = bound(family);
      const connecting = between.connect(listener.getsockname());
      set(between, settings);
      await connecting;
      expectSet(between, settings);
    });

    itWith(available, family)(`${name}, on the listener, for those it accepts`, async () => {
      const listener = listening(family);
      set(listener, settings);
      const client = tcp(family);
      await client.connect(listener.getsockname());
      expectSet(await accepted(listener), settings);
      await expect(client.recv(1, socket.MSG_DONTWAIT)).rejects.toMatchObject({ code: 'EAGAIN' });
    });
  }

  it('starts with TCP_NODELAY, and has no keep-alive', async () => {
    for (const one of await pair()) {
      expect(one.getsockopt(IPPROTO_TCP, TCP_NODELAY)).toBe(1);
      expect(
        kernelOptions(one, [
          [IPPROTO_TCP, TCP_NODELAY],
          [SOL_SOCKET, SO_KEEPALIVE],
          [SOL_SOCKET, socket.SO_TYPE],
        ]),
      ).toEqual([1, 0, socket.SOCK_STREAM]);
    }
  });

  it('takes back what was set', async () => {
    const [client] = await pair();
    for (const value of [1, 0, 1]) {
      client.setsockopt(SOL_SOCKET, SO_KEEPALIVE, value);
      client.setsockopt(IPPROTO_TCP, TCP_NODELAY, value);
      expect(
        kernelOptions(client, [
          [SOL_SOCKET, SO_KEEPALIVE],
          [IPPROTO_TCP, TCP_NODELAY],
        ]),
      ).toEqual([value, value]);
    }
  });

  it('resets the peer on close() with SO_LINGER of 0 seconds, as Python sees it', async () => {
    const child = startPython(`
listener = socket(AF_INET, SOCK_STREAM)
listener.bind(('127.0.0.1', 0))
listener.listen()
tell(listener.getsockname()[1])
for _ in range(2):
    connection, _ = listener.accept()
    story = []
    while len(story) < 4:
        try:
            story.append(len(connection.recv(100)))
        except OSError as error:
            story.append(errno.errorcode[error.errno])
    tell(story)
`);
    const port = Number(await child.tells());
    for (const [on, end] of [
      [1, 'ECONNRESET'],
      [0, 0],
    ] as const) {
      const client = tcp();
      await client.connect(['127.0.0.1', port]);
      await client.sendall('abc');
      client.setsockopt(SOL_SOCKET, SO_LINGER, linger(on, 0));
      client.close();
      const told = await child.tells();
      // A reset may drop bytes that the peer has not read, so they may be missing; the error may not.
      expect(Array.isArray(told) ? told.find((event) => event !== 3) : told).toBe(end);
    }
  });
});

describe('SO_LINGER', () => {
  it('is C’s structure', () => {
    const one = tcp();
    expect(one.getsockopt(SOL_SOCKET, SO_LINGER, 8)).toEqual(linger(0, 0));
    expect(one.getsockopt(SOL_SOCKET, SO_LINGER)).toBe(0);
    one.setsockopt(SOL_SOCKET, SO_LINGER, linger(1, 0));
    expect(one.getsockopt(SOL_SOCKET, SO_LINGER, 8)).toEqual(linger(1, 0));
    expect(one.getsockopt(SOL_SOCKET, SO_LINGER, 4)).toEqual(linger(1, 0).subarray(0, 4));
    expect(() => one.setsockopt(SOL_SOCKET, SO_LINGER, 1)).toThrow(expect.objectContaining(EINVAL));
    expect(() => one.setsockopt(SOL_SOCKET, SO_LINGER, linger(1, 5))).toThrow(expect.objectContaining(ENOPROTOOPT));
  });

  it('is inherited from the listener', async () => {
    const listener = listening();
    listener.setsockopt(SOL_SOCKET, SO_LINGER, linger(1, 0));
    const client = tcp();
    await client.connect(listener.getsockname());
    (await accepted(listener)).close();
    expect(await story(client)).toEqual(['ECONNRESET', 0, 0]);
  });
});

describe('setsockopt() and getsockopt()', () => {
  it('give the properties of the socket itself', async () => {
    const [client, server] = await pair();
    const listener = listening(hasIPv6 ? AF_INET6 : AF_INET);
    for (const [one, listens] of [
      [client, 0],
      [server, 0],
      [listener, 1],
      [tcp(), 0],
    ] as const) {
      expect(one.getsockopt(SOL_SOCKET, socket.SO_TYPE)).toBe(socket.SOCK_STREAM);
      expect(one.getsockopt(SOL_SOCKET, socket.SO_DOMAIN)).toBe(one.family);
      expect(one.getsockopt(SOL_SOCKET, socket.SO_PROTOCOL)).toBe(IPPROTO_TCP);
      expect(one.getsockopt(SOL_SOCKET, socket.SO_ACCEPTCONN)).toBe(listens);
      expect(one.getsockopt(SOL_SOCKET, socket.SO_ERROR)).toBe(0);
    }
  });

  it('take and give bytes', () => {
    const one = tcp();
    one.setsockopt(SOL_SOCKET, SO_KEEPALIVE, Buffer.of(5, 0, 0, 0));
    expect(one.getsockopt(SOL_SOCKET, SO_KEEPALIVE)).toBe(1);
    expect(one.getsockopt(SOL_SOCKET, SO_KEEPALIVE, 4)).toEqual(Buffer.of(1, 0, 0, 0));
    expect(one.getsockopt(SOL_SOCKET, SO_KEEPALIVE, 1)).toEqual(Buffer.of(1));
    one.setsockopt(SOL_SOCKET, SO_KEEPALIVE, false);
    expect(one.getsockopt(SOL_SOCKET, SO_KEEPALIVE)).toBe(0);
    expect(() => one.setsockopt(SOL_SOCKET, SO_KEEPALIVE, Buffer.of(1))).toThrow(expect.objectContaining(EINVAL));
    expect(() => one.setsockopt(SOL_SOCKET, SO_KEEPALIVE, null, 4)).toThrow(
      expect.objectContaining({ code: 'EFAULT' }),
    );
  });

  it('check their arguments, then whether the socket is closed, then the option', () => {
    const one = tcp();
    for (const closed of [false, true]) {
      if (closed) one.close();
      // @ts-expect-error -- text is no value
      expect(() => one.setsockopt(SOL_SOCKET, SO_KEEPALIVE, '1')).toThrow(TypeError);
      expect(() => one.setsockopt(SOL_SOCKET, SO_KEEPALIVE, null)).toThrow(TypeError);
      expect(() => one.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 0.5)).toThrow(TypeError);
      // @ts-expect-error -- a level is a number
      expect(() => one.setsockopt('SOL_SOCKET', SO_KEEPALIVE, 1)).toThrow(TypeError);
      // @ts-expect-error -- an option is a number
      expect(() => one.getsockopt(SOL_SOCKET)).toThrow(TypeError);
      expect(() => one.getsockopt(SOL_SOCKET, SO_KEEPALIVE, 2000)).toThrow(
        'getsockopt buflen out of range (it must be 0-1024',
      );
      expect(() => one.getsockopt(SOL_SOCKET, SO_KEEPALIVE, -1)).toThrow(
        'getsockopt buflen out of range (it must be 0-1024',
      );
    }
    expect(() => one.setsockopt(9999, 1, 1)).toThrow(expect.objectContaining(EBADF));
    expect(() => one.getsockopt(9999, 1)).toThrow(expect.objectContaining(EBADF));
  });

  it('raise ENOPROTOOPT for an unknown option, and other errors for an unknown level', () => {
    const one = tcp();
    const unknown = expect.objectContaining(ENOPROTOOPT);
    expect(() => one.setsockopt(SOL_SOCKET, 9999, 1)).toThrow(unknown);
    expect(() => one.getsockopt(SOL_SOCKET, 9999)).toThrow(unknown);
    expect(() => one.setsockopt(9999, 1, 1)).toThrow(unknown);
    expect(() => one.getsockopt(9999, 1)).toThrow(expect.objectContaining(ENOTSUP));
    expect(() => one.setsockopt(SOL_SOCKET, socket.SO_TYPE, 1)).toThrow(unknown);
    expect(() => one.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 1)).toThrow(unknown);
    if (!hasReusePort) expect(() => one.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1)).toThrow(unknown);
  });

  it.each([
    ['TCP_KEEPIDLE', TCP_KEEPIDLE, [0, -1, 32768]],
    ...(hasKeepAliveInterval
      ? ([
          ['TCP_KEEPINTVL', TCP_KEEPINTVL, [0, -1, 32768]],
          ['TCP_KEEPCNT', TCP_KEEPCNT, [0, -1, 128]],
        ] as const)
      : []),
  ])('raise EINVAL for impossible values of %s', (_name, optname, values) => {
    for (const value of values) {
      expect(() => tcp().setsockopt(IPPROTO_TCP, optname, value)).toThrow(expect.objectContaining(EINVAL));
    }
  });

  it('keep SO_REUSEADDR as it was set', () => {
    const one = tcp();
    expect(one.getsockopt(SOL_SOCKET, SO_REUSEADDR)).toBe(0);
    one.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1);
    expect(one.getsockopt(SOL_SOCKET, SO_REUSEADDR)).toBe(1);
  });

  it('clear SO_ERROR when it is read', async () => {
    const [client, server] = await pair();
    await expect(client.recv(1, socket.MSG_DONTWAIT)).rejects.toMatchObject({ code: 'EAGAIN' });
    reset(server);
    let error = 0;
    while (error === 0) {
      await new Promise((resolve) => setImmediate(resolve));
      error = client.getsockopt(SOL_SOCKET, socket.SO_ERROR);
    }
    expect(error).toBe(104);
    expect(await story(client)).toEqual([0, 0]);
  });
});

describe('SO_REUSEPORT', () => {
  itWith(hasReusePort)('lets two sockets listen on a port, if both have it', async () => {
    const make = (): socket.Socket => {
      const one = tcp();
      one.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1);
      return one;
    };
    const first = make();
    first.bind(['127.0.0.1', 0]);
    first.listen();
    const second = make();
    second.bind(first.getsockname());
    second.listen();
    expect(() => tcp().bind(first.getsockname())).toThrow(expect.objectContaining(EADDRINUSE));
    // The kernel may give a client to either socket.
    const serving = [accepted(first), accepted(second)];
    first.close();
    await expect(serving[0]).rejects.toMatchObject(EBADF);
    const client = tcp();
    await client.connect(second.getsockname());
    expect((await serving[1])?.getpeername()).toEqual(client.getsockname());
  });
});

describe('IPV6_V6ONLY', () => {
  it('leaves IPv4 to other sockets where it is set, and takes it where it is not', async () => {
    const dual = tcp(AF_INET6);
    expect(dual.getsockopt(IPPROTO_IPV6, IPV6_V6ONLY)).toBe(0);
    dual.bind(['::', 0]);
    dual.listen();
    const client = tcp();
    await client.connect(['127.0.0.1', portOf(dual)]);
    const [connection, address] = await dual.accept();
    expect(address).toEqual(['::ffff:127.0.0.1', portOf(client), 0, 0]);
    connection.close();

    const only = tcp(AF_INET6);
    only.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 1);
    expect(only.getsockopt(IPPROTO_IPV6, IPV6_V6ONLY)).toBe(1);
    only.bind(['::', 0]);
    only.listen();
    await expect(tcp().connect(['127.0.0.1', portOf(only)])).rejects.toMatchObject(ECONNREFUSED);
    const beside = tcp();
    beside.bind(['0.0.0.0', portOf(only)]);
    beside.listen();
  });

  itWithIPv6('cannot be changed once the socket is bound', () => {
    const one = bound(AF_INET6);
    expect(() => one.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 1)).toThrow(expect.objectContaining(EINVAL));
  });
});
