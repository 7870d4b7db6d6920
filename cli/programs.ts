import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, extname, join } from 'node:path';
import { Argument, type Command } from 'commander';
import { command } from '../demos/support/command.ts';

/** Sources in the repository, and built in the package; there as here, their folders are beside this one. */
const EXTENSION = extname(__filename);

/** A subcommand that runs one of the programs in a folder, or lists them. */
export function programs(name: string, folder: string, description: string): Command {
  const home = join(__dirname, '..', folder);
  const names = readdirSync(home)
    .filter((file) => extname(file) === EXTENSION)
    .map((file) => basename(file, EXTENSION));
  return command(name, description)
    .addArgument(new Argument('[name]', 'which one; without it, their names are listed').choices(names))
    .argument('[arguments...]', 'what the program takes')
    .passThroughOptions()
    .allowUnknownOption()
    .action((program: string | undefined, args: readonly string[]) => {
      if (program === undefined) {
        console.log(names.join('\n'));
        return;
      }
      const file = join(home, program + EXTENSION);
      // The program reads its command line as if Node had started it.
      process.argv.splice(1, Infinity, file, ...args);
      createRequire(__filename)(file);
    });
}
