import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { SslComparison } from '../conformance/ssl/compare.ts';
import { EXCUSES } from '../conformance/ssl/differences.ts';
import { keptDialogues } from '../conformance/ssl/regressions.ts';
import { hasPython } from '../support/python.ts';

/** Text without its line breaks: a paragraph's first words may run over two lines. */
const differences = readFileSync(join(__dirname, '../../docs/differences.md'), 'utf8').replaceAll(/\s+/g, ' ');

(hasPython ? describe : describe.skip)("Python's ssl and ours", () => {
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
