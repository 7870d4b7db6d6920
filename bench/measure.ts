import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Compiled } from './compile.ts';
import { counted, DETERMINISTIC } from './counts/run.ts';
import type { Growth } from './growth.ts';
import type { Machine } from './machine.ts';
import { isRuntime, type ContenderName, type Contestant, type Measure, type Row } from './rows.ts';
import { ratios, spread, type Spread } from './statistics.ts';
import { runProgram, startCommand } from './start.ts';
import type { CertificateFiles, Span, Where } from './tasks.ts';
import { Unable, WorkerProcess } from './worker-process.ts';

/**
 * The length of the warm-up of each process, in turns, unless the row has its own. It is made of ordinary turns,
 * because code that V8 compiles within one long turn does not serve the next turn.
 */
const WARM_UP = 20;

/**
 * After so many rounds all processes of a row are started anew: the speed of the same code varies from process to
 * process, for the whole life of the process.
 */
const ROUNDS_OF_A_LAUNCH = 5;

/** The most seconds of a turn that ends after a number of operations. */
const LONGEST = 20;

/** Without TLS: no certificate is made, which takes OpenSSL's program. */
const NO_FILES: CertificateFiles = { certificate: '', key: '' };

/** How a row is measured. */
export interface Plan {
  readonly contenders: readonly Contestant[];
  /** The contender with which all are compared. */
  readonly base: Contestant;
  readonly rounds: number;
  /** The seconds of one contender's turn in a round. */
  readonly seconds: number;
  /** The processor that all processes share; `undefined` for none in particular. */
  readonly core: number | undefined;
  /** The processor of the other side, where the sides have one each. */
  readonly otherCore: number | undefined;
}

/** The result of one contender. */
export interface Result {
  /** How much it did in a second. */
  readonly speed: Spread;
  /**
   * What the plan's base takes in the same round, as a multiple of what it takes: the processor time of both sides, or
   * what else the row compares.
   */
  readonly ratio: Spread;
  /** Its speed as a part of the base's in the same round. */
  readonly speedRatio: Spread;
  /** Processor time of its process for one operation, or one byte, as a part of the base's. */
  readonly cost: Spread;
}

/** Kilobytes (1024 bytes) of a server's memory for each connection. */
export interface Memory {
  /** For a connection that was only made. */
  readonly idle: number;
  /** For a connection that has echoed a message. */
  readonly active: number;
  /** What V8's heap has of it; `undefined` for what is no Node. */
  readonly heap?: number | undefined;
}

/** The results of a row. */
export interface Outcome {
  readonly row: string;
  readonly peer: ContenderName;
  readonly results: Partial<Record<Contestant, Result>>;
  /** What the library of an earlier commit takes, as a multiple of what it takes today; and its speed likewise. */
  readonly change?: { readonly ratio: Spread; readonly speedRatio: Spread } | undefined;
  /** The errors of contenders. */
  readonly failures: Partial<Record<Contestant, string>>;
}

interface Turn {
  readonly speed: number;
  /** Processor time of its own process for one operation, or one byte; and of both sides. */
  readonly cost: number;
  readonly costOfBoth: number;
}

/**
 * What a process imports: the files of the library, or the package that is made of them. What Node has to do for 150 files
 * goes on for a while after they are loaded, in V8's other threads and in the garbage collection.
 */
type LibraryForm = 'files' | 'package';

/** Some rounds of a row, with their results. */
interface Launch {
  readonly peer: ContenderName;
  readonly rounds: number;
  readonly turns: Map<Contestant, Turn[]>;
  readonly failures: Partial<Record<Contestant, string>>;
  readonly onTurn: (row: string) => void;
}

/** The number of all rounds, with the warm-up rounds. */
export function roundsOf(row: Row, plan: Plan): number {
  return roundsOfLaunches(row, plan).reduce((sum, rounds) => sum + rounds + 1, 0);
}

/** Whether each turn has a process of its own. */
function isFresh({ coldTimes, isProgram }: Row): boolean {
  return coldTimes !== undefined || isProgram === true;
}

function roundsOfLaunches(row: Row, plan: Plan): number[] {
  const rounds = Math.min(plan.rounds, row.rounds ?? plan.rounds);
  const launches = isFresh(row) ? 1 : Math.ceil(rounds / ROUNDS_OF_A_LAUNCH);
  return Array.from({ length: launches }, (_, index) => Math.floor((rounds + index) / launches));
}

export class Bench {
  readonly #compiled: Compiled;
  readonly #machine: Machine;
  readonly #before: Compiled | undefined;
  #paths = 0;

  /** @param before - the library of the commit that is measured as `before`. */
  constructor(compiled: Compiled, machine: Machine, before?: Compiled) {
    this.#compiled = compiled;
    this.#machine = machine;
    this.#before = before;
  }

  /** Whether a contender can be run here. */
  has(name: ContenderName): boolean {
    if (isPython(name)) return this.#machine.python !== undefined;
    return !isRuntime(name) || this.#machine.runtimes[name] !== undefined;
  }

  /** Measures a row; calls `onTurn` after each turn. */
  async measure(row: Row, plan: Plan, onTurn: (row: string) => void): Promise<Outcome> {
    const peer = row.peers.find((name) => this.has(name));
    if (peer === undefined) throw new Error(`${row.name}: no program here can take the other side`);
    const turns = new Map<Contestant, Turn[]>(plan.contenders.map((name) => [name, []]));
    const failures: Outcome['failures'] = {};
    for (const rounds of roundsOfLaunches(row, plan)) {
      const launch: Launch = { peer, rounds, turns, failures, onTurn };
      if (isFresh(row)) await this.#fresh(row, plan, launch);
      else await this.#launch(row, plan, launch);
    }
    const compare = (base: Contestant): Outcome['results'] => resultsOf(row, turns, base);
    return { row: row.name, peer, results: compare(plan.base), change: compare('before')['await-socket'], failures };
  }

  /** Measures some rounds of a row with new processes; contenders that fail are left out from then on. */
  async #launch(row: Row, plan: Plan, { peer: peerName, rounds, turns, failures, onTurn }: Launch): Promise<void> {
    const startPeer = (): WorkerProcess => this.#start(peerName, row.apart === true ? plan.otherCore : plan.core);
    let peer = startPeer();
    const contenders = new Map([...turns.keys()].map((name) => [name, this.#start(name, plan.core)]));
    try {
      // The first round is the warm-up: it has more turns, and does not count.
      for (let round = 0; round <= rounds; round += 1) {
        // Forth and back, so that slow changes of the machine favour no contender.
        for (const [name, contender] of round % 2 === 0 ? [...contenders] : [...contenders].reverse()) {
          try {
            const seconds = Math.max(plan.seconds, row.seconds ?? 0);
            // Counted in turns: beside other work, a process has hardly run by the end of a time.
            const times = round === 0 ? Math.ceil(((row.warmUp ?? WARM_UP) * plan.seconds) / seconds) : 1;
            for (let time = 0; time < times; time += 1) {
              const turn = await this.#turn(row, { seconds }, contender, peer);
              if (round > 0) turns.get(name)?.push(turn);
            }
          } catch (error) {
            await contender.end();
            contenders.delete(name);
            turns.delete(name);
            if (!(error instanceof Unable)) {
              failures[name] = error instanceof Error ? error.message : String(error);
              // The failure may have left the other side in any state, so the next contender gets a new one.
              await peer.end();
              peer = startPeer();
            }
          }
          onTurn(row.name);
        }
      }
    } finally {
      await Promise.all([peer, ...contenders.values()].map((one) => one.end()));
    }
  }

  /** Measures some rounds of a row, in each of which each contender is a new process. */
  async #fresh(row: Row, plan: Plan, { peer: peerName, rounds, turns, failures, onTurn }: Launch): Promise<void> {
    let peer = this.#start(peerName, plan.core);
    try {
      // The first round warms up the other side, and the system's cache of files, and does not count.
      for (let round = 0; round <= rounds; round += 1) {
        const names = [...turns.keys()];
        for (const name of round % 2 === 0 ? names : names.reverse()) {
          try {
            const turn = await (row.isProgram === true
              ? this.#program(row, name, peer, plan)
              : this.#firstTurn(row, name, peer, plan));
            if (round > 0) turns.get(name)?.push(turn);
          } catch (error) {
            turns.delete(name);
            if (!(error instanceof Unable)) {
              failures[name] = error instanceof Error ? error.message : String(error);
              await peer.end();
              peer = this.#start(peerName, plan.core);
            }
          }
          onTurn(row.name);
        }
      }
    } finally {
      await peer.end();
    }
  }

  /** The first turn of a new process. */
  async #firstTurn(row: Row, name: Contestant, peer: WorkerProcess, plan: Plan): Promise<Turn> {
    const contender = this.#start(name, plan.core, 'package');
    try {
      // It has answered once it is loaded; what it takes until then is the row `start`.
      await contender.stop();
      return await this.#turn(row, { seconds: LONGEST, times: row.coldTimes }, contender, peer);
    } finally {
      await contender.end();
    }
  }

  /** The whole life of a program. */
  async #program(row: Row, name: Contestant, peer: WorkerProcess, plan: Plan): Promise<Turn> {
    const program = startCommand(name, this.#machine, this.#compiled, this.#before);
    const { where } = await peer.server(row.server, { ...row.settings, files: NO_FILES, where: this.#where(row) });
    const ran = await runProgram(onCore(plan.core, program), where, variables[name] ?? {});
    const { used } = await peer.stop();
    return { speed: 1 / ran.seconds, cost: ran.used, costOfBoth: ran.used + used };
  }

  /** Measures how much memory a contender's server needs for a connection. */
  async memory(name: Contestant, plan: Plan, connections: number, isTls: boolean): Promise<Memory | undefined> {
    const contender = this.#start(name, plan.core);
    const peer = this.#start('onread', plan.core);
    const files = isTls ? this.#compiled.certificate() : NO_FILES;
    const settings = { size: 64, connections, way: 'plain', connected: false, files } as const;
    try {
      const { where } = await contender.server(isTls ? 'tls-echo' : 'echo', {
        ...settings,
        where: { host: '127.0.0.1', port: 0 },
      });
      const client = { ...settings, where, span: { seconds: 0 } };
      const gather = isTls ? 'tls-gather' : 'gather';
      // The first connections allocate what the process needs only once.
      await peer.client(gather, { ...client, connections: connections / 100 });
      await peer.client('exercise', client);
      await peer.client('scatter', client);
      const before = await contender.memory();
      const perConnection = (bytes: number): number => bytes / 1024 / connections;
      await peer.client(gather, client);
      const idle = await contender.memory();
      await peer.client('exercise', client);
      const active = await contender.memory();
      return {
        idle: perConnection(idle.bytes - before.bytes),
        active: perConnection(active.bytes - before.bytes),
        heap:
          active.heap === undefined || before.heap === undefined ? undefined : perConnection(active.heap - before.heap),
      };
    } catch (error) {
      if (error instanceof Unable) return undefined;
      throw error;
    } finally {
      await Promise.all([contender.end(), peer.end()]);
    }
  }

  /** Measures how the cost of operations grows with the length of a queue. */
  async growths({ core }: Plan): Promise<Growth[]> {
    const [file, ...args] = onCore(core, [this.#machine.node, this.#compiled.path('bench/queues.js')]);
    const { stdout } = await promisify(execFile)(file, args);
    return JSON.parse(stdout) as Growth[];
  }

  /** Counts the bytes that a round trip allocates. */
  async allocation(): Promise<number> {
    const figures = await counted(this.#machine.node, this.#compiled, ['bytes', 'round trip'], DETERMINISTIC);
    return figures['round trip']?.bytes ?? NaN;
  }

  async #turn(row: Row, span: Span, contender: WorkerProcess, peer: WorkerProcess): Promise<Turn> {
    const [client, server] = row.contender === 'client' ? [contender, peer] : [peer, contender];
    const files = row.group === 'tls' ? this.#compiled.certificate() : NO_FILES;
    const settings = { ...row.settings, ...(contender.name === 'data' ? row.plain : undefined), files };
    const { where } = await server.server(row.server, { ...settings, where: this.#where(row) });
    try {
      const measured = await client.client(row.client, { ...settings, where, span });
      const stopped = await server.stop();
      const { used } = row.contender === 'client' ? measured : stopped;
      const costOfBoth = (measured.used + stopped.used) / measured.count;
      return { speed: measured.count / measured.seconds, cost: used / measured.count, costOfBoth };
    } catch (error) {
      if (error instanceof Unable && server === peer) await server.stop();
      throw error;
    }
  }

  #where(row: Row): Where {
    if (row.unix === undefined) return { host: '127.0.0.1', port: 0 };
    this.#paths += 1;
    return { path: this.#compiled.path(`${this.#paths}.sock`) };
  }

  #start(name: Contestant, core: number | undefined, library: LibraryForm = 'files'): WorkerProcess {
    return new WorkerProcess(name, onCore(core, this.#commandOf(name, library)), variables[name] ?? {});
  }

  #commandOf(name: Contestant, library: LibraryForm): [string, ...string[]] {
    const { node, python, runtimes } = this.#machine;
    const workerOf = (compiled: Compiled): string =>
      library === 'package' ? compiled.packaged('bench/worker.js') : compiled.path('bench/worker.js');
    if (name === 'before' && this.#before !== undefined) return [node, workerOf(this.#before), 'await-socket'];
    // The package takes a while to make.
    const worker = isLibrary(name) ? workerOf(this.#compiled) : this.#compiled.path('bench/worker.js');
    if (isPython(name) && python !== undefined) return [python, join('bench', 'contenders', `${name}.py`)];
    if (name === 'deno' && runtimes.deno !== undefined) return [runtimes.deno, 'run', '--allow-all', worker, name];
    if (name === 'bun' && runtimes.bun !== undefined) return [runtimes.bun, worker, name];
    return [node, worker, name === 'await-socket-documented-path' ? 'await-socket' : name];
  }
}

/** The environment variables of contenders' processes. */
const variables: Partial<Record<Contestant, Record<string, string>>> = {
  'await-socket-documented-path': { AWAIT_SOCKET_FAST_PATH: 'off' },
};

/** The command, bound to one processor if one is given. */
function onCore(core: number | undefined, command: [string, ...string[]]): [string, ...string[]] {
  return core === undefined ? command : ['taskset', '-c', String(core), ...command];
}

function isLibrary(name: Contestant): boolean {
  return name === 'await-socket' || name === 'await-socket-documented-path';
}

function isPython(name: Contestant): boolean {
  return name === 'python-blocking' || name === 'python-asyncio';
}

function resultsOf(row: Row, turns: ReadonlyMap<Contestant, readonly Turn[]>, base: Contestant): Outcome['results'] {
  const compared = turns.get(base);
  const results: Outcome['results'] = {};
  // Without a base to compare with there is no result.
  if (compared === undefined) return results;
  const speeds = (all: readonly Turn[]): number[] => all.map(({ speed }) => speed);
  const costs = (all: readonly Turn[]): number[] => all.map(({ cost }) => cost);
  const costsOfBoth = (all: readonly Turn[]): number[] => all.map(({ costOfBoth }) => costOfBoth);
  for (const [name, own] of turns) {
    const speedRatios = ratios(speeds(own), speeds(compared));
    const better: Record<Measure, () => number[]> = {
      both: () => ratios(costsOfBoth(compared), costsOfBoth(own)),
      own: () => ratios(costs(compared), costs(own)),
      clock: () => speedRatios,
    };
    results[name] = {
      speed: spread(speeds(own)),
      ratio: spread(better[row.by ?? 'both']()),
      speedRatio: spread(speedRatios),
      cost: spread(ratios(costs(own), costs(compared))),
    };
  }
  return results;
}
