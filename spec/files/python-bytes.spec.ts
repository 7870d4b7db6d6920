import { describe, test } from '@jest/globals';
import { hasPython } from '../support/python.ts';
import { chunkings, compare, latin1, READS, repeat, TEXTS, type Call, type Job } from '../support/python-files.ts';

(hasPython ? describe : describe.skip)('the same as the real Python: bytes', () => {
  test('bytes, with buffers of all sizes', async () => {
    const texts = [...TEXTS.slice(5), `${'line\n'.repeat(9)}${'x'.repeat(20)}`].map(latin1);
    const reads: Call[][] = [
      ...READS.map((calls) => [...calls]),
      [
        ['read', 10],
        ['read', -1],
      ],
      repeat(['readinto', 3], 6),
      [
        ['readinto', 30],
        ['readinto', 0],
        ['readinto', 30],
      ],
    ];
    await compare(
      texts.flatMap((text) =>
        chunkings(text).flatMap((arrivals) =>
          [undefined, 1, 2, 5, 8192].flatMap((buffering) =>
            ['rb', 'rwb'].flatMap((mode) =>
              (mode === 'rb' ? reads : reads.filter(hasNoLimits)).map((calls): Job => ({
                mode,
                options: buffering === undefined ? {} : { buffering },
                arrivals,
                calls,
              })),
            ),
          ),
        ),
      ),
    );
  });

  test('one call to the socket at a time', async () => {
    const reads: Call[][] = [
      repeat(['read1'], 8),
      repeat(['read1', 2], 12),
      [['read1', 0], ['peek'], ['peek', 1], ['read', 1], ['peek', 100], ['read1', -1], ['peek']],
      repeat(['readinto1', 4], 12),
      [['readline'], ['read1', 100], ['peek'], ['readline'], ['readinto1', 100], ['readinto', 4]],
    ];
    await compare(
      TEXTS.map(latin1).flatMap((text) =>
        chunkings(text).flatMap((arrivals) =>
          reads.map((calls): Job => ({ mode: 'rb', options: {}, arrivals, calls })),
        ),
      ),
    );
  });

  test('without a buffer', async () => {
    const reads: Call[][] = [
      ...READS.map((calls) => [...calls]),
      repeat(['readinto', 2], 12),
      [
        ['readinto', 0],
        ['readinto', 100],
      ],
    ];
    await compare(
      TEXTS.map(latin1).flatMap((text) =>
        chunkings(text).flatMap((arrivals) =>
          reads.map((calls): Job => ({ mode: 'rb', options: { buffering: 0 }, arrivals, calls })),
        ),
      ),
    );
  });

  test('which bytes wait in the buffer', async () => {
    const bytes = (size: number, letter = 'x'): { bytes: string } => ({ bytes: letter.repeat(size) });
    const sizes = [0, 1, 99, 100, 101, 199, 200, 201, 350];
    await compare(
      sizes.flatMap((first) =>
        sizes.flatMap((second) =>
          [
            [],
            [60],
            [100, 7, 'block'],
            ['timeout'],
            ['block', 'block'],
            [1, 'block', 'block'],
            [150, 'block', 'block'],
          ].map((takes): Job => ({
            mode: 'wb',
            options: { buffering: 100 },
            arrivals: [],
            takes: takes as (number | 'block' | 'timeout')[],
            calls: [
              ['write', bytes(first)],
              ['write', bytes(second, 'y')],
              ['write', bytes(1, 'z')],
              ['flush'],
              ['flush'],
            ],
          })),
        ),
      ),
    );
  });
});

/** Python's BufferedRWPair reads beyond the limit of a readline(), up to the end of what it peeked at. */
function hasNoLimits(calls: readonly Call[]): boolean {
  return calls.every(([name, size]) => name !== 'readline' || size === undefined);
}
