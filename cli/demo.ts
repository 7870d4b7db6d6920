import type { Command } from 'commander';
import { programs } from './programs.ts';

/** `await-socket demo NAME`: runs one of the textbook's programs. */
export function demo(): Command {
  return programs('demo', 'demos', "Runs one of the textbook's programs; `demo NAME --help` explains it.");
}
