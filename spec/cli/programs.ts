import { OtherProgram } from '../support/programs.ts';

/** `npx await-socket` with these arguments, from its sources. */
export function cli(...args: readonly string[]): OtherProgram {
  return new OtherProgram(process.execPath, ['node_modules/ts-node/dist/bin.js', 'cli/main.ts', ...args]);
}
