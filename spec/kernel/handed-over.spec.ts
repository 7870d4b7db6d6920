import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { describeKernel } from '../support/kernel-kinds.ts';
import { own, pair, pattern, recvAll, turns } from '../support/pairs.ts';

const folder = mkdtempSync(join(tmpdir(), 'await-socket-handed-over-'));
afterAll(() => rmSync(folder, { recursive: true }));

const PAIRS: Readonly<Record<string, () => Promise<[socket.Socket, socket.Socket]>>> = {
  TCP: () => pair(),
  'TCP over IPv6': () => pair(socket.AF_INET6),
  Unix: async () => {
    const [one, other] = await socket.socketpair();
    return [own(one), own(other)];
  },
  UDP: async () => {
    const [one, other] = [0, 0].map(() => own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)));
    if (one === undefined || other === undefined) throw new Error('two were made');
    one.bind(['127.0.0.1', 0]);
    other.bind(['127.0.0.1', 0]);
    await other.connect(one.getsockname());
    return [one, other];
  },
};

/** The calls that wait, and what they give once `hello\n` has come. */
const CALLS: Readonly<Record<string, (one: socket.Socket) => Promise<unknown>>> = {
  'recv()': async (one) => String(await one.recv(100)),
  'recv() with MSG_PEEK': async (one) => String(await one.recv(100, socket.MSG_PEEK)),
  'recvfrom()': async (one) => String((await one.recvfrom(100))[0]),
  'recvmsg()': async (one) => String((await one.recvmsg(100))[0]),
  'recvInto()': async (one) => {
    const target = Buffer.alloc(100);
    return String(target.subarray(0, await one.recvInto(target)));
  },
};

/** Those that streams have besides. */
const STREAM_CALLS: typeof CALLS = {
  'recvExactly()': async (one) => String(await one.recvExactly(6)),
  'recvLine()': async (one) => String(await one.recvLine()),
  'recvUntil()': async (one) => String(await one.recvUntil('\n')),
  'recv() with MSG_WAITALL': async (one) => String(await one.recv(6, socket.MSG_WAITALL)),
};

describeKernel.each(Object.entries(PAIRS))('calls that wait over %s when dup() is called', (kind, make) => {
  it.each(Object.entries({ ...CALLS, ...(kind !== 'UDP' && STREAM_CALLS) }))('%s goes on', async (_call, call) => {
    const [one, other] = await make();
    const waits = call(one);
    own(one.dup());
    await other.send('hello\n');
    expect(await waits).toBe('hello\n');
  });
});

describeKernel('a datagram socket that is handed over', () => {
  it('gives the sender, and says what was cut off', async () => {
    const [one, other] = (await PAIRS.UDP?.()) ?? [];
    if (one === undefined || other === undefined) throw new Error('a pair was made');
    const waits = one.recvfrom(2);
    const cut = one.recvmsg(2);
    own(one.dup());
    await other.send('abc');
    await other.send('def');
    expect(await waits).toEqual([Buffer.from('ab'), other.getsockname()]);
    expect(await cut).toEqual([Buffer.from('de'), [], socket.MSG_TRUNC, other.getsockname()]);
  });
});

describeKernel('a call that waits when dup() is called', () => {
  it.each(Object.entries(CALLS))('is given the end of a datagram socket over %s', async (_call, call) => {
    const [one] = (await PAIRS.UDP?.()) ?? [];
    if (one === undefined) throw new Error('a pair was made');
    await one.connect(one.getsockname());
    const waits = call(one);
    own(one.dup()).shutdown(socket.SHUT_RD);
    expect(await waits).toBe('');
  });

  it('is given the end of a Unix listener', async () => {
    const listener = own(socket.socket(socket.AF_UNIX));
    listener.bind(join(folder, 'listener'));
    listener.listen();
    const waits = listener.accept();
    own(listener.dup()).shutdown(socket.SHUT_RD);
    await expect(waits).rejects.toMatchObject({ code: 'EINVAL' });
  });
});

describeKernel('a Unix listener that is handed over', () => {
  it('gives the path of a client that has one', async () => {
    const listener = own(socket.socket(socket.AF_UNIX));
    listener.bind(join(folder, 'named-clients'));
    listener.listen(2);
    own(listener.dup());
    const bound = own(socket.socket(socket.AF_UNIX));
    bound.bind(join(folder, 'named'));
    // Node connects a socket that is bound to a path only from Node 24.20 and 26.7 on; the kernel does.
    const named = own(bound.dup());
    const nameless = own(socket.socket(socket.AF_UNIX));
    for (const client of [named, nameless]) {
      await client.connect(listener.getsockname());
      const [conn, address] = await listener.accept();
      own(conn);
      expect([address, conn.getpeername()]).toEqual([client.getsockname(), client.getsockname()]);
      await client.sendall('from there');
      // Linux names the sender where it has a path.
      const sender = client === named ? client.getsockname() : null;
      expect(await conn.recvfrom(100)).toEqual([Buffer.from('from there'), sender]);
    }
  });
});

describeKernel('a connection that is handed over', () => {
  it('keeps the end of its output', async () => {
    const [one, other] = await pair();
    one.shutdown(socket.SHUT_WR);
    own(one.dup());
    expect(await other.recv(1)).toHaveLength(0);
    await expect(one.send('x')).rejects.toMatchObject({ code: 'EPIPE' });
    await other.sendall('still open');
    expect(String(await one.recv(100))).toBe('still open');
  });

  it.each(['TCP', 'Unix'])('loses nothing of what Node has read ahead over %s', async (kind) => {
    const [one, other] = (await PAIRS[kind]?.()) ?? [];
    if (one === undefined || other === undefined) throw new Error('a pair was made');
    const data = pattern(1_000_000);
    const sent = one.sendall(data).then(() => one.close());
    const first = await other.recv(1);
    // Node reads until all of its queues are full.
    await turns(10);
    const rest = await recvAll(own(other.dup()));
    await sent;
    expect(Buffer.concat([first, rest]).equals(data)).toBe(true);
  });

  it.each(['TCP', 'Unix'])('keeps its number at every moment of the end of its input over %s', async (kind) => {
    for (let turn = 0; turn < 8; turn += 1) {
      const [one, other] = (await PAIRS[kind]?.()) ?? [];
      if (one === undefined || other === undefined) throw new Error('a pair was made');
      await other.sendall('abc');
      await one.recv(1);
      other.close();
      await turns(turn);
      const number = one.fileno();
      // The end of the output is under way then, too.
      one.shutdown(socket.SHUT_WR);
      const copy = own(one.dup());
      expect(one.fileno()).toBe(number);
      expect(String(await recvAll(copy))).toBe('bc');
    }
  });

  it("has what a stream of Node's has read", async () => {
    const listener = net.createServer({ pauseOnConnect: true });
    await once(listener.listen(0, '127.0.0.1'), 'listening');
    const accepted = once(listener, 'connection');
    const { port } = listener.address() as net.AddressInfo;
    const stream = net.connect(port, '127.0.0.1');
    const [server] = (await accepted) as [net.Socket];
    server.end('read by Node');
    await once(stream, 'readable');
    stream.removeAllListeners('readable');
    listener.close();
    const copy = own(own(socket.Socket.from(stream)).dup());
    expect(String(await recvAll(copy))).toBe('read by Node');
  });

  it('sends and receives what is larger than the queues', async () => {
    const [one, other] = await pair();
    own(one.dup());
    own(other.dup());
    const data = Buffer.alloc(4 * 1024 * 1024, 'x');
    const [, received] = await Promise.all([one.sendall(data), other.recvExactly(data.length)]);
    expect(received.equals(data)).toBe(true);
  });
});

describeKernel('addresses that the kernel has and Node has not', () => {
  const wrong: readonly (readonly [family: number, address: unknown, error: RegExp])[] = [
    [socket.AF_NETLINK, 'text', /AF_NETLINK address must be \[pid, groups\]/],
    [socket.AF_NETLINK, [1], /AF_NETLINK address must be/],
    [socket.AF_NETLINK, [1, 2 ** 33], /groups must be 0-4294967295/],
    [socket.AF_NETLINK, [-2, 0], /pid must be/],
  ];

  it.each(wrong)('of family %d refuses %j', (family, address, text) => {
    const one = own(socket.socket(family, socket.SOCK_RAW, 0));
    expect(() => void Reflect.apply(one.bind.bind(one), undefined, [address])).toThrow(text);
  });

  it('may be names that have to be looked up', async () => {
    const receiver = own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
    receiver.bind(['127.0.0.1', 0]);
    const sender = own(own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)).dup());
    sender.bind(['', 0]);
    await sender.sendto('by name', ['localhost', receiver.getsockname()[1]]);
    expect(String(await receiver.recv(100))).toBe('by name');
    await sender.connect(['localhost', receiver.getsockname()[1]]);
    expect(sender.getpeername()).toEqual(receiver.getsockname());
    await expect(sender.sendto('x', ['no.such.name.invalid', 1])).rejects.toMatchObject({ name: 'gaierror' });
  });
});
