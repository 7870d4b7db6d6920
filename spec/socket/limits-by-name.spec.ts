import { afterEach, describe, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { fakeLookup, type Answer } from '../support/dns.ts';
import { EINPROGRESS, TIMED_OUT } from '../support/expected-errors.ts';
import { deserted, listening, own, portOf, tcp } from '../support/pairs.ts';

const { AF_INET, SOCK_DGRAM, createConnection } = socket;

afterEach(() => {
  jest.restoreAllMocks();
  socket.setdefaulttimeout(null);
});

/** In seconds: one with a fraction of a millisecond, more than a timer takes, more than 2³² ms, and the longest. */
const LIMITS = [null, 1.99978, 1e6, 2_147_483.648, 1e8, 1e9, 9_223_372_036] as const;
const HOSTS = ['127.0.0.1', 'localhost', 'peer.example'] as const;

/** Makes every name resolve to this machine. */
function resolveAll(): void {
  fakeLookup('lookup', (_host, end) => setImmediate(() => end(null, [{ address: '127.0.0.1', family: 4 }])));
}

function udp(timeout: number | null): socket.Socket {
  const one = own(socket.socket(AF_INET, SOCK_DGRAM));
  one.settimeout(timeout);
  return one;
}

function timed(timeout: number | null): socket.Socket {
  const one = tcp();
  one.settimeout(timeout);
  return one;
}

describe.each(LIMITS)('with a time limit of %p seconds', (timeout) => {
  it.each(HOSTS)('all calls that take an address reach %s', async (host) => {
    if (host === 'peer.example') resolveAll();
    const port = portOf(listening());
    await timed(timeout).connect([host, port]);
    expect(await timed(timeout).connectEx([host, port])).toBe(0);
    await udp(timeout).connect([host, port]);
    expect(await udp(timeout).sendto('x', [host, port])).toBe(1);
    expect(await udp(timeout).sendmsg(['x'], [], 0, [host, port])).toBe(1);
    own(await createConnection([host, port], timeout));
    own(await createConnection([host, port], { timeout, happyEyeballsDelay: 0.25 }));
    socket.setdefaulttimeout(timeout);
    own(await createConnection([host, port]));
  });
});

describe('a time limit of 0 looks the name up all the same, as in Python', () => {
  it.each(HOSTS)('%s', async (host) => {
    if (host === 'peer.example') resolveAll();
    const port = portOf(listening());
    await expect(timed(0).connect([host, port])).rejects.toMatchObject(EINPROGRESS);
    expect(await timed(0).connectEx([host, port])).toBe(115);
    await udp(0).connect([host, port]);
    expect(await udp(0).sendto('x', [host, port])).toBe(1);
    await expect(createConnection([host, port], 0)).rejects.toMatchObject(EINPROGRESS);
  });
});

describe('a look-up that is not answered', () => {
  /** Look-ups that the test answers, or leaves unanswered. */
  function held(): Answer[] {
    const answers: Answer[] = [];
    fakeLookup('lookup', (_host, end) => answers.push(end));
    return answers;
  }

  it.each([1e-9, 0.001, 0.0105])('ends the call when it times out after %p seconds', async (timeout) => {
    const answers = held();
    await expect(timed(timeout).connect(['peer.example', 1])).rejects.toMatchObject({
      ...TIMED_OUT,
      address: 'peer.example:1',
    });
    expect(await timed(timeout).connectEx(['peer.example', 1])).toBe(11);
    await expect(udp(timeout).connect(['peer.example', 1])).rejects.toMatchObject(TIMED_OUT);
    await expect(udp(timeout).sendto('x', ['peer.example', 1])).rejects.toMatchObject(TIMED_OUT);
    for (const end of answers) end(null, [{ address: '127.0.0.1', family: 4 }]);
  });
});

describe('an address that changes while its name is looked up', () => {
  it('stays that of the call, in the error’s message too', async () => {
    const listener = listening();
    const host = 'peer.example';
    const calls: ((address: [string, number]) => Promise<unknown>)[] = [
      async (address) => await tcp().connect(address),
      async (address) => await udp(null).connect(address),
      async (address) => await udp(null).sendto('x', address),
      async (address) => own(await createConnection(address)),
    ];
    for (const call of calls) {
      resolveAll();
      const address: [string, number] = [host, portOf(listener)];
      const outcome = call(address);
      address.splice(0, 2, 'changed', 1);
      await outcome;
      const refused: [string, number] = [host, deserted()[1]];
      const message = `connect ${host}:${refused[1]}`;
      const failing = tcp().connect(refused);
      refused.splice(0, 2, 'changed', 1);
      await expect(failing).rejects.toThrow(message);
    }
  });
});

describe('happyEyeballsDelay', () => {
  it.each([0, 1e-9, 0.1, 2_147_483.648, 1e9, Infinity, null, undefined])('may be %p', async (happyEyeballsDelay) => {
    resolveAll();
    own(await createConnection(['peer.example', portOf(listening())], { happyEyeballsDelay }));
  });

  it.each([
    [-1, RangeError],
    [NaN, RangeError],
    ['1', TypeError],
    [1n, TypeError],
    [true, TypeError],
  ])('is refused as %p', async (happyEyeballsDelay, errorClass) => {
    const spy = fakeLookup('lookup', () => undefined);
    // @ts-expect-error -- some of these are deliberately no numbers
    const outcome = createConnection(['peer.example', 1], { happyEyeballsDelay });
    await expect(outcome).rejects.toThrow(errorClass);
    await expect(outcome).rejects.toThrow(/^happyEyeballsDelay must be .* \(received /);
    expect(spy).not.toHaveBeenCalled();
  });
});
