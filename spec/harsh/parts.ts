import { obstacle } from './network/cable.ts';
import { demos } from './demos/demos.ts';
import { floods } from './floods/floods.ts';
import { memory } from './memory/memory.ts';
import { obstacle as unlessMemoryGroup } from './memory/group.ts';
import { outage } from './network/outage.ts';
import { weather } from './network/weather.ts';
import { descriptors } from './shortages/descriptors.ts';
import { obstacle as unlessSmallDisk, shortages } from './shortages/others.ts';
import type { Extent, Outcome } from './part.ts';

/** What is run. */
export interface Part {
  readonly does: string;
  readonly run: (extent: Extent) => Promise<Outcome>;
  /** Why it cannot be run here, if it cannot. */
  readonly obstacle?: () => string | undefined;
}

function unlessLinux(): string | undefined {
  return process.platform === 'linux' ? undefined : 'it needs Linux';
}

export const PARTS = {
  weather: { does: 'transfers over a network that loses, delays and reorders packets', run: weather, obstacle },
  outage: { does: 'the cable pulled, and who notices it when', run: outage, obstacle },
  descriptors: { does: 'every call without a free descriptor', run: descriptors, obstacle: unlessLinux },
  shortages: { does: 'short of disk, time or memory', run: shortages, obstacle: unlessSmallDisk },
  memory: {
    does: 'a server whose memory a control group limits',
    run: memory,
    obstacle: unlessMemoryGroup,
  },
  floods: { does: 'a server that strangers flood in many ways', run: floods, obstacle: unlessLinux },
  demos: { does: 'the chat and the file server, attacked as a stranger would', run: demos, obstacle: unlessLinux },
} as const satisfies Readonly<Record<string, Part>>;

export type PartName = keyof typeof PARTS;
