import type { FileHandle } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { expectTypeOf } from 'expect-type';
import * as socket from '../lib/index.ts';

/** The calls below are checked by `npm run typecheck`, and never made. */
function typecheck(check: () => unknown): void {
  expect(check).toBeInstanceOf(Function);
}

declare const sock: socket.Socket;
declare const file: FileHandle;
declare const signal: AbortSignal;

describe('the types of a socket', () => {
  it('what waits in Python is a promise here', () =>
    typecheck(() => {
      expectTypeOf(sock.accept()).toEqualTypeOf<Promise<[socket.Connection, socket.Address]>>();
      expectTypeOf(sock.connect(['::1', 80])).toEqualTypeOf<Promise<void>>();
      expectTypeOf(sock.connectEx(['::1', 80])).toEqualTypeOf<Promise<number>>();
      expectTypeOf(sock.recv(1)).toEqualTypeOf<Promise<Buffer>>();
      expectTypeOf(sock.recvInto(new Uint8Array(1))).toEqualTypeOf<Promise<number>>();
      expectTypeOf(sock.recvExactly(1)).toEqualTypeOf<Promise<Buffer>>();
      expectTypeOf(sock.recvUntil(['\r\n', Buffer.of(0)])).toEqualTypeOf<Promise<Buffer>>();
      expectTypeOf(sock.recvLine()).toEqualTypeOf<Promise<Buffer>>();
      expectTypeOf(sock.recvfrom(1)).toEqualTypeOf<Promise<[Buffer, socket.Address | null]>>();
      expectTypeOf(sock.recvmsg(1)).toEqualTypeOf<
        Promise<[Buffer, socket.AncillaryItem[], number, socket.Address | null]>
      >();
      expectTypeOf(sock.recvmsgInto([])).toEqualTypeOf<
        Promise<[number, socket.AncillaryItem[], number, socket.Address | null]>
      >();
      expectTypeOf(sock.send('x')).toEqualTypeOf<Promise<number>>();
      expectTypeOf(sock.sendall('x')).toEqualTypeOf<Promise<void>>();
      expectTypeOf(sock.sendto('x', ['::1', 80])).toEqualTypeOf<Promise<number>>();
      expectTypeOf(sock.sendmsg(['x'])).toEqualTypeOf<Promise<number>>();
      expectTypeOf(sock.sendfile(file)).toEqualTypeOf<Promise<number>>();
    }));

  it('what does not wait in Python is not a promise', () =>
    typecheck(() => {
      expectTypeOf<ReturnType<socket.Socket['bind']>>().toBeVoid();
      expectTypeOf<ReturnType<socket.Socket['listen']>>().toBeVoid();
      expectTypeOf<ReturnType<socket.Socket['shutdown']>>().toBeVoid();
      expectTypeOf<ReturnType<socket.Socket['close']>>().toBeVoid();
      expectTypeOf<ReturnType<socket.Socket['setsockopt']>>().toBeVoid();
      expectTypeOf<ReturnType<socket.Socket['settimeout']>>().toBeVoid();
      expectTypeOf(sock.gettimeout()).toEqualTypeOf<number | null>();
      expectTypeOf<ReturnType<socket.Socket['setblocking']>>().toBeVoid();
      expectTypeOf(sock.getblocking()).toEqualTypeOf<boolean>();
      expectTypeOf(sock.getsockname()).toEqualTypeOf<socket.Address>();
      expectTypeOf(sock.getpeername()).toEqualTypeOf<socket.Address>();
      expectTypeOf(sock.fileno()).toEqualTypeOf<number>();
    }));

  it('getsockopt() gives a number, or bytes where their number is given', () =>
    typecheck(() => {
      expectTypeOf(sock.getsockopt(1, 2)).toEqualTypeOf<number>();
      expectTypeOf(sock.getsockopt(1, 2, 0)).toEqualTypeOf<number>();
      expectTypeOf(sock.getsockopt(1, 2, 8)).toEqualTypeOf<number | Buffer>();
    }));

  it('the last argument of what waits may have a signal, also one that may be undefined', () =>
    typecheck(() => {
      const options: { signal?: AbortSignal | undefined } = { signal };
      return [
        sock.accept(options),
        sock.connect(['::1', 80], options),
        sock.connectEx(['::1', 80], options),
        sock.recv(1, 0, options),
        sock.recvInto(Buffer.alloc(1), 0, 0, options),
        sock.recvExactly(1, options),
        sock.recvUntil('x', { limit: 10, ...options }),
        sock.recvLine(options),
        sock.recvLine(10, options),
        sock.recvfrom(1, 0, options),
        sock.recvmsg(1, 0, 0, options),
        sock.recvmsgInto([Buffer.alloc(1)], 0, 0, options),
        sock.send('x', 0, options),
        sock.sendall('x', 0, options),
        sock.sendto('x', ['::1', 80], options),
        sock.sendto('x', 0, ['::1', 80], options),
        sock.sendmsg(['x'], [], 0, null, options),
        sock.sendfile(file, 0, null, options),
      ];
    }));

  it('every kind of bytes may be sent, and a string', () =>
    typecheck(() => {
      expectTypeOf<
        Buffer | Uint8Array | Float64Array | DataView | ArrayBuffer | SharedArrayBuffer | string
      >().toExtend<socket.Data>();
      expectTypeOf<number | null | undefined | number[]>().extract<socket.Data>().toBeNever();
    }));

  it('makefile() gives the class that belongs to the mode', () =>
    typecheck(() => {
      expectTypeOf(sock.makefile()).toEqualTypeOf<socket.TextFile>();
      expectTypeOf(sock.makefile('rb')).toEqualTypeOf<socket.BufferedReader>();
      expectTypeOf(sock.makefile('wb')).toEqualTypeOf<socket.BufferedWriter>();
      expectTypeOf(sock.makefile('rwb')).toEqualTypeOf<socket.BufferedPair>();
      expectTypeOf(sock.makefile('rb', { buffering: 0 })).toEqualTypeOf<socket.RawFile>();
    }));

  it('is disposable', () =>
    typecheck(() => {
      expectTypeOf<socket.Socket>().toExtend<Disposable>();
      expectTypeOf<socket.Socket>().toExtend<AsyncDisposable>();
    }));

  it('is read-only', () =>
    typecheck(() => {
      expectTypeOf(sock).toExtend<{ readonly family: number; readonly type: number; readonly proto: number }>();
      // @ts-expect-error The family of a socket does not change.
      sock.family = 10;
      // @ts-expect-error The time limit is set with settimeout().
      sock.timeout = 1;
      // @ts-expect-error The state of a socket is private.
      return sock.state;
    }));
});

describe('the types of addresses', () => {
  it('are Python’s tuples, a path, and the bytes of an abstract name', () =>
    typecheck(() => {
      expectTypeOf<socket.Inet4Address>().toEqualTypeOf<[host: string, port: number]>();
      expectTypeOf<socket.Inet6Address>().toEqualTypeOf<[string, number, number, number]>();
      expectTypeOf<socket.Address>().toEqualTypeOf<socket.Inet4Address | socket.Inet6Address | string | Buffer>();
    }));

  it('are taken apart once the family is known, by a cast where the type does not say it', () =>
    typecheck(() => {
      const [host, port] = sock.getsockname() as socket.Inet4Address;
      expectTypeOf(host).toEqualTypeOf<string>();
      expectTypeOf(port).toEqualTypeOf<number>();
      const [, maybePort] = sock.getsockname();
      expectTypeOf(maybePort).toEqualTypeOf<string | number | undefined>();
    }));

  it('follow from the family', () =>
    typecheck(() => {
      expectTypeOf<socket.AddressOf<typeof socket.AF_INET>>().toEqualTypeOf<socket.Inet4Address>();
      expectTypeOf<socket.AddressOf<-1>>().toEqualTypeOf<socket.Inet4Address>();
      expectTypeOf<socket.AddressOf<typeof socket.AF_INET6>>().toEqualTypeOf<socket.Inet6Address>();
      expectTypeOf<socket.AddressOf<typeof socket.AF_UNIX>>().toEqualTypeOf<socket.UnixAddress>();
      expectTypeOf<socket.AddressOf<2 | 10>>().toEqualTypeOf<socket.InetAddress>();
      expectTypeOf<socket.AddressOf<number>>().toEqualTypeOf<socket.Address>();
      expectTypeOf<socket.AddressOf<17>>().toEqualTypeOf<socket.Address>();
    }));

  it('follow from what a socket is made with', () =>
    typecheck(() => {
      const family: number = sock.family;
      expectTypeOf(socket.socket().getsockname()).toEqualTypeOf<socket.Inet4Address>();
      expectTypeOf(socket.socket(socket.AF_INET).getsockname()[1]).toEqualTypeOf<number>();
      expectTypeOf(
        socket.socket(socket.AF_INET6, socket.SOCK_STREAM).getpeername(),
      ).toEqualTypeOf<socket.Inet6Address>();
      expectTypeOf(socket.socket(socket.AF_UNIX).getsockname()).toEqualTypeOf<socket.UnixAddress>();
      expectTypeOf(socket.socket(family).getsockname()).toEqualTypeOf<socket.Address>();
      expectTypeOf(socket.socket(-1, -1, -1, 3).getsockname()).toEqualTypeOf<socket.Address>();
      expectTypeOf(socket.fromfd(3, socket.AF_INET, 1).getsockname()).toEqualTypeOf<socket.Inet4Address>();
      expectTypeOf(socket.fromfd(3, -1, 1).getsockname()).toEqualTypeOf<socket.Address>();
      expectTypeOf(socket.createServer(['', 0]).getsockname()).toEqualTypeOf<socket.Inet4Address>();
      expectTypeOf(
        socket.createServer(['', 0], { family: socket.AF_INET6, backlog: 1 }).getsockname(),
      ).toEqualTypeOf<socket.Inet6Address>();
      expectTypeOf(socket.createServer(['', 0], { family }).getsockname()).toEqualTypeOf<socket.InetAddress>();
      expectTypeOf(socket.createServer(['', 0], { family }).getsockname()[1]).toEqualTypeOf<number>();
      expectTypeOf(socket.createServer(['', 0]).accept()).toEqualTypeOf<
        Promise<[socket.Connection<socket.Inet4Address>, socket.Inet4Address]>
      >();
    }));

  it('go from a server to createConnection()', () =>
    typecheck(() => {
      void socket.createConnection(socket.createServer(['', 0]).getsockname());
      // @ts-expect-error A socket of an unknown family may have a path.
      void socket.createConnection(sock.getsockname());
      // @ts-expect-error Python takes two fields here, too.
      void socket.createConnection(socket.createServer(['', 0], { family: socket.AF_INET6 }).getsockname());
    }));

  it('are any address, and not `any`, after instanceof', () =>
    typecheck(() => {
      const value: unknown = sock;
      class Own extends socket.Socket {
        readonly own = true;
      }
      if (value instanceof socket.Socket) expectTypeOf(value).toEqualTypeOf<socket.Socket>();
      if (value instanceof Own) expectTypeOf(value.own).toEqualTypeOf<boolean>();
    }));

  it('come with each datagram', () =>
    typecheck(() => {
      const udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
      expectTypeOf(udp).toEqualTypeOf<socket.DatagramSocket<socket.Inet4Address>>();
      expectTypeOf(udp.recvfrom(1)).toEqualTypeOf<Promise<[Buffer, socket.Inet4Address]>>();
      expectTypeOf(udp.recvfrom(1, 0, { signal })).toEqualTypeOf<Promise<[Buffer, socket.Inet4Address]>>();
      expectTypeOf(udp.recvfromInto(Buffer.alloc(1))).toEqualTypeOf<Promise<[number, socket.Inet4Address]>>();
      expectTypeOf(udp.recvmsg(1)).toEqualTypeOf<
        Promise<[Buffer, socket.AncillaryItem[], number, socket.Inet4Address]>
      >();
      expectTypeOf(udp.recvmsgInto([])).toEqualTypeOf<
        Promise<[number, socket.AncillaryItem[], number, socket.Inet4Address]>
      >();
      expectTypeOf(socket.socket().recvfrom(1)).toEqualTypeOf<Promise<[Buffer, socket.Inet4Address | null]>>();
    }));

  it('of known families are sockets of any family', () =>
    typecheck(() => {
      expectTypeOf<socket.Socket>().not.toExtend<socket.Socket<socket.InetAddress>>();
      const anySocket = (one: socket.Socket): socket.Socket => one;
      return [
        anySocket(socket.socket()),
        anySocket(socket.socket(socket.AF_UNIX)),
        anySocket(socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)),
        anySocket(socket.createServer(['', 0])),
        anySocket(new socket.Socket(socket.AF_INET)),
      ];
    }));
});

describe('the types of iteration', () => {
  it('a listener gives connections with their addresses, a connection chunks, and any socket either', () =>
    typecheck(async () => {
      for await (const [conn, address] of socket.createServer(['', 0])) {
        expectTypeOf(conn).toEqualTypeOf<socket.Connection<socket.Inet4Address>>();
        expectTypeOf(address).toEqualTypeOf<socket.Inet4Address>();
        for await (const chunk of conn) expectTypeOf(chunk).toEqualTypeOf<Buffer>();
      }
      for await (const chunk of await socket.createConnection(['', 0])) expectTypeOf(chunk).toEqualTypeOf<Buffer>();
      for await (const one of sock) expectTypeOf(one).toEqualTypeOf<Buffer | [socket.Connection, socket.Address]>();
      for await (const [conn] of sock as socket.Listener) expectTypeOf(conn).toEqualTypeOf<socket.Connection>();
      for await (const chunk of sock as socket.Connection) expectTypeOf(chunk).toEqualTypeOf<Buffer>();
    }));

  it('what one call returns, another takes', () =>
    typecheck(() => {
      expectTypeOf<socket.Address>().toExtend<socket.AddressLike>();
      sock.bind(sock.getsockname());
      sock.bind(['', 80] as const);
      sock.bind(['::1', 80, 0]);
      sock.bind([Buffer.from('127.0.0.1'), 80]);
      sock.bind('/run/socket');
      // @ts-expect-error A port is a number.
      sock.bind(['127.0.0.1', '80']);
      // @ts-expect-error An address has a port.
      sock.bind(['127.0.0.1']);
      // @ts-expect-error An address is one argument, as in Python.
      sock.bind('127.0.0.1', 80);
      // @ts-expect-error An address has at most four parts.
      sock.bind(['::1', 80, 0, 0, 0]);
      // @ts-expect-error An address is not an object, as in Node.
      sock.bind({ host: '127.0.0.1', port: 80 });
    }));
});

describe('bad calls', () => {
  it('do not type-check', () =>
    typecheck(() => {
      // @ts-expect-error recv() needs a size.
      void sock.recv();
      // @ts-expect-error A size is a number.
      void sock.recv('1024');
      // @ts-expect-error Nothing comes after the options.
      void sock.recv(1024, { signal }, 0);
      // @ts-expect-error A signal is an AbortSignal.
      void sock.recv(1024, 0, { signal: new AbortController() });
      // @ts-expect-error A time limit is the socket's, not the call's.
      void sock.recv(1024, 0, { timeout: 1 });
      // @ts-expect-error Nothing can be received into a string.
      void sock.recvInto('buffer');
      // @ts-expect-error A number is not bytes.
      void sock.send(1);
      // @ts-expect-error An array of numbers is not bytes.
      void sock.send([1, 2]);
      // @ts-expect-error send() needs data.
      void sock.send(null);
      // @ts-expect-error A datagram needs an address.
      void sock.sendto('x');
      void sock.sendmsg(['x'], [[1, 1, Buffer.alloc(4)]]);
      // @ts-expect-error An item of ancillary data has a level, a type and bytes.
      void sock.sendmsg(['x'], [[1, Buffer.alloc(4)]]);
      // @ts-expect-error The time limit is null where Python has None.
      sock.settimeout(undefined);
      // @ts-expect-error A time limit is a number of seconds.
      sock.settimeout('1');
      // @ts-expect-error An option's value is not a string.
      sock.setsockopt(1, 2, '1');
      // @ts-expect-error An option has a value.
      sock.setsockopt(1, 2);
      // @ts-expect-error shutdown() needs a direction.
      sock.shutdown();
      // @ts-expect-error A backlog is a number.
      sock.listen('10');
      // @ts-expect-error A family is a number.
      socket.socket('AF_INET');
    }));
});

describe('the types of the module', () => {
  it('socket() makes a Socket, without `new`', () =>
    typecheck(() => {
      expectTypeOf(socket.socket()).toExtend<socket.Socket>();
      expectTypeOf((...given: Parameters<typeof socket.socket>) => given).parameters.toEqualTypeOf<
        [
          family?: number | undefined,
          type?: number | undefined,
          proto?: number | undefined,
          fileno?: number | null | undefined,
        ]
      >();
      // @ts-expect-error The class is Socket; socket() is a function.
      return new socket.socket();
    }));

  it('createConnection() is awaited, createServer() is not', () =>
    typecheck(() => {
      expectTypeOf(socket.createConnection(['localhost', 80])).toEqualTypeOf<
        Promise<socket.Connection<socket.InetAddress>>
      >();
      expectTypeOf(socket.createServer(['', 80])).toEqualTypeOf<socket.Listener<socket.Inet4Address>>();
      expectTypeOf(socket.socketpair()).resolves.items.toEqualTypeOf<socket.Connection<socket.UnixAddress>>();
      expectTypeOf(socket.hasDualstackIpv6).returns.toEqualTypeOf<boolean>();
      void socket.createConnection(['localhost', 80], {
        timeout: null,
        sourceAddress: ['', 0],
        allErrors: true,
        signal,
      });
      void socket.createConnection(['localhost', 80], 10, ['', 0], { signal });
      // @ts-expect-error A time limit is a number.
      void socket.createConnection(['localhost', 80], '10');
      // @ts-expect-error No option has this name.
      return socket.createServer(['', 80], { reuse_port: true });
    }));

  it('look-ups are awaited, and their tables are not', () =>
    typecheck(() => {
      expectTypeOf(socket.getaddrinfo('localhost', 80)).resolves.items.toEqualTypeOf<socket.AddressInfo>();
      expectTypeOf(socket.gethostbyname).returns.toEqualTypeOf<Promise<string>>();
      expectTypeOf(socket.gethostbyaddr('::1')).toEqualTypeOf<Promise<[string, string[], string[]]>>();
      expectTypeOf(socket.getnameinfo(['::1', 80], 0)).toEqualTypeOf<Promise<[string, string]>>();
      expectTypeOf(socket.gethostname).returns.toEqualTypeOf<string>();
      expectTypeOf(socket.getservbyname).returns.toEqualTypeOf<number>();
      expectTypeOf(socket.getservbyport).returns.toEqualTypeOf<string>();
      expectTypeOf(socket.getprotobyname).returns.toEqualTypeOf<number>();
      expectTypeOf(socket.ifNameindex).returns.toEqualTypeOf<[number, string][]>();
      expectTypeOf(socket.inetAton).returns.toEqualTypeOf<Buffer>();
      // @ts-expect-error Bytes are not taken for text.
      return socket.inetAton(Buffer.from('1.2.3.4'));
    }));

  it('constants are numbers, which can be combined', () => {
    expectTypeOf(socket.AF_INET).toEqualTypeOf<number>();
    expectTypeOf(socket.MSG_PEEK | socket.MSG_WAITALL).toEqualTypeOf<number>();
    expect([socket.AF_INET, socket.SOCK_STREAM]).toEqual([2, 1]);
  });

  it('time limits are seconds or null', () =>
    typecheck(() => {
      expectTypeOf(socket.getdefaulttimeout).returns.toEqualTypeOf<number | null>();
      expectTypeOf(socket.setdefaulttimeout).parameter(0).toEqualTypeOf<number | null>();
    }));
});

describe('the types of errors', () => {
  it('tell a number, a name, a text, a call and an address', () =>
    typecheck(() => {
      expectTypeOf<socket.OSError>().toExtend<Error>();
      expectTypeOf<socket.OSError['errno']>().toEqualTypeOf<number | null>();
      expectTypeOf<socket.OSError['code']>().toEqualTypeOf<string | undefined>();
      expectTypeOf<socket.OSError['strerror']>().toEqualTypeOf<string>();
      expectTypeOf<socket.OSError['syscall']>().toEqualTypeOf<string | undefined>();
      expectTypeOf<socket.OSError['address']>().toEqualTypeOf<string | undefined>();
      expectTypeOf<'ECONNRESET'>().toExtend<socket.ErrorCode>();
      // @ts-expect-error The fields of an error are read-only.
      new socket.OSError(111).errno = 112;
      // @ts-expect-error A text is a string.
      return new socket.OSError(111, 5);
    }));

  it('timeout and error are other names of TimeoutError and OSError', () => {
    expectTypeOf(socket.timeout).toEqualTypeOf<typeof socket.TimeoutError>();
    expectTypeOf(socket.error).toEqualTypeOf<typeof socket.OSError>();
    expect(socket.timeout).toBe(socket.TimeoutError);
    expect(socket.error).toBe(socket.OSError);
  });
});
