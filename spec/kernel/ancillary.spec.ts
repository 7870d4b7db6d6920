import fs from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { controlOf, itemsOf, type AncillaryItem } from '../../lib/kernel/control.ts';
import { describeKernel } from '../support/kernel-kinds.ts';

const folder = mkdtempSync(join(tmpdir(), 'await-socket-ancillary-'));
const path = join(folder, 'file');
fs.writeFileSync(path, 'the content');
const open: socket.Socket[] = [];
const files = new Set<number>();

afterEach(() => {
  for (const one of open.splice(0)) one.close();
  for (const file of files) fs.closeSync(file);
  files.clear();
});
afterAll(() => rmSync(folder, { recursive: true }));

function own<T extends socket.Socket>(one: T): T {
  open.push(one);
  return one;
}

async function pair(): Promise<[socket.Socket, socket.Socket]> {
  const [one, other] = await socket.socketpair();
  return [own(one), own(other)];
}

function opened(): number {
  const file = fs.openSync(path, 'r');
  files.add(file);
  return file;
}

function rights(...descriptors: readonly number[]): AncillaryItem {
  return [socket.SOL_SOCKET, socket.SCM_RIGHTS, Buffer.from(Int32Array.from(descriptors).buffer)];
}

/** The numbers of descriptors that came; the test closes them. */
function received(items: readonly AncillaryItem[]): number[] {
  const found = items.flatMap(([, , data]) => [...new Int32Array(Uint8Array.from(data).buffer)]);
  for (const one of found) files.add(one);
  return found;
}

function descriptors(): number {
  return fs.readdirSync('/proc/self/fd').length;
}

describeKernel('descriptors', () => {
  it('stay in the kernel where they come after what a call with MSG_WAITALL waits for', async () => {
    const [one, other] = socket.socketpairSync();
    own(one);
    own(other);
    const all = other.recv(4, socket.MSG_WAITALL);
    await one.sendall('abc');
    await one.sendall('d');
    await one.sendmsg(['with a file'], [rights(opened())]);
    expect(String(await all)).toBe('abcd');
    const [data, items] = await other.recvmsg(100, socket.CMSG_SPACE(4));
    expect([String(data), received(items).length]).toEqual(['with a file', 1]);
  });

  it('go to the other end of a connection, and to any of its calls', async () => {
    const [one, other] = await pair();
    expect(await one.sendmsg(['with ', 'a file'], [rights(opened(), opened())])).toBe(11);
    const [data, items, flags, address] = await other.recvmsg(100, socket.CMSG_SPACE(8));
    expect([String(data), items.length, flags, address]).toEqual(['with a file', 1, 0, null]);
    const got = received(items);
    expect(got.map((file) => fs.fstatSync(file).ino)).toEqual([fs.statSync(path).ino, fs.statSync(path).ino]);
    await other.sendall('an answer');
    expect(String(await one.recv(100))).toBe('an answer');
  });

  it('may come while another call waits for bytes', async () => {
    const [one, other] = await pair();
    const waiting = one.recv(100);
    const behind = one.recvExactly(4);
    await one.sendmsg(['x'], [rights(opened())]);
    received((await other.recvmsg(1, 100))[1]);
    await other.sendall('first');
    expect(String(await waiting)).toBe('first');
    await other.sendall('next');
    expect(String(await behind)).toBe('next');
  });

  it('wait for bytes that were sent before', async () => {
    const [one, other] = await pair();
    const sent = one.sendall(Buffer.alloc(2_000_000));
    const sentToo = one.sendmsg(['!'], [rights(opened())]);
    let length = 0;
    for (let last: AncillaryItem[] = []; last.length === 0; received(last)) {
      const [data, items] = await other.recvmsg(1_000_000, 100);
      length += data.length;
      last = items;
    }
    await Promise.all([sent, sentToo]);
    expect(length).toBe(2_000_001);
  });

  it('that were cut off are told by MSG_CTRUNC, and none is left open', async () => {
    const [one, other] = await pair();
    await one.sendall('makes both ends sockets of the kernel');
    await other.recvmsg(100);
    const before = descriptors();
    const file = opened();
    await one.sendmsg(['x'], [rights(file, file)]);
    expect(await other.recvmsg(1)).toEqual([Buffer.from('x'), [], socket.MSG_CTRUNC, null]);
    await one.sendmsg(['x'], [rights(file, file)]);
    const [, items, flags] = await other.recvmsg(1, socket.CMSG_LEN(4));
    expect([received(items).length, flags & socket.MSG_CTRUNC]).toEqual([1, socket.MSG_CTRUNC]);
    expect(descriptors()).toBe(before + 2);
    await one.sendmsg(['x'], [rights(file)]);
    expect(await other.recv(1)).toHaveLength(1);
    await expect(one.sendmsg(['x'], [rights(99_999)])).rejects.toMatchObject({ code: 'EBADF' });
    expect(descriptors()).toBe(before + 2);
  });

  it('keep the number of the descriptor that carries them', async () => {
    const [one, other] = await pair();
    const numbers = [one.fileno(), other.fileno()];
    await one.sendmsg(['x'], [rights(opened())]);
    received((await other.recvmsg(1, 100))[1]);
    expect([one.fileno(), other.fileno()]).toEqual(numbers);
  });
});

describeKernel('ancillary data', () => {
  it('has the credentials of the sender', async () => {
    const [one, other] = await pair();
    other.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1);
    await one.sendall('x');
    const [, items] = await other.recvmsg(1, socket.CMSG_SPACE(12));
    const own32 = Buffer.from(Int32Array.of(process.pid, process.getuid?.() ?? 0, process.getgid?.() ?? 0).buffer);
    expect(items).toEqual([[socket.SOL_SOCKET, socket.SCM_CREDENTIALS, own32]]);
  });

  it('of UDP tells where a datagram arrived, and how far it went', async () => {
    const cases = [
      {
        family: socket.AF_INET,
        host: '127.0.0.1',
        level: socket.IPPROTO_IP,
        options: [socket.IP_PKTINFO, socket.IP_RECVTOS],
        types: [socket.IP_PKTINFO, socket.IP_TOS],
      },
      {
        family: socket.AF_INET6,
        host: '::1',
        level: socket.IPPROTO_IPV6,
        options: [socket.IPV6_RECVPKTINFO, socket.IPV6_RECVHOPLIMIT, socket.IPV6_RECVTCLASS],
        types: [socket.IPV6_PKTINFO, socket.IPV6_HOPLIMIT, socket.IPV6_TCLASS],
      },
    ];
    for (const { family, host, level, options, types } of cases) {
      const receiver = own(socket.socket(family, socket.SOCK_DGRAM));
      receiver.bind([host, 0]);
      for (const option of options) receiver.setsockopt(level, option, 1);
      const sender = own(socket.socket(family, socket.SOCK_DGRAM));
      await sender.sendto('read by Node', receiver.getsockname());
      expect(String(await receiver.recv(100))).toBe('read by Node');
      const waiting = receiver.recvfrom(100);
      const [data, items, , address] = await Promise.all([
        receiver.recvmsg(100, 200),
        sender.sendto('one', receiver.getsockname()),
        sender.sendto('two', receiver.getsockname()),
      ]).then(([message]) => message);
      expect([String((await waiting)[0]), String(data)]).toEqual(['one', 'two']);
      expect(address?.slice(0, 2)).toEqual([host, sender.getsockname()[1]]);
      expect(items.map(([found, type]) => [found, type])).toEqual(
        expect.arrayContaining(types.map((type) => [level, type])),
      );
      await sender.sendto('three', receiver.getsockname());
      const [, cut, flags] = await receiver.recvmsg(100);
      expect([cut, flags]).toEqual([[], socket.MSG_CTRUNC]);
    }
  });

  it('is sent with UDP', async () => {
    const receiver = own(socket.socket(socket.AF_INET6, socket.SOCK_DGRAM));
    receiver.bind(['::1', 0]);
    receiver.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1);
    const sender = own(socket.socket(socket.AF_INET6, socket.SOCK_DGRAM));
    const hops: AncillaryItem = [socket.IPPROTO_IPV6, socket.IPV6_HOPLIMIT, Buffer.from(Int32Array.of(7).buffer)];
    expect(await sender.sendmsg(['x'], [hops], 0, receiver.getsockname())).toBe(1);
    expect((await receiver.recvmsg(1, 100))[1]).toEqual([hops]);
  });

  it('is checked before anything is sent', async () => {
    const [one] = await pair();
    const sendmsg = Reflect.get(one, 'sendmsg') as (...given: readonly unknown[]) => Promise<number>;
    const wrong = async (items: unknown): Promise<unknown> => {
      return await Reflect.apply(sendmsg, one, [['x'], items]).then(
        () => 'sent',
        (error: unknown) => (error as Error).constructor.name,
      );
    };
    for (const items of [5, 'text', Buffer.alloc(3), [5], [[1, 1]], [[1, 1, 'text']], [['a', 1, Buffer.alloc(1)]]]) {
      expect([items, await wrong(items)]).toEqual([items, 'TypeError']);
    }
    expect(await wrong([[2 ** 40, 1, Buffer.alloc(1)]])).toBe('RangeError');
    expect(await wrong([[socket.SOL_SOCKET, 12345, Buffer.alloc(1)]])).toBe('OSError');
    expect(await wrong(new Set())).toBe('sent');
  });
});

/** SO_TIMESTAMP and SO_TIMESTAMPNS, with as many parts as a second has (socket(7)); Python has no names for them. */
const TIMESTAMPS = [
  [29, 1e6],
  [35, 1e9],
] as const;

describeKernel('timestamps', () => {
  it.each(TIMESTAMPS)('say when a datagram came: option %i', async (option, parts) => {
    const [one, other] = socket.socketpairSync(socket.AF_UNIX, socket.SOCK_DGRAM);
    const receiver = own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
    receiver.bind(['127.0.0.1', 0]);
    const sender = own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
    for (const [from, to, address] of [
      [own(one), own(other), null],
      [sender, receiver, receiver.getsockname()],
    ] as const) {
      to.setsockopt(socket.SOL_SOCKET, option, 1);
      const before = Date.now();
      await from.sendmsg(['x'], [], 0, address);
      const [data, [item, ...others], flags] = await to.recvmsg(10, socket.CMSG_SPACE(16));
      const after = Date.now();
      expect([String(data), item?.slice(0, 2), others, flags]).toEqual(['x', [socket.SOL_SOCKET, option], [], 0]);
      const [seconds, part] = [item?.[2].readBigInt64LE(0), item?.[2].readBigInt64LE(8)].map(Number);
      const milliseconds = Number(seconds) * 1000 + (Number(part) / parts) * 1000;
      expect(milliseconds).toBeGreaterThanOrEqual(before - 1);
      expect(milliseconds).toBeLessThanOrEqual(after + 1);
    }
  });
});

describeKernel('flags that Node does not pass on', () => {
  it('work on TCP: urgent data', async () => {
    using server = socket.createServer(['127.0.0.1', 0]);
    const client = own(await socket.createConnection(server.getsockname()));
    const conn = own((await server.accept())[0]);
    const waiting = conn.recv(10);
    await client.send('before');
    expect(String(await waiting)).toBe('before');
    await client.send('!', socket.MSG_OOB);
    expect(String(await conn.recv(10, socket.MSG_OOB))).toBe('!');
    await expect(conn.recv(10, socket.MSG_OOB)).rejects.toMatchObject({ code: 'EINVAL' });
    await client.sendall('after', socket.MSG_MORE);
    await client.sendall('.');
    expect(String(await conn.recv(6, socket.MSG_WAITALL))).toBe('after.');
    expect(String(conn)).toContain('raddr=');
  });

  it('work on UDP: the length of a datagram, and the queue of errors', async () => {
    const receiver = own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
    receiver.bind(['127.0.0.1', 0]);
    const sender = own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
    await sender.sendto('long', socket.MSG_CONFIRM, receiver.getsockname());
    const memory = Buffer.alloc(2);
    expect(await receiver.recvInto(memory, 0, socket.MSG_TRUNC)).toBe(2);
    await expect(receiver.recvmsg(100, 100, socket.MSG_ERRQUEUE)).rejects.toMatchObject({ code: 'EAGAIN' });
  });

  it('are refused where there is no connection', async () => {
    const fresh = own(socket.socket());
    await expect(fresh.recv(1, socket.MSG_OOB)).rejects.toMatchObject({ code: 'ENOTSUP' });
    await expect(fresh.sendmsg(['x'], [rights(1)])).rejects.toMatchObject({
      code: 'ENOTSUP',
      message: expect.stringContaining('not connected or bound') as unknown,
    });
  });
});

describe('the memory of ancillary data', () => {
  it('is read as it was written, and where it was cut off', () => {
    const items: AncillaryItem[] = [
      [1, 2, Buffer.from('abcde')],
      [3, -4, Buffer.alloc(0)],
      [5, 6, Buffer.alloc(8, 'x')],
    ];
    const control = controlOf(items);
    expect(control).toHaveLength(24 + 16 + 24);
    expect(itemsOf(control)).toEqual(items);
    expect(itemsOf(control.subarray(0, 18))).toEqual([[1, 2, Buffer.from('ab')]]);
    expect(itemsOf(control.subarray(0, 15))).toEqual([]);
    expect(itemsOf(Buffer.alloc(100))).toEqual([]);
  });
});

describeKernel('sendFds() and recvFds()', () => {
  it('pass descriptors on, and tell of those that had no room', async () => {
    const [one, other] = socket.socketpairSync();
    own(one);
    own(other);
    expect(await socket.sendFds(one, ['two ', 'files'], new Set([opened(), opened()]))).toBe(9);
    const [data, fds, flags, address] = await socket.recvFds(other, 100, 2);
    for (const fd of fds) files.add(fd);
    expect([String(data), fds.length, flags, address]).toEqual(['two files', 2, 0, null]);
    expect(fs.readFileSync(fds[0] ?? -1, 'utf8')).toBe('the content');
    await socket.sendFds(one, ['x'], [opened(), opened()], 0, null);
    const [, first, cut] = await socket.recvFds(other, 1, 1, socket.MSG_CMSG_CLOEXEC);
    for (const fd of first) files.add(fd);
    expect([first.length, cut & socket.MSG_CTRUNC]).toEqual([1, socket.MSG_CTRUNC]);
    await one.sendall('no descriptors');
    expect((await socket.recvFds(other, 100, 0)).slice(1)).toEqual([[], 0, null]);
  });

  it('pass descriptors on with a datagram', async () => {
    const receiver = own(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM));
    receiver.bind('');
    const sender = own(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM));
    await socket.sendFds(sender, ['x'], [opened()], 0, receiver.getsockname());
    const [, fds] = await socket.recvFds(receiver, 100, 5);
    for (const fd of fds) files.add(fd);
    expect(fds).toHaveLength(1);
  });

  it('check their arguments', async () => {
    const [one] = await pair();
    // @ts-expect-error -- no socket
    await expect(socket.sendFds(null, [], [])).rejects.toThrow('sock must be a socket');
    // @ts-expect-error -- no list
    await expect(socket.sendFds(one, ['x'], 5)).rejects.toThrow('fds must be an iterable of integers');
    await expect(socket.sendFds(one, ['x'], [0.5])).rejects.toThrow(TypeError);
    await expect(socket.recvFds(one, 1, -1)).rejects.toThrow(RangeError);
    await expect(socket.recvFds(one, 1, 2 ** 40)).rejects.toThrow(RangeError);
    await expect(socket.sendFds(one, ['x'], [77_777])).rejects.toMatchObject({ code: 'EBADF' });
  });
});
