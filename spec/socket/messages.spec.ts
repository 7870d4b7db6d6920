import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { EAGAIN, EBADF, ENOTCONN, EPIPE } from '../support/expected-errors.ts';
import { FAMILIES, loopback, own, pair, tcp } from '../support/pairs.ts';

const { MSG_DONTWAIT, MSG_PEEK, MSG_TRUNC, MSG_WAITALL } = socket;

/** A call with arguments that its types do not allow. */
async function refused(one: socket.Socket, name: string, ...args: unknown[]): Promise<unknown> {
  const method: unknown = Reflect.get(one, name);
  if (typeof method !== 'function') throw new TypeError(`there is no ${name}`);
  try {
    await Reflect.apply(method, one, args);
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe.each(FAMILIES)('messages over a connection of %s', (_name, family) => {
  it('are bytes like others, without a sender’s address', async () => {
    const [client, server] = await pair(family);
    expect(await client.sendmsg(['he', Buffer.from('ll'), new Uint16Array([0x6f])])).toBe(6);
    expect(await server.recvmsg(3)).toEqual([Buffer.from('hel'), [], 0, null]);
    expect(await server.recvmsg(9, 64)).toEqual([Buffer.from('lo\0'), [], 0, null]);
    client.close();
    expect(await server.recvmsg(9)).toEqual([Buffer.alloc(0), [], 0, null]);
  });

  it('fill one piece of memory after the other', async () => {
    const [client, server] = await pair(family);
    await client.sendall('abcdefg');
    const targets = [Buffer.alloc(2), new Uint8Array(0), new ArrayBuffer(3), Buffer.alloc(9, '.')] as const;
    expect(await server.recvmsgInto(targets)).toEqual([7, [], 0, null]);
    const texts = targets.map((target) => Buffer.from(target instanceof ArrayBuffer ? new Uint8Array(target) : target));
    expect(texts.map(String)).toEqual(['ab', '', 'cde', 'fg.......']);
    await client.sendall('xy');
    const first = Buffer.alloc(1);
    expect(await server.recvmsgInto(new Set([first]), 0, MSG_PEEK)).toEqual([1, [], 0, null]);
    expect(await server.recvmsgInto([first, Buffer.alloc(1)], 0, MSG_WAITALL)).toEqual([2, [], 0, null]);
  });

  it('fill memory from the peer', async () => {
    const [client, server] = await pair(family);
    await client.sendall('hello');
    const memory = Buffer.alloc(8, '.');
    expect(await server.recvfromInto(memory, 2)).toEqual([2, null]);
    expect(await server.recvfromInto(memory.subarray(4))).toEqual([3, null]);
    expect(String(memory)).toBe('he..llo.');
  });

  it('ignore an address', async () => {
    const [client, server] = await pair(family);
    expect(await client.sendto('x', [loopback(family), 1])).toBe(1);
    expect(await client.sendto('y', 0, ['other.invalid', 1])).toBe(1);
    expect(await client.sendmsg(['z'], [], 0, [loopback(family), 1])).toBe(1);
    expect(String(await server.recv(9, MSG_WAITALL | MSG_DONTWAIT))).toMatch(/^x/);
  });
});

describe('datagrams as messages', () => {
  it('are one datagram, however many pieces they have, and say whether it was cut off', async () => {
    const receiver = own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
    receiver.bind(['127.0.0.1', 0]);
    const sender = own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
    sender.bind(['127.0.0.1', 0]);
    const [address, from] = [receiver.getsockname(), sender.getsockname()];
    for (let sent = 0; sent < 4; sent += 1) expect(await sender.sendmsg(['ab', 'cd'], [], 0, address)).toBe(4);
    expect(await receiver.recvmsg(4)).toEqual([Buffer.from('abcd'), [], 0, from]);
    expect(await receiver.recvmsg(3)).toEqual([Buffer.from('abc'), [], MSG_TRUNC, from]);
    const targets = [Buffer.alloc(1), Buffer.alloc(2)];
    expect(await receiver.recvmsgInto(targets)).toEqual([3, [], MSG_TRUNC, from]);
    expect(targets.map(String)).toEqual(['a', 'bc']);
    expect(await receiver.recvmsgInto([])).toEqual([0, [], MSG_TRUNC, from]);
    await sender.connect(address);
    expect(await sender.sendmsg([])).toBe(0);
    expect(await receiver.recvmsg(4)).toEqual([Buffer.alloc(0), [], 0, from]);
  });
});

describe('the arguments of messages', () => {
  it('are checked before anything else', async () => {
    const one = tcp();
    const negative = [
      [await refused(one, 'recvmsg', -1), 'negative buffer size in recvmsg()'],
      [await refused(one, 'recvmsg', 1, -1), 'invalid ancillary data buffer length'],
      [await refused(one, 'recvmsgInto', [], -1), 'invalid ancillary data buffer length'],
      [await refused(one, 'recvfrom', -1), 'negative buffersize in recvfrom'],
      [await refused(one, 'recvfromInto', Buffer.alloc(2), -3), 'negative buffersize in recvfrom_into'],
      [await refused(one, 'recvfromInto', Buffer.alloc(2), 3), 'nbytes is greater than the length of the buffer'],
      [await refused(one, 'recvInto', Buffer.alloc(2), 3), 'buffer too small for requested bytes'],
    ] as const;
    for (const [error, text] of negative) {
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toMatchObject({ message: expect.stringContaining(text) });
    }
    const wrong = [
      await refused(one, 'recvmsg', '1'),
      await refused(one, 'recvmsgInto', 3),
      await refused(one, 'recvmsgInto', Buffer.alloc(3)),
      await refused(one, 'recvmsgInto', [3]),
      await refused(one, 'recvInto', 'text'),
      await refused(one, 'recvfromInto', 'text'),
      await refused(one, 'sendmsg', 'abc'),
      await refused(one, 'sendmsg', Buffer.from('abc')),
      await refused(one, 'sendmsg', 3),
      await refused(one, 'sendmsg', [3]),
      await refused(one, 'sendmsg', ['x'], 3),
      await refused(one, 'sendmsg', ['x'], [], 0, 'abc'),
    ];
    for (const error of wrong) expect(error).toBeInstanceOf(TypeError);
  });
});

describe('messages where there is no connection', () => {
  it('have the errors of send() and recv()', async () => {
    const one = tcp();
    await expect(one.recvmsg(1)).rejects.toMatchObject(ENOTCONN);
    await expect(one.recvmsgInto([])).rejects.toMatchObject(ENOTCONN);
    await expect(one.recvfromInto(Buffer.alloc(1))).rejects.toMatchObject(ENOTCONN);
    await expect(one.sendmsg(['x'])).rejects.toMatchObject(EPIPE);
    await expect(one.sendto('x', ['127.0.0.1', 1])).rejects.toMatchObject(EPIPE);
    one.close();
    await expect(one.recvmsg(1)).rejects.toMatchObject(EBADF);
    await expect(one.sendmsg(['x'])).rejects.toMatchObject(EBADF);
  });

  it('do not wait with MSG_DONTWAIT, a time limit of 0 or an aborted signal', async () => {
    const [client, server] = await pair();
    await expect(server.recvmsg(1, 0, MSG_DONTWAIT)).rejects.toMatchObject(EAGAIN);
    server.setblocking(false);
    await expect(server.recvmsgInto([Buffer.alloc(1)])).rejects.toMatchObject(EAGAIN);
    server.setblocking(true);
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    await expect(server.recvmsg(1, 0, 0, { signal })).rejects.toBe(reason);
    await expect(client.sendmsg(['x'], [], 0, null, { signal })).rejects.toBe(reason);
  });
});
