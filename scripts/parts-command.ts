import { Argument, type Command } from 'commander';
import { command, integerFrom } from '../demos/support/command.ts';
import { writeTable } from '../spec/soak/page.ts';
import { markdown } from '../spec/soak/tables.ts';

/** The command lines of long runs that consist of parts, each of which ends in a table of docs/reliability.md. */

/** A part, as its command shows it. */
interface Shown {
  readonly does: string;
}

type Table = Parameters<typeof markdown>[0] & { readonly mistakes: readonly string[] };
type TableName = Parameters<typeof writeTable>[0];

/** The command line: parts may be named, and have a seed. */
export function partsCommand(name: string, does: string, parts: Readonly<Record<string, Shown>>): Command {
  const names = Object.keys(parts);
  const lines = names.map((part) => `  ${part.padEnd(12)}${parts[part]?.does}`).join('\n');
  return command(name, does)
    .addArgument(new Argument('[parts...]', 'only these; all if they are left out').choices(names))
    .option(
      '--seed <number>',
      'the seed of all that is random; a new one if it is left out',
      integerFrom(0, 2 ** 31 - 1),
    )
    .option('--write', 'replaces the tables of docs/reliability.md')
    .addHelpText('after', `\nParts:\n${lines}`);
}

/** Prints the head of a part. */
export function announce(name: string, { does }: Shown): void {
  console.log(`\n## ${name}: ${does}\n`);
}

/** Prints the table of a part, and writes it where that is wanted; gives how many mistakes were found. */
export async function show(name: TableName, table: Table, write: true | undefined): Promise<number> {
  console.log(markdown(table));
  for (const mistake of table.mistakes) console.log(mistake);
  if (write === true) await writeTable(name, table);
  return table.mistakes.length;
}

/** Says how many mistakes there were in all; they make the run a failure. */
export function conclude(mistakes: number): void {
  if (mistakes === 0) return;
  console.log(`\n${mistakes} mistakes`);
  process.exitCode = 1;
}

/** Runs a command line. */
export function start(program: Command): void {
  program.parseAsync().catch((error: unknown) => {
    console.error(`${program.name()}: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  });
}
