import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { describeKernel } from '../support/kernel-kinds.ts';

const folder = mkdtempSync(join(tmpdir(), 'await-socket-datagrams-'));
const open: socket.Socket[] = [];

afterEach(() => {
  for (const one of open.splice(0)) one.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

function own<T extends socket.Socket>(one: T): T {
  open.push(one);
  return one;
}

function datagrams(address?: string | Buffer): socket.Socket {
  const one = own(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM));
  if (address !== undefined) one.bind(address);
  return one;
}

async function pair(type: number = socket.SOCK_DGRAM): Promise<[socket.Socket, socket.Socket]> {
  const [one, other] = await socket.socketpair(socket.AF_UNIX, type);
  return [own(one), own(other)];
}

describeKernel('Unix datagrams', () => {
  it('go to a path, and name their sender', async () => {
    const receiver = datagrams(join(folder, 'receiver'));
    const sender = datagrams(join(folder, 'sender'));
    expect(await sender.sendto('hello', receiver.getsockname())).toBe(5);
    expect(await receiver.recvfrom(100)).toEqual([Buffer.from('hello'), join(folder, 'sender')]);
  });

  it('go to an abstract name of any bytes, and to one that Linux chooses', async () => {
    const name = Buffer.concat([Buffer.of(0), Buffer.from(`await-socket-${process.pid}`), Buffer.of(0, 0xff, 0)]);
    const receiver = datagrams(name);
    expect(receiver.getsockname()).toEqual(name);
    const sender = datagrams('');
    const chosen = sender.getsockname();
    expect(chosen).toHaveLength(6);
    await sender.sendto('one', name);
    expect(await receiver.recvfrom(100)).toEqual([Buffer.from('one'), chosen]);
  });

  it('have no sender where that has no name', async () => {
    const receiver = datagrams('');
    expect(datagrams().getsockname()).toBe('');
    await datagrams().sendto('nameless', receiver.getsockname());
    expect(await receiver.recvfrom(100)).toEqual([Buffer.from('nameless'), null]);
  });

  it('keep their borders, may be empty, and are cut off', async () => {
    const [one, other] = await pair();
    for (const text of ['', 'first', 'second']) await one.send(text);
    expect(await other.recv(10)).toHaveLength(0);
    expect(await other.recvmsg(3)).toEqual([Buffer.from('fir'), [], socket.MSG_TRUNC, null]);
    expect(await other.recv(10, socket.MSG_PEEK)).toEqual(Buffer.from('second'));
    const memory = [Buffer.alloc(2), Buffer.alloc(10)] as const;
    expect((await other.recvmsgInto(memory))[0]).toBe(6);
    expect(String(Buffer.concat(memory)).replaceAll('\0', '')).toBe('second');
  });

  it('of more than 64 KiB arrive whole', async () => {
    const [one, other] = await pair();
    const large = Buffer.alloc(100_000, 'large ');
    await one.send(large);
    expect((await other.recv(1_000_000)).equals(large)).toBe(true);
    await one.send(large);
    expect((await other.recv(80_000)).equals(large.subarray(0, 80_000))).toBe(true);
  });

  it('are received by the calls that wait, in their order', async () => {
    const [one, other] = await pair();
    const received = ['a', 'b', 'c'].map(() => other.recv(10));
    for (const text of ['a', 'b', 'c']) await one.send(text);
    expect((await Promise.all(received)).map(String)).toEqual(['a', 'b', 'c']);
  });

  it('wait until the receiver has room, whether connected or not', async () => {
    const receiver = datagrams('');
    for (const connects of [true, false]) {
      const sender = datagrams();
      if (connects) await sender.connect(receiver.getsockname());
      const send = (flags: number): Promise<number> =>
        connects ? sender.send('x', flags) : sender.sendto('x', flags, receiver.getsockname());
      let sent = 0;
      for (let isFull = false; !isFull;) {
        isFull = await send(socket.MSG_DONTWAIT).then(
          () => false,
          (error: unknown) => error instanceof socket.BlockingIOError,
        );
        if (!isFull) sent += 1;
      }
      const last = send(0);
      for (let count = 0; count <= sent; count += 1) expect(await receiver.recv(10)).toHaveLength(1);
      expect(await last).toBe(1);
    }
  });

  it('end by a time limit, a signal, and a close', async () => {
    const [one, other] = await pair();
    other.settimeout(0.01);
    await expect(other.recv(1)).rejects.toBeInstanceOf(socket.TimeoutError);
    other.settimeout(0);
    await expect(other.recv(1)).rejects.toMatchObject({ code: 'EAGAIN' });
    other.settimeout(null);
    await expect(other.recv(1, { signal: AbortSignal.timeout(5) })).rejects.toMatchObject({ name: 'TimeoutError' });
    const waiting = other.recv(1);
    other.close();
    await expect(waiting).rejects.toMatchObject({ code: 'EBADF' });
    await expect(one.send('gone')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(() => other.getsockname()).toThrow(expect.objectContaining({ code: 'EBADF' }));
  });

  it('have the errors of Linux', async () => {
    const one = datagrams();
    const error = (code: string): unknown => expect.objectContaining({ code });
    expect(() => one.getpeername()).toThrow(error('ENOTCONN'));
    expect(() => one.listen()).toThrow(error('ENOTSUP'));
    await expect(one.accept()).rejects.toMatchObject({ code: 'ENOTSUP' });
    await expect(one.send('x')).rejects.toMatchObject({ code: 'ENOTCONN' });
    await expect(one.sendto('x', join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(one.connect('\0none')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(await one.connectEx('\0none')).toBe(111);
    const listener = own(socket.socket(socket.AF_UNIX));
    listener.bind(join(folder, 'stream'));
    await expect(one.sendto('x', listener.getsockname())).rejects.toMatchObject({ code: 'EPROTOTYPE' });
    one.bind('');
    expect(() => one.bind(join(folder, 'again'))).toThrow(error('EINVAL'));
    // @ts-expect-error -- an address of IP
    expect(() => datagrams().bind(['127.0.0.1', 80, 1, 2, 3])).toThrow(TypeError);
    expect(() => socket.socket(socket.AF_UNIX, socket.SOCK_RDM)).toThrow(error('ESOCKTNOSUPPORT'));
  });

  it('end with SHUT_RD, for a receive that has no time limit', async () => {
    const one = datagrams();
    const waits = one.recv(10);
    one.shutdown(socket.SHUT_RD);
    expect(await waits).toHaveLength(0);
    expect(await one.recvfrom(10)).toEqual([Buffer.alloc(0), null]);
    await expect(one.recv(10, socket.MSG_DONTWAIT)).rejects.toMatchObject({ code: 'EAGAIN' });
    one.settimeout(0.01);
    await expect(one.recv(10)).rejects.toBeInstanceOf(socket.TimeoutError);
  });

  it('are shown as in Python', () => {
    const one = datagrams(join(folder, 'shown'));
    expect(String(one)).toBe(
      `<socket.socket fd=${one.fileno()}, family=1, type=2, proto=0, laddr=${join(folder, 'shown')}>`,
    );
    one.close();
    expect([one.fileno(), String(one)]).toEqual([-1, '<socket.socket [closed] fd=-1, family=1, type=2, proto=0>']);
  });

  it('are iterated over, and make files', async () => {
    const [one, other] = await pair();
    for (const text of ['a', '', 'b']) await one.send(text);
    const received: string[] = [];
    for await (const data of other) {
      received.push(String(data));
      if (received.length === 3) break;
    }
    expect(received).toEqual(['a', '', 'b']);
    await using file = one.makefile('w');
    await file.write('written');
    await file.flush();
    expect(String(await other.recv(100))).toBe('written');
  });
});

describeKernel('SOCK_SEQPACKET', () => {
  it('connects, and keeps the borders of messages', async () => {
    const listener = own(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET));
    listener.bind(join(folder, 'packets'));
    listener.listen(1);
    const client = own(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET));
    const accepted = listener.accept();
    await client.connect(listener.getsockname());
    const [conn, address] = await accepted;
    own(conn);
    expect([conn.type, address, client.getpeername()]).toEqual([5, '', join(folder, 'packets')]);
    for (const text of ['one', '', 'three']) await client.sendall(text);
    client.shutdown(socket.SHUT_WR);
    const received = [await conn.recv(10), await conn.recv(10), await conn.recv(2), await conn.recv(10)];
    expect(received.map(String)).toEqual(['one', '', 'th', '']);
    await expect(client.send('more')).rejects.toBeInstanceOf(socket.BrokenPipeError);
    const next = own(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET));
    await next.connect(listener.getsockname());
    for await (const [other] of listener as socket.Listener) {
      other.close();
      break;
    }
    expect(await next.recv(1)).toHaveLength(0);
  });

  it('sends a file, a message for each 64 KiB', async () => {
    const [one, other] = await pair(socket.SOCK_SEQPACKET);
    const file = join(folder, 'file');
    writeFileSync(file, Buffer.alloc(70_000, 'file '));
    const handle = await fs.open(file);
    expect(await one.sendfile(handle)).toBe(70_000);
    await handle.close();
    expect([await other.recv(100_000), await other.recv(100_000)].map(({ length }) => length)).toEqual([65_536, 4464]);
  });

  it('waits where the queue of the listener is full', async () => {
    const listener = own(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET));
    listener.bind('');
    listener.listen(0);
    const clients = [0, 1].map(() => own(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)));
    await clients[0]?.connect(listener.getsockname());
    clients[1]?.settimeout(0);
    expect(await clients[1]?.connectEx(listener.getsockname())).toBe(11);
    clients[1]?.settimeout(10);
    const connected = clients[1]?.connect(listener.getsockname());
    for (const client of clients) {
      const [conn] = await listener.accept();
      own(conn);
      await client.send('here');
      expect(String(await conn.recv(10))).toBe('here');
    }
    await connected;
  });

  it('tells the end and a reset', async () => {
    const [one, other] = await pair(socket.SOCK_SEQPACKET);
    await one.send('unread');
    other.close();
    await expect(one.recv(10)).rejects.toBeInstanceOf(socket.ConnectionResetError);
    expect(await one.recv(10)).toHaveLength(0);
  });

  it('tells a reset to a receive of any size', async () => {
    const [one, other] = await pair(socket.SOCK_SEQPACKET);
    await one.send('unread');
    other.close();
    await expect(one.recv(1_000_000)).rejects.toBeInstanceOf(socket.ConnectionResetError);
    expect(await one.recv(1_000_000)).toHaveLength(0);
  });
});

describeKernel('socketpairSync()', () => {
  it('makes two sockets of any type at once', async () => {
    for (const type of [socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET]) {
      const [one, other] = socket.socketpairSync(null, type | socket.SOCK_NONBLOCK);
      own(one);
      own(other);
      expect([one.type, one.gettimeout(), one.getsockname(), other.getpeername()]).toEqual([type, 0, '', '']);
      await one.sendall('both ways');
      expect(String(await other.recv(100))).toBe('both ways');
    }
    expect(() => socket.socketpairSync(socket.AF_INET)).toThrow(expect.objectContaining({ code: 'ENOTSUP' }));
    // @ts-expect-error -- no number
    expect(() => socket.socketpairSync(1, 'stream')).toThrow(TypeError);
  });

  it('gives streams, whose sends wait for room', async () => {
    const [one, other] = socket.socketpairSync();
    own(one);
    own(other);
    const sent = one.sendall(Buffer.alloc(2_000_000, 'x'));
    let received = 0;
    while (received < 2_000_000) received += (await other.recv(3_000_000)).length;
    await sent;
    one.settimeout(0.05);
    const partly = await one.send(Buffer.alloc(2_000_000));
    expect(partly).toBeLessThan(2_000_000);
    await expect(one.sendall(Buffer.alloc(1))).rejects.toBeInstanceOf(socket.TimeoutError);
    one.close();
    expect((await other.recv(3_000_000)).length).toBeGreaterThan(0);
  });
});
