/**
 * Damages what TLS sends: `npm run fuzz:ssl -- --runs 100000 --seed 1` runs so many sessions of two engines in memory,
 * in which bytes are changed, lost, repeated or added, or the connection is cut, in the handshake and later. A crash of
 * the process is a failure as well. `AWAIT_SOCKET_FAST_PATH=off` fuzzes what stands on documented parts of Node alone.
 */
import { command, integerFrom } from '../demos/support/command.ts';
import { freshSeed } from '../spec/conformance/search.ts';
import { fuzzTls } from '../spec/support/fuzz-tls.ts';

interface Options {
  readonly runs: number;
  readonly seed?: number;
}

async function main({ runs, seed = freshSeed() }: Options): Promise<void> {
  console.log(`Node ${process.versions.node}, seed ${seed}`);
  const { outcomes, mistakes } = await fuzzTls(runs, seed);
  for (const [outcome, times] of Object.entries(outcomes)) console.log(`${times} × ${outcome}`);
  for (const mistake of mistakes) console.log(mistake);
  console.log(`${runs} sessions, ${mistakes.length} mistakes`);
  if (mistakes.length > 0) process.exitCode = 1;
}

const program = command('fuzz:ssl', 'Damages what TLS sends, and checks what becomes of it.')
  .option('--runs <number>', 'how many sessions to run', integerFrom(1, 10_000_000), 10_000)
  .option('--seed <number>', 'the seed of the first session; a new one if it is left out', integerFrom(0, 2 ** 31 - 1));

void main(program.parse().opts<Options>());
