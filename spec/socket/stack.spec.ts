import { afterEach, describe, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { dnsError, fakeLookup } from '../support/dns.ts';
import { deserted, listening, MORE_THAN_THE_KERNEL_HOLDS, pair, reset, tcp, turns } from '../support/pairs.ts';

afterEach(() => void jest.restoreAllMocks());

/** The stack of the error of `call`, in which `callerOfTheCall` is the caller. */
async function stackOf(call: () => Promise<unknown>): Promise<string> {
  async function callerOfTheCall(): Promise<void> {
    await call();
  }
  try {
    await callerOfTheCall();
  } catch (error) {
    return (error as Error).stack ?? '';
  }
  return '';
}

/** Expects that the stack names the line that made the call. */
function expectCaller(stack: string): void {
  expect(stack).toMatch(/callerOfTheCall/);
  expect(stack).toMatch(/stack\.spec\.ts:\d+/);
}

describe('the stack of a rejection names the line that made the call', () => {
  it.each<[string, (one: socket.Socket) => Promise<unknown>]>([
    ['recv', async (one) => await one.recv(1)],
    ['recvInto', async (one) => await one.recvInto(Buffer.alloc(1))],
    ['recvfrom', async (one) => await one.recvfrom(1)],
    ['send', async (one) => await one.send(Buffer.alloc(MORE_THAN_THE_KERNEL_HOLDS))],
    ['sendall', async (one) => await one.sendall(Buffer.alloc(MORE_THAN_THE_KERNEL_HOLDS))],
  ])('%s() that waited: timed out, closed, reset', async (_call, use) => {
    const [late] = await pair();
    late.settimeout(0.01);
    expectCaller(await stackOf(async () => await use(late).then(async () => await use(late))));
    const [closed] = await pair();
    const waiting = stackOf(async () => await use(closed));
    await turns(3);
    closed.close();
    expectCaller(await waiting);
    const [broken, peer] = await pair();
    const breaking = stackOf(async () => await use(broken));
    await turns(3);
    reset(peer);
    expectCaller(await breaking);
  });

  it('accept() that waited', async () => {
    const listener = listening();
    const waiting = stackOf(async () => await listener.accept());
    await turns(3);
    listener.close();
    expectCaller(await waiting);
  });

  it('connect() that was refused, numeric and by name, and connectEx() that raises', async () => {
    const [host, port] = deserted();
    expectCaller(await stackOf(async () => await tcp().connect([host, port])));
    expectCaller(await stackOf(async () => await tcp().connect(['localhost', port])));
    fakeLookup('lookup', (_host, end) => setImmediate(() => end(dnsError('ENOTFOUND'))));
    expectCaller(await stackOf(async () => await tcp().connectEx(['no-such-host.invalid', port])));
  });

  it('calls that fail at once', async () => {
    const one = tcp();
    expectCaller(await stackOf(async () => await one.recv(1)));
    expectCaller(await stackOf(async () => await one.recv(-1)));
    expectCaller(await stackOf(async () => await one.send('x')));
    one.close();
    expectCaller(await stackOf(async () => await one.connect(['127.0.0.1', 1])));
  });
});

describe('a loop that never waits', () => {
  /** Counts the turns of the event loop, and whether a timer fires, until `loop` has come to its end. */
  async function turnsDuring(loop: () => Promise<void>): Promise<{ turns: number; timers: number }> {
    const seen = { turns: 0, timers: 0 };
    let running = true;
    const turn = (): void => {
      seen.turns += 1;
      if (running) setImmediate(turn);
    };
    setImmediate(turn);
    const timer = setInterval(() => (seen.timers += 1), 1);
    await loop();
    running = false;
    clearInterval(timer);
    return seen;
  }

  it('of recv() lets timers and setImmediate() run', async () => {
    const [client, server] = await pair();
    await client.sendall(Buffer.alloc(100_000));
    await server.recv(1, socket.MSG_PEEK);
    const seen = await turnsDuring(async () => {
      for (let count = 0; count < 100_000; count += 1) await server.recv(1);
    });
    expect(seen.turns).toBeGreaterThan(100);
    expect(seen.timers).toBeGreaterThan(0);
  });

  it('of recv() at the end of the stream does so too', async () => {
    const [client, server] = await pair();
    client.close();
    const seen = await turnsDuring(async () => {
      for (let count = 0; count < 50_000; count += 1) await server.recv(1);
    });
    expect(seen.turns).toBeGreaterThan(50);
  });

  it('of send() does so too', async () => {
    const [client] = await pair();
    const seen = await turnsDuring(async () => {
      for (let count = 0; count < 10_000; count += 1) await client.send('x');
    });
    expect(seen.turns).toBeGreaterThan(10);
  });

  it('of recv() does not starve another socket', async () => {
    const [client, server] = await pair();
    const [other, another] = await pair();
    client.close();
    let served = false;
    const serving = another.recv(1).then(() => (served = true));
    const calling = other.send('x');
    let rounds = 0;
    while (!served && rounds < 1_000_000) {
      await server.recv(1);
      rounds += 1;
    }
    expect(served).toBe(true);
    await Promise.all([serving, calling]);
  });
});
