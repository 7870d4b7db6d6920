import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import * as socket from '../../lib/index.ts';
import type { Socket } from '../../lib/index.ts';
import { hasPython, python } from '../support/python.ts';
import { randomSeed } from '../support/seed.ts';

jest.setTimeout(60_000);

/** A call of asyncio's streams; a separator is text. */
type Step =
  | { readonly call: 'readexactly'; readonly n: number }
  | { readonly call: 'readuntil'; readonly separator: string; readonly limit: number }
  | { readonly call: 'readline' };

/** What a peer sends before it ends the stream, and the calls of the receiver. */
interface Scene {
  readonly data: string;
  readonly steps: readonly Step[];
}

/** A result, or an error with its class, its message and its attributes. */
type Outcome = string | readonly unknown[];

const PYTHON = `
import asyncio, json, sys

async def outcome(reader, step):
    try:
        if step['call'] == 'readexactly':
            return (await reader.readexactly(step['n'])).decode()
        reader._limit = step.get('limit', 1 << 16)
        if step['call'] == 'readline':
            return (await reader.readline()).decode()
        return (await reader.readuntil(step['separator'].encode())).decode()
    except asyncio.IncompleteReadError as e:
        return ['IncompleteReadError', str(e), e.partial.decode(), e.expected]
    except asyncio.LimitOverrunError as e:
        return ['LimitOverrunError', str(e), e.consumed]

async def play(scene):
    reader = asyncio.StreamReader(limit=1 << 16)
    reader.feed_data(scene['data'].encode())
    reader.feed_eof()
    return [await outcome(reader, step) for step in scene['steps']]

async def main():
    json.dump([await play(scene) for scene in json.load(sys.stdin)], sys.stdout)

asyncio.run(main())
`;

async function outcome(one: Socket, step: Step): Promise<Outcome> {
  try {
    switch (step.call) {
      case 'readexactly':
        return String(await one.recvExactly(step.n));
      case 'readuntil':
        return String(await one.recvUntil(step.separator, { limit: step.limit }));
      case 'readline':
        return String(await one.recvLine());
    }
  } catch (error) {
    if (error instanceof socket.IncompleteReadError) {
      return [error.name, error.message, String(error.partial), error.expected];
    }
    if (error instanceof socket.LimitOverrunError) return [error.name, error.message, error.consumed];
    throw error;
  }
}

async function play({ data, steps }: Scene): Promise<Outcome[]> {
  const [one, other] = await socket.socketpair();
  await one.sendall(data);
  one.close();
  // All of it has come before the first call, as in the other program.
  await other.recv(data.length, socket.MSG_PEEK | socket.MSG_WAITALL);
  const outcomes: Outcome[] = [];
  for (const step of steps) outcomes.push(await outcome(other, step));
  other.close();
  return outcomes;
}

const text = (maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom('a', 'b', '\n'), { maxLength }).map((letters) => letters.join(''));

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ call: fc.constant('readexactly' as const), n: fc.nat(6) }),
  fc.record({
    call: fc.constant('readuntil' as const),
    separator: text(3).filter((separator) => separator !== ''),
    limit: fc.nat(8),
  }),
  fc.record({ call: fc.constant('readline' as const) }),
);

const scene = fc.record({ data: text(25), steps: fc.array(step, { minLength: 1, maxLength: 8 }) });

(hasPython ? describe : describe.skip)('exact reads, beside asyncio', () => {
  it('give the same bytes and the same errors', async () => {
    const scenes = fc.sample(scene, { numRuns: 300, seed: randomSeed });
    const ours: Outcome[][] = [];
    for (const one of scenes) ours.push(await play(one));
    const theirs = python(PYTHON, scenes);
    expect(ours).toEqual(theirs);
    // Each kind of outcome occurs.
    const kinds = ours.flat().map((one) => (typeof one === 'string' ? 'bytes' : one[0]));
    expect(new Set(kinds)).toEqual(new Set(['bytes', 'IncompleteReadError', 'LimitOverrunError']));
  });
});
