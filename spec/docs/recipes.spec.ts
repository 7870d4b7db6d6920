import { expect, it } from '@jest/globals';
import { documentBlocks, filesIn, read } from './blocks.ts';

/** The names of the package's entry points in the documents, and of their files. */
const ENTRIES = [
  ['../lib/index.ts', 'await-socket'],
  ['../lib/serve/index.ts', 'await-socket/serve'],
  ['../lib/ssl/index.ts', 'await-socket/ssl'],
] as const;

const shown = documentBlocks()
  .filter(({ file }) => file === 'docs/deployment.md')
  .map(({ code }) => code);

it.each(filesIn('recipes', ''))('%s is in the page about deployment, as it is tested', (file) => {
  const code = ENTRIES.reduce((text, [path, name]) => text.replace(`'${path}'`, `'${name}'`), read(file));
  expect(shown).toContain(code);
});
