import { join } from 'node:path';
import { keptIn, keepIn } from '../kept.ts';
import type { Dialogue } from './dialogue.ts';
import { signatureOf, type Difference } from './facts.ts';

const FILE = join(__dirname, 'regressions.json');

/** All dialogues that have shown a difference, by their titles. */
export const keptDialogues = (): Record<string, Dialogue> => keptIn(FILE);

/** Adds dialogues that show a difference, so that the tests run them from then on. */
export async function keepDialogues(failures: readonly Difference[]): Promise<void> {
  await keepIn(FILE, failures, signatureOf);
}
