import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import type { Socket } from '../../lib/index.ts';
import { ENOTCONN, EPIPE } from '../support/expected-errors.ts';
import { pair, reset, story } from '../support/pairs.ts';

const { SO_ERROR, SOL_SOCKET } = socket;
const ECONNRESET_NUMBER = 104;
const EPIPE_NUMBER = 32;

function errorOf(one: Socket): number {
  return one.getsockopt(SOL_SOCKET, SO_ERROR);
}

describe('SO_ERROR', () => {
  it('is 0 on an open connection, and after its clean end', async () => {
    const [client, server] = await pair();
    expect(errorOf(client)).toBe(0);
    await server.sendall('x');
    server.close();
    expect(await story(client)).toEqual([1, 0, 0]);
    expect(errorOf(client)).toBe(0);
    client.shutdown(socket.SHUT_WR);
    expect(errorOf(client)).toBe(0);
  });

  it.each([0, 4])('gives a reset that no call has reported yet, once, with %d bytes before it', async (before) => {
    const [client, server] = await pair();
    await server.sendall(Buffer.alloc(before));
    reset(server);
    expect(errorOf(client)).toBe(ECONNRESET_NUMBER);
    expect(errorOf(client)).toBe(0);
    expect(await story(client)).toEqual(before === 0 ? [0, 0] : [before, 0, 0]);
    await expect(client.send('x')).rejects.toMatchObject(EPIPE);
    expect(() => client.getpeername()).toThrow(expect.objectContaining(ENOTCONN));
  });

  it('is 0 after recv() has raised the reset', async () => {
    const [client, server] = await pair();
    reset(server);
    expect(await story(client)).toEqual(['ECONNRESET', 0, 0]);
    expect(errorOf(client)).toBe(0);
  });

  it('gives the outcome of a send to a peer that has closed', async () => {
    const [client, server] = await pair();
    server.close();
    expect(await client.send('x')).toBe(1);
    expect(errorOf(client)).toBe(EPIPE_NUMBER);
    expect(errorOf(client)).toBe(0);
    await expect(client.send('x')).rejects.toMatchObject(EPIPE);
    expect(await story(client)).toEqual([0, 0]);
  });

  it('does not affect calls that wait while the connection is open', async () => {
    const [client, server] = await pair();
    const waiting = client.recv(1);
    expect(errorOf(client)).toBe(0);
    await server.sendall('x');
    expect(String(await waiting)).toBe('x');
  });
});
