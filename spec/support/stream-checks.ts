import { describe, expect, it } from '@jest/globals';
import { SHUT_RDWR, SHUT_WR } from '../../lib/index.ts';
import { EBADF, EPIPE } from './expected-errors.ts';
import { MORE_THAN_THE_KERNEL_HOLDS, own, pattern, recvAll } from './pairs.ts';
import { randomFrom } from './random.ts';
import { randomSeed } from './seed.ts';

/** What the checks need of a stream: a plain socket, a wrapped one, or anything that sends and receives. */
export interface CheckedStream extends Disposable {
  recv(bufsize: number): Promise<Buffer>;
  send(data: Uint8Array | string): Promise<number>;
  sendall(data: Uint8Array | string): Promise<void>;
  shutdown(how: number): void;
  close(): void;
}

/** Abilities that not every kind of stream has. */
export interface Abilities {
  /** Whether one direction can be ended while the other goes on; true by default. */
  readonly halfClose?: boolean;
}

/**
 * The error of a sender whose receiver is closed: the first sends may still find room in the kernel, and the first
 * error may be the reset.
 */
async function firstSendError(sender: CheckedStream): Promise<unknown> {
  for (let attempt = 0; attempt < 1000; attempt += 1) {
    try {
      await sender.send('into the void');
    } catch (error) {
      return error;
    }
  }
  return undefined;
}

/** Sends `bytes` in pieces of random sizes, and ends the output. */
async function sendInPieces(sender: CheckedStream, bytes: Buffer, random: () => number): Promise<void> {
  for (let sent = 0; sent < bytes.length;) {
    const piece = bytes.subarray(sent, sent + 1 + Math.floor(random() * 100_000));
    await sender.sendall(piece);
    sent += piece.length;
  }
}

/** Receives so many bytes, at most a random number at a time. */
async function recvInPieces(receiver: CheckedStream, total: number, random: () => number): Promise<Buffer> {
  const blocks: Buffer[] = [];
  for (let rest = total; rest > 0;) {
    const block = await receiver.recv(Math.min(rest, 1 + Math.floor(random() * 100_000)));
    if (block.length === 0) throw new Error(`the stream ended ${rest} bytes early`);
    blocks.push(block);
    rest -= block.length;
  }
  return Buffer.concat(blocks);
}

/**
 * The checks that every stream must pass, whatever it runs over (after trio's `check_two_way_stream` and
 * `check_half_closeable_stream`). Each runs with both roles on both ends, because the two ends are made differently.
 */
export function checkStreams(
  connect: () => Promise<readonly [CheckedStream, CheckedStream]>,
  { halfClose = true }: Abilities = {},
): void {
  describe.each([
    ['the connected end', 0, 1],
    ['the accepted end', 1, 0],
  ] as const)('%s', (_title, here, there) => {
    async function makePair(): Promise<[near: CheckedStream, far: CheckedStream]> {
      const ends = await connect();
      return [own(ends[here]), own(ends[there])];
    }

    it('carries a byte in each direction', async () => {
      const [near, far] = await makePair();
      expect(await near.send(Buffer.of(0))).toBe(1);
      expect(await far.recv(1)).toEqual(Buffer.of(0));
      expect(await far.send(Buffer.of(255))).toBe(1);
      expect(await near.recv(1)).toEqual(Buffer.of(255));
    });

    it('refuses wrong sizes and types, open and closed, and stays usable', async () => {
      const [near, far] = await makePair();
      const wrong = async (): Promise<void> => {
        await expect(near.recv(-1)).rejects.toThrow(RangeError);
        await expect(near.recv(1.5)).rejects.toThrow(TypeError);
        // @ts-expect-error -- a size is a number
        await expect(near.recv('1')).rejects.toThrow(TypeError);
        // @ts-expect-error -- and it cannot be left out
        await expect(near.recv()).rejects.toThrow(TypeError);
        // @ts-expect-error -- what is sent is bytes or text
        await expect(near.send(1)).rejects.toThrow(TypeError);
        // @ts-expect-error -- null is neither bytes nor text
        await expect(near.sendall(null)).rejects.toThrow(TypeError);
      };
      await wrong();
      await near.sendall('still here');
      expect(String(await far.recv(100))).toBe('still here');
      near.close();
      await wrong();
    });

    it('breaks the sender when the receiver closes, for good', async () => {
      const [near, far] = await makePair();
      far.close();
      const error = await firstSendError(near);
      expect(['EPIPE', 'ECONNRESET']).toContain((error as { code?: unknown } | undefined)?.code);
      await expect(near.send('again')).rejects.toMatchObject(EPIPE);
      await expect(near.sendall('and again')).rejects.toMatchObject(EPIPE);
    });

    it('can be closed twice', async () => {
      const [near] = await makePair();
      near.close();
      expect(() => near.close()).not.toThrow();
      await expect(near.send('x')).rejects.toMatchObject(EBADF);
      await expect(near.recv(1)).rejects.toMatchObject(EBADF);
    });

    it('delivers what was sent before close(), then the end for ever', async () => {
      const [near, far] = await makePair();
      await near.sendall('last words');
      near.close();
      expect(String(await recvAll(far))).toBe('last words');
      expect(await far.recv(10)).toHaveLength(0);
      expect(await far.recv(10)).toHaveLength(0);
    });

    it('wakes a receiver that waits when it is closed', async () => {
      const [near] = await makePair();
      const receiving = near.recv(1);
      near.close();
      await expect(receiving).rejects.toMatchObject(EBADF);
    });

    it('wakes a sender that waits when it is closed', async () => {
      const [near] = await makePair();
      const sending = near.sendall(Buffer.alloc(MORE_THAN_THE_KERNEL_HOLDS));
      near.close();
      await expect(sending).rejects.toMatchObject(EBADF);
    });

    it('carries 1 MiB in both directions at once, in chunks of all sizes', async () => {
      const [near, far] = await makePair();
      const random = randomFrom(randomSeed);
      const there = pattern(1 << 20);
      const back = pattern(1 << 20).reverse();
      const [, , atFar, atNear] = await Promise.all([
        sendInPieces(near, there, random),
        sendInPieces(far, back, random),
        recvInPieces(far, there.length, random),
        recvInPieces(near, back.length, random),
      ]);
      expect(atFar.equals(there)).toBe(true);
      expect(atNear.equals(back)).toBe(true);
    });

    (halfClose ? it : it.skip)('carries data back after a half-close', async () => {
      const [near, far] = await makePair();
      await near.sendall('question');
      near.shutdown(SHUT_WR);
      expect(String(await recvAll(far))).toBe('question');
      await expect(near.send('more')).rejects.toMatchObject(EPIPE);
      const answer = pattern(300_000);
      const [received] = await Promise.all([recvAll(near), far.sendall(answer).then(() => far.shutdown(SHUT_RDWR))]);
      expect(received.equals(answer)).toBe(true);
      await expect(far.send('more')).rejects.toMatchObject(EPIPE);
    });
  });
}
