import { stat } from 'node:fs';
import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from '@jest/globals';
import { afterPoll, isBudgetSpent, tryConsume, resetBudget } from '../../lib/waiting/fairness.ts';

/** Begins a test in a phase of the event loop. */
const phases: [name: string, enter: (begin: () => void) => void][] = [
  ['a microtask', (begin) => queueMicrotask(begin)],
  ['a tick', (begin) => process.nextTick(begin)],
  ['a timer', (begin) => void setTimeout(begin, 0)],
  ['an immediate', (begin) => void setImmediate(begin)],
  ['the end of a file operation', (begin) => stat(__filename, () => begin())],
];

describe('tryConsume', () => {
  it('says yes 128 times, and then no until the loop has turned', () => {
    for (let turn = 0; turn < 3; turn += 1) {
      resetBudget();
      expect(isBudgetSpent()).toBe(false);
      const answers = Array.from({ length: 200 }, () => tryConsume());
      expect(answers.lastIndexOf(true)).toBe(127);
      expect(answers.indexOf(false)).toBe(128);
      expect(isBudgetSpent()).toBe(true);
    }
  });
});

describe('afterPoll', () => {
  it.each(phases)('calls back once the loop has polled for events, begun in %s', async (_name, enter) => {
    const { port1, port2 } = new MessageChannel();
    const events: string[] = [];
    port2.on('message', () => events.push('news'));
    await new Promise<void>((resolve) => {
      enter(() => {
        port1.postMessage('news');
        afterPoll(() => {
          events.push('after the poll');
          resolve();
        });
      });
    });
    port1.close();
    expect(events).toEqual(['news', 'after the poll']);
  });

  it('keeps the order of the calls', async () => {
    const order = await new Promise<number[]>((resolve) => {
      const calls: number[] = [];
      for (const number of [1, 2]) afterPoll(() => void calls.push(number));
      afterPoll(() => resolve(calls));
    });
    expect(order).toEqual([1, 2]);
  });
});
