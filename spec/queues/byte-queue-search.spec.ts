import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ByteQueue } from '../../lib/queues/byte-queue.ts';

/** Bytes of few values, so that separators occur, and almost occur. */
const bytes = (maxLength: number): fc.Arbitrary<Buffer> =>
  fc.array(fc.constantFrom(97, 98), { maxLength }).map((list) => Buffer.from(list));

/** A queue with these chunks, and what it holds; `skipped` bytes were taken from its front. */
function filled(chunks: readonly Buffer[], skipped: number): { queue: ByteQueue; content: Buffer } {
  const queue = new ByteQueue();
  // A long first chunk keeps the small ones from being gathered with it.
  for (const chunk of chunks) queue.push(Buffer.from(chunk));
  queue.take(skipped);
  return { queue, content: Buffer.concat(chunks).subarray(skipped) };
}

/** Chunks that stay as they are, because they are long, or that are gathered. */
const chunk = fc.oneof(
  bytes(6),
  bytes(6).map((end) => Buffer.concat([Buffer.alloc(600, 'a'), end])),
);

describe('ByteQueue.indexOf()', () => {
  it('finds what Buffer.indexOf() finds in all of the bytes, between any two places', () => {
    const separators = fc
      .array(fc.constantFrom(97, 98), { minLength: 1, maxLength: 5 })
      .map((list) => Buffer.from(list));
    fc.assert(
      fc.property(
        fc.array(chunk, { maxLength: 8 }),
        separators,
        fc.nat(20),
        fc.nat(2000),
        fc.option(fc.nat(3000), { nil: undefined }),
        (chunks, separator, skipped, from, end) => {
          const { queue, content } = filled(chunks, skipped);
          const stop = end ?? content.length;
          const expected = from >= stop ? -1 : content.subarray(0, stop).indexOf(separator, from);
          expect(queue.indexOf(separator, from, end)).toBe(expected);
          expect(queue.length).toBe(content.length);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('finds a separator that lies in several chunks', () => {
    const queue = new ByteQueue();
    for (const text of ['a'.repeat(600), `${'b'.repeat(600)}\r`, '\n', '\r', `\n${'c'.repeat(600)}`]) {
      queue.push(Buffer.from(text));
    }
    expect(queue.indexOf(Buffer.from('\r\n\r\n'))).toBe(1200);
    expect(queue.indexOf(Buffer.from('\r\n\r\n'), 0, 1203)).toBe(-1);
  });
});

describe('ByteQueue.takeThrough()', () => {
  it('takes what ends with the byte in the first chunk, within the limit, and nothing otherwise', () => {
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 6 }), fc.nat(10), fc.nat(700), (chunks, skipped, limit) => {
        const { queue, content } = filled(chunks, skipped);
        const first = content.subarray(0, queue.firstLength);
        const found = first.indexOf('b');
        const length = found === -1 || found > limit ? undefined : found + 1;
        const taken = queue.takeThrough(98, limit);
        expect(taken?.length).toBe(length);
        const rest = queue.take(content.length);
        expect(Buffer.concat([taken ?? Buffer.alloc(0), rest]).equals(content)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('ByteQueue.reserve()', () => {
  it('makes one piece of what has come and what comes, which take() gives as it is', () => {
    const queue = new ByteQueue();
    const all = Buffer.alloc(100_000, 'abc');
    queue.push(Buffer.from(all.subarray(0, 10_000)));
    queue.reserve(all.length);
    queue.lend(all.subarray(10_000, 60_000));
    queue.keep();
    queue.push(Buffer.from(all.subarray(60_000, 60_010)));
    queue.lend(Buffer.concat([all.subarray(60_010), Buffer.from('rest')]));
    queue.keep();
    expect([queue.length, queue.firstLength]).toEqual([all.length + 4, all.length]);
    const taken = queue.take(all.length);
    expect([taken.length, taken.buffer.byteLength]).toEqual([all.length, all.length]);
    expect(taken.equals(all)).toBe(true);
    expect(String(queue.take(10))).toBe('rest');
  });

  it('gives copies while there is room for more, and forgets the memory once it is empty', () => {
    const queue = new ByteQueue();
    queue.push(Buffer.from('abc'));
    queue.reserve(100_000);
    const first = queue.take(3);
    expect([String(first), first.buffer.byteLength < 100_000]).toEqual(['abc', true]);
    const next = Buffer.alloc(5000, 'd');
    queue.push(next);
    expect(queue.take(5000)).toBe(next);
  });

  it('changes nothing where the bytes are there, or the room is', () => {
    const queue = new ByteQueue();
    const chunk = Buffer.alloc(5000, 'x');
    queue.push(chunk);
    queue.reserve(5000);
    queue.reserve(10);
    expect(queue.take(5000)).toBe(chunk);
    queue.push(Buffer.from('abc'));
    queue.reserve(10_000);
    queue.take(1);
    queue.reserve(9999);
    queue.push(Buffer.alloc(9997, 'y'));
    expect(queue.firstLength).toBe(9999);
    queue.reserve(20_000);
    queue.push(Buffer.alloc(10_001, 'z'));
    const taken = queue.take(20_000);
    expect([taken.length, taken.buffer.byteLength]).toEqual([20_000, 20_000]);
    expect(String(taken.subarray(0, 3))).toBe('bcy');
  });
});
