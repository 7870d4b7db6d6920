import { expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import type { Socket } from '../../lib/index.ts';
import * as select from '../../lib/select.ts';
import * as selectors from '../../lib/selectors.ts';
import { describeKernel } from '../support/kernel-kinds.ts';
import { own, pair } from '../support/pairs.ts';
import { both, levelsInPython } from '../support/levels.ts';
import { hasPython } from '../support/python.ts';

function made(type: number): Socket {
  return own(socket.socket(socket.AF_UNIX, type));
}

function ends(type: number): [Socket, Socket] {
  const [one, other] = socket.socketpairSync(socket.AF_UNIX, type);
  return [own(one), own(other)];
}

async function full(one: Socket): Promise<Socket> {
  one.settimeout(0);
  for (;;) {
    try {
      await one.send(Buffer.alloc(1000));
    } catch (error) {
      expect(error).toBeInstanceOf(socket.BlockingIOError);
      return one;
    }
  }
}

/** Each case: how to make the socket, and how Python makes it. */
const CASES: Readonly<Record<string, [make: () => Promise<Socket> | Socket, python: string]>> = {
  'new datagrams': [() => made(socket.SOCK_DGRAM), 's = socket.socket(1, 2)'],
  'new packets': [() => made(socket.SOCK_SEQPACKET), 's = socket.socket(1, 5)'],
  'a listener of packets': [
    () => {
      const one = made(socket.SOCK_SEQPACKET);
      one.bind('');
      one.listen();
      return one;
    },
    "s = socket.socket(1, 5); s.bind(''); s.listen()",
  ],
  'a listener of packets with a client': [
    async () => {
      const one = made(socket.SOCK_SEQPACKET);
      one.bind('');
      one.listen();
      await made(socket.SOCK_SEQPACKET).connect(one.getsockname());
      return one;
    },
    "s = socket.socket(1, 5); s.bind(''); s.listen(); c = socket.socket(1, 5); c.connect(s.getsockname())",
  ],
  ...Object.fromEntries(
    [socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET].flatMap(
      (type): [string, [() => Promise<Socket> | Socket, string]][] => [
        [`an idle pair of type ${type}`, [() => ends(type)[0], `s, o = socket.socketpair(1, ${type})`]],
        [
          `a pair of type ${type} with bytes`,
          [
            async () => {
              const [one, other] = ends(type);
              await other.send('x');
              return one;
            },
            `s, o = socket.socketpair(1, ${type}); o.send(b'x')`,
          ],
        ],
        [
          `a pair of type ${type} whose other end is closed`,
          [
            () => {
              const [one, other] = ends(type);
              other.close();
              return one;
            },
            `s, o = socket.socketpair(1, ${type}); o.close()`,
          ],
        ],
        [
          `a pair of type ${type} that is shut down`,
          [
            () => {
              const [one] = ends(type);
              one.shutdown(socket.SHUT_RD);
              return one;
            },
            `s, o = socket.socketpair(1, ${type}); s.shutdown(0)`,
          ],
        ],
        [
          `a pair of type ${type} that is full`,
          [() => full(ends(type)[0]), `s, o = socket.socketpair(1, ${type}); full(s)`],
        ],
      ],
    ),
  ),
  'a duplicate of a TCP connection': [
    async () => own((await pair())[0].dup()),
    "l = socket.create_server(('127.0.0.1', 0)); s = socket.create_connection(l.getsockname()).dup(); o = l.accept()",
  ],
  'a duplicate of a datagram socket': [
    () => own(own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)).dup()),
    's = socket.socket(2, 2).dup()',
  ],
};

describeKernel('select(), poll() and selectors over sockets of the kernel', () => {
  (hasPython ? it : it.skip)('say what Python says', async () => {
    const told: unknown[] = [];
    for (const [make] of Object.values(CASES)) told.push(await both(await make()));
    const cases = Object.values(CASES).map(([, code]) => code);
    const python3 = levelsInPython('', cases);
    const named = (all: readonly unknown[]): unknown =>
      Object.fromEntries(Object.keys(CASES).map((key, at) => [key, all[at]]));
    expect(named(told)).toEqual(named(python3));
  });

  it.each([socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET])('wait, for type %i', async (type) => {
    const [one, other] = ends(type);
    const readable = select.select([one], [], [], 60);
    await other.send('x');
    expect(await readable).toEqual([[one], [], []]);
    await one.recv(1);
    await full(one);
    using selector = new selectors.DefaultSelector();
    selector.register(one, selectors.EVENT_WRITE);
    const writable = selector.select(60);
    while ((await select.select([], [one], [], 0))[1].length === 0) await other.recv(1 << 20);
    expect((await writable).map(([, events]) => events)).toEqual([selectors.EVENT_WRITE]);
  });

  it('wait on for a duplicate of a socket that is closed', async () => {
    const [one, other] = await pair();
    const copy = own(one.dup());
    const poller = select.poll();
    poller.register(copy, select.POLLIN);
    const ready = poller.poll(60_000);
    one.close();
    await other.sendall('x');
    expect((await ready).map(([number, events]) => [number, events])).toEqual([[copy.fileno(), select.POLLIN]]);
  });
});
