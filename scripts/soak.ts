/**
 * Runs the library for long, and under all that goes wrong: `npm run soak -- --minutes 60` runs all parts, and `npm run
 * soak -- faults --minutes 5` one of them. With `--write`, the tables of docs/reliability.md are replaced.
 */
import { integerFrom } from '../demos/support/command.ts';
import { freshSeed } from '../spec/conformance/search.ts';
import { PARTS, type PartName } from '../spec/soak/parts.ts';
import { runPart } from '../spec/soak/start.ts';
import { announce, conclude, partsCommand, show, start } from './parts-command.ts';

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
    announce(name, part);
    const outcome = await runPart(name, { seed, runs: runs ?? part.runs, seconds });
    mistakes += await show(name, outcome, write);
  }
  conclude(mistakes);
}

const program = partsCommand('soak', 'Runs the library for long, and under all that goes wrong.', PARTS)
  .option('--minutes <number>', 'how long all of it may take together', integerFrom(1, 1440), 30)
  .option('--runs <number>', 'how many connections, transfers or calls of each part', integerFrom(1, 100_000_000))
  .action(main);

start(program);
