import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { makefile } from '../../lib/files/makefile.ts';
import { MemorySource, stateOf } from '../support/memory-source.ts';

const bytes = (text: string): Buffer => Buffer.from(text);

/** The buffer in pieces of the sizes, and the rest. */
function cut(whole: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const size of sizes) {
    pieces.push(whole.subarray(at, at + size));
    at += size;
  }
  return [...pieces, whole.subarray(at)].filter((piece) => piece.length > 0);
}

const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 60 });

describe('however a stream is cut into chunks', () => {
  test('the lines of a text are the same', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀', '\n', '\r', '\r\n'), maxLength: 80 });
    const newline = fc.constantFrom(null, '', '\n', '\r', '\r\n');
    const split = { '': /[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g, '\n': /[^\n]*\n|[^\n]+$/g, '\r': /[^\r]*\r|[^\r]+$/g };
    const model = (content: string, end: '' | '\n' | '\r' | '\r\n' | null): string[] => {
      if (end === '\r\n') return content.split(/(?<=\r\n)/).filter((line) => line !== '');
      return (end === null ? content.replace(/\r\n?/g, '\n') : content).match(split[end ?? '\n']) ?? [];
    };
    await fc.assert(
      fc.asyncProperty(text, cuts, newline, fc.boolean(), async (content, sizes, end, answersAtOnce) => {
        const source = new MemorySource(cut(bytes(content), sizes), { answersAtOnce });
        const file = makefile(source, 'r', { newline: end });
        const lines: string[] = [];
        for await (const line of file) lines.push(line);
        expect(lines).toEqual(model(content, end));
      }),
      // A newline in two chunks.
      { examples: [['a\r\nb\r\nc', [2, 3], '\r\n', true]], numRuns: 500 },
    );
  });

  test('reads and lines are those of the whole', async () => {
    const content = fc.uint8Array({ min: 8, max: 12, maxLength: 120 }).map((data) => Buffer.from(data));
    const steps = fc.array(
      fc.record({ line: fc.boolean(), size: fc.integer({ min: -1, max: 30 }), abort: fc.boolean() }),
      { maxLength: 20 },
    );
    await fc.assert(
      fc.asyncProperty(
        content,
        cuts,
        fc.integer({ min: 1, max: 20 }),
        steps,
        fc.boolean(),
        async (whole, sizes, buffering, calls, answersAtOnce) => {
          const source = new MemorySource([], { ended: false, answersAtOnce });
          const file = makefile(source, 'rb', { buffering });
          // Reads that are aborted while they wait take nothing with them.
          const pieces = cut(whole, sizes);
          for (const piece of pieces) {
            const controller = new AbortController();
            const reading = file.read(1000, { signal: controller.signal });
            source.push(piece);
            await stateOf(reading);
            controller.abort();
            await expect(reading).rejects.toBe(controller.signal.reason);
          }
          source.end();
          let rest = whole;
          for (const { line, size } of [...calls, { line: false, size: -1 }]) {
            const limit = size < 0 ? rest.length : Math.min(size, rest.length);
            const end = line ? rest.indexOf(10) + 1 || limit : limit;
            const expected = rest.subarray(0, Math.min(end, limit));
            rest = rest.subarray(expected.length);
            expect(await (line ? file.readline(size) : file.read(size))).toEqual(expected);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('characters are whole, in every encoding', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    const encoding = fc.constantFrom('utf-8', 'utf-8-sig', 'utf-16-le', 'utf-16-be');
    await fc.assert(
      fc.asyncProperty(text, cuts, encoding, fc.integer({ min: 1, max: 3 }), async (content, sizes, name, size) => {
        const source = new MemorySource();
        const written = makefile(source, 'w', { encoding: name, newline: '' });
        await written.write(content);
        await written.close();
        const sent = Buffer.concat(source.sent);
        const file = makefile(new MemorySource(cut(sent, sizes)), 'r', { encoding: name, newline: '' });
        const read: string[] = [];
        for (let part = await file.read(size); part !== ''; part = await file.read(size)) read.push(part);
        expect(read.join('')).toBe(content);
        expect(read.slice(0, -1).every((part) => Array.from(part).length === size)).toBe(true);
      }),
    );
  });

  test('what is written arrives in order, whole', async () => {
    const writes = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 30 });
    const takes = fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(writes, takes, fc.integer({ min: 1, max: 30 }), async (data, sizes, buffering) => {
        const source = new MemorySource();
        source.takes.push(...sizes);
        const file = makefile(source, 'wb', { buffering });
        // None of them is awaited.
        const results = await Promise.all(data.map((item) => file.write(item)));
        await file.close();
        expect(results).toEqual(data.map((item) => item.length));
        expect(Buffer.concat(source.sent)).toEqual(Buffer.concat(data));
      }),
    );
  });
});
