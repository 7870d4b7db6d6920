import * as socket from '../../lib/index.ts';
import { reservedPort } from '../../spec/support/ports.ts';
import { asking, Load } from './load.ts';
import { commandOf, Program } from './program.ts';
import type { Plan, Result } from './results.ts';

/** One port for several processes. One of them is killed and replaced, under load. */

/** Programs of recipes/ that serve one port. */
interface Servers {
  readonly port: number;
  end(): Promise<void>;
}

type Start = (plan: Plan) => Promise<Servers>;

/** How each recipe is started. */
const starts: Readonly<Record<string, Start>> = {
  'reuse-port': startAlone,
  'shared-listener': startManager,
  cluster: startManager,
  'socket-activation': startActivated,
};

/** The recipes by which several processes serve one port. */
export const CORES = Object.keys(starts);

const READY = /^ready$/gm;

/** Each process binds for itself, and is replaced by the program that has started it: here, by this program. */
async function startAlone({ recipe, workers }: Plan): Promise<Servers> {
  const port = reservedPort();
  const programs = new Set<Program>();
  let isEnding = false;
  const start = async (): Promise<void> => {
    const program = new Program(commandOf(recipe), { PORT: String(port) });
    programs.add(program);
    void program.ended.then(() => {
      programs.delete(program);
      if (!isEnding) void start();
    });
    await program.prints(READY);
  };
  await Promise.all(Array.from({ length: workers }, start));
  const end = async (): Promise<void> => {
    isEnding = true;
    await Promise.all([...programs].map((program) => program.end()));
  };
  return { port, end };
}

/** A program starts the others, and replaces them. */
async function startManager({ recipe, workers }: Plan): Promise<Servers> {
  const port = reservedPort();
  const program = new Program(commandOf(recipe), { PORT: String(port), WORKERS: String(workers) });
  await program.prints(READY, workers);
  return { port, end: () => program.end() };
}

/** systemd's own program listens on both sockets, and starts ours for the first client. */
async function startActivated({ recipe, workers }: Plan): Promise<Servers> {
  const [port, admin] = [reservedPort(), reservedPort()];
  const listens = [port, admin].flatMap((one) => ['--listen', `127.0.0.1:${one}`]);
  // Only these variables are handed on.
  const environment = ['PATH', 'HOME'].flatMap((name) => ['--setenv', name]);
  const program = new Program([
    ...['systemd-socket-activate', ...listens, '--fdname', 'app:admin', ...environment],
    ...['--setenv', `WORKERS=${workers}`, ...commandOf(recipe)],
  ]);
  await program.prints(/^Listening on /gm, 2);
  using first = await socket.createConnection(['127.0.0.1', admin], { timeout: 60 });
  await program.prints(READY, workers);
  const told = String(await first.recv(100));
  if (!/^\d+ has served \d+\n$/.test(told)) throw new Error(`the socket "admin" says ${JSON.stringify(told)}`);
  return { port, end: () => program.end() };
}

/** Runs a recipe under load, kills one of its processes, and counts what becomes of the requests. */
export async function runCores(plan: Plan): Promise<Result> {
  const start = starts[plan.recipe];
  if (start === undefined) throw new RangeError(`there is no recipe ${plan.recipe}`);
  const servers = await start(plan);
  const load = new Load(plan, asking(servers.port));
  await load.until(() => load.answers >= plan.requests / 3 && load.answered.size >= plan.workers);
  const before = [...load.answered.keys()];
  const victim = before[0] ?? '';
  process.kill(Number(victim), 'SIGKILL');
  const hasReplacement = (): boolean => [...load.answered.keys()].some((pid) => !before.includes(pid));
  await load.until(() => load.answers >= plan.requests && hasReplacement());
  await load.end();
  await servers.end();
  const isKept = load.unanswered.size === 0;
  return { recipe: plan.recipe, event: 'one of them is killed (SIGKILL) and replaced', load, isKept };
}
