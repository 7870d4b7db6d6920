import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { ByteQueue } from '../../lib/queues/byte-queue.ts';

/** Lengths around the limit for chunks that are gathered (512) and around the size of a block (4096). */
const length = fc.oneof(
  fc.integer({ min: 0, max: 8 }),
  fc.integer({ min: 505, max: 520 }),
  fc.integer({ min: 0, max: 3000 }),
  fc.integer({ min: 4090, max: 4100 }),
);

const operation = fc.record({
  does: fc.constantFrom('push', 'push', 'lend', 'take', 'takeInto', 'peek', 'peekInto', 'reserve'),
  length,
});

/** Bytes whose values follow from their position in the stream. */
function bytesFrom(start: number, count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, (_, index) => (start + index) % 251));
}

/** A queue beside a simple model of one, with a record of all results. */
class Checked {
  readonly #queue = new ByteQueue();
  readonly #handedOut: { readonly bytes: Buffer; readonly content: string }[] = [];
  /** Whether the memory of each result is detached at once. */
  readonly #detaches: boolean;
  #pushed = 0;
  #taken = 0;

  constructor(detaches: boolean) {
    this.#detaches = detaches;
  }

  push(count: number): void {
    this.#queue.push(bytesFrom(this.#pushed, count));
    this.#pushed += count;
    expect(this.#queue.length).toBe(this.#pushed - this.#taken);
  }

  lend(count: number): void {
    const memory = bytesFrom(this.#pushed, count);
    this.#queue.lend(memory);
    this.#pushed += count;
    if (count % 2 === 0) this.take(count >> 1);
    this.#queue.keep();
    // From here on the memory is its owner's again.
    memory.fill(0xff);
  }

  take(size: number): void {
    const expected = this.#next(size);
    const bytes = this.#queue.take(size);
    this.#taken += expected.length;
    expect(bytes.equals(expected)).toBe(true);
    this.#record(bytes);
  }

  takeInto(size: number): void {
    const expected = this.#next(size);
    const target = Buffer.alloc(size, 0xff);
    expect(this.#queue.takeInto(target)).toBe(expected.length);
    this.#taken += expected.length;
    expect(target.equals(Buffer.concat([expected, Buffer.alloc(size - expected.length, 0xff)]))).toBe(true);
    expect(this.#queue.length).toBe(this.#pushed - this.#taken);
  }

  peek(size: number): void {
    const expected = this.#next(size);
    const bytes = this.#queue.peek(size);
    expect(bytes.equals(expected)).toBe(true);
    // A copy, so that the caller of peek() may write into it.
    bytes.fill(0xff);
    expect(this.#queue.peek(size).equals(expected)).toBe(true);
  }

  peekInto(size: number): void {
    const expected = this.#next(size);
    const target = Buffer.alloc(size, 0xff);
    expect(this.#queue.peekInto(target)).toBe(expected.length);
    expect(target.equals(Buffer.concat([expected, Buffer.alloc(size - expected.length, 0xff)]))).toBe(true);
    expect(this.#queue.length).toBe(this.#pushed - this.#taken);
  }

  reserve(size: number): void {
    this.#queue.reserve(size);
    expect(this.#queue.length).toBe(this.#pushed - this.#taken);
  }

  /** Takes what is left, and checks all results once more. */
  finish(): void {
    this.take(this.#pushed);
    expect(this.#queue.length).toBe(0);
    expect(this.#queue.take(1)).toHaveLength(0);
    for (const { bytes, content } of this.#handedOut) expect(bytes.toString('latin1') === content).toBe(true);
  }

  #next(size: number): Buffer {
    return bytesFrom(this.#taken, Math.min(size, this.#pushed - this.#taken));
  }

  #record(bytes: Buffer): void {
    expect(this.#queue.length).toBe(this.#pushed - this.#taken);
    if (this.#detaches) detach(bytes);
    else this.#handedOut.push({ bytes, content: bytes.toString('latin1') });
  }
}

describe('ByteQueue', () => {
  it.each([
    ['its results never change', false],
    ['its results may be detached', true],
  ])('gives all bytes once, in order, and %s', (_title, detaches) => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const checked = new Checked(detaches);
        for (const { does, length } of operations) checked[does](length);
        checked.finish();
      }),
    );
  });

  it('does so for small chunks with takes in between', () => {
    const small = fc.tuple(fc.integer({ min: 1, max: 511 }), fc.integer({ min: 0, max: 700 }));
    fc.assert(
      fc.property(fc.array(small, { minLength: 20, maxLength: 120 }), (steps) => {
        const checked = new Checked(false);
        for (const [pushed, taken] of steps) {
          checked.push(pushed);
          checked.take(taken);
        }
        checked.finish();
      }),
      { numRuns: 50 },
    );
  });

  it('shares no memory between two results', () => {
    const parts: Buffer[] = [];
    const queue = new ByteQueue();
    for (let round = 0; round < 50; round += 1) {
      for (const count of [1, 300, 511, 512]) queue.push(Buffer.alloc(count, round));
      parts.push(queue.take(1), queue.take(700), queue.take(3));
    }
    const overlaps = parts.some((one, index) =>
      parts.slice(index + 1).some((other) => one.buffer === other.buffer && overlap(one, other)),
    );
    expect(overlaps).toBe(false);
  });

  it('gives the chunk itself where all of it is asked for at once, and a copy otherwise', () => {
    const queue = new ByteQueue();
    const chunk = Buffer.alloc(10_000);
    queue.push(chunk);
    expect(queue.take(10_000)).toBe(chunk);
    queue.push(chunk);
    for (const size of [10, 5000, 4990]) expect(queue.take(size).buffer).not.toBe(chunk.buffer);
  });

  it('ignores an empty chunk', () => {
    const queue = new ByteQueue();
    queue.push(Buffer.alloc(0));
    expect([queue.length, queue.take(1).length, queue.peek(1).length]).toEqual([0, 0, 0]);
  });

  it('gathers single bytes in blocks, although each came in memory of its own', () => {
    const queue = new ByteQueue();
    const count = 100_000;
    const chunks = Array.from({ length: count }, (_, index) => Buffer.alloc(1, index % 251));
    const allocate = jest.spyOn(Buffer, 'allocUnsafeSlow');
    for (const chunk of chunks) queue.push(chunk);
    // The first byte keeps its own memory.
    expect(allocate).toHaveBeenCalledTimes(Math.ceil((count - 1) / 4096));
    allocate.mockRestore();
    expect(queue.take(count).equals(bytesFrom(0, count))).toBe(true);
  });
});

describe('giving back a chunk', () => {
  const SIZE = 65_536;

  /** A queue, and two large chunks that it has. */
  function filled(): { queue: ByteQueue; chunks: [Buffer, Buffer] } {
    const queue = new ByteQueue();
    const chunks: [Buffer, Buffer] = [bytesFrom(0, SIZE), bytesFrom(SIZE, SIZE)];
    for (const chunk of chunks) queue.push(chunk);
    return { queue, chunks };
  }

  it('works once for the chunk whose bytes were all copied', () => {
    const { queue, chunks } = filled();
    queue.take(SIZE - 1);
    expect(queue.giveBack(chunks[0])).toBe(false);
    queue.takeInto(Buffer.alloc(2));
    expect(queue.giveBack(chunks[1])).toBe(false);
    expect(queue.giveBack(chunks[0])).toBe(true);
    expect(queue.giveBack(chunks[0])).toBe(false);
  });

  it('is refused where a call has the chunk itself', () => {
    const { queue, chunks } = filled();
    expect(queue.take(SIZE)).toBe(chunks[0]);
    expect(queue.giveBack(chunks[0])).toBe(false);
  });

  it('is refused where another queue has copied the bytes, and for lent memory', () => {
    const { queue, chunks } = filled();
    const other = new ByteQueue();
    other.push(queue.take(SIZE));
    other.takeInto(Buffer.alloc(SIZE));
    expect(queue.giveBack(chunks[0])).toBe(false);
    const lent = bytesFrom(0, SIZE);
    const lender = new ByteQueue();
    lender.lend(lent);
    lender.takeInto(Buffer.alloc(SIZE));
    expect(lender.giveBack(lent)).toBe(false);
  });
});

/** Detaches the memory of bytes where they have it to themselves: small Buffers share Node's pool. */
function detach(bytes: Buffer): void {
  if (bytes.buffer instanceof ArrayBuffer && bytes.length >= 4096) {
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  }
}

function overlap(one: Buffer, other: Buffer): boolean {
  return one.byteOffset < other.byteOffset + other.length && other.byteOffset < one.byteOffset + one.length;
}
