import { setImmediate as turn } from 'node:timers/promises';
import { BLOCKS, type Dialogue, type End, type EndName, type Results } from './dialogue.ts';
import { Relay } from './relay.ts';

/** Runs a dialogue between two ends; the results of its steps. */
export async function run(
  { steps, cut }: Dialogue,
  ends: Readonly<Record<EndName, End>>,
  patience: number,
): Promise<Results[]> {
  const [port] = await Promise.all([ends.server.begin(), ends.client.begin()]);
  if (port === null) throw new Error('a server listens');
  const relay = await Relay.to(port, cut);
  const results: Results[] = [];
  try {
    for (const step of steps) {
      const seconds = BLOCKS * patience;
      const [client, server] = await Promise.all([
        step.client === undefined ? [] : ends.client.run(step.client, relay.port, seconds),
        step.server === undefined ? [] : ends.server.run(step.server, relay.port, seconds),
      ]);
      results.push({ client, server });
      if ([...client, ...server].includes('blocks')) break;
      await relay.quiet(patience);
      if (step.cut === undefined) continue;
      relay.cut(step.cut);
      await relay.quiet(patience);
    }
  } finally {
    await Promise.all([ends.client.end(), ends.server.end()]);
    await relay.close();
    await turn();
  }
  return results;
}
