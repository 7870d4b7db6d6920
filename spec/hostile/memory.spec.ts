import { existsSync, readFileSync } from 'node:fs';
import { expect, it, jest } from '@jest/globals';
import { runProgram } from '../support/peer-child.ts';

// Each program starts a Node of its own, which takes long on a busy machine.
jest.setTimeout(60_000);

const MB = 1_000_000;

/** The most that Linux holds for one connection, on both sides together; its usual limits where it does not say. */
function kernelBuffers(): number {
  const most = (name: string, usual: number): number => {
    const file = `/proc/sys/net/ipv4/${name}`;
    return existsSync(file) ? Number(readFileSync(file, 'utf8').split(/\s+/)[2]) : usual;
  };
  return most('tcp_rmem', 6_291_456) + most('tcp_wmem', 4_194_304);
}

/** The result of a measurement of peer-memory.ts. */
async function measure(name: string): Promise<Record<string, unknown>> {
  const { result, strays } = await runProgram('peer-memory', { args: [name] });
  expect(strays).toEqual([]);
  return { ...(result as object) };
}

it('keeps 100,000 bytes that come one at a time, in order and in little more memory than their number', async () => {
  const { grown, inOrder, taken } = await measure('singleBytes');
  expect(inOrder).toBe(true);
  expect(taken).toBe(100_000);
  // A Buffer for each byte would take far more.
  expect(grown).toBeLessThan(2 * MB);
});

it('keeps 10,000 bytes that come one at a time to a file in little more memory than their number', async () => {
  const grown = await measure('piecesOfFiles');
  expect(Object.keys(grown)).toHaveLength(7);
  // A Buffer for each byte would take more than 2 MB.
  expect(Object.entries(grown).filter(([, bytes]) => Number(bytes) > MB)).toEqual([]);
});

it('hands over no more than the kernel holds while the receiver never reads', async () => {
  const { handedOver, grown } = await measure('neverRead');
  expect(handedOver).toBeGreaterThan(0);
  expect(handedOver).toBeLessThan(kernelBuffers() + MB);
  // Attempts that copied what they cannot hand over would take far more.
  expect(grown).toBeLessThan(16 * MB);
});

it('keeps nothing of 1,000 sends that timed out', async () => {
  const { grown, outcomes } = await measure('timedSends');
  expect(outcomes).toEqual({ TimeoutError: 500, BlockingIOError: 500 });
  expect(grown).toBeLessThan(4 * MB);
});

it('keeps nothing of 1,000 sends that were aborted', async () => {
  const { grown, outcomes } = await measure('abortedSends');
  expect(outcomes).toEqual({ AbortError: 1000 });
  expect(grown).toBeLessThan(4 * MB);
});

it('makes a peer that sends 100 MB wait while nothing is received, and then receives all of it', async () => {
  const { unread, readAhead, grown, received } = await measure('pour');
  expect(unread).toBeLessThan(kernelBuffers() + MB);
  expect(readAhead).toBeLessThan(kernelBuffers() + 2 * MB);
  expect(grown).toBeLessThan(32 * MB);
  expect(received).toBe(100 * MB);
});

it('makes a peer wait that sends faster than the receiver takes, which always finds bytes', async () => {
  const { readAhead } = await measure('outpace');
  expect(readAhead).toBeLessThan(kernelBuffers() + 4 * MB);
});
