import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DatagramQueue, type Datagram } from '../../lib/queues/datagram-queue.ts';

const datagram = (length: number): Datagram => ({ data: Buffer.alloc(length) });

/** How many datagrams of a size an empty queue takes. */
function capacity(length: number, limit?: number): number {
  const queue = new DatagramQueue<Datagram>();
  if (limit !== undefined) queue.limit = limit;
  for (let count = 0; count < 1000; count += 1) queue.push(datagram(length));
  return queue.length;
}

describe('DatagramQueue', () => {
  it('gives whole datagrams in their order', () => {
    const queue = new DatagramQueue<Datagram>();
    const [one, empty, two] = [datagram(5), datagram(0), datagram(70)];
    for (const each of [one, empty, two]) queue.push(each);
    expect(queue.first).toBe(one);
    expect([queue.shift(), queue.shift(), queue.shift()]).toEqual([one, empty, two]);
    expect(queue.shift()).toBeUndefined();
    expect(queue.first).toBeUndefined();
  });

  it('holds as many empty datagrams, and as many of one Ethernet frame, as Linux does', () => {
    expect(capacity(0)).toBe(256);
    expect(capacity(1472)).toBe(92);
    expect(capacity(65507)).toBe(3);
  });

  it('has room for one datagram, however small the limit', () => {
    expect(capacity(65507, 2304)).toBe(1);
    expect(capacity(0, 2304)).toBe(2);
  });

  it('drops what comes while it is full, keeps what it has, and has room again once something is taken', () => {
    const queue = new DatagramQueue<Datagram>();
    queue.limit = 2304;
    const [one, two, late, later] = [datagram(1), datagram(2), datagram(3), datagram(4)];
    for (const each of [one, two, late]) queue.push(each);
    expect(queue.shift()).toBe(one);
    queue.push(later);
    expect([queue.shift(), queue.shift(), queue.shift()]).toEqual([two, later, undefined]);
  });

  it('keeps what it has when the limit shrinks', () => {
    const queue = new DatagramQueue<Datagram>();
    for (let count = 0; count < 10; count += 1) queue.push(datagram(100));
    queue.limit = 2304;
    queue.push(datagram(0));
    expect(queue.length).toBe(10);
  });

  it('never holds more than the limit, except for a single datagram', () => {
    const step = fc.oneof(fc.constant('shift' as const), fc.nat(3000));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), fc.integer({ min: 2304, max: 20000 }), (steps, limit) => {
        const queue = new DatagramQueue<Datagram>();
        queue.limit = limit;
        const model: Datagram[] = [];
        const weight = (): number => model.reduce((sum, { data }) => sum + data.length + 832, 0);
        for (const each of steps) {
          if (each === 'shift') {
            expect(queue.shift()).toBe(model.shift());
            continue;
          }
          const pushed = datagram(each);
          queue.push(pushed);
          if (model.length === 0 || weight() + each + 832 <= limit) model.push(pushed);
          expect(queue.length).toBe(model.length);
          expect(model.length === 1 || weight() <= limit).toBe(true);
        }
      }),
    );
  });
});
