import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, extname, join } from 'node:path';
import { Argument, type Command } from 'commander';
import { command } from '../demos/support/command.ts';

/** The demos, sources in the repository and built in the package: both in the folder beside this one. */
const FOLDER = join(__dirname, '..', 'demos');
const EXTENSION = extname(__filename);

/** `await-socket demo NAME`: runs one of the textbook's programs. */
export function demo(): Command {
  const names = readdirSync(FOLDER)
    .filter((name) => extname(name) === EXTENSION)
    .map((name) => basename(name, EXTENSION));
  return command('demo', "Runs one of the textbook's programs; `demo NAME --help` explains it.")
    .addArgument(new Argument('<name>', 'which one').choices(names))
    .argument('[arguments...]', 'what the demo takes')
    .passThroughOptions()
    .allowUnknownOption()
    .action((name: string, args: readonly string[]) => {
      const file = join(FOLDER, name + EXTENSION);
      // The demo reads its command line as if Node had started it.
      process.argv.splice(1, Infinity, file, ...args);
      createRequire(__filename)(file);
    });
}
