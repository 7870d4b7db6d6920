import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ByteQueue } from '../../lib/queues/byte-queue.ts';
import { Search, type Overrun } from '../../lib/queues/search.ts';

/** The outcome by the rules of asyncio's readuntil() of Python 3.13, written to be obvious rather than fast. */
function expected(content: Buffer, separators: readonly Buffer[], limit: number): number | Overrun | undefined {
  const ends = separators.flatMap((separator) => {
    const start = content.indexOf(separator);
    return start === -1 ? [] : [{ start, end: start + separator.length }];
  });
  // The sort is stable: of two that end at the same byte the shorter one counts.
  const [first] = ends.sort((one, other) => one.end - other.end);
  if (first !== undefined) return first.start <= limit ? first.end : { isFound: true, consumed: first.start };
  const consumed = content.length + 1 - (separators.at(-1)?.length ?? 0);
  return consumed > limit ? { isFound: false, consumed } : undefined;
}

const letters = (minLength: number, maxLength: number): fc.Arbitrary<Buffer> =>
  fc.array(fc.constantFrom(97, 98, 99), { minLength, maxLength }).map((list) => Buffer.from(list));

const separators = fc
  .array(letters(1, 4), { minLength: 1, maxLength: 3 })
  .map((list) => [...list].sort((one, other) => one.length - other.length));

describe('Search', () => {
  it('has the outcome of asyncio, whatever the pieces are in which the bytes come', () => {
    fc.assert(
      fc.property(fc.array(letters(0, 12), { maxLength: 8 }), separators, fc.nat(40), (pieces, given, limit) => {
        const search = new Search(given, limit);
        const queue = new ByteQueue();
        let content = Buffer.alloc(0);
        for (const piece of pieces) {
          queue.push(Buffer.from(piece));
          content = Buffer.concat([content, piece]);
          const outcome = search.in(queue);
          expect(outcome).toEqual(expected(content, given, limit));
          if (outcome !== undefined) return;
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('finds what ends first beyond the step in which several are searched for', () => {
    const queue = new ByteQueue();
    queue.push(Buffer.concat([Buffer.alloc(4095, 'x'), Buffer.from('LONG\n'), Buffer.alloc(5000, 'x')]));
    const [short, long] = [Buffer.from('\n'), Buffer.from('LONG')];
    expect(new Search([short, long], 10_000).in(queue)).toBe(4099);
    expect(new Search([short, Buffer.from('LONG\nx')], 10_000).in(queue)).toBe(4100);
  });
});
