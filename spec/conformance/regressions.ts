import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signatureOf, type Difference } from './facts.ts';
import type { Program } from './program.ts';

const FILE = join(__dirname, 'regressions.json');

/** All programs that have shown a difference, by their titles. */
export function regressions(): Record<string, Program> {
  return JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, Program>;
}

/** Adds programs that show a difference, so that the tests run them from then on. */
export async function keep(failures: readonly Difference[]): Promise<void> {
  const kept = regressions();
  for (const difference of failures) kept[signatureOf(difference)] = difference.program;
  const { format } = await import('prettier');
  writeFileSync(FILE, await format(JSON.stringify(kept, null, 2), { filepath: FILE }));
}
