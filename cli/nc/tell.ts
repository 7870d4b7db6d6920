import type { Options } from './options.ts';

/** Says on standard error what happens, if the user wants to know. */
export function tell({ verbose }: Options, text: string): void {
  if (verbose) console.error(`nc: ${text}`);
}
