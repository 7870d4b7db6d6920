/**
 * Runs the library for long, and under all that goes wrong: `npm run soak -- --minutes 60` runs all parts, and `npm run
 * soak -- faults --minutes 5` one of them. With `--write`, the tables of docs/reliability.md are replaced.
 */
import { Argument } from 'commander';
import { command, integerFrom } from '../demos/support/command.ts';
import { freshSeed } from '../spec/conformance/search.ts';
import { writeTable } from '../spec/soak/page.ts';
import { PARTS, type PartName } from '../spec/soak/parts.ts';
import { runPart } from '../spec/soak/start.ts';
import { markdown } from '../spec/soak/tables.ts';

interface Options {
  readonly minutes: number;
  readonly seed?: number;
  readonly runs?: number;
  readonly write?: true;
}

const NAMES = Object.keys(PARTS) as PartName[];

async function main(asked: PartName[], { minutes, seed = freshSeed(), runs, write }: Options): Promise<void> {
  console.log(`Node ${process.versions.node}, seed ${seed}`);
  const end = performance.now() + minutes * 60_000;
  const names = asked.length > 0 ? asked : NAMES;
  let mistakes = 0;
  for (const [index, name] of names.entries()) {
    const part = PARTS[name];
    // What one part leaves of its time is shared by those after it.
    const seconds = Math.max(1, (end - performance.now()) / 1000 / (names.length - index));
    console.log(`\n## ${name}: ${part.does}\n`);
    const outcome = await runPart(name, { seed, runs: runs ?? part.runs, seconds });
    console.log(markdown(outcome));
    for (const mistake of outcome.mistakes) console.log(mistake);
    if (write === true) await writeTable(name, outcome);
    mistakes += outcome.mistakes.length;
  }
  if (mistakes === 0) return;
  console.log(`\n${mistakes} mistakes`);
  process.exitCode = 1;
}

const parts = NAMES.map((name) => `  ${name.padEnd(12)}${PARTS[name].does}`).join('\n');
const program = command('soak', 'Runs the library for long, and under all that goes wrong.')
  .addArgument(new Argument('[parts...]', 'only these; all if they are left out').choices(NAMES))
  .option('--minutes <number>', 'how long all of it may take together', integerFrom(1, 1440), 30)
  .option('--seed <number>', 'the seed of the first run; a new one if it is left out', integerFrom(0, 2 ** 31 - 1))
  .option('--runs <number>', 'how many connections, transfers or calls of each part', integerFrom(1, 100_000_000))
  .option('--write', 'replaces the tables of docs/reliability.md')
  .addHelpText('after', `\nParts:\n${parts}`)
  .action(main);

program.parseAsync().catch((error: unknown) => {
  console.error(`soak: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
