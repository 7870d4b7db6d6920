import dns from 'node:dns';
import { describe, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import type { Socket } from '../../lib/index.ts';
import { listening, own, pair, tcp, turns } from '../support/pairs.ts';
import { call, datagrams, KERNEL_PAIRS, METHODS, PAIRS } from './calls.ts';

/** What no call takes after its arguments, with a part of the error's text. */
const WRONG: readonly (readonly [what: string, extra: readonly unknown[], text: RegExp])[] = [
  ['an option of an unknown name', [{ sginal: undefined }], /has no option 'sginal' \(it has (limit, )?signal\)/],
  ['what only looks like a signal', [{ signal: lookAlike() }], /signal must be an AbortSignal/],
  ['a signal in the place of the options', [AbortSignal.timeout(1000)], /takes an options object/],
  ['a controller for its signal', [{ signal: new AbortController() }], /signal must be an AbortSignal/],
  ['a list in the place of the options', [[{}]], /./],
  ['a map in the place of the options', [new Map()], /takes an options object/],
];

function lookAlike(): unknown {
  return Object.assign(new EventTarget(), { aborted: false, reason: undefined, throwIfAborted: () => undefined });
}

const errorOf = async (promise: Promise<unknown>): Promise<unknown> =>
  await promise.then(
    () => 'no error',
    (error: unknown) => error,
  );

/** The longest form of a call's arguments, after which its options stand. */
const longest = (forms: readonly (readonly unknown[])[]): readonly unknown[] =>
  forms.reduce((one, other) => (other.length > one.length ? other : one), []);

describe('promise 14: a call that raises TypeError or RangeError has had no effect', () => {
  const methods = Object.entries(METHODS);

  describe.each(methods)('%s()', (method, forms) => {
    it.each(WRONG)('refuses %s', async (_, extra, text) => {
      const [one] = await pair();
      const to = listening().getsockname();
      const error = await errorOf(call(one, method, [...longest(forms(to)), ...extra]));
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toMatchObject({ message: expect.stringMatching(text) });
    });

    it('takes null and undefined for no signal', async () => {
      const one = tcp();
      one.close();
      const to = listening().getsockname();
      for (const signal of [null, undefined]) {
        const error = await errorOf(call(one, method, [...longest(forms(to)), { signal }]));
        expect(error).not.toBeInstanceOf(TypeError);
      }
    });
  });

  const receiving = methods.filter(([method]) => method.startsWith('recv'));

  describe.each(Object.entries({ ...PAIRS, ...KERNEL_PAIRS }))('over %s', (_, make) => {
    it.each(receiving)('%s() takes no bytes', async (method, forms) => {
      const [one, other] = await make();
      await other.send('kept');
      for (const [, extra] of WRONG) {
        await errorOf(call(one, method, [...longest(forms('')), ...extra]));
      }
      await errorOf(call(one, method, [-1]));
      await errorOf(call(one, method, [10, 'flags']));
      expect(String(await one.recv(100))).toBe('kept');
    });

    it.each(['send', 'sendall', 'sendmsg'])('%s() sends nothing', async (method) => {
      const [one, other] = await make();
      const data = method === 'sendmsg' ? [['lost']] : ['lost'];
      for (const [, extra] of WRONG) await errorOf(call(one, method, [...data, ...extra]));
      await errorOf(call(one, method, [...data, 'flags']));
      await errorOf(call(one, method, [5]));
      await one.send('next');
      expect(String(await other.recv(100))).toBe('next');
    });
  });

  it('sendto() sends nothing and looks nothing up', async () => {
    const lookup = jest.spyOn(dns, 'lookup');
    const [one, other] = [datagrams(), datagrams()];
    for (const address of [other.getsockname(), ['localhost', 1]]) {
      for (const [, extra] of WRONG) await errorOf(call(one, 'sendto', ['lost', address, ...extra]));
      await errorOf(call(one, 'sendto', ['lost', 0, address, 4]));
      await errorOf(call(one, 'sendto', ['lost', 'flags', address]));
      await errorOf(call(one, 'sendto', ['lost', ['localhost', 70_000]]));
    }
    expect(lookup).not.toHaveBeenCalled();
    lookup.mockRestore();
    await one.sendto('next', other.getsockname());
    expect(String(await other.recv(100))).toBe('next');
  });

  it.each(['connect', 'connectEx'])('%s() begins nothing', async (method) => {
    const lookup = jest.spyOn(dns, 'lookup');
    const listener = listening();
    const [, port] = listener.getsockname();
    const one = tcp();
    for (const address of [listener.getsockname(), ['localhost', port]]) {
      for (const [, extra] of WRONG) await errorOf(call(one, method, [address, ...extra]));
    }
    for (const address of [['127.0.0.1'], ['127.0.0.1', -1], ['127.0.0.1', '1'], 'path', null]) {
      await errorOf(call(one, method, [address]));
    }
    expect(lookup).not.toHaveBeenCalled();
    lookup.mockRestore();
    expect([one.fileno(), one.getsockname()]).toEqual([-1, ['0.0.0.0', 0]]);
    listener.settimeout(0);
    await expect(listener.accept()).rejects.toMatchObject({ code: 'EAGAIN' });
  });

  it('accept() takes no connection', async () => {
    const listener = listening();
    const client = tcp();
    await client.connect(listener.getsockname());
    for (const [, extra] of WRONG) await errorOf(call(listener, 'accept', extra));
    const [accepted, from] = await listener.accept();
    own(accepted);
    expect(from).toEqual(client.getsockname());
  });

  it('sendfile() reads nothing', async () => {
    const [one] = await pair();
    const read = jest.fn(() => Buffer.from('x'));
    for (const [, extra] of WRONG) await errorOf(call(one, 'sendfile', [{ read }, 0, 1, ...extra]));
    for (const args of [[-1], [0, 0], [0, -1], [0.5], ['0'], [0, 1.5]]) {
      await errorOf(call(one, 'sendfile', [{ read }, ...args]));
    }
    expect(read).not.toHaveBeenCalled();
  });

  it('createConnection() connects to nothing', async () => {
    const listener = listening();
    const [host, port] = listener.getsockname();
    const create = (...args: readonly unknown[]): Promise<unknown> => {
      const made: unknown = Reflect.apply(socket.createConnection, undefined, [[host, port], ...args]);
      return Promise.resolve(made);
    };
    for (const args of [
      [{ timOut: 5 }],
      [-1],
      [NaN],
      ['5'],
      [5, { timeout: 5 }],
      [null, 'here'],
      [null, ['127.0.0.1', -1]],
      [null, null, 5],
      [{ sourceAddress: ['127.0.0.1'] }],
      [{ happyEyeballsDelay: -1 }],
      [{ happyEyeballsDelay: '1' }],
      [{ signal: lookAlike() }],
      [AbortSignal.timeout(1000)],
    ]) {
      const error = await errorOf(create(...args));
      expect(error instanceof TypeError || error instanceof RangeError ? args : error).toBe(args);
    }
    await turns(10);
    listener.settimeout(0);
    await expect(listener.accept()).rejects.toMatchObject({ code: 'EAGAIN' });
  });

  it('createServer() takes no port', () => {
    const [host, port] = free();
    const create = (...args: readonly unknown[]): unknown =>
      Reflect.apply(socket.createServer, undefined, [[host, port], ...args]);
    for (const args of [[5], [{ reuse_port: true }], [{ backlog: '5' }], [{ family: '4' }], [null], [[]]]) {
      expect(() => create(...args)).toThrow(TypeError);
    }
    expect(() => create({ dualstackIpv6: true })).toThrow(RangeError);
    const one: Socket = tcp();
    one.bind([host, port]);
    one.listen();
  });
});

/** An address of this machine that was free a moment ago. */
function free(): [host: string, port: number] {
  const one = tcp();
  one.bind(['127.0.0.1', 0]);
  const [, port] = one.getsockname();
  one.close();
  return ['127.0.0.1', Number(port)];
}
