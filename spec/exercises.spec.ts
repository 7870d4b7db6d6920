import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, it, jest } from '@jest/globals';
import { OtherProgram } from './support/programs.ts';

// ts-node takes seconds to start on a busy machine.
jest.setTimeout(120_000);

const page = readFileSync('docs/exercises.md', 'utf8');

/** The exercises of the page, with what each prints. */
const told = [...page.matchAll(/^npx await-socket exercise ([\w-]+)\n```\n\n```text\n([^]*?)^```$/gm)].map(
  ([, name = '', output = '']) => [name, output] as const,
);

it('the page has each exercise, and the table leads to each solution', () => {
  const names = readdirSync('exercises').map((file) => basename(file, '.ts'));
  expect(told.map(([name]) => name).sort()).toEqual(names.sort());
  expect(names).toHaveLength(10);
  for (const name of names) expect(page).toContain(`[${name}.ts](../exercises/${name}.ts)`);
});

it.each(told)('the solution of %s prints what the page says', async (name, output) => {
  await using program = new OtherProgram(process.execPath, [
    'node_modules/ts-node/dist/bin.js',
    `exercises/${name}.ts`,
  ]);
  expect(await program.ended).toBe(0);
  expect(program.printed.toString()).toBe(output);
});
