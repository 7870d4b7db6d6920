import { setTimeout as delay } from 'node:timers/promises';
import type { Child } from '../child.ts';
import { seconds, type Extent, type Outcome } from '../part.ts';
import { Cable } from './cable.ts';
import { CALLS, type CallName, type Limits, type Notice } from './stranded.ts';

/** How each call is to end: with an error while the cable is broken, well once it is mended, or not at all. */
const EXPECTED: Readonly<Record<CallName, 'ETIMEDOUT' | 'done' | 'nothing'>> = {
  alive: 'ETIMEDOUT',
  aliveBusy: 'done',
  user: 'nothing',
  userBusy: 'ETIMEDOUT',
  both: 'ETIMEDOUT',
  bothBusy: 'ETIMEDOUT',
  timed: 'ETIMEDOUT',
  timedBusy: 'ETIMEDOUT',
  connect: 'ETIMEDOUT',
  tcp: 'done',
  tls: 'done',
  again: 'done',
  fresh: 'done',
};

/** How many seconds later than its time limit a call may end: the kernel's own timers are that coarse. */
const TOLERANCE = 3;

interface Plan {
  readonly limits: Limits;
  /** How long the cable is broken, in seconds; undefined for as long as calls are still to notice it. */
  readonly down: number | undefined;
}

const FULL: Plan = { limits: { idle: 5, interval: 1, count: 5, user: 15, limit: 5 }, down: 30 };
const SMALL: Plan = { limits: { idle: 1, interval: 1, count: 1, user: 1, limit: 0.3 }, down: undefined };

/** So many seconds are enough for what must happen. */
const PATIENCE = 60;

/** Calls that wait while the cable is broken. */
export async function outage({ size }: Extent): Promise<Outcome> {
  const plan = size === 'full' ? FULL : SMALL;
  const { limits, down } = plan;
  const columns: Map<string, Notice>[] = [];
  const mistakes: string[] = [];
  const ways = size === 'full' ? (['cut', 'unplug'] as const) : (['cut'] as const);
  for (const how of ways) {
    await using cable = await Cable.lay();
    await using far = cable.start('far', 'far');
    await far.line();
    await using near = cable.start('near', 'stranded', JSON.stringify(limits));
    await near.line();
    const notices = new Notices(near);
    await cable.break(how);
    near.tell('broken');
    await (down === undefined ? notices.until('ETIMEDOUT') : delay(1000 * down));
    await cable.mend(how);
    near.tell('mended');
    await notices.until('done');
    near.tell('end');
    columns.push(notices.byName);
    mistakes.push(...mistakesIn(notices.byName, limits, size === 'full').map((text) => `${how}: ${text}`));
  }
  return {
    head: ['What watches over the connection; what the call does', 'Cable cut in between', 'Cable unplugged'].slice(
      0,
      1 + ways.length,
    ),
    rows: Object.values(CALLS).map((name) => [name, ...columns.map((notices) => cell(notices.get(name)))]),
    conditions: [
      `The cable is broken for ${down ?? 'some'} s; keepalive probes after ${limits.idle} s, then every ${limits.interval} s, ${limits.count} of them; \`TCP_USER_TIMEOUT\` ${limits.user} s; \`settimeout(${limits.limit})\``,
    ],
    mistakes,
  };
}

/** What the calls at the near end have noticed so far. */
class Notices {
  readonly byName = new Map<string, Notice>();
  #wake: () => void = () => undefined;

  constructor(near: Child) {
    void this.#collect(near);
  }

  /** Waits until all calls have ended that are to end so. */
  async until(outcome: 'ETIMEDOUT' | 'done'): Promise<void> {
    const awaited = callNames().filter((name) => EXPECTED[name] === outcome);
    const timer = new AbortController();
    const late = delay(1000 * PATIENCE, 'late', { signal: timer.signal }).catch(() => 'late');
    while (!awaited.every((name) => this.byName.has(CALLS[name]))) {
      const woken = new Promise<string>((resolve) => (this.#wake = () => resolve('woken')));
      if ((await Promise.race([woken, late])) === 'late') break;
    }
    timer.abort();
  }

  async #collect(near: Child): Promise<void> {
    try {
      for (;;) {
        const notice = await near.result<Notice>();
        this.byName.set(notice.name, notice);
        this.#wake();
      }
    } catch {
      // It has ended.
    }
  }
}

function callNames(): CallName[] {
  return Object.keys(CALLS) as CallName[];
}

/** What is not as it is to be; the time is looked at only where nothing else runs on the machine. */
function mistakesIn(notices: ReadonlyMap<string, Notice>, limits: Limits, withTimes: boolean): string[] {
  return callNames().flatMap((name) => {
    const { outcome = 'nothing', after = 0 } = notices.get(CALLS[name]) ?? {};
    if (outcome !== EXPECTED[name]) return [`${CALLS[name]}: ${outcome}, and not ${EXPECTED[name]}`];
    const limit = limitOf(name, limits);
    if (!withTimes || limit === undefined || Math.abs(after - limit) <= TOLERANCE) return [];
    return [`${CALLS[name]}: after ${seconds(after)}, and not ${limit} s`];
  });
}

/** When a call is to notice that the cable is broken. */
function limitOf(name: CallName, { idle, interval, count, user, limit }: Limits): number | undefined {
  if (name === 'alive') return idle + interval * count;
  if (['userBusy', 'both', 'bothBusy'].includes(name)) return user;
  return ['timed', 'timedBusy', 'connect'].includes(name) ? limit : undefined;
}

function cell(notice: Notice | undefined): string {
  if (notice === undefined) return 'notices nothing';
  const { outcome, after, afterMend } = notice;
  if (afterMend !== null) return `${outcome === 'done' ? 'goes on' : outcome} ${seconds(afterMend)} after the mend`;
  return `\`${outcome}\` after ${seconds(after)}`;
}
