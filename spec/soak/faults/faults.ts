import { hasPython } from '../../support/python.ts';
import { figures, leakedDescriptors, megabytes, growth, type Figures } from '../figures.ts';
import { Deadline, Mistakes, type Extent, type Outcome } from '../part.ts';
import { mistakesOf, type Ended } from './judge.ts';
import { PEERS, planOf, type Plan } from './plan.ts';
import { PythonEnds } from './python.ts';
import { transfer } from './transfer.ts';

/** How many transfers run at a time: many of them wait. */
const WORKERS = 96;

/** The part of all transfers that warms up. */
const WARM_UP = 0.1;

/** What has become of the transfers of one kind. */
class Tally {
  transfers = 0;
  acted = 0;
  bytes = 0;
  whole = 0;
  short = 0;
  slowest = 0;
  readonly failures = new Map<string, number>();

  add({ ends, hasActed }: Ended): void {
    this.transfers += 1;
    if (hasActed) this.acted += 1;
    for (const { received, sent, slowest } of Object.values(ends)) {
      this.bytes += received.count;
      this.slowest = Math.max(this.slowest, Math.ceil(slowest));
      const failure = [received.end, sent.end].find((name) => !['end', 'done', 'not begun'].includes(name));
      if (failure !== undefined) this.failures.set(failure, (this.failures.get(failure) ?? 0) + 1);
      else this.whole += 1;
    }
  }

  get cells(): (string | number)[] {
    const failures = [...this.failures].sort(([, few], [, many]) => many - few);
    const names = failures.map(([name, times]) => `${times.toLocaleString('en-US')} ${name}`).join(', ');
    const megabytes = `${(this.bytes / 1e6).toFixed(0)} MB`;
    return [this.transfers, this.acted, megabytes, this.whole, names, `${this.slowest} ms`];
  }
}

export async function faults(extent: Extent): Promise<Outcome> {
  const deadline = new Deadline(extent);
  const mistakes = new Mistakes();
  const tallies = new Map<string, Tally>();
  const peers = hasPython ? PEERS : (['none'] as const);
  const python = hasPython ? new PythonEnds() : undefined;
  let next = 0;
  const work = async (most: number): Promise<void> => {
    while (next < most && !deadline.isOver && !mistakes.isFull) {
      const plan = planOf(extent.seed + next, peers);
      next += 1;
      await judged(plan, python, tallies, mistakes);
    }
  };
  const all = async (most: number): Promise<Figures> => {
    await Promise.all(Array.from({ length: WORKERS }, () => work(most)));
    if (before > 0) await leakedDescriptors(before, 20);
    return await figures();
  };
  let before = 0;
  const first = await all(Math.ceil(extent.runs * WARM_UP));
  before = first.descriptors;
  const last = await all(extent.runs);
  for (const text of growth(first, last, 'the process of both ends and the proxy', next)) mistakes.add(text);
  await python?.close();
  return {
    head: ['kind', '', 'transfers', 'with the fault', 'received', 'ends without error', 'ends with', 'slowest call'],
    rows: [...tallies].sort().map(([name, tally]) => [...name.split(', '), ...tally.cells]),
    conditions: [
      `Seeds from ${extent.seed} on; ${deadline.taken}; ${mistakes.count} mistakes; a third of the transfers each with Python's client, with Python's server, and without Python`,
      `Held after the first tenth and at the end: ${megabytes(first.rss, last.rss)}, ${first.descriptors} → ${last.descriptors} descriptors, ${first.handles} → ${last.handles} handles`,
    ],
    mistakes: mistakes.shown,
  };
}

async function judged(
  plan: Plan,
  python: PythonEnds | undefined,
  tallies: Map<string, Tally>,
  mistakes: Mistakes,
): Promise<void> {
  const { seed, fault, transport } = plan;
  const add = (text: string): void =>
    mistakes.add(`seed ${seed} (${transport}, ${fault.kind}, Python: ${plan.python}): ${text}`);
  const name = `${fault.kind}, ${transport}`;
  const tally = tallies.get(name) ?? new Tally();
  tallies.set(name, tally);
  try {
    const ended = await transfer(plan, python);
    tally.add(ended);
    for (const text of mistakesOf(plan, ended)) add(text);
  } catch (error) {
    add(String(error));
  }
}
