import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import type { End } from './dialogue.ts';
import type { Relay } from './relay.ts';

/** So many turns of the event loop without a byte are quiet: an end of ours takes a few to answer what has come. */
const QUIET_TURNS = 24;

/** Waits for turns of the event loop. */
export async function turns(count: number): Promise<void> {
  for (let done = 0; done < count; done += 1) await turn();
}

/** Waits until nothing goes through, and both ends have read all that they want to read. */
export async function quiet(relay: Relay, ends: readonly End[]): Promise<void> {
  for (;;) {
    const seen = relay.activity;
    await turns(QUIET_TURNS);
    if (relay.activity !== seen) continue;
    if (ends.every((end) => end.isWaiting)) return;
    await sleep(1);
  }
}

/** The same, and nothing is about to go through. */
export async function settled(relay: Relay, ends: readonly End[]): Promise<void> {
  do await quiet(relay, ends);
  while (relay.isBusy);
}
