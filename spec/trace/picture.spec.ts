import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { traceOf } from '../../cli/trace/calls.ts';
import { pictureOf } from '../../cli/trace/conversation.ts';
import type { Arrow, Picture } from '../../cli/trace/picture.ts';
import { bytes, CLIENT, conversation, SERVER, traced } from '../support/trace-lines.ts';

const draw = (entries: Parameters<typeof traceOf>[0]): Picture => pictureOf(traceOf(entries), 'a picture');

/** Arrows as people read them. */
const arrows = ({ arrows: all, lanes }: Picture): string[] => {
  const name = (place: number): string => `${lanes[place]?.process ?? ''}${lanes[place]?.name ?? ''}`;
  return all.map(({ kind, from, to, bytes: count }: Arrow) => `${kind} ${name(from)}→${name(to)} ${count}`);
};

describe('the picture of a conversation', () => {
  it('has a lane for each socket: each client to the left of its other end, and then the listener', () => {
    expect(draw(conversation()).lanes.map(({ process, name }) => `${process}${name}`)).toEqual([
      'client#1',
      'server#2',
      'server#1',
    ]);
  });

  it('has arrows from what was sent to where it was received, with the bytes that went this way', () => {
    expect(arrows(draw(conversation()))).toEqual([
      'connect client#1→server#2 0',
      'data client#1→server#2 6',
      'data client#1→server#2 12',
      'data server#2→client#1 19',
      'end server#2→client#1 0',
    ]);
  });

  it('shows the other end of a socket that is not in the trace', () => {
    const alone = conversation().filter((entry) => entry.process === 'client');
    const picture = draw(alone);
    expect(picture.lanes).toMatchObject([
      { name: '#1', isOutside: false },
      { name: '', address: '127.0.0.1:80', isOutside: true },
    ]);
    expect(arrows(picture)).toEqual([
      'connect client#1→ 0',
      'data client#1→ 6',
      'data client#1→ 12',
      'data →client#1 19',
      'end →client#1 0',
      'end client#1→ 0',
    ]);
  });

  it('tells time-outs, aborts, resets, errors, ends and calls that still wait apart', () => {
    const error = (name: string, code?: string): object => ({ error: { name, code, message: 'text' } });
    const picture = draw([
      traced(0, 'recv', { ...SERVER, ...error('TimeoutError', 'ETIMEDOUT') }),
      traced(1, 'recv', { ...SERVER, ...error('AbortError') }),
      traced(2, 'recv', { ...SERVER, ...error('ConnectionResetError', 'ECONNRESET') }),
      traced(3, 'recv', { ...SERVER, ...error('OSError', 'EBADF') }),
      traced(4, 'recv', { ...SERVER, bytes: 0 }),
      traced(5, 'recv', { ...SERVER, waits: true }),
      traced(6, 'reset', CLIENT),
    ]);
    const outcomes = picture.bars.map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['timeout', 'abort', 'reset', 'error', 'end', 'waits', 'reset']);
    expect(arrows(picture)).toEqual(['reset client#1→server#2 0']);
    expect(picture.bars[5]).toMatchObject({ at: 5, waited: picture.end - 5 - 0.1 });
  });

  it('joins datagrams by their ports, in their order, also where the sender is bound to all interfaces', () => {
    const from = { kind: 'udp', socket: 1, local: '0.0.0.0:5000', other: '127.0.0.1:53' } as const;
    const to = { kind: 'udp', socket: 2, local: '127.0.0.1:53', other: '127.0.0.1:5000' } as const;
    const picture = draw([
      traced(0, 'sendto', { ...from, ...bytes('one') }),
      traced(1, 'sendto', { ...from, ...bytes('three') }),
      traced(2, 'recvfrom', { ...to, ...bytes('one') }),
      traced(3, 'recvfrom', { ...to, ...bytes('three') }),
    ]);
    expect(arrows(picture)).toEqual(['data one#1→one#2 3', 'data one#1→one#2 5']);
  });

  it('pairs Unix sockets, which have no addresses of their own, in the order of accept()', () => {
    const listener = { kind: 'unix', socket: 1, local: '/tmp/it' } as const;
    const client = { kind: 'unix', peer: '/tmp/it' } as const;
    const picture = draw([
      traced(0, 'connect', { ...client, socket: 2 }),
      traced(1, 'connect', { ...client, socket: 3 }),
      traced(2, 'accept', { ...listener, accepted: 4 }),
      traced(3, 'accept', { ...listener, accepted: 5 }),
      traced(4, 'send', { ...client, socket: 3, ...bytes('x') }),
      traced(5, 'recv', { kind: 'unix', socket: 5, ...bytes('x') }),
    ]);
    expect(arrows(picture)).toContain('data one#3→one#5 1');
  });

  it('loses and invents no byte, however both sides cut the stream', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(sizes, sizes, (sent, received) => {
        const sum = (numbers: readonly number[]): number => numbers.reduce((one, other) => one + other, 0);
        const picture = draw([
          ...sent.map((size, at) => traced(at, 'send', { ...CLIENT, bytes: size })),
          ...received.map((size, at) => traced(100 + at, 'recv', { ...SERVER, bytes: size })),
        ]);
        const total = sum(picture.arrows.map((arrow) => arrow.bytes));
        expect(total).toBe(Math.min(sum(sent), sum(received)));
      }),
    );
  });
});
