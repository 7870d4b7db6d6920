import { setTimeout as sleep } from 'node:timers/promises';
import { ENDS, type Dialogue, type End, type EndName, type Result, type Results, type Step } from './dialogue.ts';
import { quiet, settled } from './quiet.ts';
import { Relay } from './relay.ts';

/** Longer than the time limits in dialogues, so that a call with one has ended. */
const BLOCKS_MS = 250;

type Ends = Readonly<Record<EndName, End>>;

/** Runs a dialogue between two ends; the results of its steps. */
export async function run({ steps, cut }: Dialogue, ends: Ends): Promise<Results[]> {
  const [port] = await Promise.all([ends.server.begin(), ends.client.begin()]);
  if (port === null) throw new Error('a server listens');
  const both = Object.values(ends);
  const relay = await Relay.to({ target: port, cut, settle: async (one) => await quiet(one, both) });
  const results: Results[] = [];
  try {
    for (const step of steps) {
      const made = await new Taking(step, ends, relay).results();
      results.push(made);
      if ([...made.client, ...made.server].includes('blocks')) break;
      await settled(relay, both);
      if (step.cut === undefined) continue;
      relay.cut(step.cut);
      await settled(relay, both);
    }
  } finally {
    await relay.close();
    await Promise.all(both.map((end) => end.end()));
  }
  return results;
}

/** A step that is being taken. */
class Taking {
  readonly #ends: Ends;
  readonly #relay: Relay;
  readonly #results = { client: [] as Result[], server: [] as Result[] };
  readonly #working = new Set<EndName>();
  readonly #done: Promise<unknown>;
  readonly #ending = new AbortController();

  constructor(step: Step, ends: Ends, relay: Relay) {
    this.#ends = ends;
    this.#relay = relay;
    this.#done = Promise.all(ENDS.map(async (name) => await this.#work(name, step))).finally(() =>
      this.#ending.abort(),
    );
  }

  /** The results; the last of an end is `'blocks'` where both ends wait for each other. */
  async results(): Promise<Results> {
    await Promise.race([this.#done, this.#stuck()]);
    const results = { client: [...this.#results.client], server: [...this.#results.server] };
    for (const name of this.#working) {
      results[name].push('blocks');
      this.#ends[name].interrupt();
    }
    await this.#done;
    return results;
  }

  async #work(name: EndName, step: Step): Promise<void> {
    const calls = step[name] ?? [];
    if (calls.length === 0) return;
    this.#working.add(name);
    await this.#ends[name].run(calls, this.#relay.port, (result) => this.#results[name].push(result));
    this.#working.delete(name);
  }

  /** Waits until nothing happens any more, and no time limit passes. */
  async #stuck(): Promise<void> {
    for (let seen = ''; this.#working.size > 0;) {
      await settled(this.#relay, Object.values(this.#ends));
      if (seen === this.#progress) return;
      seen = this.#progress;
      await sleep(BLOCKS_MS, undefined, { signal: this.#ending.signal }).catch(() => undefined);
    }
  }

  get #progress(): string {
    const { client, server } = this.#results;
    return [this.#relay.activity, client.length, server.length].join(' ');
  }
}
