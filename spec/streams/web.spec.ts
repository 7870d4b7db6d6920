import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import type { Socket, WebStreams } from '../../lib/index.ts';
import { EBADF, ENOTCONN } from '../support/expected-errors.ts';
import {
  listening,
  MORE_THAN_THE_KERNEL_HOLDS,
  own,
  pair,
  pattern,
  recvAll,
  reset,
  staysPending,
  tcp,
  turns,
} from '../support/pairs.ts';
import { quietTlsPair } from '../support/tls.ts';
import { unixPair } from '../support/unix.ts';

/** All bytes up to the end. */
async function readAll(readable: WebStreams['readable']): Promise<Buffer> {
  const blocks: Uint8Array[] = [];
  for await (const block of readable) blocks.push(block);
  return Buffer.concat(blocks);
}

describe.each([
  ['TCP', () => pair()],
  ['Unix', () => unixPair()],
  ['TLS', () => quietTlsPair()],
])('web streams over %s', (_kind, connect: () => Promise<[Socket, Socket]>) => {
  it('take the connection over: the socket is closed', async () => {
    const [near, far] = await connect();
    const waiting = near.recv(1);
    const { writable } = near.toWeb();
    expect(near.fileno()).toBe(-1);
    await expect(waiting).rejects.toMatchObject(EBADF);
    await writable.getWriter().write('to the peer');
    expect(String(await far.recv(100))).toBe('to the peer');
  });

  it('carry any number of bytes in both directions at once', async () => {
    const [near, far] = await connect();
    const bytes = pattern(2_000_000);
    const { readable, writable } = near.toWeb();
    const [there, back] = [recvAll(far), readAll(readable)];
    const sent = far.sendall(bytes).then(() => far.shutdown(socket.SHUT_WR));
    await new Response(bytes).body?.pipeTo(writable);
    expect((await back).equals(bytes)).toBe(true);
    expect((await there).equals(bytes)).toBe(true);
    await sent;
  });

  it('begin with what a file of the socket has read ahead', async () => {
    const [near, far] = await connect();
    await far.sendall('a line\nread ahead, ');
    expect(String(await near.makefile('rb').readline())).toBe('a line\n');
    const { readable } = near.toWeb();
    await far.sendall('and not');
    far.shutdown(socket.SHUT_WR);
    expect(String(await readAll(readable))).toBe('read ahead, and not');
  });

  it('fill memory that the reader brings', async () => {
    const [near, far] = await connect();
    const { readable } = near.toWeb();
    const reader = readable.getReader({ mode: 'byob' });
    await far.sendall('12345');
    const first = await reader.read(new Uint8Array(3));
    expect(Buffer.from(first.value ?? []).toString()).toBe('123');
    far.shutdown(socket.SHUT_WR);
    expect(Buffer.from((await reader.read(new Uint8Array(3))).value ?? []).toString()).toBe('45');
    expect((await reader.read(new Uint8Array(3))).done).toBe(true);
  });

  it('end the output by close(), and still give what the peer sends', async () => {
    const [near, far] = await connect();
    const { readable, writable } = near.toWeb();
    const writer = writable.getWriter();
    await writer.write(Buffer.from('the question'));
    await writer.close();
    expect(String(await recvAll(far))).toBe('the question');
    await far.sendall('the answer');
    far.close();
    expect(String(await readAll(readable))).toBe('the answer');
  });

  it('close the connection once both have ended', async () => {
    const [near, far] = await connect();
    const { readable, writable } = near.toWeb();
    far.shutdown(socket.SHUT_WR);
    expect(await readAll(readable)).toHaveLength(0);
    const gone = far.recv(1);
    expect(await staysPending(gone)).toBe(true);
    await writable.close();
    expect(await gone).toHaveLength(0);
  });

  it('hold the peer back while its bytes are not wanted', async () => {
    const [near, far] = await connect();
    const { readable } = near.toWeb();
    const sending = far.sendall(Buffer.alloc(MORE_THAN_THE_KERNEL_HOLDS));
    expect(await staysPending(sending)).toBe(true);
    let length = 0;
    const reader = readable.getReader();
    while (length < MORE_THAN_THE_KERNEL_HOLDS) length += (await reader.read()).value?.length ?? 0;
    await sending;
  });

  it('may be cancelled with bytes unread, and while a read waits', async () => {
    const [near, far] = await connect();
    const { readable, writable } = near.toWeb();
    await far.sendall(Buffer.alloc(100_000));
    const reader = readable.getReader();
    await reader.read();
    await reader.cancel();
    await turns(5);
    await writable.getWriter().write('still open');
    expect(String(await far.recv(100))).toBe('still open');

    const [other] = await connect();
    const waiting = other.toWeb().readable.getReader();
    const read = waiting.read();
    await turns(2);
    await waiting.cancel(new Error('no interest'));
    expect(await read).toEqual({ done: true, value: undefined });
  });

  it('close the connection when both are given up', async () => {
    const [near, far] = await connect();
    const { readable, writable } = near.toWeb();
    await readable.cancel();
    await writable.close();
    expect(await far.recv(1)).toHaveLength(0);
  });
});

describe('web streams over TCP', () => {
  it('report a reset in both directions', async () => {
    const [near, far] = await pair();
    const { readable, writable } = near.toWeb();
    const reading = readable.getReader().read();
    reset(far);
    await expect(reading).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(writable.getWriter().write('into the void')).rejects.toMatchObject({ code: 'EPIPE' });
  });

  it('reset the connection by abort(), and end a read that waits with its reason', async () => {
    const [near, far] = await pair();
    const { readable, writable } = near.toWeb();
    const reading = readable.getReader().read();
    await turns(2);
    const reason = new Error('given up');
    await writable.abort(reason);
    await expect(reading).rejects.toBe(reason);
    await expect(far.recv(1)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('report a close() after a reset', async () => {
    const [near, far] = await pair();
    const { readable, writable } = near.toWeb();
    reset(far);
    await expect(readable.getReader().read()).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(writable.close()).rejects.toMatchObject(ENOTCONN);
  });

  it('refuse data that cannot be sent', async () => {
    const [near] = await pair();
    const { writable } = near.toWeb();
    const writer = writable.getWriter();
    await expect(Reflect.apply(writer.write.bind(writer), undefined, [5])).rejects.toThrow(
      'a bytes-like object or a string is required (received 5)',
    );
  });
});

describe('toWeb()', () => {
  it('refuses what is no connection', () => {
    const datagrams = own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
    expect(() => datagrams.toWeb()).toThrow('only SOCK_STREAM type sockets are supported');
    expect(() => tcp().toWeb()).toThrow(expect.objectContaining({ code: 'ENOTCONN', syscall: 'toWeb' }));
    expect(() => listening().toWeb()).toThrow(expect.objectContaining({ code: 'ENOTCONN' }));
    const closed = tcp();
    closed.close();
    expect(() => closed.toWeb()).toThrow(expect.objectContaining(EBADF));
  });
});
