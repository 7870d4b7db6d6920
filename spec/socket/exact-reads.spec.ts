import { describe, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import type { Socket } from '../../lib/index.ts';
import { datagrams, PAIRS } from '../promises/calls.ts';
import { EBADF, ECONNRESET, ENOTCONN } from '../support/expected-errors.ts';
import { KERNEL_STREAMS } from '../support/kernel-kinds.ts';
import {
  bound,
  listening,
  own,
  pair,
  pattern,
  recvAll,
  reset,
  staysPending,
  story,
  tcp,
  turns,
} from '../support/pairs.ts';

const streams = [...Object.entries(PAIRS).filter(([kind]) => kind !== 'UDP'), ...Object.entries(KERNEL_STREAMS)];

/** Each way to wait for `abc` and three more bytes, the last of them a newline. */
const WAITS: readonly (readonly [title: string, call: (one: Socket, signal?: AbortSignal) => Promise<Buffer>])[] = [
  ['recvExactly()', (one, signal) => one.recvExactly(6, { signal })],
  ['recvUntil()', (one, signal) => one.recvUntil('e\n', { signal })],
  ['recvUntil() of several', (one, signal) => one.recvUntil(['yz', '\n'], { signal })],
  ['recvLine()', (one, signal) => one.recvLine({ signal })],
];

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => 'no error',
    (error: unknown) => error,
  );
}

describe.each(streams)('over %s', (_, make) => {
  describe.each(WAITS)('%s', (_title, call) => {
    it('waits for all of its bytes, and takes no more', async () => {
      const [one, other] = await make();
      const waiting = call(one);
      await other.sendall('abc');
      expect(await staysPending(waiting)).toBe(true);
      await other.sendall('de\ngh');
      expect(String(await waiting)).toBe('abcde\n');
      expect(String(await one.recv(10))).toBe('gh');
    });

    it('takes what has come already', async () => {
      const [one, other] = await make();
      await other.sendall('abcde\nabcde\n');
      expect(String(await call(one))).toBe('abcde\n');
      expect(String(await call(one))).toBe('abcde\n');
    });

    it('loses nothing when it times out: the same call goes on', async () => {
      const [one, other] = await make();
      await other.sendall('abc');
      one.settimeout(0.01);
      await expect(call(one)).rejects.toBeInstanceOf(socket.TimeoutError);
      await expect(call(one)).rejects.toBeInstanceOf(socket.TimeoutError);
      one.settimeout(null);
      await other.sendall('de\n');
      expect(String(await call(one))).toBe('abcde\n');
    });

    it('loses nothing when it is aborted: the next call in the list gets the bytes', async () => {
      const [one, other] = await make();
      await other.sendall('abc');
      await one.recvExactly(0);
      const controller = new AbortController();
      const waiting = errorOf(call(one, controller.signal));
      const next = one.recv(10);
      expect(await staysPending(next)).toBe(true);
      controller.abort(new Error('enough'));
      expect(await waiting).toMatchObject({ message: 'enough' });
      expect(String(await next)).toBe('abc');
    });

    it('does not wait where the socket does not, and loses nothing', async () => {
      const [one, other] = await make();
      await other.sendall('abc');
      one.settimeout(0);
      await expect(call(one)).rejects.toBeInstanceOf(socket.OSError);
      await other.sendall('de\n');
      one.settimeout(null);
      expect(String(await call(one))).toBe('abcde\n');
    });

    it('ends when the socket is closed', async () => {
      const [one, other] = await make();
      await other.sendall('abc');
      const waiting = errorOf(call(one));
      await turns(3);
      one.close();
      expect(await waiting).toMatchObject(EBADF);
      await expect(call(one)).rejects.toMatchObject(EBADF);
    });

    it('is served in its turn', async () => {
      const [one, other] = await make();
      const all = [call(one), one.recvExactly(1), one.recv(1), call(one)];
      for (const piece of ['abc', 'de\n12a', 'bcde', '\n']) await other.sendall(piece);
      expect((await Promise.all(all)).map(String)).toEqual(['abcde\n', '1', '2', 'abcde\n']);
    });
  });

  it('recvExactly() says how much came before the end, and that it is the end each time', async () => {
    const [one, other] = await make();
    await other.sendall('abc');
    other.shutdown(socket.SHUT_WR);
    const error = await errorOf(one.recvExactly(5));
    expect(error).toBeInstanceOf(socket.IncompleteReadError);
    expect(error).toBeInstanceOf(socket.EOFError);
    expect(error).toMatchObject({
      name: 'IncompleteReadError',
      message: '3 bytes read on a total of 5 expected bytes',
      partial: Buffer.from('abc'),
      expected: 5,
    });
    expect(await errorOf(one.recvExactly(5))).toMatchObject({ partial: Buffer.alloc(0), expected: 5 });
    expect(await one.recvExactly(0)).toHaveLength(0);
    expect(await one.recv(5)).toHaveLength(0);
  });

  it('recvUntil() says what came before the end', async () => {
    const [one, other] = await make();
    const waiting = errorOf(one.recvUntil('\r\n'));
    await other.sendall('abc\r');
    other.shutdown(socket.SHUT_WR);
    expect(await waiting).toMatchObject({
      name: 'IncompleteReadError',
      message: '4 bytes read on a total of undefined expected bytes',
      partial: Buffer.from('abc\r'),
      expected: null,
    });
  });

  it('recvLine() gives lines with their newlines, the rest, and then nothing', async () => {
    const [one, other] = await make();
    await other.sendall('one\n\ntwo\r\nthe rest');
    other.shutdown(socket.SHUT_WR);
    const lines: string[] = [];
    for (let count = 0; count < 6; count += 1) lines.push(String(await one.recvLine(8)));
    expect(lines).toEqual(['one\n', '\n', 'two\r\n', 'the rest', '', '']);
  });

  it('recvExactly() waits for more than is read ahead, and goes on after it was aborted', async () => {
    const [one, other] = await make();
    const bytes = pattern(3 * 1024 * 1024 + 7);
    const controller = new AbortController();
    const aborted = errorOf(one.recvExactly(bytes.length, { signal: controller.signal }));
    const first = one.recvExactly(1_000_000);
    await other.sendall(bytes.subarray(0, 2_000_000));
    controller.abort();
    expect(await aborted).toMatchObject({ name: 'AbortError' });
    expect(bytes.subarray(0, 1_000_000).equals(await first)).toBe(true);
    const [rest] = await Promise.all([
      one.recvExactly(bytes.length - 1_000_000),
      other.sendall(bytes.subarray(2_000_000)),
    ]);
    expect(rest.equals(bytes.subarray(1_000_000))).toBe(true);
  });

  it('recvExactly() that times out leaves what has come for recv(), in order', async () => {
    const [one, other] = await make();
    const bytes = pattern(2 * 1024 * 1024);
    const sending = other.sendall(bytes);
    one.settimeout(0.05);
    await expect(one.recvExactly(bytes.length * 2)).rejects.toBeInstanceOf(socket.TimeoutError);
    one.settimeout(null);
    const all = recvAll(one, 100_000);
    await sending;
    other.shutdown(socket.SHUT_WR);
    expect((await all).equals(bytes)).toBe(true);
  });
});

describe('the memory for many bytes', () => {
  const count = 32 * 1024 * 1024;

  it.each<[string, (one: Socket) => Promise<Buffer>]>([
    ['recvExactly()', (one) => one.recvExactly(count)],
    ['recv() with MSG_WAITALL', (one) => one.recv(count, socket.MSG_WAITALL)],
  ])('is not taken twice: %s', async (_title, call) => {
    const [one, other] = await pair();
    const bytes = pattern(count);
    const allocate = jest.spyOn(Buffer, 'allocUnsafeSlow');
    const [received] = await Promise.all([call(one), other.sendall(bytes)]);
    const total = allocate.mock.calls.reduce((sum, [size]) => sum + size, 0);
    allocate.mockRestore();
    expect(received.equals(bytes)).toBe(true);
    expect(received.buffer.byteLength).toBe(count);
    expect(total).toBeLessThan(count * 1.2);
  });

  it('is not taken for bytes that are only announced', async () => {
    const [one, other] = await pair();
    const allocate = jest.spyOn(Buffer, 'allocUnsafeSlow');
    const waiting = errorOf(one.recvExactly(1e15));
    await other.sendall(pattern(1_000_000));
    await turns(10);
    const total = allocate.mock.calls.reduce((sum, [size]) => sum + size, 0);
    allocate.mockRestore();
    expect(total).toBeLessThan(4_000_000);
    one.close();
    expect(await waiting).toMatchObject(EBADF);
  });
});

describe('a connection that is reset', () => {
  it.each(WAITS)('raises that before the end, once, and loses no bytes: %s', async (_title, call) => {
    const [one, other] = await pair();
    const waiting = errorOf(call(one));
    await other.sendall('abc');
    await turns(5);
    reset(other);
    expect(await waiting).toMatchObject({ ...ECONNRESET, syscall: 'recv' });
    const rest = await call(one).catch((error: unknown) => (error as socket.IncompleteReadError).partial);
    expect(String(rest)).toBe('abc');
  });

  it('leaves the bytes for recv()', async () => {
    const [one, other] = await pair();
    await other.sendall('abc');
    const waiting = errorOf(one.recvExactly(10));
    await turns(5);
    reset(other);
    expect(await waiting).toMatchObject(ECONNRESET);
    expect(await story(one)).toEqual([3, 0, 0]);
  });

  it('is reset for the peer too where close() leaves bytes that no exact read has got', async () => {
    const [one, other] = await pair();
    await other.sendall('abc');
    const waiting = errorOf(one.recvExactly(10));
    await turns(5);
    one.close();
    expect(await waiting).toMatchObject(EBADF);
    expect(await story(other)).toEqual(['ECONNRESET', 0, 0]);
  });
});

describe('shutdown(SHUT_RD)', () => {
  it('is the end for a call that wants more than has come', async () => {
    const [one, other] = await pair();
    await other.sendall('abc');
    await one.recv(1, socket.MSG_PEEK);
    one.shutdown(socket.SHUT_RD);
    expect(await errorOf(one.recvExactly(5))).toMatchObject({ partial: Buffer.from('abc') });
    expect(await one.recvLine()).toHaveLength(0);
  });
});

describe('the limit of a search', () => {
  it('is for the bytes before the separator, and one byte more is an error that takes nothing', async () => {
    const [one, other] = await pair();
    await other.sendall('abcd\r\nabcde\r\n');
    expect(String(await one.recvUntil('\r\n', { limit: 4 }))).toBe('abcd\r\n');
    const error = await errorOf(one.recvUntil('\r\n', { limit: 4 }));
    expect(error).toBeInstanceOf(socket.LimitOverrunError);
    expect(error).toMatchObject({
      name: 'LimitOverrunError',
      message: 'Separator is found, but chunk is longer than limit',
      consumed: 5,
    });
    expect(String(await one.recvExactly(5))).toBe('abcde');
    expect(String(await one.recvLine(1))).toBe('\r\n');
  });

  it('is an error before the separator comes', async () => {
    const [one, other] = await pair();
    const waiting = errorOf(one.recvUntil('\r\n', { limit: 4 }));
    await other.sendall('abcd\r');
    expect(await staysPending(waiting)).toBe(true);
    await other.sendall('e');
    expect(await waiting).toMatchObject({
      message: 'Separator is not found, and chunk exceed the limit',
      consumed: 5,
    });
    expect(String(await one.recv(10))).toBe('abcd\re');
  });

  it('is 65,536 where it is left out', async () => {
    const [one, other] = await pair();
    const line = `${'x'.repeat(65_536)}\n`;
    await other.sendall(line);
    expect(String(await one.recvLine())).toBe(line);
    await other.sendall(`x${line}`);
    expect(await errorOf(one.recvLine())).toMatchObject({ name: 'LimitOverrunError' });
    expect(await errorOf(one.recvUntil('\n'))).toMatchObject({ name: 'LimitOverrunError' });
    expect(String(await one.recvUntil('\n', { limit: 65_537 }))).toBe(`x${line}`);
  });

  it('may be more than is read ahead', async () => {
    const [one, other] = await pair();
    const bytes = pattern(1024 * 1024).map((byte) => byte & 0x7f);
    const sending = other.sendall(Buffer.concat([bytes, Buffer.of(0x80)]));
    const received = await one.recvUntil(Buffer.of(0x80), { limit: bytes.length });
    expect(received.equals(Buffer.concat([bytes, Buffer.of(0x80)]))).toBe(true);
    await sending;
  });
});

describe('several separators', () => {
  it('give what ends first', async () => {
    const [one, other] = await pair();
    await other.sendall('one\r\ntwo\nthree;\r\n');
    const separators = ['\r\n', Buffer.from('\n'), ';'];
    const parts: string[] = [];
    for (let count = 0; count < 4; count += 1) parts.push(String(await one.recvUntil(separators)));
    expect(parts).toEqual(['one\r\n', 'two\n', 'three;', '\r\n']);
  });

  it('may be changed by the caller while the call waits, to no effect', async () => {
    const [one, other] = await pair();
    const separator = Buffer.from(';');
    const waiting = one.recvUntil(separator);
    separator.fill(0);
    await other.sendall('abc;');
    expect(String(await waiting)).toBe('abc;');
  });
});

describe('a search', () => {
  it.each([['\n'], ['\r\n'], [['\r\n', '\0']]])('does not go over the same bytes again (%j)', async (separator) => {
    const [one, other] = await pair();
    const waiting = one.recvUntil(separator);
    const search = jest.spyOn(Buffer.prototype, 'indexOf');
    const count = 1000;
    for (let sent = 0; sent < count; sent += 1) {
      await other.sendall('x');
      await turns(1);
    }
    const lengths = search.mock.contexts.map((searched) => (searched as Buffer).length);
    search.mockRestore();
    // Without this there would be half a million.
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBeLessThan(count * 10);
    await other.sendall('\r\n');
    expect((await waiting).length).toBeGreaterThan(count);
  });

  it('for several separators does not look through all that has come for one that does not come', async () => {
    const [one, other] = await pair();
    await other.sendall('line\n'.repeat(20_000));
    await one.recvExactly(5);
    const search = jest.spyOn(Buffer.prototype, 'indexOf');
    const count = 100;
    for (let line = 0; line < count; line += 1) await one.recvUntil(['\0', '\n']);
    const lengths = search.mock.contexts.map((searched) => (searched as Buffer).length);
    search.mockRestore();
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBeLessThan(count * 10_000);
  });
});

describe('the arguments', () => {
  it('are checked first', async () => {
    for (const one of [tcp(), own(datagrams())]) {
      await expect(one.recvExactly(-1)).rejects.toThrow('recvExactly size can not be less than zero (received -1)');
      await expect(one.recvExactly(-1)).rejects.toThrow(RangeError);
      await expect(one.recvExactly(1.5)).rejects.toThrow(TypeError);
      await expect(one.recvUntil('')).rejects.toThrow('Separator should be at least one-byte string');
      await expect(one.recvUntil(['a', ''])).rejects.toThrow(RangeError);
      await expect(one.recvUntil([])).rejects.toThrow('Separator should contain at least one element');
      // @ts-expect-error -- a separator is bytes
      await expect(one.recvUntil(10)).rejects.toThrow(TypeError);
      // @ts-expect-error -- and each of several is
      await expect(one.recvUntil(['a', null])).rejects.toThrow(TypeError);
      await expect(one.recvUntil('a', { limit: -1 })).rejects.toThrow('limit must not be negative (received -1)');
      // @ts-expect-error -- a limit is a number
      await expect(one.recvUntil('a', { limit: '1' })).rejects.toThrow(TypeError);
      await expect(one.recvLine(-1)).rejects.toThrow(RangeError);
      // @ts-expect-error -- a limit is a number
      await expect(one.recvLine('1')).rejects.toThrow(TypeError);
      await expect(one.recvLine({ signal: AbortSignal.abort(new Error('over')) })).rejects.toThrow();
    }
  });

  it('come before the state, which is ENOTCONN, EBADF, or ENOTSUP for datagrams', async () => {
    const closed = tcp();
    closed.close();
    for (const [one, error] of [
      [tcp(), ENOTCONN],
      [bound(), ENOTCONN],
      [listening(), ENOTCONN],
      [closed, EBADF],
      [datagrams(), { code: 'ENOTSUP' }],
    ] as const) {
      expect(await one.recvExactly(0)).toHaveLength(0);
      await expect(one.recvExactly(1)).rejects.toMatchObject({ ...error, syscall: 'recv' });
      await expect(one.recvUntil('x')).rejects.toMatchObject(error);
      await expect(one.recvLine()).rejects.toMatchObject(error);
    }
    const gone = datagrams();
    gone.close();
    await expect(gone.recvLine()).rejects.toMatchObject(EBADF);
  });
});
