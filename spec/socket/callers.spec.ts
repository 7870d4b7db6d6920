import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { dnsError, fakeLookup } from '../support/dns.ts';
import { deserted, listening, MORE_THAN_THE_KERNEL_HOLDS, own, pair, reset, tcp, turns } from '../support/pairs.ts';

afterEach(() => void jest.restoreAllMocks());

/** The frames of an error, the innermost first, without Node's own, such as the one that resumes an async function. */
function framesOf(error: unknown): string[] {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return stack.split('\n').filter((line) => line.startsWith('    at ') && !/\(node:|Promise\.all/.test(line));
}

/** Checks that the first frame is a line of this file, and that none is the library's. */
function expectOwnLineFirst(error: unknown): void {
  expect(framesOf(error)[0]).toMatch(/callers\.spec\.ts:\d+/);
  expect(framesOf(error).join('\n')).not.toMatch(/[/\\]lib[/\\]/);
}

/** What a call throws or rejects with. */
async function errorOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

/** No argument may be a symbol. */
const wrong = Array.from({ length: 4 }, () => Symbol('wrong'));

const functions = Object.entries(socket).filter(
  (entry): entry is [string, (...given: unknown[]) => unknown] =>
    typeof entry[1] === 'function' && !entry[1].toString().startsWith('class '),
);
/** Methods without arguments. */
const cannotFail = ['getdefaulttimeout', 'gethostname', 'hasDualstackIpv6', 'ifNameindex'];

const methods = Object.getOwnPropertyNames(socket.Socket.prototype).filter(
  (name) => name !== 'constructor' && 'value' in (Object.getOwnPropertyDescriptor(socket.Socket.prototype, name) ?? {}),
);

describe('the stack of an error about an argument begins at the line that makes the call', () => {
  it.each(functions.filter(([name]) => !cannotFail.includes(name)))('%s()', async (_name, call) => {
    expectOwnLineFirst(await errorOf(() => call(...wrong)));
    expectOwnLineFirst(await errorOf(async () => await call(...wrong)));
  });

  it('new Socket()', async () => {
    expectOwnLineFirst(await errorOf(() => new socket.Socket(999)));
    class Own extends socket.Socket {}
    expectOwnLineFirst(await errorOf(() => new Own(999)));
  });

  it.each(methods)('%s() of something that is no socket', async (name) => {
    const method: unknown = Reflect.get(socket.Socket.prototype, name);
    if (typeof method !== 'function') throw new TypeError(`${name} is no method`);
    const error = await errorOf(() => Reflect.apply(method, {}, []) as unknown);
    expect(error).toMatchObject({ message: expect.stringContaining(`sock.${name}(`) });
    expectOwnLineFirst(error);
  });

  it.each([
    ['recv', -1],
    ['send', 5],
    ['connect', 'x'],
    ['connectEx', 'x'],
    ['sendfile', 5],
    ['bind', 'x'],
    ['settimeout', 'x'],
    ['setsockopt', 1, 2, wrong],
  ] as const)('%s(), in a subclass too', async (name, ...given) => {
    class Own extends socket.Socket {}
    for (const one of [tcp(), own(new Own())]) {
      const method: unknown = Reflect.get(one, name);
      if (typeof method !== 'function') throw new TypeError(`${name} is no method`);
      const error = await errorOf(() => Reflect.apply(method, one, given) as unknown);
      expect(error).toBeInstanceOf(name === 'recv' ? RangeError : TypeError);
      expectOwnLineFirst(error);
    }
  });

  it('although the promise is awaited late, or never', async () => {
    const promises = [
      tcp().recv(-1),
      tcp().connect(['x', -1]),
      socket.getaddrinfo('a', 'b\ud800'),
    ] as Promise<unknown>[];
    const errors: unknown[] = [];
    for (const promise of promises) promise.catch((error: unknown) => errors.push(error));
    await turns(2);
    expect(errors).toHaveLength(promises.length);
    for (const error of errors) expectOwnLineFirst(error);
  });
});

describe('the stack of an error of the system begins at the line that awaits the call', () => {
  it.each<[string, () => unknown]>([
    ['recv() without a connection', () => tcp().recv(1)],
    ['bind() where nothing can be', () => tcp().bind(['192.0.2.1', 0])],
    ['createServer()', () => socket.createServer(['192.0.2.1', 0])],
    ['a closed descriptor', () => socket.close(0x7fff_ffff)],
    ['getservbyname()', () => socket.getservbyname('no such service')],
    ['listen() twice', () => socket.createServer(listening().getsockname())],
  ])('%s', async (_what, call) => {
    expectOwnLineFirst(await errorOf(call));
  });

  it('calls that waited: timed out, closed, reset, refused', async () => {
    const [late] = await pair();
    late.settimeout(0.01);
    expectOwnLineFirst(await errorOf(async () => await late.recv(1)));
    const [closed] = await pair();
    const sending = errorOf(async () => await closed.sendall(Buffer.alloc(MORE_THAN_THE_KERNEL_HOLDS)));
    await turns(3);
    closed.close();
    expectOwnLineFirst(await sending);
    const [broken, peer] = await pair();
    const breaking = errorOf(async () => await broken.recvfrom(1));
    await turns(3);
    reset(peer);
    expectOwnLineFirst(await breaking);
    expectOwnLineFirst(await errorOf(async () => await tcp().connect(deserted())));
    expectOwnLineFirst(await errorOf(async () => await socket.createConnection(deserted())));
    expectOwnLineFirst(await errorOf(async () => await socket.createConnection(deserted(), { allErrors: true })));
    expectOwnLineFirst(await errorOf(async () => await Promise.all([tcp().connect(deserted())])));
  });

  it('look-ups', async () => {
    fakeLookup('lookup', (_host, end) => setImmediate(() => end(dnsError('ENOTFOUND'))));
    fakeLookup('lookupService', (_host, end) => setImmediate(() => end(dnsError('ENOTFOUND'))));
    const name = 'no-such-host.invalid';
    const udp = own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
    const calls: (() => Promise<unknown>)[] = [
      async () => await socket.getaddrinfo(name, 80),
      async () => await socket.gethostbyname(name),
      async () => await socket.gethostbynameEx(name),
      async () => await socket.gethostbyaddr('192.0.2.1'),
      async () => await socket.getnameinfo(['192.0.2.1', 80], socket.NI_NAMEREQD),
      async () => await socket.createConnection([name, 80]),
      async () => await tcp().connect([name, 80]),
      async () => await tcp().connectEx([name, 80]),
      async () => await udp.sendto('x', [name, 80]),
      async () => await udp.connect([name, 80]),
    ];
    for (const call of calls) expectOwnLineFirst(await errorOf(call));
  });

  it('has all frames where no line of the program awaits the call', async () => {
    fakeLookup('lookup', (_host, end) => setImmediate(() => end(dnsError('ENOTFOUND'))));
    const promise = socket.gethostbyname('no-such-host.invalid');
    const error = await new Promise<unknown>((resolve) => {
      promise.catch((reason: unknown) => resolve(reason));
    });
    expect(error).toBeInstanceOf(socket.gaierror);
    expect(framesOf(error).length).toBeGreaterThan(0);
  });
});

describe('errors that are not the library’s keep their stacks', () => {
  function reasonOfTheProgram(): Error {
    return new socket.TimeoutError('no answer');
  }

  it('the reason of a signal', async () => {
    const reason = reasonOfTheProgram();
    const { stack } = reason;
    expect(stack).toContain('reasonOfTheProgram');
    for (const call of [
      async () => await tcp().connect(deserted(), { signal: AbortSignal.abort(reason) }),
      async () => await socket.gethostbyname('x', { signal: AbortSignal.abort(reason) }),
    ]) {
      expect(await errorOf(call)).toBe(reason);
      expect(reason.stack).toBe(stack);
    }
  });

  it('errors that the program’s own objects throw', async () => {
    const [one] = await pair();
    const mine = new RangeError('of the program');
    const { stack } = mine;
    const options = {
      get signal(): AbortSignal {
        throw mine;
      },
    };
    const pieces = {
      *[Symbol.iterator](): Generator<string> {
        yield 'a';
        throw mine;
      },
    };
    expect(await errorOf(async () => await one.recv(1, options))).toBe(mine);
    expect(await errorOf(async () => await one.sendmsg(pieces))).toBe(mine);
    expect(
      await errorOf(() =>
        socket.createServer(
          new Proxy(['', 0] as [string, number], {
            get: () => {
              throw mine;
            },
          }),
        ),
      ),
    ).toBe(mine);
    expect(mine.stack).toBe(stack);
  });

  it('stacks begin at the caller’s line with every Error.stackTraceLimit', async () => {
    const { stackTraceLimit } = Error;
    try {
      for (const limit of [0, 1, Infinity]) {
        Error.stackTraceLimit = limit;
        const error = await errorOf(async () => await tcp().recv(1));
        expect(error).toMatchObject({ code: 'ENOTCONN' });
        if (limit > 0) expectOwnLineFirst(error);
      }
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  });
});

describe('an uncaught error', () => {
  it.each(['rejected', 'refused', 'looked up'])(
    'is shown by Node with the program’s line, and none of the library’s: %s',
    (what) => {
      const program = path.join(__dirname, '../support/peer-uncaught.ts');
      const { stderr } = spawnSync(process.execPath, [require.resolve('ts-node/dist/bin'), program, what], {
        encoding: 'utf8',
        timeout: 60_000,
      });
      const [beginning = ''] = stderr.split('[cause]');
      expect(beginning).toMatch(/peer-uncaught\.ts:\d+/);
      expect(beginning).not.toMatch(/[/\\]lib[/\\]/);
    },
  );
});
