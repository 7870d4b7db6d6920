import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { EBADF, EINVAL, ENOTCONN, EPIPE } from '../support/expected-errors.ts';
import { bound, FAMILIES, listening, pair, recvAll, reset, story, tcp, turns } from '../support/pairs.ts';

const { MSG_PEEK, SHUT_RD, SHUT_RDWR, SHUT_WR } = socket;

/** Whether a connection still has its peer; getpeername() raises ENOTCONN if not. */
function hasPeer(one: socket.Socket): boolean {
  try {
    one.getpeername();
    return true;
  } catch (error) {
    expect(error).toMatchObject(ENOTCONN);
    return false;
  }
}

describe.each(FAMILIES)('shutdown() on %s', (_name, family) => {
  it.each([
    ['the connected end', 0, 1],
    ['the accepted end', 1, 0],
  ] as const)('ends one direction with SHUT_WR, and the other goes on: %s', async (_title, here, there) => {
    const ends = await pair(family);
    const near = ends[here];
    const far = ends[there];
    await near.sendall('question');
    near.shutdown(SHUT_WR);
    expect(String(await recvAll(far))).toBe('question');
    for (const part of ['an', 'sw', 'er']) {
      await far.sendall(part);
      expect(String(await near.recv(2, socket.MSG_WAITALL))).toBe(part);
    }
    await expect(near.send('x')).rejects.toMatchObject(EPIPE);
    far.close();
    expect(await story(near)).toEqual([0, 0]);
  });
});

describe('shutdown()', () => {
  it('raises ENOTCONN without a connection', async () => {
    for (const one of [tcp(), bound()]) {
      for (const how of [SHUT_RD, SHUT_WR, SHUT_RDWR]) {
        expect(() => one.shutdown(how)).toThrow(expect.objectContaining({ ...ENOTCONN, syscall: 'shutdown' }));
      }
    }
    const [client, server] = await pair();
    reset(client);
    await expect(server.recv(1)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(() => server.shutdown(SHUT_RDWR)).toThrow(expect.objectContaining(ENOTCONN));
  });

  it.each([3, -1, 99])('raises EINVAL for %d, connected or not, and EBADF once closed', async (how) => {
    const [client] = await pair();
    for (const one of [client, tcp()]) expect(() => one.shutdown(how)).toThrow(expect.objectContaining(EINVAL));
    client.close();
    expect(() => client.shutdown(how)).toThrow(expect.objectContaining(EBADF));
    expect(() => client.shutdown(SHUT_WR)).toThrow(expect.objectContaining(EBADF));
  });

  it('raises TypeError for what is no integer, first of all', () => {
    const one = tcp();
    one.close();
    // @ts-expect-error -- text is not a direction
    expect(() => one.shutdown('both')).toThrow(TypeError);
    // @ts-expect-error -- there is no default
    expect(() => one.shutdown()).toThrow(TypeError);
    expect(() => one.shutdown(2 ** 40)).toThrow(RangeError);
  });

  it('may be repeated', async () => {
    const [client, server] = await pair();
    for (const how of [SHUT_WR, SHUT_WR, SHUT_RD, SHUT_RD, SHUT_RDWR, SHUT_RDWR]) client.shutdown(how);
    expect(await recvAll(server)).toHaveLength(0);
  });

  it('may be called after the peer has closed cleanly', async () => {
    const [client, server] = await pair();
    server.close();
    expect(await client.recv(1)).toHaveLength(0);
    client.shutdown(SHUT_WR);
    await expect(client.send('x')).rejects.toMatchObject(EPIPE);
  });

  it('sends what was sent before SHUT_WR', async () => {
    const [client, server] = await pair();
    const sending = client.sendall(Buffer.alloc(3_000_000, 'x'));
    const receiving = recvAll(server);
    await sending;
    client.shutdown(SHUT_WR);
    expect(await receiving).toHaveLength(3_000_000);
  });

  it('keeps getpeername() until both directions have ended', async () => {
    const [client, server] = await pair();
    client.shutdown(SHUT_RDWR);
    expect(client.getpeername()).toEqual(server.getsockname());
  });

  it('gives with SHUT_RD what had arrived, then the end, and the output goes on', async () => {
    const [client, server] = await pair();
    await client.sendall('arrived');
    expect(String(await server.recv(1, MSG_PEEK))).toBe('a');
    server.shutdown(SHUT_RD);
    expect(await story(server)).toEqual([7, 0, 0]);
    await server.sendall('still sending');
    expect(String(await client.recv(100))).toBe('still sending');
  });

  it('gives with SHUT_RD what had arrived although no call has received yet', async () => {
    const [client, server] = await pair();
    await client.sendall('arrived');
    server.shutdown(SHUT_RD);
    expect(await story(server)).toEqual([7, 0, 0]);
  });

  it.each([
    ['SHUT_RD', SHUT_RD],
    ['SHUT_RDWR', SHUT_RDWR],
  ])('wakes receiving calls with the end of the stream: %s', async (_title, how) => {
    const [, server] = await pair();
    const waiting = [server.recv(1), server.recv(1)];
    server.shutdown(how);
    for (const one of waiting) expect(await one).toHaveLength(0);
  });

  it('lets the peer send on after SHUT_RD without an error for the socket', async () => {
    const [client, server] = await pair();
    server.shutdown(SHUT_RD);
    expect(await server.recv(1)).toHaveLength(0);
    await client.sendall(Buffer.alloc(2_000_000));
    await server.sendall('x');
    expect(String(await client.recv(1))).toBe('x');
  });

  it('gives what comes after SHUT_RD, and the end where nothing has, as Linux does over TCP', async () => {
    const [client, server] = await pair();
    server.shutdown(SHUT_RD);
    expect(await server.recv(10)).toHaveLength(0);
    await client.sendall('later');
    expect(String(await server.recv(2))).toBe('la');
    expect(String(await server.recv(10, socket.MSG_WAITALL))).toBe('ter');
    server.setblocking(false);
    for (let count = 0; count < 300; count += 1) expect(await server.recv(10)).toHaveLength(0);
    reset(client);
    expect(await story(server)).toEqual(['ECONNRESET', 0, 0]);
  });

  it.each([
    ['SHUT_RDWR', [SHUT_RDWR]],
    ['SHUT_RD, then SHUT_WR', [SHUT_RD, SHUT_WR]],
    ['SHUT_WR, then SHUT_RD', [SHUT_WR, SHUT_RD]],
  ])('resets a peer that sends after %s, but gives what had arrived', async (_title, hows) => {
    const [client, server] = await pair();
    await client.sendall('before');
    for (const how of hows) server.shutdown(how);
    expect(await recvAll(client)).toHaveLength(0);
    expect(String(await server.recv(2))).toBe('be');
    // The peer has the end already; Node reports within a turn that it is out.
    await turns(10);
    await client.sendall('later');
    while (hasPeer(server)) await turns(1);
    expect(await story(server)).toEqual([4, 'ECONNRESET', 0, 0]);
    await expect(client.send('x')).rejects.toMatchObject(EPIPE);
    expect(await story(client)).toEqual([0, 0]);
  });

  it('wakes sending calls with BrokenPipeError on SHUT_WR', async () => {
    const [client] = await pair();
    const sending = client.sendall(Buffer.alloc(32 * 1024 * 1024));
    client.shutdown(SHUT_WR);
    await expect(sending).rejects.toMatchObject(EPIPE);
  });

  it('is allowed on a listener: SHUT_WR changes nothing, SHUT_RD ends it', async () => {
    const listener = listening();
    listener.shutdown(SHUT_WR);
    const client = tcp();
    await client.connect(listener.getsockname());
    (await listener.accept())[0].close();
    listener.shutdown(SHUT_RD);
    await expect(listener.accept()).rejects.toMatchObject(EINVAL);
  });
});
