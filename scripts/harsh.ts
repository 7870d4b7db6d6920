/**
 * Puts the library through harsh conditions: `npm run harsh` runs all parts, and `npm run harsh -- outage` one of them. With
 * `--write`, the tables of docs/reliability.md are replaced.
 */
import { Argument } from 'commander';
import { command, integerFrom } from '../demos/support/command.ts';
import { freshSeed } from '../spec/conformance/search.ts';
import { PARTS, type Part, type PartName } from '../spec/harsh/parts.ts';
import { writeTable } from '../spec/soak/page.ts';
import { markdown } from '../spec/soak/tables.ts';

interface Options {
  readonly seed?: number;
  readonly small?: true;
  readonly write?: true;
}

const NAMES = Object.keys(PARTS) as PartName[];

async function main(asked: PartName[], { seed = freshSeed(), small, write }: Options): Promise<void> {
  console.log(`Node ${process.versions.node}, seed ${seed}`);
  let mistakes = 0;
  for (const name of asked.length > 0 ? asked : NAMES) {
    const part: Part = PARTS[name];
    console.log(`\n## ${name}: ${part.does}\n`);
    const obstacle = part.obstacle?.();
    if (obstacle !== undefined) {
      console.log(`skipped: ${obstacle}`);
      continue;
    }
    const outcome = await part.run({ size: small === true ? 'small' : 'full', seed });
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
const program = command('harsh', 'Puts the library through harsh conditions.')
  .addArgument(new Argument('[parts...]', 'only these; all if they are left out').choices(NAMES))
  .option('--seed <number>', 'the seed of all that is random; a new one if it is left out', integerFrom(0, 2 ** 31 - 1))
  .option('--small', 'the least that shows that all is well, as the tests do')
  .option('--write', 'replaces the tables of docs/reliability.md')
  .addHelpText('after', `\nParts:\n${parts}`)
  .action(main);

program.parseAsync().catch((error: unknown) => {
  console.error(`harsh: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
