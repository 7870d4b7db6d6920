import { execFile, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { command } from '../demos/support/command.ts';
import { Compiled } from './compile.ts';
import { countsTable, excess, joined, least, medians, rounded, savings, type Figures } from './counts/figures.ts';
import { counted, DETERMINISTIC } from './counts/run.ts';
import { writePart } from './document.ts';
import { explore } from './machine.ts';

/** `npm run counts`: counts costs that do not depend on the machine's speed, and fails where they exceed the limits. */

interface Options {
  readonly node?: string;
  readonly write?: true;
}

const ALLOWED = 'bench/counts.json';

/**
 * How many times everything is counted before a count is reported, or allowed: the memory of a connection varies by a
 * few percent.
 */
const ATTEMPTS = 5;

/** How many times an operation is done under `strace`: the difference between the two counts is its own cost. */
const FEW = 100;
const MANY = 600;

const execute = promisify(execFile);

/** The system calls that `strace` counts, by purpose. Polls are left out: their number depends on timing. */
const systemCalls: Readonly<Record<string, readonly string[]>> = {
  reads: ['read', 'readv', 'recvfrom', 'recvmsg', 'recvmmsg'],
  writes: ['write', 'writev', 'sendto', 'sendmsg', 'sendmmsg'],
  registrations: ['epoll_ctl', 'io_uring_enter'],
};

class Counter {
  readonly #node: string;
  readonly #compiled: Compiled;
  readonly #traces: boolean;

  constructor(node: string, compiled: Compiled, traces: boolean) {
    this.#node = node;
    this.#compiled = compiled;
    this.#traces = traces;
  }

  async count(): Promise<Figures> {
    const all = await Promise.all([
      this.#program([], 'resources'),
      this.#program(DETERMINISTIC, 'bytes'),
      this.#program(DETERMINISTIC, 'clients'),
      this.#program(DETERMINISTIC, 'accepted'),
      this.#program(DETERMINISTIC, 'secured'),
      this.#traced('round trip'),
      this.#traced('TLS round trip'),
      this.#traced('datagram round trip'),
    ]);
    return rounded(all.reduce(joined));
  }

  async #program(flags: readonly string[], what: string): Promise<Figures> {
    return await counted(this.#node, this.#compiled, [what], flags);
  }

  async #traced(operation: string): Promise<Figures> {
    if (!this.#traces) return {};
    const few = await this.#calls(operation, FEW);
    const many = await this.#calls(operation, MANY);
    const perTime = Object.keys(systemCalls).map((kind) => {
      return [kind, ((many[kind] ?? 0) - (few[kind] ?? 0)) / (MANY - FEW)] as const;
    });
    return { [operation]: Object.fromEntries(perTime) };
  }

  async #calls(operation: string, times: number): Promise<Record<string, number>> {
    const file = this.#compiled.path(`${operation} ${times}`);
    const program = [this.#node, this.#compiled.path('bench/counts/program.js'), 'calls', operation, String(times)];
    // Without -f it follows only the first thread; the other side runs in another.
    await execute('strace', ['-c', '-U', 'name,calls,errors', '-o', file, ...program]);
    const counts = new Map<string, number>();
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      const [name = '', calls = '0', errors = '0'] = line.trim().split(/\s+/);
      // The number of reads that find nothing depends on timing.
      counts.set(name, Number(calls) - Number(errors));
    }
    const sum = (names: readonly string[]): number => names.reduce((all, name) => all + (counts.get(name) ?? 0), 0);
    return Object.fromEntries(Object.entries(systemCalls).map(([kind, names]) => [kind, sum(names)]));
  }
}

function readAllowed(): Record<string, Figures> {
  return JSON.parse(readFileSync(ALLOWED, 'utf8')) as Record<string, Figures>;
}

/** Whether `strace` exists and may trace: in some containers it may not. */
function canTrace(): boolean {
  return spawnSync('strace', ['-c', '-o', '/dev/null', 'true']).status === 0;
}

async function write(major: string, figures: Figures): Promise<void> {
  const all = readAllowed();
  // Where `strace` is missing, the figures that need it stay as they are.
  all[major] = joined(figures, all[major] ?? {});
  writeFileSync(ALLOWED, `${JSON.stringify(all, null, 2)}\n`);
  await writePart('counts', countsTable(all));
}

async function main(options: Options): Promise<void> {
  const { node, nodeVersion } = explore(options.node, []);
  const major = /^v(\d+)/.exec(nodeVersion)?.[1] ?? '';
  const compiled = new Compiled();
  compiled.certificate();
  process.once('exit', () => compiled.remove());
  const traces = canTrace();
  if (!traces) console.log('skipped: system calls are not counted, because strace is missing or may not trace');
  const counter = new Counter(node, compiled, traces);

  const allowed = readAllowed()[major];
  const all: [Figures, ...Figures[]] = [await counter.count()];
  const isEnough = (): boolean =>
    options.write !== true && (allowed === undefined || excess(all.reduce(least), allowed).length === 0);
  while (all.length < ATTEMPTS && !isEnough()) all.push(await counter.count());
  const figures = options.write === true ? rounded(medians(all)) : all.reduce(least);

  console.log(`Node ${nodeVersion}\n\n${countsTable({ [major]: figures })}\n`);
  if (options.write === true) {
    await write(major, figures);
  } else if (allowed === undefined) {
    console.log(`skipped: there are no limits for Node ${major}; npm run counts -- --write sets them`);
  } else {
    for (const line of savings(figures, allowed)) console.log(`less than allowed: ${line}; npm run counts -- --write`);
    const tooMuch = excess(figures, allowed);
    for (const line of tooMuch) console.log(`too much: ${line}`);
    if (tooMuch.length > 0) process.exitCode = 1;
  }
}

const program = command(
  'counts',
  "Counts costs that do not depend on the machine's speed, and fails where they exceed the limits.",
)
  .option('--node <version>', 'another Node, as `22`, which npx fetches')
  .option('--write', 'makes the counts the new limits, and writes them into bench/README.md')
  .action(main);

program.parseAsync().catch((error: unknown) => {
  console.error(`counts: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
