import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { Outbox } from '../../demos/support/outbox.ts';
import * as socket from '../../lib/index.ts';
import { recvAll } from '../support/peer.ts';

const LIMIT = 10_000;

it('An outbox keeps as many bytes as its limit for a client that does not read, however short the lines are', async () => {
  const [one, other] = await socket.socketpair();
  const outbox = new Outbox(one, LIMIT);
  const line = Buffer.from('line\n');
  let taken = 0;
  // The kernel takes what it has room for; then the outbox fills.
  for (;;) {
    if (!outbox.put(line)) {
      if (outbox.size > LIMIT - line.length) break;
      throw new Error(`refused with ${outbox.size} bytes`);
    }
    taken += line.length;
    expect(outbox.size).toBeLessThanOrEqual(LIMIT);
    if (taken % LIMIT === 0) await turn();
  }
  expect(outbox.put(Buffer.of())).toBe(true);
  const received = recvAll(other);
  while (outbox.size > 0) await turn();
  expect(outbox.put(line)).toBe(true);
  while (outbox.size > 0) await turn();
  one.shutdown(socket.SHUT_WR);
  expect((await received).toString()).toBe('line\n'.repeat(taken / line.length + 1));
  one.close();
  other.close();
});

it('An outbox that cannot send keeps its limit', async () => {
  const [one, other] = await socket.socketpair();
  other.close();
  const outbox = new Outbox(one, LIMIT);
  while (outbox.put(Buffer.alloc(1000))) await turn();
  expect(outbox.size).toBe(LIMIT);
  one.close();
});
