import { describe, expect, it } from '@jest/globals';
import type { FileOptions, Socket, TextFile } from '../../lib/index.ts';
import type { AnyFile } from '../../lib/files/makefile.ts';
import { pair } from '../support/pairs.ts';
import { owned } from './calls.ts';

/** Calls makefile() with arguments of any type. */
function make(socket: Socket, ...given: readonly unknown[]): AnyFile {
  const makefile = socket.makefile.bind(socket) as (...args: readonly unknown[]) => AnyFile;
  return owned(makefile(...given));
}

describe('the arguments of makefile()', () => {
  it.each([
    [[], 'TextFile'],
    [[{}], 'TextFile'],
    [['r'], 'TextFile'],
    [['rb'], 'BufferedReader'],
    [['rb', null], 'BufferedReader'],
    [['rb', undefined, {}], 'BufferedReader'],
    [['rb', 0], 'RawFile'],
    [['rb', 0, undefined], 'RawFile'],
    [['rb', { buffering: 0 }], 'RawFile'],
    [['rb', undefined, { buffering: 0 }], 'RawFile'],
    [['wb', 100], 'BufferedWriter'],
    [['rwb', -1], 'BufferedPair'],
  ])('%p make a %s', async (given, name) => {
    const [one] = await pair();
    expect(make(one, ...given).constructor.name).toBe(name);
  });

  it('may be left out, or given by position, as in Python', async () => {
    const [one, other] = await pair();
    const read = make(one, { encoding: 'latin-1' }) as TextFile;
    expect([read.mode, read.encoding]).toEqual(['r', 'latin-1']);
    const written = make(other, 'w', 1, { newline: '\r\n' }) as TextFile;
    expect([written.mode, written.lineBuffering]).toEqual(['w', true]);
    await written.write('é\n');
    expect(await one.recv(10)).toEqual(Buffer.from('é\r\n'));
  });

  it.each([
    [['rb', { buffring: 1 }], /^makefile\(\) has no option 'buffring' \(it has buffering, encoding, errors, newline\)/],
    [['rb', 1, { buffering: 1 }], /^makefile\(\) got buffering twice/],
    [['rb', '1'], /^buffering must be an integer/],
    [['rb', 1.5], /^buffering must be an integer/],
    [['rb', 1, 5], /^makefile\(\) takes an options object/],
    [['rb', 1, new Map()], /^makefile\(\) takes an options object/],
    [[{}, 'rb'], /^makefile\(\) takes nothing after its options/],
    [[5], /^mode must be a string/],
    [[null], /^mode must be a string/],
    [['r', { encoding: 5 }], /^encoding must be a string or null/],
    [['r', { errors: 5 }], /^errors must be a string or null/],
    [['r', { newline: 5 }], /^newline must be a string or null/],
  ])('%p is a TypeError, and the socket closes at once', async (given, text) => {
    const [one, other] = await pair();
    const error = refusal(one, given);
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: expect.stringMatching(text) });
    one.close();
    expect(await other.recv(1)).toHaveLength(0);
  });

  it.each([
    [['a'], /^invalid mode 'a'/],
    [['r', 0], /^unbuffered streams must be binary/],
    [['r', { encoding: 'nope' }], /^unknown encoding: nope/],
    [['r', { errors: 'nope' }], /^unknown error handler name 'nope'/],
    [['r', { newline: 'x' } as unknown as FileOptions], /^illegal newline value: x/],
  ])('%p is a RangeError, and the socket closes at once', async (given, text) => {
    const [one, other] = await pair();
    const error = refusal(one, given);
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({ message: expect.stringMatching(text) });
    one.close();
    expect(await other.recv(1)).toHaveLength(0);
  });
});

/** What makefile() throws. */
function refusal(socket: Socket, given: readonly unknown[]): unknown {
  try {
    return make(socket, ...given);
  } catch (error) {
    return error;
  }
}
