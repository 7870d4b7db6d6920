import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import type { SSLSocket } from '../../lib/ssl/index.ts';
import { pattern, reset, turns } from '../support/pairs.ts';
import { tlsPair } from '../support/tls.ts';
import { VERSIONS } from '../support/tls-contexts.ts';

/** More than is read ahead decrypted, and less than is read ahead together with records that wait to be. */
const LENGTH = 313_139;

/** Two ends that have sent a byte each, and so have read each other's tickets. */
async function readyPair(version: number, suppressRaggedEofs = false): Promise<[SSLSocket, SSLSocket]> {
  const wrap = { suppressRaggedEofs };
  const [client, server] = await tlsPair({ version, clientWrap: wrap, serverWrap: wrap });
  await Promise.all([client.sendall('c'), server.sendall('s')]);
  await Promise.all([client.recv(1), server.recv(1)]);
  return [client, server];
}

/** What comes to a reader that takes its time: the bytes, and how they end. */
async function slowly(from: SSLSocket): Promise<[bytes: Buffer, end: string]> {
  const blocks: Buffer[] = [];
  for (;;) {
    try {
      const block = await from.recv(3000);
      if (block.length === 0) return [Buffer.concat(blocks), 'end'];
      blocks.push(block);
    } catch (error) {
      if (!(error instanceof socket.OSError)) throw error;
      return [Buffer.concat(blocks), error.name];
    }
    await turns(1);
  }
}

describe.each(VERSIONS)('a slow reader over %s', (_, version) => {
  it.each(['client', 'server'])('gets all bytes after its own output has ended (%s)', async (side) => {
    const [client, server] = await readyPair(version);
    const [reader, writer] = side === 'client' ? [client, server] : [server, client];
    const bytes = pattern(LENGTH);
    reader.shutdown(socket.SHUT_WR);
    const sending = writer.sendall(bytes).then(() => writer.shutdown(socket.SHUT_WR));
    const [received, end] = await slowly(reader);
    await sending;
    expect([received.equals(bytes), received.length, end]).toEqual([true, LENGTH, 'end']);
    expect(await reader.recv(1)).toHaveLength(0);
  });

  it.each([true, false])('learns of a reset after the bytes (own output ended: %s)', async (hasEnded) => {
    const [reader, writer] = await readyPair(version, true);
    const bytes = pattern(LENGTH);
    if (hasEnded) reader.shutdown(socket.SHUT_WR);
    const first = reader.recv(3000);
    await writer.sendall(bytes);
    await turns(50);
    reset(writer);
    await turns(50);
    const [rest, end] = await slowly(reader);
    const received = Buffer.concat([await first, rest]);
    expect(received.equals(bytes.subarray(0, received.length))).toBe(true);
    expect(end).toBe('ConnectionResetError');
    expect(await reader.recv(1)).toHaveLength(0);
  });

  it('gets what came before an end without close_notify, and then that', async () => {
    const [reader, writer] = await readyPair(version);
    const bytes = pattern(LENGTH);
    reader.shutdown(socket.SHUT_WR);
    // Bytes that a socket has not received when it is closed make it reset the connection.
    expect(await writer.recv(1)).toHaveLength(0);
    const sending = writer.sendall(bytes).then(() => writer.close());
    const [received, end] = await slowly(reader);
    await sending;
    expect([received.equals(bytes), received.length]).toEqual([true, LENGTH]);
    expect(end).toBe('SSLEOFError');
  });

  it('may send after a reset that it has not come to, and learns of it there', async () => {
    const [reader, writer] = await readyPair(version);
    const first = reader.recv(3000);
    await writer.sendall(pattern(LENGTH));
    await turns(50);
    reset(writer);
    await turns(50);
    const outcomes: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      outcomes.push(
        await reader.send('x').then(
          () => 'sent',
          (error: unknown) => (error instanceof socket.OSError ? error.name : String(error)),
        ),
      );
      await turns(5);
    }
    // The first may go out before the reset is known.
    expect(outcomes.filter((name) => name !== 'sent').slice(0, 2)).toEqual(['ConnectionResetError', 'BrokenPipeError']);
    await first;
    const [, end] = await slowly(reader);
    expect(end).toBe('SSLEOFError');
  });

  it.each([262_000, 300_000, LENGTH - 3000])('gets %i bytes in one call, which are there already', async (size) => {
    const [reader, writer] = await readyPair(version);
    const bytes = pattern(LENGTH);
    const first = reader.recv(3000);
    await writer.sendall(bytes);
    await turns(50);
    const start = await first;
    const received = await reader.recvExactly(size);
    expect(received.equals(bytes.subarray(start.length, start.length + size))).toBe(true);
  });

  it.each([1, 2])('finds a separator in what is there already (call %i)', async (calls) => {
    const [reader, writer] = await readyPair(version);
    const bytes = Buffer.alloc(LENGTH, 'a');
    bytes.write('!', 290_000);
    const first = reader.recv(3000);
    await writer.sendall(bytes);
    await turns(50);
    const waits = Array.from({ length: calls }, () => reader.recvUntil('!', { limit: LENGTH }));
    for (const wait of waits) wait.catch(() => undefined);
    expect(await first).not.toHaveLength(0);
    expect((await waits[0])?.at(-1)).toBe('!'.charCodeAt(0));
  });
});
