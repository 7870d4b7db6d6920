import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import type { BufferedPair, BufferedReader, Socket } from '../../lib/index.ts';
import { pair, pattern, staysPending, turns } from '../support/pairs.ts';
import { owned } from './calls.ts';

/** A file that reads, and the other end of its connection. */
async function reading(mode: 'rb' | 'rwb' = 'rb'): Promise<[BufferedReader | BufferedPair, Socket]> {
  const [one, other] = await pair();
  return [owned(one.makefile(mode, 16)), other];
}

const WAITS: readonly (readonly [
  string,
  (file: BufferedReader | BufferedPair, signal?: AbortSignal) => Promise<Buffer>,
])[] = [
  ['readExactly()', (file, signal) => file.readExactly(6, { signal })],
  ['readUntil()', (file, signal) => file.readUntil('e\n', { signal })],
  ['readUntil() of several', (file, signal) => file.readUntil(['yz', '\n'], { signal })],
];

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => 'no error',
    (error: unknown) => error,
  );
}

describe.each(['rb', 'rwb'] as const)('a file of mode %s', (mode) => {
  it.each(WAITS)('%s waits for all of its bytes, and leaves the others', async (_, call) => {
    const [file, other] = await reading(mode);
    const waiting = call(file);
    await other.sendall('abc');
    expect(await staysPending(waiting)).toBe(true);
    await other.sendall('de\nabcde\nrest');
    expect(String(await waiting)).toBe('abcde\n');
    expect(String(await call(file))).toBe('abcde\n');
    expect(String(await file.read(4))).toBe('rest');
  });

  it.each(WAITS)('%s loses nothing when it is aborted', async (_, call) => {
    const [file, other] = await reading(mode);
    const controller = new AbortController();
    const waiting = errorOf(call(file, controller.signal));
    await other.sendall('abc');
    await turns(5);
    controller.abort(new Error('enough'));
    expect(await waiting).toMatchObject({ message: 'enough' });
    await other.sendall('de\n');
    expect(String(await call(file))).toBe('abcde\n');
  });

  it.each(WAITS)('%s says what came before the end', async (_, call) => {
    const [file, other] = await reading(mode);
    await other.sendall('abc');
    other.close();
    expect(await errorOf(call(file))).toMatchObject({ name: 'IncompleteReadError', partial: Buffer.from('abc') });
    expect(await errorOf(call(file))).toMatchObject({ partial: Buffer.alloc(0) });
    expect(await file.read()).toHaveLength(0);
  });

  it.each(WAITS)('%s of a file whose socket does not wait keeps what has come', async (_, call) => {
    const [one, other] = await pair();
    const file = owned(one.makefile(mode));
    await other.sendall('abc');
    await one.recv(3, socket.MSG_PEEK | socket.MSG_WAITALL);
    one.setblocking(false);
    await expect(call(file)).rejects.toBeInstanceOf(socket.BlockingIOError);
    one.setblocking(true);
    await other.sendall('de\n');
    expect(String(await call(file))).toBe('abcde\n');
  });

  it.each(WAITS)('%s of a closed file is a RangeError', async (_, call) => {
    const [file] = await reading(mode);
    await file.close();
    await expect(call(file)).rejects.toThrow('read of closed file');
  });
});

describe('the exact reads of a file', () => {
  it('go beyond its buffer', async () => {
    const [file, other] = await reading();
    const bytes = pattern(100_000).map((byte) => byte & 0x7f);
    const sending = other.sendall(Buffer.concat([bytes, Buffer.of(0xff), bytes, Buffer.of(0xff), bytes]));
    expect((await file.readUntil(Buffer.of(0xff), { limit: 100_000 })).subarray(0, -1).equals(bytes)).toBe(true);
    expect((await file.readExactly(100_001)).subarray(0, -1).equals(bytes)).toBe(true);
    const error = await errorOf(file.readUntil(Buffer.of(0xff)));
    expect(error).toMatchObject({ message: 'Separator is not found, and chunk exceed the limit' });
    expect((await file.readExactly(100_000)).equals(bytes)).toBe(true);
    await sending;
  });

  it('have a limit, and leave everything where it is exceeded', async () => {
    const [file, other] = await reading();
    await other.sendall('abcdef\nrest');
    expect(await errorOf(file.readUntil('\n', { limit: 5 }))).toMatchObject({
      name: 'LimitOverrunError',
      message: 'Separator is found, but chunk is longer than limit',
      consumed: 6,
    });
    expect(String(await file.readUntil('\n', { limit: 6 }))).toBe('abcdef\n');
    expect(await errorOf(file.readUntil('\n', { limit: 1 }))).toMatchObject({ name: 'LimitOverrunError' });
    expect(String(await file.readExactly(4))).toBe('rest');
    expect(await file.readExactly(0)).toHaveLength(0);
  });

  it('are served in their turn', async () => {
    const [file, other] = await reading();
    const all = [file.readExactly(3), file.readUntil('\n'), file.readline(), file.readExactly(2)];
    await other.sendall('abcde\nfgh\nij');
    expect((await Promise.all(all)).map(String)).toEqual(['abc', 'de\n', 'fgh\n', 'ij']);
  });

  it('check their arguments first', async () => {
    const [file] = await reading();
    await expect(file.readExactly(-1)).rejects.toThrow('readExactly size can not be less than zero (received -1)');
    await expect(file.readExactly(0.5)).rejects.toThrow(TypeError);
    await expect(file.readUntil('')).rejects.toThrow('Separator should be at least one-byte string');
    await expect(file.readUntil('a', { limit: -1 })).rejects.toThrow(RangeError);
    // @ts-expect-error -- no such option
    await expect(file.readUntil('a', { size: 1 })).rejects.toThrow(TypeError);
    await file.close();
    await expect(file.readExactly(-1)).rejects.toThrow(RangeError);
  });

  it('raise after a time-out, as all reads of such a file do, and lose nothing that is there', async () => {
    const [one, other] = await pair();
    const file = owned(one.makefile('rb'));
    await other.sendall('abc');
    one.settimeout(0.01);
    await expect(file.readExactly(5)).rejects.toBeInstanceOf(socket.TimeoutError);
    await expect(file.readExactly(5)).rejects.toThrow('cannot read from timed out object');
    expect(String(await file.readExactly(3))).toBe('abc');
  });
});
