import { afterEach, describe, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import type { AddressLike, Inet4Address, Inet6Address, Socket } from '../../lib/index.ts';
import { fakeLookup } from '../support/dns.ts';
import {
  EADDRINUSE,
  EAGAIN,
  EAI_NONAME,
  EBADF,
  ECONNREFUSED,
  EINVAL,
  ENOTCONN,
  ENOTSUP,
  EPIPE,
  TIMED_OUT,
} from '../support/expected-errors.ts';
import { flood, readsInBulk } from '../support/floods.ts';
import { hasKoffi } from '../support/koffi.ts';
import { deserted, FAMILIES, loopback, own, portOf, staysPending } from '../support/pairs.ts';

const { AF_INET, MSG_DONTWAIT, MSG_PEEK, MSG_TRUNC, SHUT_RD, SHUT_RDWR, SHUT_WR, SOCK_DGRAM } = socket;
const EDESTADDRREQ = { name: 'OSError', errno: 89, code: 'EDESTADDRREQ' };
const EMSGSIZE = { name: 'OSError', errno: 90, code: 'EMSGSIZE' };

function udp(family: number = AF_INET): Socket {
  return own(socket.socket(family, SOCK_DGRAM));
}

/** A socket on a free port of this machine, and its address. */
async function boundTo(family: number, isFlooded: boolean): Promise<[Socket, Inet4Address | Inet6Address]> {
  const one = udp(family);
  one.bind([loopback(family), 0]);
  const address = one.getsockname();
  if (typeof address === 'string' || Buffer.isBuffer(address)) throw new TypeError('a host and a port were expected');
  if (isFlooded) await flood(one);
  return [one, address];
}

afterEach(() => {
  jest.restoreAllMocks();
});

/** Sockets as they are at first, and after a flood, since which they are read in bulk. */
const KINDS = FAMILIES.flatMap(([name, family]) => [
  { name, family, isFlooded: false },
  ...(readsInBulk ? [{ name: `${name}, read in bulk`, family, isFlooded: true }] : []),
]);

describe.each(KINDS)('datagrams over $name', ({ family, isFlooded }) => {
  const boundUdp = (): Promise<[Socket, Inet4Address | Inet6Address]> => boundTo(family, isFlooded);

  it('arrive one by one, with the address of their sender', async () => {
    const [receiver, address] = await boundUdp();
    const [sender, from] = await boundUdp();
    expect(await sender.sendto('first', address)).toBe(5);
    expect(await sender.sendto(Buffer.from('second'), 0, address)).toBe(6);
    expect(await receiver.recvfrom(100)).toEqual([Buffer.from('first'), from]);
    expect(await receiver.recv(100)).toEqual(Buffer.from('second'));
  });

  it('go to the address that was passed, even if the array has changed since', async () => {
    const [one, first] = await boundUdp();
    const [two, second] = await boundUdp();
    const sender = udp(family);
    const to: [string, number] = [first[0], first[1]];
    await sender.sendto('a', to);
    await sender.sendto('b', to);
    to[1] = second[1];
    await sender.sendto('c', to);
    await sender.sendto('d', first);
    to[0] = 'nowhere\0';
    await expect(sender.sendto('e', to)).rejects.toThrow(TypeError);
    expect([String(await one.recv(9)), String(await one.recv(9)), String(await one.recv(9))]).toEqual(['a', 'b', 'd']);
    expect(String(await two.recv(9))).toBe('c');
  });

  it('may be empty', async () => {
    const [receiver, address] = await boundUdp();
    const [sender, from] = await boundUdp();
    expect(await sender.sendto('', address)).toBe(0);
    expect(await receiver.recvfrom(100)).toEqual([Buffer.alloc(0), from]);
  });

  it('are cut off where the buffer is too small', async () => {
    const [receiver, address] = await boundUdp();
    const [sender, from] = await boundUdp();
    for (const text of ['abcd', 'efgh', 'ijkl', 'mnop', 'qrst']) await sender.sendto(text, address);
    expect(await receiver.recv(2)).toEqual(Buffer.from('ab'));
    expect(await receiver.recvfrom(0)).toEqual([Buffer.alloc(0), from]);
    const memory = Buffer.alloc(4, '.');
    expect(await receiver.recvfromInto(memory, 3)).toEqual([3, from]);
    expect(String(memory)).toBe('ijk.');
    expect(await receiver.recvInto(memory, 1)).toBe(1);
    expect(String(memory)).toBe('mjk.');
    expect(await receiver.recvmsg(3)).toEqual([Buffer.from('qrs'), [], MSG_TRUNC, from]);
  });

  it('stay in the queue when they are peeked at', async () => {
    const [receiver, address] = await boundUdp();
    await udp(family).sendto('here', address);
    expect(String(await receiver.recv(2, MSG_PEEK))).toBe('he');
    expect(String((await receiver.recvfrom(9, MSG_PEEK))[0])).toBe('here');
    expect(String(await receiver.recv(9))).toBe('here');
    await expect(receiver.recv(9, MSG_DONTWAIT)).rejects.toMatchObject(EAGAIN);
  });

  it('go to the call that waits for them, of each kind', async () => {
    const [receiver, address] = await boundUdp();
    const [sender, from] = await boundUdp();
    const memory = Buffer.alloc(4, '.');
    const sent = async <T>(call: Promise<T>, text: string): Promise<T> => {
      await sender.sendto(text, address);
      return await call;
    };
    expect(await sent(receiver.recv(9), 'recv')).toEqual(Buffer.from('recv'));
    expect(await sent(receiver.recvfrom(9), 'from')).toEqual([Buffer.from('from'), from]);
    expect(await sent(receiver.recvmsg(9), 'msg')).toEqual([Buffer.from('msg'), [], 0, from]);
    expect(await sent(receiver.recvInto(memory), 'in')).toBe(2);
    expect(await sent(receiver.recvfromInto(memory), 'far')).toEqual([3, from]);
    expect(String(memory)).toBe('far.');
    expect(await sent(receiver.recvfrom(9), '')).toEqual([Buffer.alloc(0), from]);
    expect(await sent(receiver.recv(2), 'longer')).toEqual(Buffer.from('lo'));
    expect(await sent(receiver.recvmsg(2), 'longer')).toEqual([Buffer.from('lo'), [], MSG_TRUNC, from]);
    expect(await sent(receiver.recvInto(memory, 1), 'longer')).toBe(1);
    expect(await sent(receiver.recvfrom(9, MSG_PEEK), 'kept')).toEqual([Buffer.from('kept'), from]);
    expect(await receiver.recv(9)).toEqual(Buffer.from('kept'));
    await expect(receiver.recv(9, MSG_DONTWAIT)).rejects.toMatchObject(EAGAIN);
  });

  it('stay where the memory of the call that waits for them is gone', async () => {
    const [receiver, address] = await boundUdp();
    const memory = new Uint8Array(4);
    const [first, second] = [receiver.recvfromInto(memory), receiver.recv(9)];
    structuredClone(memory, { transfer: [memory.buffer] });
    await udp(family).sendto('kept', address);
    await expect(first).rejects.toMatchObject({ code: 'EFAULT' });
    expect(await second).toEqual(Buffer.from('kept'));
    const gone = new Uint8Array(4);
    const alone = receiver.recvfromInto(gone);
    structuredClone(gone, { transfer: [gone.buffer] });
    await udp(family).sendto('kept', address);
    await expect(alone).rejects.toMatchObject({ code: 'EFAULT' });
    expect(await receiver.recv(9)).toEqual(Buffer.from('kept'));
  });

  it('bind their sender to a port of all interfaces', async () => {
    const [, address] = await boundUdp();
    const sender = udp(family);
    const [any, none] = sender.getsockname();
    expect([any, none]).toEqual([family === AF_INET ? '0.0.0.0' : '::', 0]);
    await sender.sendto('x', address);
    expect(sender.getsockname()[0]).toBe(any);
    expect(portOf(sender)).toBeGreaterThan(0);
    expect(() => sender.bind([loopback(family), 0])).toThrow(expect.objectContaining(EINVAL));
  });

  it('go to the peer of a connected socket, which receives from its peer alone', async () => {
    const [peer, address] = await boundUdp();
    const [stranger] = await boundUdp();
    const [client, local] = await boundUdp();
    await client.connect(address);
    expect(client.getpeername()).toEqual(address);
    await stranger.sendto('stranger', local);
    expect(await client.send('to the peer')).toBe(11);
    await client.sendall('all');
    expect(await peer.recvfrom(100)).toEqual([Buffer.from('to the peer'), local]);
    expect(String(await peer.recv(100))).toBe('all');
    await peer.sendto('answer', local);
    expect(await client.recvfrom(100)).toEqual([Buffer.from('answer'), address]);
    await expect(client.recv(1, MSG_DONTWAIT)).rejects.toMatchObject(EAGAIN);
  });

  it('can go to another address than the peer, which stays the peer', async () => {
    const [peer, address] = await boundUdp();
    const [other, elsewhere] = await boundUdp();
    const client = udp(family);
    await client.connect(address);
    await client.sendto('elsewhere', elsewhere);
    await client.send('to the peer');
    expect(String(await other.recv(100))).toBe('elsewhere');
    expect(String(await peer.recv(100))).toBe('to the peer');
    expect(client.getpeername()).toEqual(address);
  });

  it('report once to a connected sender that no socket is at the address', async () => {
    const [client] = await boundUdp();
    await client.connect(deserted(family));
    await client.send('question');
    await expect(client.recv(1)).rejects.toMatchObject(ECONNREFUSED);
    expect(client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)).toBe(0);
    await expect(client.recv(1, MSG_DONTWAIT)).rejects.toMatchObject(EAGAIN);
  });
});

describe.each(KINDS.filter(({ family }) => family === AF_INET))('a socket for datagrams, $name', ({ isFlooded }) => {
  const boundUdp = (): Promise<[Socket, Inet4Address | Inet6Address]> => boundTo(AF_INET, isFlooded);

  it('cannot do what a connection does', async () => {
    const [one] = await boundUdp();
    expect(() => one.listen()).toThrow(expect.objectContaining(ENOTSUP));
    await expect(one.accept()).rejects.toMatchObject(ENOTSUP);
    expect(() => one.getpeername()).toThrow(expect.objectContaining(ENOTCONN));
    await expect(one.sendfile({ read: () => Buffer.alloc(0) })).rejects.toThrow(
      /^only SOCK_STREAM type sockets are supported/,
    );
  });

  it('needs an address to send to, and a port', async () => {
    const [one, [host]] = await boundUdp();
    await expect(one.send('x')).rejects.toMatchObject(EDESTADDRREQ);
    await expect(one.sendall('x')).rejects.toMatchObject(EDESTADDRREQ);
    await expect(one.sendmsg(['x'])).rejects.toMatchObject(EDESTADDRREQ);
    await expect(one.sendto('x', [host, 0])).rejects.toMatchObject(EINVAL);
  });

  it('sends no more than a datagram holds, and no broadcast unasked', async () => {
    const [one, [host]] = await boundUdp();
    const [receiver] = await boundUdp();
    const to: AddressLike = [host, portOf(receiver)];
    await expect(one.sendto(Buffer.alloc(65_508), to)).rejects.toMatchObject(EMSGSIZE);
    expect(await one.sendto(Buffer.alloc(65_507, 1), to)).toBe(65_507);
    expect((await receiver.recv(70_000)).length).toBe(65_507);
    const sender = udp();
    await expect(sender.sendto('x', ['127.255.255.255', 9])).rejects.toMatchObject({
      name: 'PermissionError',
      errno: 13,
    });
  });

  it('can be connected to another peer', async () => {
    const [first, one] = await boundUdp();
    const [second, two] = await boundUdp();
    const client = udp();
    await client.connect(one);
    await client.send('1');
    await client.connect(two);
    await client.send('2');
    expect(String(await first.recv(9))).toBe('1');
    expect(String(await second.recv(9))).toBe('2');
    expect(await client.connectEx(one)).toBe(0);
    expect(client.getpeername()).toEqual(one);
  });

  it('does not share its port', async () => {
    const [, address] = await boundUdp();
    expect(() => udp().bind(address)).toThrow(expect.objectContaining(EADDRINUSE));
  });

  it('can be shut down only if it has a peer', async () => {
    const [, address] = await boundUdp();
    const client = udp();
    expect(() => client.shutdown(SHUT_RDWR)).toThrow(expect.objectContaining(ENOTCONN));
    const other = udp();
    await other.connect(address);
    other.shutdown(SHUT_WR);
    await expect(other.send('x')).rejects.toMatchObject(EPIPE);
    const waiting = other.recv(1);
    other.shutdown(SHUT_RD);
    expect(await waiting).toHaveLength(0);
    expect(await other.recvfrom(1)).toEqual([Buffer.alloc(0), null]);
  });

  it('wakes its receivers in their order, and with EBADF when it is closed', async () => {
    const [receiver, address] = await boundUdp();
    const waiting = [receiver.recv(9), receiver.recvfrom(9), receiver.recvmsg(9)];
    const sender = udp();
    await sender.sendto('1', address);
    expect(String(await waiting[0])).toBe('1');
    expect(await staysPending(waiting[1] ?? Promise.resolve())).toBe(true);
    receiver.close();
    await expect(waiting[1]).rejects.toMatchObject(EBADF);
    await expect(waiting[2]).rejects.toMatchObject(EBADF);
    await expect(receiver.recv(1)).rejects.toMatchObject(EBADF);
    await expect(receiver.sendto('x', address)).rejects.toMatchObject(EBADF);
    await expect(receiver.sendto('x', ['localhost', 1])).rejects.toMatchObject(EBADF);
    await expect(receiver.connect(address)).rejects.toMatchObject(EBADF);
  });

  it('waits for a datagram before it is bound', async () => {
    const receiver = udp();
    const waiting = receiver.recv(9);
    receiver.bind(['127.0.0.1', 0]);
    await udp().sendto('late', receiver.getsockname());
    expect(String(await waiting)).toBe('late');
  });

  it('has a time limit, and loses nothing by it', async () => {
    const [receiver, address] = await boundUdp();
    receiver.settimeout(0.01);
    await expect(receiver.recvfrom(9)).rejects.toMatchObject(TIMED_OUT);
    receiver.setblocking(false);
    await expect(receiver.recvmsg(9)).rejects.toMatchObject(EAGAIN);
    receiver.setblocking(true);
    const reason = new Error('enough');
    const stop = new AbortController();
    const waiting = receiver.recvfromInto(Buffer.alloc(9), 0, 0, { signal: stop.signal });
    stop.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await udp().sendto('kept', address);
    expect(String(await receiver.recv(9))).toBe('kept');
  });

  it('sends from memory that may be used again at once, also with a time limit', async () => {
    const [receiver, address] = await boundUdp();
    const sender = udp();
    sender.settimeout(5);
    const memory = Buffer.from('before');
    const sending = sender.sendto(memory, address);
    memory.write('after!');
    await sending;
    expect(String(await receiver.recv(9))).toBe('before');
  });
});

describe('sendto()', () => {
  const boundUdp = (): Promise<[Socket, Inet4Address | Inet6Address]> => boundTo(AF_INET, false);

  it('looks a host name up', async () => {
    fakeLookup('lookup', (_host, end) => end(null, [{ address: '127.0.0.1', family: 4 }]));
    const [receiver] = await boundUdp();
    const sender = udp();
    expect(await sender.sendto('by name', ['peer.example', portOf(receiver)])).toBe(7);
    expect(await sender.sendmsg(['by ', 'message'], [], 0, ['peer.example', portOf(receiver)])).toBe(10);
    await sender.connect(['peer.example', portOf(receiver)]);
    expect(sender.getpeername()).toEqual(receiver.getsockname());
    expect(String(await receiver.recv(99))).toBe('by name');
    expect(String(await receiver.recv(99))).toBe('by message');
  });

  it('fails where the name cannot be found', async () => {
    fakeLookup('lookup', (_host, end) => end(Object.assign(new Error('none'), { code: 'ENOTFOUND' })));
    await expect(udp().sendto('x', ['nobody.example', 9])).rejects.toMatchObject(EAI_NONAME);
    await expect(udp().connect(['nobody.example', 9])).rejects.toMatchObject(EAI_NONAME);
  });

  it('refuses values that are no address or no data', async () => {
    const [one, address] = await boundUdp();
    const sendto: unknown = Reflect.get(one, 'sendto');
    if (typeof sendto !== 'function') throw new TypeError('a method was expected');
    const refused = async (...args: unknown[]): Promise<unknown> =>
      await Promise.resolve(Reflect.apply(sendto, one, args)).catch((error: unknown) => error);
    expect(await refused('x')).toBeInstanceOf(TypeError);
    expect(await refused('x', 0)).toBeInstanceOf(TypeError);
    expect(await refused('x', 'abc')).toBeInstanceOf(TypeError);
    expect(await refused('x', null)).toBeInstanceOf(TypeError);
    expect(await refused(1, address)).toBeInstanceOf(TypeError);
    expect(await refused('x', address, 3)).toMatchObject({
      message: expect.stringContaining('takes an options object'),
    });
    expect(await refused('x', address, null)).toMatchObject({
      message: expect.stringContaining('takes an options object'),
    });
    expect(await refused('x', address, address)).toMatchObject({
      message: expect.stringContaining('takes an options object'),
    });
    expect(await refused('x', ['127.0.0.1', 70_000])).toBeInstanceOf(RangeError);
    if (!hasKoffi) expect(await refused('x', 1 << 20, address)).toMatchObject(ENOTSUP);
    expect(await refused('x', MSG_DONTWAIT, address)).toBe(1);
  });

  it('takes a signal', async () => {
    const [one, address] = await boundUdp();
    const reason = new Error('no');
    const signal = AbortSignal.abort(reason);
    await expect(one.sendto('x', address, { signal })).rejects.toBe(reason);
    await expect(one.sendto('x', 0, address, { signal })).rejects.toBe(reason);
    await expect(one.connect(address, { signal })).rejects.toBe(reason);
    expect(await one.sendto('x', address, {})).toBe(1);
  });
});
