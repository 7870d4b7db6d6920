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
  it('is 0 on a connection that stands, and after its clean end', async () => {
    const [client, server] = await pair();
    expect(errorOf(client)).toBe(0);
    await server.sendall('x');
    server.close();
    expect(await story(client)).toEqual([1, 0, 0]);
    expect(errorOf(client)).toBe(0);
    client.shutdown(socket.SHUT_WR);
    expect(errorOf(client)).toBe(0);
  });

  it.each([0, 4])('tells of a reset that nobody has received yet, once, with %d bytes before it', async (before) => {
    const [client, server] = await pair();
    await server.sendall(Buffer.alloc(before));
    reset(server);
    expect(errorOf(client)).toBe(ECONNRESET_NUMBER);
    expect(errorOf(client)).toBe(0);
    expect(await story(client)).toEqual(before === 0 ? [0, 0] : [before, 0, 0]);
    await expect(client.send('x')).rejects.toMatchObject(EPIPE);
    expect(() => client.getpeername()).toThrow(expect.objectContaining(ENOTCONN));
  });

  it('tells nothing of a reset that was received', async () => {
    const [client, server] = await pair();
    reset(server);
    expect(await story(client)).toEqual(['ECONNRESET', 0, 0]);
    expect(errorOf(client)).toBe(0);
  });

  it('tells what became of a send to a peer that has closed', async () => {
    const [client, server] = await pair();
    server.close();
    expect(await client.send('x')).toBe(1);
    expect(errorOf(client)).toBe(EPIPE_NUMBER);
    expect(errorOf(client)).toBe(0);
    await expect(client.send('x')).rejects.toMatchObject(EPIPE);
    expect(await story(client)).toEqual([0, 0]);
  });

  it('wakes nobody who waits and takes nothing from them while the connection stands', async () => {
    const [client, server] = await pair();
    const waiting = client.recv(1);
    expect(errorOf(client)).toBe(0);
    await server.sendall('x');
    expect(String(await waiting)).toBe('x');
  });
});
