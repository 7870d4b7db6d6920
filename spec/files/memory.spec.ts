import { describe, expect, it } from '@jest/globals';
import type { BufferedReader } from '../../lib/index.ts';
import { makefile } from '../../lib/files/makefile.ts';
import { MemorySource, stateOf } from '../support/memory-source.ts';
import { pattern } from '../support/pairs.ts';

/** A method that every supported Node has, but TypeScript's types of this language version lack. */
const Resizable = ArrayBuffer as unknown as new (
  length: number,
  options: { maxByteLength: number },
) => ArrayBuffer & { resize(length: number): void };

const EFAULT = { code: 'EFAULT', errno: 14, name: 'OSError' };

/** Lines of 1 to 100 bytes, each with its number. */
const LINES = Buffer.from(Array.from({ length: 100 }, (_, count) => `${'x'.repeat(count)}\n`).join(''));

/** A copy in memory of its own, as a socket gives it. */
function own(bytes: Uint8Array): Buffer {
  return Buffer.from(Uint8Array.from(bytes).buffer);
}

/** Detaches a result's memory, or overwrites it where it cannot be detached. */
function takeAway(bytes: Buffer): void {
  bytes.fill('!');
  structuredClone(bytes, { transfer: [bytes.buffer as ArrayBuffer] });
  const transfer: unknown = Reflect.get(bytes.buffer, 'transfer');
  if (typeof transfer === 'function' && bytes.length > 0) Reflect.apply(transfer, bytes.buffer, []);
}

const CALLS: readonly (readonly [name: string, call: (file: BufferedReader) => Promise<Buffer | null>])[] = [
  ['read(1)', (file) => file.read(1)],
  ['read(7)', (file) => file.read(7)],
  ['read(64)', (file) => file.read(64)],
  ['read(100)', (file) => file.read(100)],
  ['read(512)', (file) => file.read(512)],
  ['read1(100)', (file) => file.read1(100)],
  ['read1()', (file) => file.read1()],
  ['readline()', (file) => file.readline()],
  ['readline(5)', (file) => file.readline(5)],
  ['next()', async (file) => (await file[Symbol.asyncIterator]().next()).value ?? null],
  ['read()', (file) => file.read()],
];

describe('promise 13: the results of a file are the caller’s', () => {
  // Chunks that begin and end within a line, at its end, and of all sizes around the buffer's.
  describe.each([[1], [64], [512], [600], [LINES.length]])('in chunks of %d', (size) => {
    const source = (): MemorySource => {
      const chunks: Buffer[] = [];
      for (let at = 0; at < LINES.length; at += size) chunks.push(own(LINES.subarray(at, at + size)));
      return new MemorySource(chunks);
    };

    it.each(CALLS)('%s', async (_, read) => {
      const file = makefile(source(), 'rb', { buffering: 512 });
      const seen: Buffer[] = [];
      for (;;) {
        const bytes = await read(file);
        if (bytes === null || bytes.length === 0) break;
        seen.push(Buffer.from(bytes));
        takeAway(bytes);
      }
      expect(Buffer.concat(seen).equals(LINES)).toBe(true);
    });

    it('each of the lines of readlines()', async () => {
      const file = makefile(source(), 'rb', { buffering: 512 });
      const lines = await file.readlines();
      const texts = lines.map((line) => {
        const text = String(line);
        takeAway(line);
        return text;
      });
      expect(texts.join('')).toBe(String(LINES));
    });

    it('peek()', async () => {
      const file = makefile(source(), 'rb', { buffering: 512 });
      takeAway(await file.peek());
      expect((await file.read())?.equals(LINES)).toBe(true);
    });
  });

  it('its memory is its own, and can be handed to a worker', async () => {
    const file = makefile(new MemorySource([own(LINES)]), 'rb');
    for (const size of [1, 64, 65, 1000]) {
      const bytes = await file.read(size);
      expect(bytes?.buffer.byteLength).toBe(size);
      const { port1, port2 } = new MessageChannel();
      port1.postMessage(bytes, [bytes?.buffer as ArrayBuffer]);
      expect(bytes).toHaveLength(0);
      port1.close();
      port2.close();
    }
  });
});

/** What detaches memory while a call waits. */
const LENT: Readonly<Record<string, (length: number) => { readonly view: Uint8Array; readonly take: () => void }>> = {
  transferred: (length) => {
    const view = new Uint8Array(length).fill(1);
    return { view, take: () => void structuredClone(view, { transfer: [view.buffer] }) };
  },
  shrunk: (length) => {
    const memory = new Resizable(length, { maxByteLength: length });
    return { view: new Uint8Array(memory).fill(1), take: () => memory.resize(1) };
  },
};

describe.each(Object.entries(LENT))('promise 13: memory that is %s while a call waits', (_, lend) => {
  it.each(['rb', 'rwb'])('readinto() of %s raises, and loses no byte', async (mode) => {
    for (const method of ['readinto', 'readinto1'] as const) {
      for (const [length, buffering] of [
        [10, 512],
        [10, 4],
        [1000, 512],
      ] as const) {
        const source = new MemorySource([], { ended: false });
        const file = makefile(source, mode, { buffering }) as BufferedReader;
        const { view, take } = lend(length);
        const reading = file[method](view);
        if (method === 'readinto') source.push(Buffer.from('ab'));
        expect(await stateOf(reading)).toBe('pending');
        take();
        source.push(pattern(length));
        await expect(reading).rejects.toMatchObject(EFAULT);
        source.end();
        const rest = await file.read();
        expect(rest?.equals(Buffer.concat([Buffer.from(method === 'readinto' ? 'ab' : ''), pattern(length)]))).toBe(
          true,
        );
      }
    }
  });

  it('write() raises, and sends nothing of it', async () => {
    const source = new MemorySource();
    source.hold();
    const file = makefile(source, 'wb', { buffering: 4 });
    const first = file.write('12345678');
    const { view, take } = lend(100);
    const second = file.write(view);
    const third = file.write('abc');
    take();
    source.release();
    await first;
    await expect(second).rejects.toMatchObject(EFAULT);
    await third;
    await file.close();
    expect(Buffer.concat(source.sent).toString()).toBe('12345678abc');
  });

  it('writelines() raises, and sends what came before once', async () => {
    const source = new MemorySource();
    source.hold();
    const file = makefile(source, 'wb', { buffering: 4 });
    await file.write('1234');
    const { view, take } = lend(100);
    const writing = file.writelines([view, 'never']);
    expect(await stateOf(writing)).toBe('pending');
    take();
    source.release();
    await expect(writing).rejects.toMatchObject(EFAULT);
    await file.flush();
    await file.close();
    expect(Buffer.concat(source.sent).toString()).toBe('1234');
  });
});
