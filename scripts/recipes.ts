import { Argument } from 'commander';
import { command, integerFrom, run } from '../demos/support/command.ts';
import * as socket from '../lib/index.ts';
import { CORES, runCores } from './recipes/cores.ts';
import { endAll } from './recipes/program.ts';
import { PROXIES, runProxy } from './recipes/proxies.ts';
import { RESTARTS, runRestart } from './recipes/restart.ts';
import { plain, table, type Plan, type Result } from './recipes/results.ts';

/** `npm run recipes`: runs the servers of docs/deployment.md under load, ends some of them, and counts what is lost. */

interface Options extends Omit<Plan, 'recipe'> {
  readonly json?: true;
}

const runs: Readonly<Record<string, (plan: Plan) => Promise<readonly Result[]>>> = {
  ...Object.fromEntries(CORES.map((recipe) => [recipe, async (plan: Plan) => [await runCores(plan)]])),
  ...Object.fromEntries(RESTARTS.map((recipe) => [recipe, async (plan: Plan) => [await runRestart(plan)]])),
  ...Object.fromEntries(PROXIES.map((recipe) => [recipe, runProxy])),
};

/** Why a recipe cannot run here; `undefined` if it can. */
function obstacle(recipe: string): string | undefined {
  if (recipe !== 'reuse-port') return undefined;
  try {
    socket.createServer(['127.0.0.1', 0], { reusePort: true }).close();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function main(recipes: readonly string[], { json, ...plan }: Options): Promise<void> {
  const results: Result[] = [];
  for (const [recipe, runOne] of Object.entries(runs)) {
    if (recipes.length > 0 && !recipes.includes(recipe)) continue;
    const problem = obstacle(recipe);
    if (problem === undefined) results.push(...(await runOne({ ...plan, recipe })));
    else console.error(`skipped: ${recipe}: ${problem}`);
  }
  if (json === true) console.log(JSON.stringify(plain(results)));
  else console.log(`Node ${process.version}, ${plan.clients} clients at once\n\n${table(results)}`);
  if (!results.every(({ isKept }) => isKept)) process.exitCode = 1;
}

const program = command('recipes', 'Runs the servers of docs/deployment.md under load, and ends some of them.')
  .addArgument(new Argument('[recipes...]', 'only these; all if they are left out').choices(Object.keys(runs)))
  .option('--requests <number>', 'the least number of requests', integerFrom(1, 10_000_000), 2000)
  .option('--clients <number>', 'how many clients ask at once', integerFrom(1, 1000), 30)
  .option('--pause <milliseconds>', 'how long a client waits after each attempt', integerFrom(0, 60_000), 20)
  .option('--workers <number>', 'how many processes serve', integerFrom(2, 64), 4)
  .option('--stall <seconds>', 'how long a server behind a proxy is stopped', integerFrom(1, 600), 15)
  .option('--json', 'prints the figures as JSON')
  .parse();
run(program.name(), () => main(program.args, program.opts<Options>()), endAll);
