import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';
import { command } from '../demos/support/command.ts';
import { version } from '../package.json';
import { demo } from './demo.ts';
import { exercise } from './exercise.ts';
import { nc } from './nc.ts';
import { repl } from './repl.ts';
import { trace } from './trace.ts';

/** The subcommands, one a file. */
const SUBCOMMANDS: readonly (() => Command)[] = [nc, trace, demo, exercise];

/** The command line of `npx await-socket`. Without a subcommand it starts the REPL. */
export function commandLine(): Command {
  const program = command('await-socket', "Python's sockets, awaited: a REPL, netcat, and demos.")
    .version(version)
    // Options after a subcommand are the subcommand's, also those that the REPL or the program has.
    .enablePositionalOptions();
  program.addCommand(repl(), { isDefault: true });
  for (const make of SUBCOMMANDS) program.addCommand(make());
  tab(program);
  return program;
}
