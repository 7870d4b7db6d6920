import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Authority } from '../../demos/support/authority.ts';
import { TemporaryFolder } from '../../demos/support/temporary.ts';
import * as ssl from '../../lib/ssl/index.ts';
import { reservedPort } from '../../spec/support/ports.ts';
import { Backends, SERVERS } from './backends.ts';
import { asking, type Ending, type Target } from './http-client.ts';
import { Load } from './load.ts';
import { Program } from './program.ts';
import type { Plan, Result } from './results.ts';

/** Three servers behind a proxy. One of them is drained, killed, or stalled, under load. */

/** One way through a proxy to the servers. */
interface Way extends Target {
  readonly name: string;
}

/** A proxy that runs, and the ways through it. */
interface Proxy {
  readonly program: Program;
  readonly ways: readonly Way[];
}

/** What a proxy is started with. */
interface Surroundings {
  readonly folder: TemporaryFolder;
  readonly backends: Backends;
  readonly context: ssl.SSLContext;
}

const starts: Readonly<Record<string, (surroundings: Surroundings) => Proxy>> = {
  haproxy: startHaproxy,
  nginx: startNginx,
};

/** The recipes with a proxy. */
export const PROXIES = Object.keys(starts);

/** Runs a proxy under load, and does to one of its servers what each row says. */
export async function runProxy(plan: Plan): Promise<readonly Result[]> {
  const start = starts[plan.recipe];
  if (start === undefined) throw new RangeError(`there is no recipe ${plan.recipe}`);
  const folder = new TemporaryFolder();
  const authority = await Authority.create('npm run recipes, only here and today');
  const backends = await Backends.start(
    folder.write('server.pem', await authority.issue([{ type: 'dns', value: 'localhost' }])),
  );
  const context = ssl.createDefaultContext({ cadata: authority.pem });
  const { program, ways } = start({ folder, backends, context });
  await Promise.all(ways.map((way) => serves(way, program)));
  const events = [
    ['one drains (SIGTERM), and is replaced', () => backends.victim.replace('SIGTERM')],
    ['one is killed (SIGKILL), and replaced', () => backends.victim.replace('SIGKILL')],
    [`one is stopped for ${plan.stall} s (SIGSTOP)`, () => backends.victim.stall(plan.stall)],
  ] as const;
  const results: Result[] = [];
  for (const [event, happen] of events) {
    const loads = ways.map((way) => new Load(plan, asking(way)));
    await Promise.all(loads.map((load) => load.until(() => load.answered.size >= SERVERS)));
    await happen();
    await Promise.all(loads.map((load) => isBack(load, backends.victim.pid, plan)));
    await Promise.all(loads.map((load) => load.end()));
    results.push(...ways.map((way, index) => resultOf(way, event, loads[index])));
  }
  await program.end();
  await backends.end();
  return results;
}

/** Waits until a proxy, and what is behind it, serve. */
async function serves(way: Way, program: Program): Promise<void> {
  const attempt = asking(way);
  while (!('answer' in (await attempt('first')))) {
    program.checkRuns();
    await delay(50);
  }
}

/** Waits until a process has answered more than what had waited for it, and a third of all requests is answered. */
async function isBack(load: Load, pid: number, { clients, requests }: Plan): Promise<void> {
  const answers = (): number => load.answered.get(String(pid)) ?? 0;
  const before = answers();
  await load.until(() => answers() > before + clients && load.answers >= requests / 3);
}

/** What may not happen: that a request is not answered, and no server has had it. */
function resultOf({ name, hasReached }: Way, event: string, load: Load | undefined): Result {
  if (load === undefined) throw new Error('each way has a load');
  // Where the client cannot know whether a server has had its request, it must not have to.
  return { recipe: name, event, load, isKept: hasReached === undefined || load.repeated.size === 0 };
}

/** A configuration of recipes/ in a folder, with free ports in place of its own. */
function configured(file: string, { folder, backends }: Surroundings, ports: Readonly<Record<string, number>>): string {
  const text = readFileSync(join(__dirname, '../../recipes', file), 'utf8');
  return folder.write(file, backends.placed(text, ports));
}

function startHaproxy(surroundings: Surroundings): Proxy {
  const [terminated, passedThrough] = [reservedPort(), reservedPort()];
  const file = configured('haproxy.cfg', surroundings, { 8443: terminated, 8444: passedThrough });
  const program = new Program(['haproxy', '-db', '-f', file], {}, dirname(file));
  const ending: Ending = async (port) => {
    const lines = await program.prints(new RegExp(`client ${port} server \\S+ ends (\\S+) `, 'g'));
    return lines.at(-1)?.[1] ?? '';
  };
  const { context } = surroundings;
  return {
    program,
    ways: [
      // The second letter says in which state the connection ended: while it waited for a server, or for a connection to it.
      {
        name: 'haproxy, ends TLS',
        port: terminated,
        context,
        ending,
        hasReached: (told) => !/[QC]$/.test(told),
      },
      { name: 'haproxy, passes TLS through', port: passedThrough, context, ending },
    ],
  };
}

function startNginx(surroundings: Surroundings): Proxy {
  const port = reservedPort();
  const file = configured('nginx.conf', surroundings, { 8444: port });
  const folder = dirname(file);
  const foreground = `daemon off; master_process off; pid ${folder}/pid;`;
  const program = new Program(['nginx', '-p', folder, '-c', file, '-e', 'stderr', '-g', foreground]);
  return { program, ways: [{ name: 'nginx, passes TLS through', port, context: surroundings.context }] };
}
