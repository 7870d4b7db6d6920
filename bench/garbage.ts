import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Collects all garbage of this process. */
export async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // A collection in one turn may free more for a collection in the next.
  for (let turn = 0; turn < 4; turn += 1) {
    collect();
    await setImmediate();
  }
}
