import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RecordSplitter } from '../../lib/ssl/records.ts';

function record(type: number, fragment: Uint8Array): Buffer {
  const header = Buffer.from([type, 3, 3, 0, 0]);
  header.writeUInt16BE(fragment.length, 3);
  return Buffer.concat([header, fragment]);
}

const fragment = fc.oneof(
  fc.uint8Array({ maxLength: 20 }),
  fc.uint8Array({ minLength: 500, maxLength: 1500 }),
  fc.integer({ min: 16_000, max: 16_384 + 2048 }).map((length) => new Uint8Array(length).fill(length)),
);
const records = fc.array(
  fc.tuple(fc.integer({ min: 20, max: 24 }), fragment).map(([type, bytes]) => record(type, bytes)),
  { maxLength: 8 },
);
/** How long the segments are: they are taken in turn. */
const segments = fc.array(
  fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 70_000 })),
  {
    minLength: 1,
    maxLength: 10,
  },
);

function* cut(bytes: Buffer, lengths: readonly number[]): Generator<Buffer, undefined> {
  let at = 0;
  for (let index = 0; at < bytes.length; index += 1) {
    const length = lengths[index % lengths.length] ?? 1;
    // Memory of its own, because its owner reuses it.
    yield Buffer.from(bytes.subarray(at, at + length));
    at += length;
  }
}

function takeAll(splitter: RecordSplitter): Buffer[] {
  const taken: Buffer[] = [];
  for (let next = splitter.next(); next !== undefined; next = splitter.next()) taken.push(Buffer.from(next));
  return taken;
}

describe('RecordSplitter', () => {
  it('gives the records one by one, however they are cut, and the rest as it is', () => {
    fc.assert(
      fc.property(records, fc.uint8Array({ maxLength: 4 }), segments, (whole, tail, lengths) => {
        const partial = record(23, Buffer.alloc(9)).subarray(0, tail.length);
        const splitter = new RecordSplitter();
        const taken: Buffer[] = [];
        for (const segment of cut(Buffer.concat([...whole, partial]), lengths)) {
          splitter.push(segment);
          taken.push(...takeAll(splitter));
          splitter.keep();
          segment.fill(0xff);
        }
        expect(taken.length).toBe(whole.length);
        expect(taken.every((bytes, index) => bytes.equals(whole[index] ?? Buffer.alloc(0)))).toBe(true);
        expect(splitter.length).toBe(partial.length);
        expect(splitter.isTls).toBe(true);
        expect(splitter.takeRest().equals(partial)).toBe(true);
        expect(splitter.length).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it('loses nothing where records are taken late, and the rest is taken at any time', () => {
    const steps = fc.array(fc.constantFrom('push', 'push', 'keep', 'next', 'next', 'rest'), { maxLength: 60 });
    fc.assert(
      fc.property(records, segments, steps, (whole, lengths, does) => {
        const stream = Buffer.concat(whole);
        const incoming = cut(stream, lengths);
        const splitter = new RecordSplitter();
        const out: Buffer[] = [];
        let pushed = 0;
        let last: Buffer = Buffer.alloc(0);
        for (const step of does) {
          if (step === 'rest') break;
          if (step === 'next') out.push(Buffer.from(splitter.next() ?? []));
          else {
            splitter.keep();
            last.fill(0xff);
          }
          const segment = step === 'push' ? incoming.next().value : undefined;
          if (segment === undefined) continue;
          splitter.push(segment);
          pushed += segment.length;
          last = segment;
        }
        const taken = out.reduce((sum, { length }) => sum + length, 0);
        expect(splitter.length).toBe(pushed - taken);
        out.push(splitter.takeRest());
        expect(Buffer.concat(out).equals(stream.subarray(0, pushed))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('leaves text that follows a record', () => {
    const splitter = new RecordSplitter();
    const alert = record(21, Buffer.from([1, 0]));
    splitter.push(Buffer.concat([alert, Buffer.from('220 ready\r\n')]));
    expect(splitter.next()).toEqual(alert);
    expect(splitter.takeRest().toString()).toBe('220 ready\r\n');
  });

  it.each([
    ['a request of HTTP', Buffer.from('GET / HTTP/1.0\r\n\r\n')],
    ['a record of another major version', Buffer.from([22, 2, 0, 0, 200, 1])],
    ['a ClientHello of SSL 2', Buffer.from([0x80, 0x2e, 1, 0, 2])],
    ['a record longer than any', Buffer.from([23, 3, 3, 0x48, 0x01, 7])],
  ])('gives %s as it comes', (_, bytes) => {
    const splitter = new RecordSplitter();
    const first = record(22, Buffer.from('hello'));
    splitter.push(Buffer.concat([first, bytes]));
    expect(splitter.next()).toEqual(first);
    expect(splitter.next()).toEqual(bytes);
    expect(splitter.next()).toBeUndefined();
    expect(splitter.isTls).toBe(false);
    splitter.push(first.subarray(0, 3));
    expect(splitter.next()).toEqual(first.subarray(0, 3));
  });

  it('gives what is no TLS in whole, where it came byte by byte', () => {
    const splitter = new RecordSplitter();
    const bytes = Buffer.from([22, 1, 2, 3]);
    splitter.push(bytes.subarray(0, 1));
    expect(splitter.next()).toBeUndefined();
    splitter.push(bytes.subarray(1));
    expect(Buffer.concat(takeAll(splitter))).toEqual(bytes);
    expect(splitter.isTls).toBe(false);
  });

  it('lends the memory of what was pushed, without a copy', () => {
    const splitter = new RecordSplitter();
    const two = Buffer.concat([record(23, Buffer.alloc(1000)), record(23, Buffer.alloc(1000))]);
    splitter.push(two);
    expect([splitter.next()?.buffer, splitter.next()?.buffer]).toEqual([two.buffer, two.buffer]);
    expect(splitter.length).toBe(0);
  });
});
