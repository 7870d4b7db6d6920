import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import type { Inet4Address, Socket } from '../../lib/index.ts';
import { bulkInputBy } from '../../lib/kernel/bulk-input.ts';
import { datagramCalls, datagramCallsOf } from '../../lib/kernel/datagram-calls.ts';
import { POLLIN } from '../../lib/common/poll-constants.ts';
import { kernelSystem, type System } from '../../lib/kernel/system.ts';
import { NoKernel, type Koffi } from '../../lib/kernel/koffi.ts';
import type { SocketCalls } from '../../lib/kernel/socket-calls.ts';
import { select } from '../../lib/select.ts';
import type { Failure } from '../../lib/transports/failure.ts';
import type { BulkInput, BulkListener } from '../../lib/transports/bulk-input.ts';
import { EAGAIN, EBADF, ECONNREFUSED, TIMED_OUT } from '../support/expected-errors.ts';
import { describeBulk, flood, isReadInBulk, UDP_SEGMENT } from '../support/floods.ts';
import { describeKernel } from '../support/kernel-kinds.ts';
import { deserted, own } from '../support/pairs.ts';

const { AF_INET, IPPROTO_UDP, MSG_DONTWAIT, MSG_PEEK, MSG_TRUNC, SOCK_DGRAM, SOL_SOCKET } = socket;

function udp(): [Socket, Inet4Address] {
  const one = own(socket.socket(AF_INET, SOCK_DGRAM));
  one.bind(['127.0.0.1', 0]);
  const [host, port] = one.getsockname();
  return [one, [host, port]];
}

/** A socket that is read in bulk. */
async function flooded(): Promise<[Socket, Inet4Address]> {
  const [one, address] = udp();
  await flood(one);
  return [one, address];
}

/** A sender whose kernel takes what it sends apart: the receiver's may put it together again. */
function segmenting(size: number): Socket {
  const [sender] = udp();
  sender.setsockopt(IPPROTO_UDP, UDP_SEGMENT, size);
  return sender;
}

/** Datagrams that differ in content and length. */
function numbered(count: number, longest = 400): string[] {
  return Array.from({ length: count }, (_, index) => `${index}:`.padEnd((index * 7) % longest, 'm'));
}

/** A thread that sends back each datagram; its port comes as a message. */
const ECHO = `
const { parentPort } = require('node:worker_threads');
const peer = require('node:dgram').createSocket('udp4', (data, { port, address }) => peer.send(data, port, address));
peer.bind(0, '127.0.0.1', () => parentPort.postMessage(peer.address().port));
`;

describeBulk('a dialogue of single datagrams', () => {
  it('is not read in bulk, although libuv reads many answers in a turn', async () => {
    const echo = new Worker(ECHO, { eval: true });
    try {
      const [port] = (await once(echo, 'message')) as [number];
      const [client] = udp();
      for (let count = 0; count < 1000; count += 1) {
        await client.sendto(`${count}`, ['127.0.0.1', port]);
        expect(String(await client.recv(9))).toBe(`${count}`);
      }
      expect(isReadInBulk(client)).toBe(false);
    } finally {
      await echo.terminate();
    }
  });
});

describeBulk('datagrams that are read in bulk', () => {
  it('come as they were sent, before and after the flood is noticed', async () => {
    const [receiver, to] = udp();
    const senders = [udp(), udp(), udp()];
    const sent: [string, Inet4Address][] = [];
    const came: [string, unknown][] = [];
    for (let round = 0; round < 30; round += 1) {
      for (const [index, text] of numbered(60).entries()) {
        const [sender, from] = senders[index % 3] ?? udp();
        sent.push([`${round}/${text}`, from]);
        await sender.sendto(`${round}/${text}`, to);
      }
      while (came.length < sent.length) {
        const [data, from] = await receiver.recvfrom(1000);
        came.push([String(data), from]);
      }
    }
    expect(came).toEqual(sent);
    expect(isReadInBulk(receiver)).toBe(true);
  });

  it('have their borders where the kernel has put them together', async () => {
    const [receiver, to] = await flooded();
    const sender = segmenting(100);
    const bytes = Buffer.from(Array.from({ length: 950 }, (_, index) => index % 251));
    await sender.sendto(bytes, to);
    await sender.sendto('', to);
    await sender.sendto('alone', to);
    const pieces = Array.from({ length: 10 }, (_, index) => bytes.subarray(index * 100, index * 100 + 100));
    expect(await receiver.recv(1000, MSG_PEEK)).toEqual(pieces[0]);
    expect(await receiver.recvfrom(1000)).toEqual([pieces[0], sender.getsockname()]);
    expect(await receiver.recv(3)).toEqual(pieces[1]?.subarray(0, 3));
    expect(await receiver.recvmsg(99)).toEqual([pieces[2]?.subarray(0, 99), [], MSG_TRUNC, sender.getsockname()]);
    const memory = Buffer.alloc(200);
    expect(await receiver.recvInto(memory)).toBe(100);
    expect(memory.subarray(0, 100)).toEqual(pieces[3]);
    expect(await receiver.recvfromInto(memory, 50)).toEqual([50, sender.getsockname()]);
    expect(memory.subarray(0, 50)).toEqual(pieces[4]?.subarray(0, 50));
    for (const piece of pieces.slice(5)) expect(await receiver.recv(1000)).toEqual(piece);
    expect(await receiver.recv(1000)).toEqual(Buffer.alloc(0));
    expect(String(await receiver.recv(1000))).toBe('alone');
  });

  it('have their borders, too, where options of the socket bring ancillary data', async () => {
    const [receiver, to] = await flooded();
    const SO_TIMESTAMPNS = 35;
    receiver.setsockopt(SOL_SOCKET, SO_TIMESTAMPNS, 1);
    await segmenting(10).sendto('0123456789abcdefghijABC', to);
    expect(String(await receiver.recv(100))).toBe('0123456789');
    expect(String(await receiver.recv(100))).toBe('abcdefghij');
    expect(String(await receiver.recv(100))).toBe('ABC');
  });

  it('may be as long as a datagram can be', async () => {
    const [receiver, to] = await flooded();
    const [sender] = udp();
    const longest = Buffer.alloc(65_507, 'l');
    await sender.sendto(longest, to);
    await sender.sendto('short', to);
    expect(await receiver.recv(100_000)).toEqual(longest);
    expect(String(await receiver.recv(100_000))).toBe('short');
  });

  it('can be read by others once the program has the descriptor', async () => {
    const [receiver, to] = await flooded();
    const sender = segmenting(10);
    await sender.sendto('0123456789abcdefghijABC', to);
    expect(String(await receiver.recv(100))).toBe('0123456789');
    await sender.sendto('KLMNOPQRSTU', to);
    expect(receiver.fileno()).toBeGreaterThan(0);
    expect(isReadInBulk(receiver)).toBe(false);
    await sender.sendto('klmnopqrstu', to);
    const copy = own(receiver.dup());
    const came: string[] = [];
    for (const from of [receiver, copy, receiver, copy, receiver, copy]) came.push(String(await from.recv(100)));
    expect(came).toEqual(['abcdefghij', 'ABC', 'KLMNOPQRST', 'U', 'klmnopqrst', 'u']);
  });

  it('are not put together where the program had the descriptor before', async () => {
    const [receiver, to] = udp();
    receiver.fileno();
    const [sender] = udp();
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(Array.from({ length: 150 }, () => sender.sendto('x', to)));
      for (let count = 0; count < 150; count += 1) await receiver.recv(9);
    }
    expect(isReadInBulk(receiver)).toBe(false);
    await segmenting(2).sendto('aabb', to);
    expect(String(await receiver.recv(9))).toBe('aa');
    expect(String(await receiver.recv(9))).toBe('bb');
  });

  it('are all there, in their order, when the socket becomes one of the kernel', async () => {
    const [receiver, to] = await flooded();
    const sender = segmenting(10);
    await sender.sendto('0123456789abcdefghijABC', to);
    expect(String(await receiver.recv(100))).toBe('0123456789');
    await sender.sendto('KLMNOPQRSTU', to);
    const [first] = await receiver.recvmsg(100, 100);
    expect(String(first)).toBe('abcdefghij');
    for (const text of ['ABC', 'KLMNOPQRST', 'U']) expect(String(await receiver.recv(100))).toBe(text);
    await sender.sendto('klmnopqrst', to);
    expect(await receiver.recvfrom(100)).toEqual([Buffer.from('klmnopqrst'), sender.getsockname()]);
  });

  it('are left in the kernel until a call wants them', async () => {
    const [receiver, to] = await flooded();
    const [sender] = udp();
    // Twice as many as the kernel's buffer has room for, in many turns of the event loop.
    const room = receiver.getsockopt(SOL_SOCKET, socket.SO_RCVBUF) / 512;
    for (let sent = 0; sent < 2 * room; sent += 50) {
      for (let count = 0; count < 50; count += 1) await sender.sendto('x', to);
      await new Promise((resolve) => setImmediate(resolve));
    }
    receiver.setblocking(false);
    let count = 0;
    const next = (): Promise<boolean> =>
      receiver.recv(9).then(
        () => true,
        () => false,
      );
    while (await next()) count += 1;
    expect(count).toBeGreaterThan(32);
    expect(count).toBeLessThan(room);
  });

  it('end a wait that has a limit or a signal only with a datagram, and none is lost by it', async () => {
    const [receiver, to] = await flooded();
    const [sender] = udp();
    await expect(receiver.recv(9, MSG_DONTWAIT)).rejects.toMatchObject(EAGAIN);
    receiver.settimeout(0.01);
    await expect(receiver.recv(9)).rejects.toMatchObject(TIMED_OUT);
    receiver.settimeout(null);
    const stop = new AbortController();
    const waiting = [receiver.recv(9, { signal: stop.signal }), receiver.recvfrom(9), receiver.recv(9)];
    stop.abort(new Error('enough'));
    await expect(waiting[0]).rejects.toThrow('enough');
    await sender.sendto('1', to);
    expect(await waiting[1]).toEqual([Buffer.from('1'), sender.getsockname()]);
    receiver.close();
    await expect(waiting[2]).rejects.toMatchObject(EBADF);
  });

  it('are shown to select() as long as some are there', async () => {
    const [receiver, to] = await flooded();
    const [sender] = udp();
    const isReadable = async (timeout: number): Promise<boolean> =>
      (await select([receiver], [], [], timeout))[0].length === 1;
    expect(await isReadable(0)).toBe(false);
    const waiting = isReadable(5);
    await sender.sendto('1', to);
    expect(await waiting).toBe(true);
    await sender.sendto('2', to);
    expect(await isReadable(0)).toBe(true);
    expect(String(await receiver.recv(9))).toBe('1');
    expect(await isReadable(0)).toBe(true);
    expect(String(await receiver.recv(9))).toBe('2');
    expect(await isReadable(0)).toBe(false);
  });

  it('come from the peer alone once the socket is connected, and its refusal is an error once', async () => {
    const [receiver, to] = await flooded();
    const [peer, at] = udp();
    const [stranger] = udp();
    await receiver.connect(at);
    await stranger.sendto('strange', to);
    await peer.sendto('known', receiver.getsockname());
    expect(String(await receiver.recv(9))).toBe('known');
    // To send elsewhere, Node disconnects the socket for a moment.
    await receiver.sendto('elsewhere', stranger.getsockname());
    await stranger.sendto('strange', receiver.getsockname());
    await peer.sendto('again', receiver.getsockname());
    expect(String(await receiver.recv(9))).toBe('again');
    await receiver.connect(deserted());
    await receiver.send('question');
    await expect(receiver.recv(9)).rejects.toMatchObject(ECONNREFUSED);
    await receiver.send('question');
    const [readable] = await select([receiver], [], [], 5);
    expect(readable).toEqual([receiver]);
    await expect(receiver.recv(9)).rejects.toMatchObject(ECONNREFUSED);
    expect(await select([receiver], [], [], 0)).toEqual([[], [], []]);
    await expect(receiver.recv(9, MSG_DONTWAIT)).rejects.toMatchObject(EAGAIN);
  });

  it('do not keep the process busy while no call wants them', async () => {
    const [receiver, to] = await flooded();
    const [sender] = udp();
    const system = kernelSystem();
    if (system instanceof NoKernel) throw new Error(system.reason);
    await sender.sendto('1', to);
    expect((await select([receiver], [], [], 5))[0]).toEqual([receiver]);
    const looked = jest.spyOn(system.calls, 'poll');
    for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(looked).not.toHaveBeenCalled();
    looked.mockRestore();
    expect(String(await receiver.recv(9))).toBe('1');
  });

  it('leave other tasks their turn, however many come', async () => {
    const [receiver, to] = await flooded();
    const [sender] = udp();
    let count = 0;
    const receiving = (async () => {
      for (;;) {
        await receiver.recv(9);
        count += 1;
        // Each one brings the next: there is always one to receive.
        await sender.sendto('x', to);
      }
    })().catch((error: unknown) => error);
    await sender.sendto('x', to);
    // Ends only where timers get their turn amid the receives; how long that takes does not matter.
    for (let ticks = 0; ticks < 3; ticks += 1) await new Promise((resolve) => setTimeout(resolve, 1));
    receiver.close();
    expect(await receiving).toMatchObject(EBADF);
    expect(count).toBeGreaterThan(0);
  });

  it('leave no descriptor open', async () => {
    await flooded();
    const before = readdirSync('/proc/self/fd').length;
    for (let count = 0; count < 3; count += 1) {
      const [receiver] = await flooded();
      receiver.close();
    }
    // Those of the senders are closed at the end of the test.
    expect(readdirSync('/proc/self/fd').length).toBe(before + 3);
  });
});

it('without koffi, or on another system, datagrams are not read in bulk', () => {
  const none = (): Koffi => {
    throw new Error("Cannot find module 'koffi'");
  };
  expect(datagramCallsOf(none, 'linux')).toBeInstanceOf(NoKernel);
  expect(datagramCallsOf(none, 'darwin')).toBeInstanceOf(NoKernel);
  const func = (): (() => number) => () => 0;
  const old = { load: () => ({ func }), errno: () => 0, address: () => 5 } as unknown as Koffi;
  expect(datagramCallsOf(() => old, 'linux')).toMatchObject({ reason: expect.stringContaining('koffi 3') as unknown });
});

describeBulk('the input of many datagrams', () => {
  const listener: BulkListener = { isAwaited: true, onReadable: () => undefined, onError: () => undefined };

  /** An input over a socket, whose calls to the kernel are changed. */
  function inputOver(one: Socket, change: (calls: SocketCalls) => Partial<SocketCalls> = () => ({})): BulkInput {
    const system = kernelSystem();
    const calls = datagramCalls();
    if (system instanceof NoKernel || calls instanceof NoKernel) throw new Error('koffi is missing');
    const changed = { ...system, calls: { ...system.calls, ...change(system.calls) } };
    const input = bulkInputBy(changed, calls, one.fileno(), false, listener);
    if (input === undefined) throw new Error('no input was made');
    return input;
  }

  it('passes on an error that it meets while it reads all', async () => {
    const system = kernelSystem();
    const calls = datagramCalls();
    if (system instanceof NoKernel || calls instanceof NoKernel) throw new Error('koffi is missing');
    const [one] = udp();
    await one.connect(deserted());
    const errors: string[] = [];
    const noting = { ...listener, onError: ({ code }: Failure) => void errors.push(code) };
    const input = bulkInputBy(system, calls, one.fileno(), false, noting);
    // Within the call, so that Node has no turn to read the answer in.
    void one.send('to no one');
    expect([input?.share(), errors]).toEqual([[], ['ECONNREFUSED']]);
    input?.close();
  });

  it('drops those of other senders than the one that is wanted', async () => {
    // Node's handle does not read it any more.
    const [receiver, to] = await flooded();
    const [sender, from] = udp();
    const [stranger] = udp();
    const input = inputOver(receiver);
    for (const text of ['1', '2', '3']) {
      await stranger.sendto('strange', to);
      await sender.sendto(text, to);
    }
    await stranger.sendto('strange', to);
    const only = { host: from[0], port: from[1] };
    // The first read needs the event loop to have seen that something has come.
    while (input.find(only) === undefined) await new Promise((resolve) => setImmediate(resolve));
    const came: string[] = [];
    while (input.find(only) === true) came.push(String(input.takeBytes(9, false)));
    expect(came).toEqual(['1', '2', '3']);
    expect(input.find(undefined)).toBeUndefined();
    expect(() => input.takeBytes(9, false)).toThrow('find() has found no datagram');
    input.close();
  });

  it('reads anew what comes while it stops to put datagrams together, and gives up at last', async () => {
    for (const [looks, lost] of [
      [[POLLIN, 0], 0],
      [Array.from({ length: 20 }, () => POLLIN), 1],
    ] as const) {
      const [receiver, to] = udp();
      const sender = segmenting(2);
      const values: number[] = [];
      const left = [...looks];
      const input = inputOver(receiver, (calls) => ({
        poll: () => {
          // One more comes in between: not awaited, and in the kernel at once.
          void sender.sendto('aabb', to);
          return left.shift() ?? 0;
        },
        setsockopt: (...args) => {
          values.push(args[3]?.readInt32LE() ?? -1);
          return calls.setsockopt(...args);
        },
      }));
      await sender.sendto('first', to);
      const came = input.share().map(({ data }) => String(data));
      expect(came.slice(0, 3)).toEqual(['fi', 'rs', 't']);
      const tries = lost === 0 ? 2 : 8;
      expect(values).toEqual(Array.from({ length: 2 * tries }, (_, index) => 1 - (index % 2)));
      expect(came.slice(3)).toEqual(Array.from({ length: tries - 1 }, () => ['aa', 'bb']).flat());
      input.close();
    }
  });
});

describeKernel('where the kernel refuses what bulk reading needs', () => {
  const listener: BulkListener = { isAwaited: false, onReadable: () => undefined, onError: () => undefined };

  function reader(change: (system: System) => System): unknown {
    const system = kernelSystem();
    const calls = datagramCalls();
    if (system instanceof NoKernel || calls instanceof NoKernel) throw new Error('koffi is missing');
    const [one] = udp();
    const input = bulkInputBy(change(system), calls, one.fileno(), false, listener);
    input?.close();
    return input;
  }

  it('none is made', () => {
    expect(reader((system) => system)).toBeDefined();
    expect(reader((system) => ({ ...system, calls: { ...system.calls, fcntl: () => -24 } }))).toBeUndefined();
    const closed: number[] = [];
    const close = (descriptor: number): number => closed.push(descriptor);
    const Handle = class {
      open(): number {
        return -22;
      }
      close(): void {
        return;
      }
    } as unknown as System['Handle'];
    expect(reader((system) => ({ Handle, calls: { ...system.calls, close } }))).toBeUndefined();
    expect(closed).toHaveLength(1);
    for (const descriptor of closed) socket.close(descriptor);
  });
});
