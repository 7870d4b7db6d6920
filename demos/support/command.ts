import { constants } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';

/** What the demos have in common: one line on standard error says what is wrong, the exit status of what kind it is. */

const USAGE = 2;
const FAILURE = 1;

/** A command line; what is wrong with it ends the process with status 2. */
export function command(name: string, description: string): Command {
  return (
    new Command(name)
      .description(description)
      // A suggestion would be a second line.
      .showSuggestionAfterError(false)
      .configureOutput({ outputError: (text, write) => write(text.replace('error:', `${name}:`)) })
      .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : USAGE))
  );
}

/** Reads an option's integer. */
export function integerFrom(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

/** Reads an option's seconds. */
export function seconds(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a number of seconds.');
}

/** Reads an option's time limit, up to a day; for `settimeout()` 0 would mean not to wait at all. */
export function timeLimit(text: string): number {
  const limit = seconds(text);
  if (limit > 0 && limit <= 86_400) return limit;
  throw new InvalidArgumentError('It must be more than 0 and at most 86400 seconds.');
}

/**
 * Runs a program, and ends the process with what shells expect: 1 if it fails, 130 for Ctrl-C. `beforeSignal` is what
 * is to be done when a signal ends it.
 */
export function run(name: string, main: () => Promise<void>, beforeSignal?: () => Promise<void>): void {
  const end = (text: string, status: number): never => {
    console.error(`${name}: ${text}`);
    process.exit(status);
  };
  let isEnding = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      isEnding = true;
      const leave = (): never => end(signal === 'SIGINT' ? 'interrupted' : signal, 128 + constants.signals[signal]);
      if (beforeSignal === undefined) leave();
      else beforeSignal().then(leave, leave);
    });
  }
  // Whoever read what is printed, such as `head`, may have gone.
  process.stdout.on('error', () => process.exit(FAILURE));
  main().catch((error: unknown) => {
    // What fails because a signal ends it is no news.
    if (!isEnding) end(error instanceof Error ? error.message : String(error), FAILURE);
  });
}
