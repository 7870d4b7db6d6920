import { afterEach, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import type { Inet4Address, Socket } from '../../lib/index.ts';
import { bulkOutputBy } from '../../lib/kernel/bulk-output.ts';
import { datagramCalls, type DatagramCalls } from '../../lib/kernel/datagram-calls.ts';
import { NoKernel } from '../../lib/kernel/koffi.ts';
import type { BulkOutput } from '../../lib/transports/bulk-output.ts';
import { Failure } from '../../lib/transports/failure.ts';
import { EBADF, ECONNREFUSED, EINVAL } from '../support/expected-errors.ts';
import { describeBulk, flood } from '../support/floods.ts';
import { describeKernel } from '../support/kernel-kinds.ts';
import { available, deserted, loopback, own } from '../support/pairs.ts';

const { AF_INET, AF_INET6, IP_TTL, IPPROTO_IP, SOCK_DGRAM } = socket;
/** Linux's option: the hop limit comes with a datagram (ip(7)). */
const IP_RECVTTL = 12;
const EACCES = { name: 'PermissionError', code: 'EACCES' };
const EMSGSIZE = { name: 'OSError', code: 'EMSGSIZE' };

afterEach(() => {
  jest.restoreAllMocks();
});

function udp(family: number = AF_INET): [Socket, Inet4Address] {
  const one = own(socket.socket(family, SOCK_DGRAM));
  one.bind([loopback(family), 0]);
  const [host, port] = one.getsockname();
  return [one, [String(host), Number(port)]];
}

/** The calls of this process to the kernel, which are counted from now on. */
function calls(): DatagramCalls {
  const known = datagramCalls();
  if (known instanceof NoKernel) throw new Error(known.reason);
  return known;
}

/** A sender that has sent so many datagrams at once that those to come go through its queue. */
async function busy(family: number = AF_INET): Promise<[Socket, Inet4Address]> {
  const [sender, address] = udp(family);
  const [sink, to] = udp(family);
  for (let round = 0; round < 2; round += 1) {
    await Promise.all(Array.from({ length: 100 }, () => sender.sendto('burst', to)));
  }
  const counted = jest.spyOn(calls(), 'sendmmsg');
  await Promise.all([sender.sendto('1', to), sender.sendto('2', to)]);
  if (counted.mock.calls.length !== 1) throw new Error('the burst was not noticed');
  counted.mockRestore();
  sink.close();
  return [sender, address];
}

/** The next datagrams of a socket, as text. */
async function texts(receiver: Socket, count: number): Promise<string[]> {
  const came: string[] = [];
  while (came.length < count) came.push(String(await receiver.recv(65_536)));
  return came;
}

const FAMILIES = available<readonly [name: string, family: number]>([
  ['AF_INET', AF_INET],
  ['AF_INET6', AF_INET6],
]);

describeBulk.each(FAMILIES)('datagrams that are sent at once over %s', (_name, family) => {
  it('arrive in their order, whatever their lengths and addresses are', async () => {
    const [sender, from] = await busy(family);
    const receivers = [udp(family), udp(family), udp(family)];
    const sent: string[][] = receivers.map(() => []);
    for (let round = 0; round < 5; round += 1) {
      const sends: Promise<number>[] = [];
      const lengths: number[] = [];
      for (let index = 0; index < 90; index += 1) {
        // In runs to one address, and of one length, and alone.
        const which = index < 30 ? 0 : index < 60 ? 1 : index % 3;
        const text = `${round}/${index}:`.padEnd(index % 4 === 0 ? 1300 : index < 45 ? 60 : index, 'm');
        sent[which]?.push(text);
        lengths.push(text.length);
        sends.push(sender.sendto(text, receivers[which]?.[1] ?? from));
      }
      expect(await Promise.all(sends)).toEqual(lengths);
      for (const [which, [receiver]] of receivers.entries()) {
        const expected = sent[which]?.splice(0) ?? [];
        expect(await texts(receiver, expected.length)).toEqual(expected);
      }
    }
  });

  it('name their sender', async () => {
    const [sender, from] = await busy(family);
    const [receiver, to] = udp(family);
    await Promise.all(['one', 'two', 'three', ''].map((text) => sender.sendto(text, to)));
    for (const text of ['one', 'two', 'three', '']) {
      const [data, address] = await receiver.recvfrom(99);
      expect([String(data), address?.slice(0, 2)]).toEqual([text, from]);
    }
  });
});

describeBulk('datagrams that are sent at once', () => {
  it('go with few calls to the kernel, and alone again once each is awaited', async () => {
    const [sender] = await busy();
    const [, to] = udp();
    const counted = jest.spyOn(calls(), 'sendmmsg');
    await Promise.all(Array.from({ length: 60 }, () => sender.sendto('x'.repeat(64), to)));
    expect(counted).toHaveBeenCalledTimes(1);
    expect(counted.mock.calls[0]?.[2]).toBe(1);
    for (let count = 0; count < 40; count += 1) await sender.sendto('x', to);
    const alone = counted.mock.calls.length;
    for (let count = 0; count < 40; count += 1) await sender.sendto('x', to);
    expect(counted.mock.calls.length).toBe(alone);
  });

  it('have an outcome each', async () => {
    const [sender] = await busy();
    const [receiver, to] = udp();
    const outcomes = await Promise.allSettled([
      sender.sendto('a', to),
      sender.sendto('b', to),
      sender.sendto('nowhere', [to[0], 0]),
      sender.sendto(Buffer.alloc(65_508), to),
      sender.sendto('broadcast', ['255.255.255.255', 9]),
      sender.sendto('c', to),
      sender.send('to no one'),
      sender.sendto('d', to),
    ]);
    expect(outcomes).toMatchObject([
      { value: 1 },
      { value: 1 },
      { reason: EINVAL },
      { reason: EMSGSIZE },
      { reason: EACCES },
      { value: 1 },
      { reason: { code: 'EDESTADDRREQ' } },
      { value: 1 },
    ]);
    expect(await texts(receiver, 4)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('go to the peer of a connected socket, whose refusal one of them reports', async () => {
    const [sender] = await busy();
    const [receiver, to] = udp();
    await sender.connect(to);
    const several = Array.from({ length: 100 }, (_, index) => `${index}`);
    expect(await Promise.all(several.map((text) => sender.send(text)))).toEqual(several.map((text) => text.length));
    expect(await texts(receiver, 100)).toEqual(several);
    const [other, elsewhere] = udp();
    await Promise.all([sender.send('1'), sender.sendto('2', to), sender.sendto('3', elsewhere), sender.send('4')]);
    expect(await texts(receiver, 3)).toEqual(['1', '2', '4']);
    expect(await texts(other, 1)).toEqual(['3']);
    await sender.connect(deserted());
    // The refusal may come later than the sends end.
    let refused: PromiseSettledResult<number>[] = [];
    while (refused.length === 0) {
      const outcomes = await Promise.allSettled(['a', 'bb', 'c'].map((text) => sender.send(text)));
      refused = outcomes.filter(({ status }) => status === 'rejected');
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const outcome of refused) expect(outcome).toMatchObject({ reason: ECONNREFUSED });
  });

  it('are sent before what follows them: a connection, a call with a limit, a long datagram, a close', async () => {
    const [sender] = await busy();
    const [first, to] = udp();
    const [second, at] = udp();
    const sends: Promise<unknown>[] = [sender.sendto('1', to), sender.sendto('2', to), sender.connect(at)];
    sends.push(sender.send('3'));
    await Promise.all(sends);
    expect(await texts(first, 2)).toEqual(['1', '2']);
    expect(await texts(second, 1)).toEqual(['3']);
    const [again] = await busy();
    const signal = new AbortController().signal;
    const long = 'l'.repeat(9000);
    const all = [again.sendto('a', to), again.sendto('b', to, { signal }), again.sendto('c', to)];
    all.push(again.sendto(long, to), again.sendto('d', to));
    await Promise.all(all);
    expect(await texts(first, 5)).toEqual(['a', 'b', 'c', long, 'd']);
    const [last] = await busy();
    const closing = [last.sendto('x', to), last.sendto('yy', to)];
    last.close();
    expect(await Promise.all(closing)).toEqual([1, 2]);
    await expect(last.sendto('z', to)).rejects.toMatchObject(EBADF);
    expect(await texts(first, 2)).toEqual(['x', 'yy']);
  });

  it('are sent before the socket becomes one of the kernel', async () => {
    const [sender] = await busy();
    const [receiver, to] = udp();
    const sends = [sender.sendto('1', to), sender.sendto('22', to)];
    const copy = own(sender.dup());
    await copy.sendto('3', to);
    expect(await Promise.all(sends)).toEqual([1, 2]);
    expect(await texts(receiver, 3)).toEqual(['1', '22', '3']);
  });

  it('have the options that the socket had when they were sent', async () => {
    const [sender] = await busy();
    const [receiver, to] = udp();
    receiver.setsockopt(IPPROTO_IP, IP_RECVTTL, 1);
    const sends = [sender.sendto('1', to), sender.sendto('2', to)];
    sender.setsockopt(IPPROTO_IP, IP_TTL, 7);
    sends.push(sender.sendto('3', to));
    await Promise.all(sends);
    const hops: (number | undefined)[] = [];
    for (let count = 0; count < 3; count += 1) hops.push((await receiver.recvmsg(9, 100))[1][0]?.[2].readInt32LE());
    expect(hops).toEqual([64, 64, 7]);
  });

  it('have the bytes that the memory has when the call is made', async () => {
    const [sender] = await busy();
    const [receiver, to] = udp();
    const memory = Buffer.from('before');
    const sending = [sender.sendto(memory, to), sender.sendto(memory, to)];
    memory.write('after!');
    await Promise.all(sending);
    expect(await texts(receiver, 2)).toEqual(['before', 'before']);
  });

  it('leave other tasks their turn, however many are sent', async () => {
    const [sender] = await busy();
    const [, to] = udp();
    let count = 0;
    const sending = (async () => {
      for (;;) {
        await Promise.all(Array.from({ length: 50 }, () => sender.sendto('x', to)));
        count += 50;
      }
    })().catch((error: unknown) => error);
    // Ends only where timers get their turn amid the sends; how long that takes does not matter.
    for (let ticks = 0; ticks < 3; ticks += 1) await new Promise((resolve) => setTimeout(resolve, 1));
    sender.close();
    expect(await sending).toMatchObject(EBADF);
    expect(count).toBeGreaterThan(0);
  });

  it('and are taken in bulk have their borders', async () => {
    const [sender] = await busy();
    const [receiver, to] = udp();
    await flood(receiver);
    const sent = Array.from({ length: 130 }, (_, index) => `${index}`.padEnd(index % 40 === 39 ? 3 : 8));
    await Promise.all(sent.map((text) => sender.sendto(text, to)));
    expect(await texts(receiver, sent.length)).toEqual(sent);
  });
});

describeKernel('where the kernel does not take many datagrams at once', () => {
  /** An output whose calls to the kernel first give these outcomes. */
  function outputWith(outcomes: number[], isLate = false): [BulkOutput, () => void] {
    const real = calls();
    const [sender] = udp();
    const late: (() => void)[] = [];
    const output = bulkOutputBy(
      { ...real, sendmmsg: (...args) => outcomes.shift() ?? real.sendmmsg(...args) },
      4,
      sender.fileno(),
      {
        send: (bytes, to, sent) => {
          const text = String(bytes);
          const deliver = (): void => {
            void sender.sendto(text, to === undefined ? ['127.0.0.1', 9] : [to.host, to.port]);
          };
          if (!isLate) {
            deliver();
            return true;
          }
          late.push(() => {
            deliver();
            sent(text === 'bad' ? new Failure('EPERM') : undefined);
          });
          return undefined;
        },
      },
    );
    return [output, () => late.splice(0).forEach((deliver) => deliver())];
  }

  function pushing(output: BulkOutput, to: Inet4Address): [string[], (...sent: string[]) => void] {
    const settled: string[] = [];
    const push = (...sent: string[]): void => {
      for (const text of sent) {
        const settle = (failure: Failure | undefined): void => void settled.push(`${text} ${failure?.code ?? 'sent'}`);
        output.push(Buffer.from(text), { to: { host: to[0], port: to[1] }, settle });
      }
    };
    return [settled, push];
  }

  it.each([
    ['EINVAL', -22],
    ['EIO', -5],
    ['EMSGSIZE', -90],
  ])('those that it does not take together go one by one: %s', async (_code, outcome) => {
    const [receiver, to] = udp();
    const [output] = outputWith([outcome]);
    const [settled, push] = pushing(output, to);
    push('aa', 'bb', 'c');
    expect(output.flush()).toBe(3);
    expect(settled).toEqual(['aa sent', 'bb sent', 'c sent']);
    expect(await texts(receiver, 3)).toEqual(['aa', 'bb', 'c']);
    push('dd', 'ee');
    expect(output.hasQueued).toBe(true);
    output.flush();
    expect(output.hasQueued).toBe(false);
    expect(await texts(receiver, 2)).toEqual(['dd', 'ee']);
  });

  it('an error is the first one’s alone', async () => {
    const [receiver, to] = udp();
    const [output] = outputWith([-1, -1]);
    const [settled, push] = pushing(output, to);
    push('aa', 'bb', 'c');
    output.flush();
    expect(settled).toEqual(['aa EPERM', 'bb EPERM', 'c sent']);
    expect(await texts(receiver, 1)).toEqual(['c']);
  });

  it('those that wait for room are sent by Node, and those after them, too', async () => {
    const [receiver, to] = udp();
    const [output, deliver] = outputWith([-11], true);
    const [settled, push] = pushing(output, to);
    push('aa', 'bad', 'c');
    output.flush();
    push('later');
    output.flush();
    expect(settled).toEqual([]);
    deliver();
    expect(settled).toEqual(['aa sent', 'bad EPERM', 'c sent', 'later sent']);
    push('now');
    output.flush();
    expect(settled.at(-1)).toBe('now sent');
    expect(await texts(receiver, 5)).toEqual(['aa', 'bad', 'c', 'later', 'now']);
  });

  it('messages to the peer go with a call each, as the kernel loses the error of a message after the first', () => {
    const counts: unknown[] = [];
    const sendmmsg = (...args: unknown[]): number => (counts.push(args[2]) === 2 ? -111 : 1);
    const output = bulkOutputBy({ ...calls(), sendmmsg }, 4, -1, { send: () => true });
    const outcomes: (string | undefined)[] = [];
    for (const text of ['1', '22', '333']) {
      output.push(Buffer.from(text), { to: undefined, settle: (failure) => outcomes.push(failure?.code) });
    }
    output.flush();
    expect(counts).toEqual([1, 1, 1]);
    expect(outcomes).toEqual([undefined, 'ECONNREFUSED', undefined]);
  });

  it('what does not fit into the queue goes before', async () => {
    const [receiver, to] = udp();
    const [output] = outputWith([]);
    const [settled, push] = pushing(output, to);
    const long = 'l'.repeat(8000);
    push(...Array.from({ length: 9 }, () => long));
    expect(settled).toHaveLength(8);
    output.flush();
    push(...Array.from({ length: 65 }, (_, index) => 'u'.repeat(index + 1)));
    expect(settled).toHaveLength(9 + 64);
    output.flush();
    expect((await texts(receiver, 74)).map(({ length }) => length)).toEqual([
      ...Array.from({ length: 9 }, () => 8000),
      ...Array.from({ length: 65 }, (_, index) => index + 1),
    ]);
  });
});
