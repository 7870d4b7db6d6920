import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as socket from '../../lib/index.ts';
import { describeKernel } from '../support/kernel-kinds.ts';

/** Arguments of all types, among them numbers at the ends of the kernel's ranges and addresses of other families. */
const argument = fc.oneof(
  fc.integer({ min: -50, max: 300 }),
  fc.constantFrom<unknown>(2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 53, Number.NaN, Infinity, 0.5, null, undefined, true),
  fc.constantFrom<unknown>(
    '',
    '\0x',
    'text',
    '/none/none',
    ['127.0.0.1', 9],
    ['::1', 9, 0, 0],
    [0, 0],
    ['lo', 9],
    [[1, 1, 'x']],
  ),
  fc.constantFrom<unknown>({}, [], [Buffer.alloc(3), 'x'], { signal: null }, new Map(), Symbol('x')),
  fc.uint8Array({ maxLength: 100 }),
);

const METHODS = [
  ...['bind', 'connect', 'connectEx', 'listen', 'accept', 'shutdown', 'getsockname', 'getpeername', 'getsockopt'],
  ...['recv', 'recvInto', 'recvfrom', 'recvfromInto', 'recvmsg', 'recvmsgInto', 'recvLine', 'recvExactly'],
  ...['send', 'sendall', 'sendto', 'sendmsg', 'setInheritable', 'getInheritable'],
];

const calls = fc.array(fc.tuple(fc.nat(5), fc.constantFrom(...METHODS), fc.array(argument, { maxLength: 4 })), {
  maxLength: 30,
});

/** The errors that a program may be given; each other one is a fault. */
function isExpected(error: unknown): boolean {
  const kinds = [socket.OSError, TypeError, RangeError, socket.EOFError, socket.LimitOverrunError];
  return kinds.some((kind) => error instanceof kind) && !/is not a function|of undefined|koffi/i.test(String(error));
}

describeKernel('sockets of the kernel', () => {
  it('take whatever arguments they are given, or refuse them with an error of theirs', async () => {
    const checked = fc.assert(
      fc.asyncProperty(calls, async (program) => {
        const types = [socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET];
        const made = types.flatMap((type) => socket.socketpairSync(socket.AF_UNIX, type));
        for (const one of made) one.settimeout(0);
        try {
          for (const [index, method, args] of program) {
            // A socket that is bound to a relative path leaves a file.
            if (method === 'bind' && args[0] instanceof Uint8Array) args[0] = Buffer.concat([Buffer.of(0), args[0]]);
            const one = made[index];
            const call: unknown = one === undefined ? undefined : Reflect.get(one, method);
            if (typeof call !== 'function') throw new Error(`${method} is no method`);
            try {
              await Reflect.apply(call, one, args);
            } catch (error) {
              if (!isExpected(error)) throw error;
            }
          }
        } finally {
          for (const one of made) one.close();
        }
      }),
      { numRuns: 200 },
    );
    await expect(checked).resolves.toBeUndefined();
  });
});
