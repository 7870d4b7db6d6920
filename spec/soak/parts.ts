import { crowd } from './crowd.ts';
import { faults } from './faults/faults.ts';
import { kept } from './kept.ts';
import { succession } from './succession.ts';
import { tasks } from './tasks/tasks.ts';
import type { Extent, Outcome } from './part.ts';

/** What is run, and how often in full. */
export interface Part {
  readonly does: string;
  readonly runs: number;
  readonly run: (extent: Extent) => Promise<Outcome>;
}

export const PARTS = {
  crowd: {
    does: 'connections at once: fast, slow and silent ones, over TCP and TLS',
    runs: 10_000,
    run: crowd,
  },
  succession: {
    does: 'connections one after another, over TCP, and a twentieth as many over TLS',
    runs: 1_000_000,
    run: succession,
  },
  faults: {
    does: 'transfers through a proxy that cuts, resets, stalls, delays …, with our ends and with those of Python',
    runs: 140_000,
    run: faults,
  },
  tasks: {
    does: 'random programs of concurrent tasks on one socket: the order, loss, duplication and settling of all calls',
    runs: 1_000_000,
    run: tasks,
  },
  kept: {
    does: 'received memory that is kept, and compared after as many more reads',
    runs: 100_000,
    run: kept,
  },
} as const satisfies Readonly<Record<string, Part>>;

export type PartName = keyof typeof PARTS;

export function isPart(name: string | undefined): name is PartName {
  return name !== undefined && Object.hasOwn(PARTS, name);
}
