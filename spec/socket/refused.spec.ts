import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import type { Socket } from '../../lib/index.ts';
import { ECONNREFUSED, EINPROGRESS, EINVAL, ENOTCONN, EPIPE } from '../support/expected-errors.ts';
import { accepted, bound, deserted, FAMILIES, listening, loopback, portOf, story, tcp } from '../support/pairs.ts';
import { reservedPort } from '../support/ports.ts';

const { SO_ERROR, SOL_SOCKET } = socket;
const ECONNABORTED = { name: 'ConnectionAbortedError', errno: 103, code: 'ECONNABORTED' };

/** A socket whose connect() did not wait and was refused; no call has reported that yet. */
async function refusedUnseen(): Promise<Socket> {
  const client = tcp();
  client.setblocking(false);
  await expect(client.connect(deserted())).rejects.toMatchObject(EINPROGRESS);
  // The port is known once the connection was refused.
  while (portOf(client) === 0) await new Promise((resolve) => setImmediate(resolve));
  return client;
}

/** A socket that is bound to a port by number. */
function boundByNumber(family: number): { client: Socket; name: socket.Address } {
  const client = tcp(family);
  client.bind([loopback(family), reservedPort()]);
  return { client, name: client.getsockname() };
}

describe.each(FAMILIES)('a listener that was shut down on %s', (_name, family) => {
  it('still has the port that it asked for', () => {
    const { client, name } = boundByNumber(family);
    client.listen();
    client.shutdown(socket.SHUT_RD);
    expect(() => client.bind(name)).toThrow(expect.objectContaining(EINVAL));
    client.listen();
    expect(client.getsockname()).toEqual(name);
  });

  it('keeps the host, but only the name of a port that the system chose', async () => {
    const listener = listening(family);
    const name = listener.getsockname();
    listener.shutdown(socket.SHUT_RD);
    expect(listener.getsockname()).toEqual(name);
    // Bound, so that the system gives the port to no other socket.
    tcp(family).bind(name);
    await expect(listener.connect(name)).rejects.toMatchObject(ECONNREFUSED);
    listener.listen();
    expect(listener.getsockname()[0]).toBe(loopback(family));
    expect(listener.getsockname()).not.toEqual(name);
    listener.shutdown(socket.SHUT_RD);
    listener.bind(name);
    listener.listen();
    expect(listener.getsockname()).toEqual(name);
  });
});

describe.each(FAMILIES)('a refused connect() on %s', (_name, family) => {
  it('leaves its source port as the name, and the socket as it was', async () => {
    const client = tcp(family);
    const wildcard = client.getsockname();
    await expect(client.connect(deserted(family))).rejects.toMatchObject(ECONNREFUSED);
    expect(client.getsockname()[0]).toBe(wildcard[0]);
    expect(portOf(client)).toBeGreaterThan(0);
    expect(client.fileno()).toBe(-1);
    await expect(client.recv(1)).rejects.toMatchObject(ENOTCONN);
    await expect(client.send('x')).rejects.toMatchObject(EPIPE);
    const listener = listening(family);
    await client.connect(listener.getsockname());
    expect((await accepted(listener)).getpeername()).toEqual(client.getsockname());
  });

  it('lets the socket be bound after all', async () => {
    const client = tcp(family);
    await client.connectEx(deserted(family));
    client.bind([loopback(family), 0]);
    expect(client.getsockname()[0]).toBe(loopback(family));
    client.listen();
  });

  it('leaves a socket bound to its port', async () => {
    const { client, name } = boundByNumber(family);
    await client.connectEx(deserted(family));
    expect(client.getsockname()).toEqual(name);
    expect(() => client.bind(name)).toThrow(expect.objectContaining(EINVAL));
    client.listen();
    expect(client.getsockname()).toEqual(name);
  });

  it('leaves the host and the name of a port that the system chose, which is free again', async () => {
    const client = bound(family);
    const name = client.getsockname();
    // Bound too, so that the system gives the port to no other socket.
    tcp(family).bind(name);
    await client.connectEx(deserted(family));
    expect(client.getsockname()).toEqual(name);
    const other = tcp(family);
    other.bind(name);
    other.listen();
    await client.connect(name);
    expect(client.getsockname()[0]).toBe(loopback(family));
    expect(client.getsockname()).not.toEqual(name);
  });
});

describe('a refused connect() that was not reported yet', () => {
  it.each([
    ['recv()', (client: Socket) => client.recv(1)],
    ['send()', (client: Socket) => client.send('x')],
  ])('is reported once by %s; then recv() gives the end and send() raises EPIPE', async (_title, call) => {
    const client = await refusedUnseen();
    await expect(call(client)).rejects.toMatchObject(ECONNREFUSED);
    expect(await story(client)).toEqual([0, 0]);
    await expect(client.send('x')).rejects.toMatchObject(EPIPE);
    expect(client.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(0);
    await expect(client.connect(deserted())).rejects.toMatchObject(ECONNABORTED);
    await expect(client.recv(1)).rejects.toMatchObject(ENOTCONN);
    await expect(client.connect(deserted())).rejects.toMatchObject(EINPROGRESS);
  });

  it('is reported once by SO_ERROR', async () => {
    const client = await refusedUnseen();
    expect(client.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(111);
    expect(client.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(0);
    expect(await story(client)).toEqual([0, 0]);
  });

  it('is reported once by connect(), which leaves the socket as it was', async () => {
    const client = await refusedUnseen();
    await expect(client.connect(deserted())).rejects.toMatchObject(ECONNREFUSED);
    await expect(client.recv(1)).rejects.toMatchObject(ENOTCONN);
  });

  it('is not lost by calls that do not report it', async () => {
    const client = await refusedUnseen();
    expect(client.getsockname()[0]).toBe('127.0.0.1');
    expect(() => client.getpeername()).toThrow(expect.objectContaining(ENOTCONN));
    expect(() => client.shutdown(socket.SHUT_RDWR)).toThrow(expect.objectContaining(ENOTCONN));
    expect(() => client.listen()).toThrow(expect.objectContaining(EINVAL));
    await expect(client.recv(1)).rejects.toMatchObject(ECONNREFUSED);
  });

  it('may be closed without a report', async () => {
    const client = await refusedUnseen();
    client.close();
    await expect(client.recv(1)).rejects.toMatchObject({ code: 'EBADF' });
  });
});
