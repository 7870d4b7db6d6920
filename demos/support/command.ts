import { constants } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';

/** Command lines and exit statuses: a program that fails says why in one line on standard error. */

const USAGE = 2;
const FAILURE = 1;

/** A command line. A mistake in it ends the process with status 2, and with the usage in a second line. */
export function command(name: string, description: string): Command {
  const made: Command = new Command(name)
    .description(description)
    // A suggestion would be one line more.
    .showSuggestionAfterError(false)
    .configureOutput({
      outputError: (text, write) => write(`${text.replace('error:', `${name}:`)}usage: ${name} ${made.usage()}\n`),
    })
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : USAGE));
  return made;
}

/** Reads an option's integer. */
export function integerFrom(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

/** Reads an option's seconds, up to a day. */
export function seconds(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text) && Number(text) <= 86_400) return Number(text);
  throw new InvalidArgumentError('It must be a number of seconds, at most 86400.');
}

/** Reads an option's time limit, up to a day. With 0, `settimeout()` would make calls fail at once. */
export function timeLimit(text: string): number {
  const limit = seconds(text);
  if (limit > 0) return limit;
  throw new InvalidArgumentError('It must be more than 0 and at most 86400 seconds.');
}

/**
 * Runs a program and ends the process with the status that shells expect: 1 for a failure, 130 for Ctrl-C.
 * `beforeSignal` runs before a signal ends the process.
 */
export function run(name: string, main: () => Promise<void>, beforeSignal?: () => Promise<void>): void {
  const end = (text: string, status: number): never => {
    console.error(`${name}: ${text}`);
    process.exit(status);
  };
  let isEnding = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) {
    process.once(signal, () => {
      isEnding = true;
      const leave = (): never => end(signal === 'SIGINT' ? 'interrupted' : signal, 128 + constants.signals[signal]);
      if (beforeSignal === undefined) leave();
      else beforeSignal().then(leave, leave);
    });
  }
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader of a pipe, such as `head`, may have read enough. A full disk is a failure to report.
    if (error.code === 'EPIPE') process.exit(FAILURE);
    end(error.message, FAILURE);
  });
  main().catch((error: unknown) => {
    // A failure that a signal causes is not reported.
    if (!isEnding) end(error instanceof Error ? error.message : String(error), FAILURE);
  });
}
