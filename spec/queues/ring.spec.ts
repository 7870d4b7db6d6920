import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Ring } from '../../lib/queues/ring.ts';

/** Calls of a ring; runs of pushes and shifts make it grow, also while its entries wrap around. */
const operation = fc.oneof(
  fc.record({ does: fc.constant('push' as const), times: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ does: fc.constant('shift' as const), times: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ does: fc.constant('replaceLast' as const) }),
);

describe('Ring', () => {
  it('equals an array after any calls', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const ring = new Ring<number>();
        const model: number[] = [];
        let next = 0;
        for (const operation of operations) {
          if (operation.does === 'replaceLast') {
            if (model.length === 0) continue;
            next += 1;
            ring.replaceLast(next);
            model[model.length - 1] = next;
          } else {
            for (let time = 0; time < operation.times; time += 1) {
              next += 1;
              if (operation.does === 'shift') expect(ring.shift()).toBe(model.shift());
              else ring.push(next);
              if (operation.does === 'push') model.push(next);
            }
          }
          expect(ring.length).toBe(model.length);
          expect(ring.first).toBe(model[0]);
          expect(ring.last).toBe(model.at(-1));
          expect([...ring]).toEqual(model);
        }
      }),
    );
  });

  it('gives undefined when it is empty, at the start and later', () => {
    const ring = new Ring<string>();
    expect([ring.first, ring.last, ring.shift(), ring.length]).toEqual([undefined, undefined, undefined, 0]);
    ring.push('one');
    expect(ring.shift()).toBe('one');
    expect([ring.first, ring.last, ring.shift(), ring.length]).toEqual([undefined, undefined, undefined, 0]);
    expect([...ring]).toEqual([]);
  });

  it('keeps the order of 100,000 entries', () => {
    const ring = new Ring<number>();
    const numbers = Array.from({ length: 100_000 }, (_, index) => index);
    for (const number of numbers) ring.push(number);
    expect(numbers.every((number) => ring.shift() === number)).toBe(true);
    expect(ring.length).toBe(0);
  });
});
