import { getEventListeners } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { BlockingIOError, OSError, TimeoutError } from '../../lib/common/errors.ts';
import {
  makefile,
  UnsupportedOperation,
  type BufferedReader,
  type RawFile,
  type TextFile,
} from '../../lib/files/makefile.ts';
import { MemorySource, stateOf, type Arrival } from '../support/memory-source.ts';

const bytes = (text: string): Buffer => Buffer.from(text);
const open = (...arrivals: Arrival[]): MemorySource => new MemorySource(arrivals, { ended: false });

describe('the order of calls', () => {
  test('reads and lines are served in the order of the calls', async () => {
    const source = open();
    const file = makefile(source, 'rb');
    const calls = [file.read(3), file.readline(), file.peek(), file.read1(1), file.readline()];
    for (const piece of ['ab', 'cd', 'e\nf', 'g', '\n']) source.push(bytes(piece));
    expect((await Promise.all(calls)).map(String)).toEqual(['abc', 'de\n', 'f', 'f', 'g\n']);
  });

  test('a line that has arrived does not overtake a call that waits', async () => {
    const source = open(bytes('a\nb\n'));
    const file = makefile(source, 'r');
    const first = file.read(6);
    const second = file.readline();
    const third = file[Symbol.asyncIterator]().next();
    expect(await stateOf(Promise.race([first, second, third]))).toBe('pending');
    source.push(bytes('c\nd\ne\n'));
    expect(await Promise.all([first, second, third])).toEqual(['a\nb\nc\n', 'd\n', { value: 'e\n', done: false }]);
  });

  test.each(['read', 'readline', 'readlines', 'list'])(
    'what has arrived is taken without a wait, however small the buffer: %s',
    async (name) => {
      const source = new MemorySource([Buffer.alloc(1000, 'a'), bytes('\n')]);
      const file = makefile(source, 'rb', { buffering: 1 });
      const calls: Record<string, () => Promise<unknown>> = {
        read: () => file.read(1001),
        readline: () => file.readline(),
        readlines: () => file.readlines(1),
        list: () => file[Symbol.asyncIterator]().next(),
      };
      await calls[name]?.();
      expect([source.requests.length > 0, source.waits]).toEqual([true, 0]);
      expect(await file.read()).toHaveLength(0);
    },
  );

  test('text that cannot be decoded rejects that call, and loses nothing', async () => {
    for (const read of [(file: TextFile) => file.readline(), (file: TextFile) => file[Symbol.asyncIterator]().next()]) {
      const source = open(bytes('a'), Buffer.from([0xff]));
      const file = makefile(source, 'r', { encoding: 'ascii' });
      await expect(read(file)).rejects.toBeInstanceOf(RangeError);
      source.push(bytes('b\n'));
      expect(await file.readline()).toBe('ab\n');
    }
  });

  test('a write after one that waits goes out after it, and so do writelines() and flush()', async () => {
    const source = new MemorySource();
    source.hold();
    const file = makefile(source, 'wb', { buffering: 4 });
    const calls = [file.write('12345678'), file.write('a'), file.writelines(['b', 'c', 'd', 'e']), file.write('f')];
    const flushed = file.flush();
    expect(await stateOf(Promise.race([...calls, flushed]))).toBe('pending');
    source.release();
    await flushed;
    expect(Buffer.concat(source.sent).toString()).toBe('12345678abcdef');
  });

  test('a write that fits costs no send, and is done when the call returns', async () => {
    const source = new MemorySource();
    const file = makefile(source, 'wb');
    let done = 0;
    for (let count = 0; count < 8; count += 1) void file.write(Buffer.alloc(1024)).then(() => (done += 1));
    await Promise.resolve();
    expect([done, source.sent.length]).toEqual([8, 0]);
    await file.write('x');
    expect(source.sent.map((data) => data.length)).toEqual([8192]);
  });

  test('the memory of a write is the caller’s again when the call returns', async () => {
    const source = new MemorySource();
    const file = makefile(source, 'wb');
    const data = Buffer.from('abc');
    await file.write(data);
    data.fill('x');
    await file.flush();
    expect(String(source.sent)).toBe('abc');
  });
});

describe('a call that ends early', () => {
  test('gives back what it has read: bytes', async () => {
    const source = open(bytes('ab\nc'));
    const file = makefile(source, 'rb', { buffering: 2 });
    const memory = Buffer.alloc(10);
    const calls = [
      (signal: AbortSignal) => file.read(10, { signal }),
      (signal: AbortSignal) => file.read(-1, { signal }),
      (signal: AbortSignal) => file.readlines(-1, { signal }),
      (signal: AbortSignal) => file.readinto(memory, { signal }),
    ];
    for (const call of calls) {
      const controller = new AbortController();
      const reading = call(controller.signal);
      expect(await stateOf(reading)).toBe('pending');
      const next = file.peek();
      controller.abort(new Error('enough'));
      await expect(reading).rejects.toThrow('enough');
      expect(String(await next)).toBe('ab\nc');
    }
    source.push(bytes('d'));
    source.end();
    expect(String(await file.read())).toBe('ab\ncd');
  });

  test('gives back what it has read: text', async () => {
    const source = open(bytes('ab\ncé').subarray(0, 5));
    const file = makefile(source, 'r');
    const calls = [
      (signal: AbortSignal) => file.read(10, { signal }),
      (signal: AbortSignal) => file.read(-1, { signal }),
      (signal: AbortSignal) => file.readlines(-1, { signal }),
    ];
    for (const call of calls) {
      const controller = new AbortController();
      const reading = call(controller.signal);
      expect(await stateOf(reading)).toBe('pending');
      controller.abort(new Error('enough'));
      await expect(reading).rejects.toThrow('enough');
    }
    source.push(bytes('é').subarray(1));
    source.end();
    expect([await file.readline(), await file.readline(), await file.readline()]).toEqual(['ab\n', 'cé', '']);
  });

  test('gives up its turn, and does not delay other calls', async () => {
    const source = open();
    const file = makefile(source, 'r');
    const controller = new AbortController();
    const first = file.readline();
    const second = file.readline(-1, { signal: controller.signal });
    const third = file.readline();
    controller.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    await expect(file.readline(-1, { signal: controller.signal })).rejects.toThrow('enough');
    source.push(bytes('1\n2\n'));
    expect([await first, await third]).toEqual(['1\n', '2\n']);
  });

  test('after a time limit, what was read is all that can be read', async () => {
    const source = open(bytes('ab'), 'timeout', bytes('more'));
    const file = makefile(source, 'rb');
    await expect(file.read(10)).rejects.toBeInstanceOf(TimeoutError);
    await expect(file.read(10)).rejects.toMatchObject({ message: 'cannot read from timed out object' });
    expect(String(await file.peek())).toBe('ab');
    expect(String(await file.read(2))).toBe('ab');
    await expect(file.read(1)).rejects.toMatchObject({ message: 'cannot read from timed out object' });
  });

  test('an aborted write goes out once, in order, whatever happens to its memory', async () => {
    const source = new MemorySource();
    source.hold();
    const file = makefile(source, 'wb', { buffering: 4 });
    const controller = new AbortController();
    const data = Buffer.from('0123456789');
    const written = file.write(data, { signal: controller.signal });
    expect(await stateOf(written)).toBe('pending');
    controller.abort(new Error('enough'));
    await expect(written).rejects.toThrow('enough');
    data.fill('x');
    await expect(file.write('never', { signal: controller.signal })).rejects.toThrow('enough');
    const next = file.write('ab');
    source.release();
    await next;
    await file.flush();
    expect(Buffer.concat(source.sent).toString()).toBe('0123456789ab');
  });

  test('leaves no listener on its signal', async () => {
    const { signal } = new AbortController();
    const source = open(bytes('ab\nc'), bytes('d\n'), bytes('e'));
    const reader = makefile(source, 'r');
    await Promise.all([reader.readline(-1, { signal }), reader.readline(-1, { signal }), reader.read(1, { signal })]);
    source.hold();
    const writer = makefile(source, 'wb', { buffering: 1 });
    const writes = [writer.write('abc', { signal }), writer.flush({ signal }), writer.close({ signal })];
    expect(getEventListeners(signal, 'abort').length).toBeGreaterThan(0);
    source.release();
    await Promise.all(writes);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('a flush that failed leaves the bytes for the next one', async () => {
    const source = new MemorySource();
    source.takes.push(2, 'timeout', 1, 'block');
    const file = makefile(source, 'wb');
    await file.write('abcdef');
    await expect(file.flush()).rejects.toBeInstanceOf(TimeoutError);
    await expect(file.flush()).rejects.toBeInstanceOf(BlockingIOError);
    await file.flush();
    expect(source.sent.map(String)).toEqual(['ab', 'c', 'def']);
  });
});

describe('close()', () => {
  test('flushes, lets go of the socket once, and may be called again', async () => {
    const source = new MemorySource();
    const file = makefile(source, 'rw');
    expect(source.files).toBe(1);
    await file.write('bye');
    await Promise.all([file.close(), file.close()]);
    await file.close();
    expect([source.files, source.sent.map(String), file.closed]).toEqual([0, ['bye'], true]);
  });

  test('closes even if it cannot flush', async () => {
    const source = new MemorySource();
    source.takes.push('timeout');
    const file = makefile(source, 'wb');
    await file.write('x');
    await expect(file.close()).rejects.toBeInstanceOf(TimeoutError);
    expect([file.closed, source.files]).toEqual([true, 0]);
  });

  test('waits for the writes before it; later ones find the file closed', async () => {
    const source = new MemorySource();
    source.hold();
    const file = makefile(source, 'wb', { buffering: 1 });
    const write = file.write('abc');
    const close = file.close();
    const late = file.write('def');
    const refused = expect(late).rejects.toMatchObject({ name: 'RangeError', message: 'write to closed file' });
    source.release();
    await Promise.all([write, close, refused]);
    expect(source.sent.map(String)).toEqual(['abc']);
  });

  test.each([
    ['rb', 'read of closed file'],
    ['rwb', 'read of closed file'],
    ['r', 'I/O operation on closed file.'],
    ['rw', 'I/O operation on closed file.'],
  ])('ends the reads that wait: %s', async (mode, message) => {
    const file = makefile(open(), mode) as BufferedReader | TextFile;
    const reads = [file.read(1), file.read(1, { signal: new AbortController().signal })];
    expect(await stateOf(Promise.race(reads))).toBe('pending');
    await file.close();
    for (const read of reads) await expect(read).rejects.toMatchObject({ name: 'RangeError', message });
  });

  test('ends the read of a file without a buffer', async () => {
    const file = makefile(open(), 'rb', { buffering: 0 });
    const read = file.readinto(Buffer.alloc(1));
    await file.close();
    await expect(read).rejects.toMatchObject({ message: 'I/O operation on closed file.' });
  });

  test('is called by `await using`', async () => {
    const source = new MemorySource();
    {
      await using file = makefile(source, 'w');
      await file.write('x');
    }
    expect([source.files, source.sent.map(String)]).toEqual([0, ['x']]);
  });
});

describe('where Python differs', () => {
  test('a write keeps what was received', async () => {
    const source = new MemorySource([bytes('a\nb\n')]);
    const file = makefile(source, 'rw');
    expect(await file.readline()).toBe('a\n');
    await file.write('x');
    expect(await file.readline()).toBe('b\n');
  });

  test('buffering 1 flushes text at each newline', async () => {
    const source = new MemorySource([bytes('ab')]);
    const file = makefile(source, 'rw', { buffering: 1 });
    expect(file.lineBuffering).toBe(true);
    await file.write('a');
    expect(source.sent).toEqual([]);
    await file.write('b\nc');
    await file.writelines(['d', 'e\r']);
    await file.writelines(['f']);
    expect(source.sent.map(String)).toEqual(['ab\nc', 'de\r']);
    await file.read(1);
    expect(source.requests).toEqual([8192]);
  });

  test('strings may be written to a binary file', async () => {
    const source = new MemorySource();
    const file = makefile(source, 'wb');
    expect(await file.write('é')).toBe(2);
    await file.flush();
    expect(source.sent.map(String)).toEqual(['é']);
  });

  test('an unknown error handler is refused at once, and takes no socket', () => {
    const source = new MemorySource();
    expect(() => makefile(source, 'r', { errors: 'nope' })).toThrow(/^unknown error handler name 'nope'/);
    expect(source.files).toBe(0);
  });
});

describe('the classes', () => {
  test('are known by the mode, to TypeScript as well', () => {
    const source = new MemorySource();
    const raw: RawFile = makefile(source, 'rb', { buffering: 0 });
    const reader: BufferedReader = makefile(source, 'rb');
    const text: TextFile = makefile(source);
    expect([raw, reader, text].map((file) => file.constructor.name)).toEqual(['RawFile', 'BufferedReader', 'TextFile']);
  });

  test('UnsupportedOperation is an OSError', async () => {
    const file = makefile(new MemorySource(), 'rb');
    const error = await file.write('x').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UnsupportedOperation);
    expect(error).toBeInstanceOf(OSError);
    expect(String(error)).toBe('UnsupportedOperation: write');
  });

  test('what peek() gives is a copy', async () => {
    const file = makefile(new MemorySource([bytes('abc')]), 'rb');
    (await file.peek()).fill('x');
    expect(String(await file.read(3))).toBe('abc');
  });
});
