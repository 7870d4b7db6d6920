/**
 * Gives hostile arguments to the calls of sockets that the kernel has: `npm run fuzz:kernel -- --calls 100000 --seed 1`.
 * A crash of the process is a failure as well. It needs koffi, and Linux; as root, it tries more kinds of sockets.
 */
import { command, integerFrom } from '../demos/support/command.ts';
import { freshSeed } from '../spec/conformance/search.ts';
import { CALLS_OF_A_PROGRAM, fuzzKernel } from '../spec/support/fuzz-kernel.ts';

interface Options {
  readonly calls: number;
  readonly seed?: number;
}

async function main({ calls, seed = freshSeed() }: Options): Promise<void> {
  console.log(`Node ${process.versions.node}, seed ${seed}`);
  const programs = Math.ceil(calls / CALLS_OF_A_PROGRAM);
  const outcomes = await fuzzKernel(programs, seed);
  for (const [outcome, times] of outcomes) console.log(`${times} × ${outcome}`);
  console.log(`${programs * CALLS_OF_A_PROGRAM} calls, no mistake`);
}

const program = command('fuzz:kernel', "Gives hostile arguments to the calls of the kernel's sockets.")
  .option('--calls <number>', 'how many calls to make', integerFrom(1, 10_000_000), 10_000)
  .option('--seed <number>', 'the seed of the first call; a new one if it is left out', integerFrom(0, 2 ** 31 - 1));

void main(program.parse().opts<Options>());
