import { types } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { loopback, own, pair, pattern, turns } from '../support/pairs.ts';
import { unixPair } from '../support/unix.ts';

const { AF_INET, MSG_PEEK, MSG_WAITALL, SHUT_RD, SOCK_DGRAM } = socket;

/** What a caller may do with the memory of a result, as far as this Node can do it. */
const USES: readonly (readonly [name: string, use: (bytes: Buffer) => void])[] = [
  ['transferring it', transfer],
  ['ArrayBuffer.prototype.transfer()', detach],
  ['giving it to a stream of bytes', enqueue],
  ['overwriting it', (bytes) => void bytes.fill(0xee)],
];

/** Node 20 has no `transfer()`. */
type MaybeTransferable = ArrayBuffer & { readonly transfer?: () => ArrayBuffer };

function memoryOf(bytes: Buffer): MaybeTransferable {
  if (!types.isArrayBuffer(bytes.buffer)) throw new TypeError('no shared memory was expected');
  return bytes.buffer;
}

function transfer(bytes: Buffer): void {
  // Small Buffers share a pool, which is marked as untransferable.
  if (bytes.length < 4096) return;
  structuredClone(bytes, { transfer: [memoryOf(bytes)] });
  expect(bytes).toHaveLength(0);
}

function detach(bytes: Buffer): void {
  try {
    memoryOf(bytes).transfer?.();
  } catch {
    // From Node 24 on, transfer() refuses the pool too.
    expect(bytes.length).toBeLessThan(4096);
  }
}

function enqueue(bytes: Buffer): void {
  if (bytes.length === 0) return;
  try {
    const part = new Uint8Array(memoryOf(bytes), bytes.byteOffset, bytes.length);
    new ReadableStream({ type: 'bytes', start: (controller) => controller.enqueue(part) });
  } catch {
    expect(bytes.length).toBeLessThan(4096);
  }
}

const SIZES = [1, 10_000, 1, 100, 5000, 1, 65_536, 3, 20_000];

describe.each(USES)('%s does not change what is received later', (_name, use) => {
  it.each([
    ['TCP', () => pair()],
    ['a Unix socket', unixPair],
  ])('over %s', async (_family, make) => {
    const [client, server] = await make();
    const bytes = pattern(400_000);
    const sending = client.sendall(bytes);
    client.settimeout(null);
    await turns(10);
    let position = 0;
    for (let round = 0; position < bytes.length; round += 1) {
      const size = Math.min(SIZES[round % SIZES.length] ?? 1, bytes.length - position);
      const peeked = await server.recv(size, MSG_PEEK);
      expect(peeked.equals(bytes.subarray(position, position + peeked.length))).toBe(true);
      use(peeked);
      const received = await server.recv(size, round % 2 === 0 ? 0 : MSG_WAITALL);
      expect(received.equals(bytes.subarray(position, position + received.length))).toBe(true);
      position += received.length;
      use(received);
    }
    await sending;
  });

  it('by a file', async () => {
    const [client, server] = await pair();
    const lines = Array.from({ length: 3000 }, (_, index) => `${String(index).repeat(1 + (index % 40))}\n`);
    lines[100] = `${'x'.repeat(30_000)}\n`;
    const bytes = Buffer.from(lines.join(''));
    const sending = client.sendall(bytes).then(() => client.close());
    const file = server.makefile('rb');
    const blocks: Buffer[] = [];
    const take = (block: Buffer | null): void => {
      if (block === null) throw new Error('the socket waits');
      blocks.push(Buffer.from(block));
      use(block);
    };
    for (let round = 0; round < 200; round += 1) {
      use(await file.peek());
      take(await file.readline());
      take(await file.read(5));
      take(await file.read1(6000));
      take(await file.read(0));
    }
    for (const line of await file.readlines(5000)) take(line);
    take(await file.read());
    take(await file.read());
    expect(Buffer.concat(blocks).equals(bytes)).toBe(true);
    await sending;
    await file.close();
  });

  it('in datagrams', async () => {
    const [one, other] = [0, 0].map(() => own(socket.socket(AF_INET, SOCK_DGRAM)));
    if (one === undefined || other === undefined) throw new Error('two were made');
    one.bind([loopback(AF_INET), 0]);
    await other.connect(one.getsockname());
    const bytes = pattern(30_000);
    for (const size of [0, 100, 5000, 20_000, 30_000]) await other.send(bytes.subarray(0, size));
    for (const size of [0, 100, 5000, 20_000, 30_000]) {
      use(await one.recv(65_536, MSG_PEEK));
      const [received] = await one.recvfrom(65_536);
      expect(received.equals(bytes.subarray(0, size))).toBe(true);
      use(received);
    }
    expect(() => one.shutdown(SHUT_RD)).toThrow(expect.objectContaining({ code: 'ENOTCONN' }));
    for (let round = 0; round < 2; round += 1) {
      const end = await one.recv(10);
      expect(Buffer.concat([end])).toHaveLength(0);
      use(end);
    }
  });
});

it('what was received stays as it is while more is read', async () => {
  const [client, server] = await pair();
  const bytes = pattern(3_000_000);
  const sending = client.sendall(bytes).then(() => client.close());
  const results: Buffer[] = [];
  // Small results are copies, and memory that all of them came from is read into again. Large ones are such memory itself,
  // if it is full in the queue already.
  for (let round = 0; results.at(-1)?.length !== 0; round += 1) {
    if (round % 4 === 0) await turns(3);
    results.push(await server.recv(round % 40 < 16 ? 65_536 : 1024));
  }
  await sending;
  expect(Buffer.concat(results).equals(bytes)).toBe(true);
});
