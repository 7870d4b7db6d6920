import { readFileSync, writeFileSync } from 'node:fs';
import type { Shown } from './search.ts';

/** The programs in a file, by their titles. */
export function keptIn<Program>(file: string): Record<string, Program> {
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, Program>;
}

/** Adds programs that show a difference to those in a file. */
export async function keepIn<Difference extends Shown<unknown>>(
  file: string,
  failures: readonly Difference[],
  titleOf: (difference: Difference) => string,
): Promise<void> {
  const kept = keptIn(file);
  for (const difference of failures) kept[titleOf(difference)] = difference.program;
  const { format } = await import('prettier');
  writeFileSync(file, await format(JSON.stringify(kept, null, 2), { filepath: file }));
}
