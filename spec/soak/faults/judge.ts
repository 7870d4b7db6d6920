import { WRONG_BYTES, type Direction, type Told } from './end.ts';
import type { Plan, Side } from './plan.ts';

/** A call may outlive its time limit by so many milliseconds: the machine may be busy. */
const SLACK = 8000;

/** Both ends of a transfer, and whether its fault has taken effect. */
export interface Ended {
  readonly ends: Readonly<Record<Side, Told>>;
  readonly hasActed: boolean;
}

/** What must not be in a transfer. */
export function mistakesOf(plan: Plan, { ends, hasActed: isThere }: Ended): string[] {
  // Time limits are short where a stall may come; on a busy machine they may pass before it.
  const isLate = ({ sent, received }: Told): boolean => [sent.end, received.end].includes('TimeoutError');
  const hasActed = isThere || (plan.fault.kind === 'stall' && Object.values(ends).some(isLate));
  return (['client', 'server'] as const).flatMap((side) => {
    const { received, slowest, strange } = ends[side];
    const found: string[] = [];
    if (strange !== null) found.push(`an error that is no OSError: ${strange}`);
    if (received.end === WRONG_BYTES) found.push('wrong bytes');
    if (slowest > plan.limit * 1000 + SLACK) found.push(`a call took ${slowest.toFixed(0)} ms`);
    if (mustBeWhole(plan, hasActed, side, 'received') && !isWhole(plan, side, 'received', received)) {
      found.push(`received ${JSON.stringify(received)} of ${expectedBy(plan, side)}`);
    }
    const { sent } = ends[side];
    if (mustBeWhole(plan, hasActed, side, 'sent') && !isWhole(plan, side, 'sent', sent)) {
      found.push(`sent ${JSON.stringify(sent)} of ${plan.lengths[side]}`);
    }
    if (isCutShort(plan, side, ends[side]) && !mayBeCutShort(plan, hasActed, side)) {
      found.push(`a clean end after ${received.count} of ${expectedBy(plan, side)} bytes`);
    }
    if (isLate(ends[side]) && plan.fault.kind !== 'stall') found.push('a time-out without a stall');
    return found.map((text) => `${side}: ${text}`);
  });
}

function expectedBy({ lengths }: Plan, side: Side): number {
  return side === 'client' ? lengths.server : lengths.client;
}

function isWhole(plan: Plan, side: Side, way: 'sent' | 'received', { count, end }: Direction): boolean {
  return way === 'sent'
    ? count === plan.lengths[side] && end === 'done'
    : count === expectedBy(plan, side) && end === 'end';
}

/** Whether an end has taken a part for all. An error is raised once: where send() has it, recv() sees the end. */
function isCutShort(plan: Plan, side: Side, { received, sent }: Told): boolean {
  return received.end === 'end' && received.count < expectedBy(plan, side) && sent.end === 'done';
}

/** Whether a direction of an end must be without any loss or error. */
function mustBeWhole({ transport, fault }: Plan, hasActed: boolean, side: Side, way: 'sent' | 'received'): boolean {
  if (!hasActed || ['byte by byte', 'delay', 'coalesce'].includes(fault.kind)) return true;
  // The other direction of a half-closed connection goes on. With TLS, an end without close_notify is the end of both.
  return fault.kind === 'half-close' && transport === 'TCP' && (fault.towards === side) === (way === 'sent');
}

/** Whether an end may take a cut stream for a whole one: only TCP's own end says nothing else. */
function mayBeCutShort({ transport, fault }: Plan, hasActed: boolean, side: Side): boolean {
  if (!hasActed || transport === 'TLS') return false;
  return fault.kind === 'cut' || (fault.kind === 'half-close' && fault.towards === side);
}
