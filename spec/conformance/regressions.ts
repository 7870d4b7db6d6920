import { join } from 'node:path';
import { signatureOf, type Difference } from './facts.ts';
import { keepIn, keptIn } from './kept.ts';
import type { Program } from './program.ts';

const FILE = join(__dirname, 'regressions.json');

/** All programs that have shown a difference, by their titles. */
export const regressions = (): Record<string, Program> => keptIn(FILE);

/** Adds programs that show a difference, so that the tests run them from then on. */
export async function keep(failures: readonly Difference[]): Promise<void> {
  await keepIn(FILE, failures, signatureOf);
}
