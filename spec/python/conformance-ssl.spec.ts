import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { conformSsl, SslComparison } from '../conformance/ssl/compare.ts';
import { EXCUSES } from '../conformance/ssl/differences.ts';
import { keptDialogues } from '../conformance/ssl/regressions.ts';
import { hasPython } from '../support/python.ts';
import { randomSeed } from '../support/seed.ts';

/** The command that makes the dialogues of this run again, and keeps those that fail. */
const again = `npm run conformance:ssl -- --runs 30 --seed ${randomSeed} --keep`;

/** Text without its line breaks: a paragraph's first words may run over two lines. */
const differences = readFileSync(join(__dirname, '../../docs/differences.md'), 'utf8').replaceAll(/\s+/g, ' ');

(hasPython ? describe : describe.skip)("Python's ssl and ours", () => {
  // Dialogues lose sockets, and the library warns of that.
  beforeAll(() => void jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined));
  afterAll(() => void jest.restoreAllMocks());

  it(`do the same in 30 dialogues made from the seed ${randomSeed}`, async () => {
    const { runs, failures } = await conformSsl(randomSeed, 30);
    expect({ again, failures }).toEqual({ again, failures: [] });
    expect(runs).toBe(30);
  }, 60_000);

  it.each(Object.entries(keptDialogues()))(
    '%s',
    async (_title, dialogue) => {
      using comparison = new SslComparison();
      expect(await comparison.certain(dialogue)).toBeUndefined();
    },
    60_000,
  );
});

describe('the table of differences', () => {
  it.each([...new Set(EXCUSES.map(({ reason }) => reason))])('docs/differences.md has: %s', (reason) => {
    expect(differences).toContain(reason);
  });
});
