/**
 * Puts the library through harsh conditions: `npm run harsh` runs all parts, and `npm run harsh -- outage` one of them. With
 * `--write`, the tables of docs/reliability.md are replaced.
 */
import { freshSeed } from '../spec/conformance/search.ts';
import { PARTS, type Part, type PartName } from '../spec/harsh/parts.ts';
import { announce, conclude, partsCommand, show, start } from './parts-command.ts';

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
    announce(name, part);
    const obstacle = part.obstacle?.();
    if (obstacle !== undefined) {
      console.log(`skipped: ${obstacle}`);
      continue;
    }
    const outcome = await part.run({ size: small === true ? 'small' : 'full', seed });
    mistakes += await show(name, outcome, write);
  }
  conclude(mistakes);
}

const program = partsCommand('harsh', 'Puts the library through harsh conditions.', PARTS)
  .option('--small', 'the least that shows that all is well, as the tests do')
  .action(main);

start(program);
