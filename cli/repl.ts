import type { Command } from 'commander';
import { command } from '../demos/support/command.ts';
import { start } from './repl/start.ts';

/** `await-socket repl`: a prompt at which awaited sockets are tried out. */
export function repl(): Command {
  return command('repl', 'A prompt with top-level await and every name at hand; also reads lines from a pipe.').action(
    start,
  );
}
