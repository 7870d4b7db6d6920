import fc from 'fast-check';
import * as socket from '../../lib/index.ts';
import { listening, reset } from './peer.ts';
import { observed, openDescriptors, turns } from './peer-observed.ts';

/** Calls that may be made at any moment on one of the sockets that exist by then. */
const step = fc.record({
  act: fc.constantFrom(
    ...(['connect', 'connect', 'accept', 'accept', 'recv', 'recv', 'waitall', 'send', 'send', 'sendall'] as const),
    ...(['shutdown', 'close', 'reset', 'abort', 'timeout', 'closeListener'] as const),
  ),
  which: fc.nat(),
  size: fc.constantFrom(1, 1000, 300_000, 3_000_000),
  signal: fc.boolean(),
  /** How many turns the event loop makes after it. */
  turns: fc.nat({ max: 3 }),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** The errors that a raced call may end with; any other error is a bug. */
const expected = [
  'EBADF',
  'EINVAL',
  'EPIPE',
  'ECONNRESET',
  'ECONNREFUSED',
  // As on Linux, connect() raises it where a send() that waited for it has taken the refusal.
  'ECONNABORTED',
  'ENOTCONN',
  'EISCONN',
  'EALREADY',
  'ETIMEDOUT',
  'EAGAIN',
];

/** Milliseconds after which descriptors that are still open count as leaked. */
const PATIENCE = 20_000;

async function chaos(steps: Step[]): Promise<void> {
  const before = openDescriptors();
  const listener = listening();
  const address = listener.getsockname();
  const sockets: socket.Socket[] = [];
  const calls: Promise<unknown>[] = [];
  const mistakes: unknown[] = [];
  let controller = new AbortController();
  const watch = (call: Promise<unknown>): void => {
    const settled = call.catch((error: unknown) => {
      const known = error instanceof socket.OSError && error.code !== undefined && expected.includes(error.code);
      if (!known && !(error instanceof DOMException && error.name === 'AbortError')) mistakes.push(error);
    });
    calls.push(settled);
  };
  for (const { act, which, size, signal, turns: pause } of steps) {
    const options = signal ? { signal: controller.signal } : {};
    const one = sockets[which % Math.max(1, sockets.length)];
    if (act === 'connect') {
      const client = socket.socket();
      sockets.push(client);
      watch(client.connect(address, options));
    } else if (act === 'accept') {
      watch(listener.accept(options).then(([conn]) => sockets.push(conn)));
    } else if (act === 'closeListener') {
      if (which % 4 === 0) listener.close();
    } else if (act === 'abort') {
      controller.abort();
      controller = new AbortController();
    } else if (one !== undefined) {
      watch(touch(one, act, size, options));
    }
    await turns(pause);
  }
  listener.close();
  for (const one of sockets) one.close();
  await Promise.all(calls);
  // An accept() whose connection came in the turn of the close returns a socket, which its caller still has to close.
  for (const one of sockets) one.close();
  if (mistakes.length > 0) throw mistakes[0];
  const patience = performance.now() + PATIENCE;
  while (openDescriptors() > before) {
    if (performance.now() > patience) throw new Error(`${openDescriptors() - before} descriptors were left`);
    await turns(1);
  }
}

type Touch = Exclude<Step['act'], 'connect' | 'accept' | 'closeListener' | 'abort'>;

async function touch(one: socket.Socket, act: Touch, size: number, options: socket.WaitOptions): Promise<unknown> {
  if (act === 'recv') return await one.recv(size, 0, options);
  if (act === 'waitall') return await one.recv(size, socket.MSG_WAITALL, options);
  if (act === 'send') return await one.send(Buffer.alloc(size), 0, options);
  if (act === 'sendall') await one.sendall(Buffer.alloc(size), 0, options);
  else if (act === 'shutdown') one.shutdown(size % 3);
  else if (act === 'timeout') one.settimeout([null, 0, 0.001][size % 3] ?? null);
  else if (act === 'reset') reset(one);
  else one.close();
  return undefined;
}

const [, , seed, numRuns] = process.argv;
observed(async () => {
  const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), chaos);
  await fc.assert(property, {
    seed: Number(seed),
    numRuns: Number(numRuns),
    interruptAfterTimeLimit: 60_000,
    markInterruptAsFailure: true,
  });
  return 'held';
});
