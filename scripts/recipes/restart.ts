import { reservedPort } from '../../spec/support/ports.ts';
import { asking, Load } from './load.ts';
import { commandOf, Program } from './program.ts';
import type { Plan, Result } from './results.ts';

/** One process for another, under load: no client may be refused, or reset. */

/** The recipes in which one server takes the place of another. */
export const RESTARTS = ['hot-restart', 'rolling-restart'];

/** Runs a recipe under load, restarts its servers twice, and counts what becomes of the requests. */
export async function runRestart(plan: Plan): Promise<Result> {
  return plan.recipe === 'hot-restart' ? await runHotRestart(plan) : await runRollingRestart(plan);
}

/** One server hands its listener to the next. */
async function runHotRestart(plan: Plan): Promise<Result> {
  const { recipe, requests } = plan;
  const port = reservedPort();
  const program = new Program(commandOf(recipe), { PORT: String(port) });
  const ready = /^ready (\d+)$/gm;
  await program.prints(ready);
  const load = new Load(plan, asking(port));
  for (let restarts = 1; restarts <= 2; restarts += 1) {
    await load.until(() => load.answers >= (requests * restarts) / 3 && load.answered.size === restarts);
    const pids = (await program.prints(ready, restarts)).map(([, pid]) => Number(pid));
    process.kill(pids.at(-1) ?? 0, 'SIGHUP');
    await load.until(() => load.answered.size > restarts);
  }
  await load.until(() => load.answers >= requests);
  await load.end();
  const last = (await program.prints(ready, 3)).at(-1);
  process.kill(Number(last?.[1]), 'SIGTERM');
  await program.ended;
  return { recipe, event: 'two restarts, each by SIGHUP', load, isKept: isSmooth(load) };
}

/** The parent replaces its workers, one after the other. */
async function runRollingRestart(plan: Plan): Promise<Result> {
  const { recipe, requests, workers } = plan;
  const port = reservedPort();
  const program = new Program(commandOf('shared-listener'), { PORT: String(port), WORKERS: String(workers) });
  await program.prints(/^ready$/gm, workers);
  const load = new Load(plan, asking(port));
  await load.until(() => load.answers >= requests / 3);
  program.kill('SIGHUP');
  await program.prints(/^ready$/gm, 2 * workers);
  await load.until(() => load.answers >= requests);
  await load.end();
  await program.end();
  return { recipe, event: 'all workers replaced by SIGHUP', load, isKept: isSmooth(load) };
}

/** Whether no attempt of a client has failed. */
function isSmooth({ repeated, unanswered }: Load): boolean {
  return repeated.size === 0 && unanswered.size === 0;
}
