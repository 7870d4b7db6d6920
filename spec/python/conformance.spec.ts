import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { argumentPrograms, makingPrograms } from '../conformance/arguments.ts';
import { Comparison, conform, conformAll } from '../conformance/compare.ts';
import { EXCUSES } from '../conformance/differences.ts';
import type { Program } from '../conformance/program.ts';
import { hasPython } from '../support/python.ts';

/**
 * The same programs each time, unless CONFORMANCE_SEED asks for others: whoever changes something here wants to know what that did.
 * New ones come from `npm run conformance`, and what they bring out goes into regressions.json.
 */
const seed = Number(process.env.CONFORMANCE_SEED ?? 471_849_676);

/** Programs that came out differently once. */
const regressions = JSON.parse(readFileSync(join(__dirname, '../conformance/regressions.json'), 'utf8')) as Record<
  string,
  Program
>;

/** Text without its line breaks: a paragraph's first words may run over two lines. */
const differences = readFileSync(join(__dirname, '../../docs/differences.md'), 'utf8').replaceAll(/\s+/g, ' ');

(hasPython ? describe : describe.skip)("Python's socket and ours", () => {
  it(`do the same in 500 programs made from CONFORMANCE_SEED=${seed}`, async () => {
    const { runs, failures } = await conform(seed, 500);
    expect({ seed, failures }).toEqual({ seed, failures: [] });
    expect(runs).toBe(500);
  }, 60_000);

  it.each(Object.entries(regressions))('%s', async (_title, program) => {
    using comparison = new Comparison();
    expect(await comparison.certain(program)).toBeUndefined();
  });

  it('refuse the same arguments with the same errors', async () => {
    const { failures } = await conformAll(argumentPrograms());
    expect(failures).toEqual([]);
  }, 60_000);

  it('refuse to make the same sockets', async () => {
    const { failures } = await conformAll(makingPrograms());
    expect(failures).toEqual([]);
  }, 60_000);
});

describe('the table of what may differ', () => {
  it.each(EXCUSES.map(({ reason }) => reason))('docs/differences.md has: %s', (reason) => {
    expect(differences).toContain(reason);
  });
});
