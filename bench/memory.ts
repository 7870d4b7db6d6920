import type { Bench, Memory, Plan } from './measure.ts';
import { isRuntime, type Contestant } from './rows.ts';
import { median } from './statistics.ts';

/** How many connections a server has when its memory is measured, and how many over TLS. */
export const CONNECTIONS = 5000;
export const TLS_CONNECTIONS = 1000;

/** The most that the library may need. */
export const memoryGoal = { idle: 5, active: 6 };

/** The most that it may need over TLS, as a multiple of what the plain code needs. */
export const tlsMemoryGoal = { heap: 1.2, active: 1 };

export type MemoryOutcome = Partial<Record<Contestant, Memory>>;

/** How many times it is measured. */
export const MEMORY_ROUNDS = 3;

/** Measures each contender in processes that do nothing else, because a process may keep memory that it once had. */
export async function measureMemory(
  bench: Bench,
  plan: Plan,
  isTls: boolean,
  onTurn: (name: Contestant) => void,
): Promise<MemoryOutcome> {
  const outcome: MemoryOutcome = {};
  // The other runtimes have no call that collects the garbage.
  for (const name of plan.contenders.filter((one) => one === 'before' || !isRuntime(one))) {
    const all: Memory[] = [];
    for (let round = 0; round < MEMORY_ROUNDS; round += 1) {
      const memory = await bench.memory(name, plan, isTls ? TLS_CONNECTIONS : CONNECTIONS, isTls);
      if (memory !== undefined) all.push(memory);
      onTurn(name);
    }
    if (all.length > 0) {
      const heaps = all.flatMap(({ heap }) => heap ?? []);
      outcome[name] = {
        idle: median(all.map(({ idle }) => idle)),
        active: median(all.map(({ active }) => active)),
        heap: heaps.length === 0 ? undefined : median(heaps),
      };
    }
  }
  return outcome;
}
