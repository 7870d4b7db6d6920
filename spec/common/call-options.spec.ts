import { getEventListeners } from 'node:events';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { checkOptions, checkSignal, isOptions, takeOptions } from '../../lib/common/call-options.ts';
import { dnsError, fakeLookup, type Answer } from '../support/dns.ts';
import { own, portOf, listening } from '../support/pairs.ts';

afterEach(() => void jest.restoreAllMocks());

class Options {
  readonly signal = undefined;
}

/** Values that are no options object. */
const NO_OPTIONS: readonly (readonly [what: string, value: unknown])[] = [
  ['null', null],
  ['a number', 5],
  ['NaN', NaN],
  ['a big integer', 1n],
  ['a string', 'x'],
  ['a boolean', true],
  ['a symbol', Symbol('x')],
  ['an array', [{}]],
  ['a function', () => ({})],
  ['bytes', new Uint8Array(2)],
  ['a signal', new AbortController().signal],
  ['a controller', new AbortController()],
  ['a map', new Map()],
  ['a date', new Date(0)],
  ['an instance of a class', new Options()],
];

/** Values that only look like a signal. */
const NO_SIGNALS: readonly (readonly [what: string, value: unknown])[] = [
  [
    'a look-alike',
    Object.assign(new EventTarget(), { aborted: false, reason: undefined, throwIfAborted: () => undefined }),
  ],
  ['an object with its prototype', Object.create(AbortSignal.prototype)],
  ['a controller', new AbortController()],
  ['a number', 5],
  ['a function', () => undefined],
  ['a boolean', false],
  ['a string', ''],
];

describe('an options object', () => {
  it.each(NO_OPTIONS)('is not %s', (_what, value) => {
    expect(() => checkOptions(value, ['signal'], 'call')).toThrow(TypeError);
    expect(() => checkOptions(value, ['signal'], 'call')).toThrow(/^call\(\) takes an options object \(received /);
  });

  it('is a plain object, of another realm too, or none at all', () => {
    for (const options of [{}, Object.create(null), runInNewContext('({})'), undefined]) {
      expect(checkOptions(options, ['signal'], 'call')).toEqual({});
    }
  });

  it('has no other names, inherited ones included', () => {
    const text = "call() has no option 'sginal' (it has signal, timeout)";
    for (const options of [{ sginal: 1 }, { sginal: undefined }, Object.create({ sginal: 1 }) as object]) {
      expect(() => checkOptions(options, ['signal', 'timeout'], 'call')).toThrow(TypeError);
    }
    expect(() => checkOptions({ sginal: 1 }, ['signal', 'timeout'], 'call')).toThrow(new TypeError(text));
  });
});

describe('a signal', () => {
  it.each(NO_SIGNALS)('is not %s', (_what, value) => {
    expect(() => checkSignal(value, 'call')).toThrow(TypeError);
    expect(() => checkSignal(value, 'call')).toThrow(/^call\(\): signal must be an AbortSignal \(received /);
  });

  it('is an AbortSignal, however made, or none', () => {
    for (const signal of [AbortSignal.abort(), AbortSignal.timeout(1e6), new AbortController().signal]) {
      expect(checkSignal(signal, 'call')).toBe(signal);
    }
    expect(checkSignal(null, 'call')).toBeUndefined();
    expect(checkSignal(undefined, 'call')).toBeUndefined();
  });
});

describe('takeOptions', () => {
  const options = { signal: null };

  it.each<[given: readonly unknown[], values: readonly unknown[], options: unknown]>([
    [[], [], undefined],
    [[1], [1], undefined],
    [[1, 2], [1, 2], undefined],
    [[1, 2, options], [1, 2], options],
    [[options], [], options],
    [[1, options], [1], options],
    [[undefined, options], [undefined], options],
    [[options, undefined], [], options],
    [[1, 2, 3], [1, 2], 3],
    [[['a', 1], new Uint8Array(1)], [['a', 1], new Uint8Array(1)], undefined],
  ])('tells the options in %j from the arguments', (given, values, found) => {
    expect(takeOptions(given, 2, 'call')).toEqual({ values, options: found });
  });

  it('refuses an argument after the options', () => {
    expect(() => takeOptions([options, 1], 2, 'call')).toThrow('call() takes nothing after its options (received 1)');
    expect(() => takeOptions([1, options, options], 2, 'call')).toThrow(TypeError);
    expect(() => takeOptions([1, 2, options, null], 2, 'call')).toThrow(TypeError);
  });

  it('takes each object for options that is neither an array nor bytes', () => {
    for (const value of [{}, new Map(), new Options(), new AbortController().signal])
      expect(isOptions(value)).toBe(true);
    for (const value of [null, undefined, 1, 'x', [], new Uint8Array(1), new DataView(new ArrayBuffer(1))]) {
      expect(isOptions(value)).toBe(false);
    }
  });
});

/** Each awaited function of the module with enough arguments, and how many optional ones it has before its options. */
const FUNCTIONS: readonly (readonly [
  name: string,
  optional: number,
  call: (...given: readonly unknown[]) => Promise<unknown>,
])[] = [
  ['getaddrinfo', 4, async (...given) => await untyped(socket.getaddrinfo, 'a.example', 80, ...given)],
  ['gethostbyname', 0, async (...given) => await untyped(socket.gethostbyname, 'a.example', ...given)],
  ['gethostbynameEx', 0, async (...given) => await untyped(socket.gethostbynameEx, 'a.example', ...given)],
  ['gethostbyaddr', 0, async (...given) => await untyped(socket.gethostbyaddr, 'a.example', ...given)],
  ['getfqdn', 0, async (...given) => await untyped(socket.getfqdn, 'a.example', ...given)],
  ['getnameinfo', 0, async (...given) => await untyped(socket.getnameinfo, ['192.0.2.1', 80], 0, ...given)],
  ['createConnection', 2, async (...given) => await untyped(socket.createConnection, ['a.example', 80], ...given)],
];

async function untyped(call: unknown, ...given: readonly unknown[]): Promise<unknown> {
  if (typeof call !== 'function') throw new TypeError('a function was expected');
  return await (Reflect.apply(call, undefined, given) as Promise<unknown>);
}

describe.each(FUNCTIONS)('%s()', (name, optional, call) => {
  const places = Array.from({ length: optional + 1 }, (_, place) => place);
  /** Optional arguments before the place of the options. */
  const before = (place: number): unknown[] => (name === 'createConnection' ? [5, null] : [0, 0, 0, 0]).slice(0, place);

  /** Look-ups, none of which may be made. */
  function spied(): () => void {
    const spies = [fakeLookup('lookup', () => undefined), fakeLookup('lookupService', () => undefined)];
    return () => {
      for (const spy of spies) expect(spy).not.toHaveBeenCalled();
    };
  }

  it.each(places)('refuses unknown options in place %d, before anything is looked up', async (place) => {
    const expectNothing = spied();
    const outcome = call(...before(place), { sginal: null });
    await expect(outcome).rejects.toThrow(`${name}() has no option 'sginal' (it has`);
    await expect(outcome).rejects.toThrow(TypeError);
    expectNothing();
  });

  it.each(places.flatMap((place) => NO_SIGNALS.map(([what, signal]) => [place, what, signal] as const)))(
    'refuses in place %d for a signal %s',
    async (place, _what, signal) => {
      const expectNothing = spied();
      const outcome = call(...before(place), { signal });
      await expect(outcome).rejects.toThrow(`${name}(): signal must be an AbortSignal (received `);
      expectNothing();
    },
  );

  it.each(NO_OPTIONS)('refuses %s for options', async (_what, value) => {
    const expectNothing = spied();
    await expect(call(...before(optional), value)).rejects.toThrow(TypeError);
    expectNothing();
  });

  it('refuses an argument after options in the place of another', async () => {
    const expectNothing = spied();
    for (const place of places.slice(0, -1)) {
      const text = `${name}() takes nothing after its options (received 0)`;
      await expect(call(...before(place), {}, 0)).rejects.toThrow(text);
    }
    expectNothing();
  });

  it.each(places)('takes a signal in place %d, and null and undefined for none', async (place) => {
    const asked: Answer[] = [];
    for (const method of ['lookup', 'lookupService'] as const) {
      fakeLookup(method, (_host, end) => {
        asked.push(end);
        end(dnsError('ENOTFOUND'));
      });
    }
    for (const signal of [null, undefined]) {
      await call(...before(place), { signal }).catch((error: unknown) => expect(error).toBeInstanceOf(socket.OSError));
    }
    expect(asked.length).toBeGreaterThanOrEqual(2);
    const reason = new Error('enough');
    await expect(call(...before(place), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('adds one listener to a signal, however many calls wait, and leaves none', async () => {
    const ends: Answer[] = [];
    for (const method of ['lookup', 'lookupService'] as const) fakeLookup(method, (_host, end) => ends.push(end));
    const { signal } = new AbortController();
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    const numbers = Array.from({ length: 12 }, (_, number) => number);
    const outcomes = Promise.allSettled(numbers.map(async () => await call({ signal })));
    for (const number of numbers) {
      while (ends.length <= number) await new Promise(setImmediate);
      expect(getEventListeners(signal, 'abort')).toHaveLength(1);
      ends[number]?.(dnsError('ENOTFOUND'));
    }
    await outcomes;
    await new Promise(setImmediate);
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

describe('createConnection()', () => {
  it('takes Python’s positional arguments, and nothing twice', async () => {
    const port = portOf(listening());
    const source = ['127.0.0.2', 0] as const;
    for (const given of [
      [3, source],
      [3, source, {}],
      [3, { sourceAddress: source }],
      [{ timeout: 3, sourceAddress: source }],
    ]) {
      const one = await untyped(socket.createConnection, ['127.0.0.1', port], ...given);
      if (!(one instanceof socket.Socket)) throw new TypeError('no socket');
      expect([own(one).gettimeout(), one.getsockname()[0]]).toEqual([3, '127.0.0.2']);
    }
    await expect(untyped(socket.createConnection, ['127.0.0.1', port], 3, { timeout: 3 })).rejects.toThrow(
      'createConnection(): timeout is given twice (received [ 3, 3 ])',
    );
  });

  it.each([
    [['a.example', 80], ['x'], 'timeout must be a number or null'],
    [['a.example', 80], [-1], 'Timeout value out of range'],
    [['a.example', 80], [1, 5], 'bind(): AF_INET address must be [host, port]'],
    [['a.example', 80], [1, ['127.0.0.1', 'x']], 'bind(): port must be an integer'],
    [['a.example', 80, 0], [], 'createConnection(): address must be [host, port]'],
    [[5, 80], [], 'createConnection(): host must be a string, bytes or null'],
    [['a.example', 1.5], [], 'port must be an integer, a string, bytes or null'],
    [['a.example', '\ud800'], [], 'createConnection(): port must not contain half a surrogate pair'],
    [['a..example', 80], [], 'label empty or too long'],
    [null, [], 'createConnection(): address must be [host, port] (received null)'],
  ])('checks %j %j before it looks anything up', async (address, given, text) => {
    const spy = fakeLookup('lookup', () => undefined);
    await expect(untyped(socket.createConnection, address, ...given)).rejects.toThrow(text);
    expect(spy).not.toHaveBeenCalled();
  });
});

describe('createServer()', () => {
  it.each(NO_OPTIONS)('refuses %s for options', (_what, value) => {
    expect(() => void Reflect.apply(socket.createServer, undefined, [['127.0.0.1', 0], value])).toThrow(TypeError);
  });

  it.each([
    [
      { familiy: 2 },
      "createServer() has no option 'familiy' (it has family, backlog, queue, reusePort, dualstackIpv6)",
    ],
    [{ signal: null }, "createServer() has no option 'signal'"],
    [{ family: '2' }, "createServer(): family must be an integer (received '2')"],
    [{ backlog: 1.5 }, 'createServer(): backlog must be an integer (received 1.5)'],
  ])('refuses %j', (options, text) => {
    expect(() => void Reflect.apply(socket.createServer, undefined, [['127.0.0.1', 0], options])).toThrow(text);
  });

  it('takes null for the usual backlog', () => {
    own(socket.createServer(['127.0.0.1', 0], { backlog: null }));
  });
});
