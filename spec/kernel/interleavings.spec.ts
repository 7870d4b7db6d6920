import { expect, it } from '@jest/globals';
import { intBytes } from '../../lib/common/int-bytes.ts';
import * as socket from '../../lib/index.ts';
import type { Socket } from '../../lib/index.ts';
import * as select from '../../lib/select.ts';
import { bulkInputBy } from '../../lib/kernel/bulk-input.ts';
import { datagramCalls } from '../../lib/kernel/datagram-calls.ts';
import { KernelSocket } from '../../lib/kernel/kernel-socket.ts';
import { NoKernel } from '../../lib/kernel/koffi.ts';
import type { SocketKind } from '../../lib/kernel/libc.ts';
import { addressOf } from '../../lib/kernel/socket-name.ts';
import type { System } from '../../lib/kernel/system.ts';
import { Failure } from '../../lib/transports/failure.ts';
import { everyOrder, IDLE_TURNS, made, socketOver, type Scene } from '../support/interleavings.ts';
import { describeKernel } from '../support/kernel-kinds.ts';
import { ANY_NAME, LOOPBACK, Other, tcpPair, udpPair, unixPair } from '../support/others.ts';
import { pattern, turns } from '../support/pairs.ts';

/** What calls give wherever the peer, or another holder of the description, acts between two calls to the kernel. */

const UNIX = socket.AF_UNIX;
const STREAM: SocketKind = { family: UNIX, type: socket.SOCK_STREAM, proto: 0 };
const SEQPACKET: SocketKind = { family: UNIX, type: socket.SOCK_SEQPACKET, proto: 0 };
const DATAGRAMS: SocketKind = { family: UNIX, type: socket.SOCK_DGRAM, proto: 0 };
const TCP: SocketKind = { family: socket.AF_INET, type: socket.SOCK_STREAM, proto: 0 };
const UDP: SocketKind = { family: socket.AF_INET, type: socket.SOCK_DGRAM, proto: 0 };

const CONNECTIONS = [
  ['a Unix stream', STREAM],
  ['SOCK_SEQPACKET', SEQPACKET],
  ['TCP', TCP],
] as const;

/** A socket of the program's, another number for its description, and its peer. */
interface Ends {
  readonly one: Socket;
  readonly copy: Other;
  readonly peer: Other;
}

async function pairOf(kind: SocketKind, system: System): Promise<Ends> {
  const [own, peer] = kind === TCP ? await tcpPair() : kind === UDP ? udpPair() : unixPair(kind);
  const copy = own.copy();
  return { one: socketOver(own.release(), kind, system, { isConnected: kind === TCP }), copy, peer };
}

/** The scene of a program with one end of a pair. */
async function sceneOf(
  kind: SocketKind,
  system: System,
  program: (one: Socket) => Promise<string>,
  steps: (ends: Ends) => readonly (() => void)[],
): Promise<Scene> {
  const ends = await pairOf(kind, system);
  const end = (): void => {
    for (const each of [ends.one, ends.copy, ends.peer]) each.close();
  };
  return { program: () => program(ends.one), steps: steps(ends), end };
}

/** What a call gives: the text, or the error's code. */
async function textOf(given: Promise<string>): Promise<string> {
  return await given.catch((error: unknown) => {
    if (error instanceof socket.IncompleteReadError) return error.partial.toString();
    return error instanceof socket.OSError ? String(error.code) : String(error);
  });
}

/** All that a call gives again and again, up to the end; the pieces of a stream lie together. */
async function untilEnd(one: Socket, call: (one: Socket) => Promise<string>): Promise<string> {
  const texts: string[] = [];
  while (texts.length < 10) {
    const text = await textOf(call(one));
    if (text === '') break;
    texts.push(text);
  }
  return texts.join(one.type === socket.SOCK_STREAM ? '' : ' ');
}

const target = Buffer.alloc(100);

const RECEIVES: Readonly<Record<string, (one: Socket) => Promise<string>>> = {
  'recv()': async (one) => String(await one.recv(100)),
  'recv() of much': async (one) => String(await one.recv(1 << 20)),
  'recv() with a time limit': async (one) => {
    one.settimeout(10);
    return String(await one.recv(100));
  },
  'recv() with MSG_PEEK': async (one) => {
    const peeked = String(await one.recv(100, socket.MSG_PEEK));
    const text = String(await one.recv(100));
    return text.startsWith(peeked) ? text : `peeked at ${peeked}, got ${text}`;
  },
  'recvInto()': async (one) => String(target.subarray(0, await one.recvInto(target))),
  'recvfrom()': async (one) => String((await one.recvfrom(100))[0]),
  'recvmsg()': async (one) => String((await one.recvmsg(100, 100))[0]),
  'recvmsgInto()': async (one) => {
    const [count] = await one.recvmsgInto([target.subarray(0, 3), target.subarray(3)]);
    return String(target.subarray(0, count));
  },
};

const STREAM_RECEIVES: typeof RECEIVES = {
  'recv() with MSG_WAITALL': async (one) => String(await one.recv(7, socket.MSG_WAITALL)),
  'recvLine()': async (one) => String(await one.recvLine()),
  'recvExactly()': async (one) => String(await one.recvExactly(7)),
};

/** What a peer does that sends twice and closes. */
function sendsAndCloses({ peer }: Ends): (() => void)[] {
  return [
    () => peer.send('one\n'),
    () => {
      peer.send('two');
      peer.close();
    },
  ];
}

/** Bytes come before a reset; but a call that waits for a whole line gets the reset first, and keeps the bytes. */
const RESET_STREAM = ['one\ntwoECONNRESET', 'one\nECONNRESETtwo'];

describeKernel.each([
  ['a Unix stream', STREAM, 'one\ntwo', RESET_STREAM],
  // Linux reports the reset before the messages (__skb_try_recv_datagram), wherever it finds it.
  ['SOCK_SEQPACKET', SEQPACKET, 'one\n two', ['ECONNRESET one\n two', 'one\n ECONNRESET two', 'one\n two ECONNRESET']],
  ['TCP', TCP, 'one\ntwo', RESET_STREAM],
] as const)('over %s', (_name, kind, all, withReset) => {
  const isStream = kind.type === socket.SOCK_STREAM;
  const receives = Object.entries({ ...RECEIVES, ...(isStream && STREAM_RECEIVES) });

  it.each(receives)('%s gets all that a peer sends that closes then', async (_call, call) => {
    const outcomes = await everyOrder((system) => sceneOf(kind, system, (one) => untilEnd(one, call), sendsAndCloses));
    expect([...outcomes]).toEqual([all]);
  });

  it.each(receives)('%s gets all, and the reset once, of a peer that closes and has not read', async (_call, call) => {
    const outcomes = await everyOrder((system) =>
      sceneOf(
        kind,
        system,
        (one) => untilEnd(one, call),
        (ends) => {
          ends.copy.send('not read');
          return sendsAndCloses(ends);
        },
      ),
    );
    expect(withReset).toEqual(expect.arrayContaining([...outcomes]));
  });

  it('poll() reports all that a peer sends that closes then', async () => {
    const outcomes = await everyOrder((system) => sceneOf(kind, system, untilEndByPoll, sendsAndCloses));
    expect([...outcomes]).toEqual([all]);
  });

  it('poll() reports what another holder of the description has left', async () => {
    const taken: string[] = [];
    const outcomes = await everyOrder((system) =>
      sceneOf(kind, system, untilEndByPoll, ({ copy, peer }) => [
        () => peer.send('one\n'),
        () => taken.push(String(copy.receive(4))),
        () => {
          peer.send('two');
          peer.close();
        },
      ]),
    );
    expect([all, 'two']).toEqual(expect.arrayContaining([...outcomes]));
    expect(taken).toContain('one\n');
  });

  it('a send meets a peer that closes', async () => {
    const outcomes = await everyOrder((system) =>
      sceneOf(
        kind,
        system,
        async (one) => await textOf(one.sendall(Buffer.alloc(isStream ? 16 << 20 : 1000)).then(() => 'sent')),
        ({ peer }) => [() => peer.reset()],
      ),
    );
    expect(['EPIPE', 'ECONNRESET', 'sent']).toEqual(expect.arrayContaining([...outcomes]));
  });
});

/** The same as {@link untilEnd}, where each receive waits in `poll()` only. */
async function untilEndByPoll(one: Socket): Promise<string> {
  one.settimeout(0);
  const poller = select.poll();
  poller.register(one, select.POLLIN);
  const texts: string[] = [];
  for (;;) {
    await poller.poll();
    const text = await textOf(RECEIVES['recv()']?.(one) ?? Promise.resolve(''));
    if (text === '') return texts.join(one.type === socket.SOCK_STREAM ? '' : ' ');
    if (text !== 'EAGAIN') texts.push(text);
  }
}

describeKernel.each([
  ['a Unix stream', STREAM],
  ['SOCK_SEQPACKET', SEQPACKET],
  ['Unix datagrams', DATAGRAMS],
  ['TCP', TCP],
  ['UDP', UDP],
] as const)('over %s', (_name, kind) => {
  it.each(Object.entries(RECEIVES).filter(([call]) => !call.includes('time limit')))(
    '%s gets what came before the input was shut down, and the end',
    async (_call, call) => {
      const outcomes = await everyOrder((system) =>
        sceneOf(
          kind,
          system,
          (one) => untilEnd(one, call),
          ({ copy, peer }) => [() => peer.send('one'), () => copy.shutdown(socket.SHUT_RD)],
        ),
      );
      expect([...outcomes]).toEqual(['one']);
    },
  );

  it.each(Object.entries(RECEIVES))('%s waits where another holder takes what has come', async (_call, call) => {
    const outcomes = await everyOrder((system) => {
      let taken = '';
      return sceneOf(
        kind,
        system,
        async (one) => {
          const text = await textOf(call(one));
          return `${text}, other ${taken}`;
        },
        ({ copy, peer }) => [() => peer.send('one'), () => (taken = String(copy.receive(3))), () => peer.send('two')],
      );
    });
    const possible = ['one, other ', 'two, other one'];
    // A peek may have seen what the other one has taken, and a stream's has both.
    const peeked = ['peeked at one, got two, other one', 'onetwo, other '];
    expect([...possible, ...peeked]).toEqual(expect.arrayContaining([...outcomes]));
  });
});

describeKernel.each([
  ['SOCK_SEQPACKET', SEQPACKET],
  ['Unix datagrams', DATAGRAMS],
] as const)('over %s', (_name, kind) => {
  it('a message is whole, whatever another holder takes', async () => {
    const LONG = 150_000;
    const outcomes = await everyOrder((system) => {
      let taken = 0;
      return sceneOf(
        kind,
        system,
        async (one) => {
          const { length } = await one.recv(200_000);
          return `${length}, other ${taken}`;
        },
        ({ copy, peer }) => {
          peer.send('x');
          peer.send(Buffer.alloc(LONG));
          return [() => (taken = copy.receive().length)];
        },
      );
    });
    expect([...outcomes].sort()).toEqual(['1, other 0', `1, other ${LONG}`, `${LONG}, other 1`]);
  });
});

/** A listener of the program's, another number for its description, and its name. */
interface Listening {
  readonly listener: Socket;
  readonly copy: Other;
  readonly connect: () => Other;
}

async function acceptOutcomes(
  kind: SocketKind,
  steps: (listening: Listening) => readonly (() => void)[],
): Promise<string[]> {
  const outcomes = await everyOrder((system) => {
    const own = listenerOf(kind);
    const { name } = own;
    const copy = own.copy();
    const listener = socketOver(own.release(), kind, system);
    const clients: Other[] = [];
    const connect = (): Other => {
      const client = Other.make(kind);
      client.connect(name);
      clients.push(client);
      return client;
    };
    const program = (): Promise<string> =>
      textOf(
        listener.accept().then(([connection]) => {
          connection.close();
          return 'accepted';
        }),
      );
    const end = (): void => {
      for (const each of [listener, copy, ...clients]) each.close();
    };
    return { program, steps: steps({ listener, copy, connect }), end };
  });
  return [...outcomes].sort();
}

function listenerOf(kind: SocketKind): Other {
  const own = Other.make(kind);
  own.bind(kind.family === UNIX ? ANY_NAME : LOOPBACK);
  own.listen(1);
  return own;
}

describeKernel.each(CONNECTIONS)('accept() over %s', (_name, kind) => {
  it('gives a client, also one that closes', async () => {
    expect(await acceptOutcomes(kind, ({ connect }) => [connect])).toEqual(['accepted']);
    expect(await acceptOutcomes(kind, ({ connect }) => [() => connect().close()])).toEqual(['accepted']);
  });

  it('waits where another holder takes the client', async () => {
    const outcomes = await acceptOutcomes(kind, ({ copy, connect }) => [
      connect,
      () => copy.accept()?.close(),
      connect,
    ]);
    expect(outcomes).toEqual(['accepted']);
  });

  it('gives a client that came before the input was shut down', async () => {
    const outcomes = await acceptOutcomes(kind, ({ copy, connect }) => [connect, () => copy.shutdown(socket.SHUT_RD)]);
    // A listener of TCP resets the clients that wait.
    expect(outcomes).toEqual(kind === TCP ? ['EINVAL', 'accepted'] : ['accepted']);
    expect(await acceptOutcomes(kind, ({ copy }) => [() => copy.shutdown(socket.SHUT_RD)])).toEqual(['EINVAL']);
  });
});

async function connectOutcomes(
  kind: SocketKind,
  isFull: boolean,
  steps: (listener: Other, copy: Other, name: Buffer) => readonly (() => unknown)[],
): Promise<string[]> {
  const outcomes = await everyOrder((system) => {
    const listener = listenerOf(kind);
    const { name } = listener;
    const own = Other.make(kind);
    const copy = own.copy();
    const one = socketOver(own.release(), kind, system);
    const fillers: Other[] = [];
    while (isFull) {
      const filler = Other.make(kind);
      fillers.push(filler);
      if (filler.connect(name) < 0) break;
    }
    const address = addressOf(name);
    const program = async (): Promise<string> => {
      const text = await textOf(one.connect(address ?? '').then(() => 'connected'));
      return text === 'connected' ? `connected ${await untilEnd(one, async () => String(await one.recv(100)))}` : text;
    };
    const end = (): void => {
      for (const each of [one, copy, listener, ...fillers]) each.close();
    };
    return { program, steps: steps(listener, copy, name), end };
  });
  return [...outcomes].sort();
}

/** Accepts a client, which gets a greeting and the end. */
function greet(listener: Other): void {
  const connection = listener.accept();
  connection?.send('hello');
  connection?.close();
}

describeKernel.each([
  ['a Unix stream', STREAM],
  ['SOCK_SEQPACKET', SEQPACKET],
] as const)('connect() over %s', (_name, kind) => {
  it('waits for room', async () => {
    const outcomes = await connectOutcomes(kind, true, (listener) => {
      const all = (): void => {
        for (let each = listener.accept(); each !== undefined; each = listener.accept()) each.close();
      };
      return [all, all, () => listener.close()];
    });
    expect(['connected ', 'connected ECONNRESET', 'ECONNREFUSED']).toEqual(expect.arrayContaining(outcomes));
  });
});

describeKernel.each(CONNECTIONS)('connect() over %s', (_name, kind) => {
  it('meets a listener that accepts and closes', async () => {
    const outcomes = await connectOutcomes(kind, false, (listener) => [
      () => greet(listener),
      () => greet(listener),
      () => listener.close(),
    ]);
    const possible = ['connected hello', 'connected ECONNRESET', 'ECONNRESET', 'ECONNREFUSED'];
    expect(possible).toEqual(expect.arrayContaining(outcomes));
  });

  it('meets a listener that resets', async () => {
    const outcomes = await connectOutcomes(kind, false, (listener) => [
      () => listener.accept()?.reset(),
      () => listener.accept()?.reset(),
      () => listener.close(),
    ]);
    const possible = ['connected ', 'connected ECONNRESET', 'ECONNRESET', 'ECONNREFUSED'];
    expect(possible).toEqual(expect.arrayContaining(outcomes));
  });

  it('meets another holder that connects the same description', async () => {
    const outcomes = await connectOutcomes(kind, false, (listener, copy, name) => [
      () => copy.connect(name),
      () => greet(listener),
      () => listener.close(),
    ]);
    // The other one is the first, and the program's connect() finds that; or the listener is closed before both.
    const possible = ['EISCONN', 'ECONNREFUSED', 'connected hello', 'connected ECONNRESET'];
    expect(possible).toEqual(expect.arrayContaining(outcomes));
  });

  it('fails where another holder learns first that the peer refuses', async () => {
    const outcomes = await connectOutcomes(kind, false, (listener, copy, name) => {
      listener.close();
      return [() => copy.connect(name)];
    });
    expect(['ECONNABORTED', 'ECONNREFUSED']).toEqual(expect.arrayContaining(outcomes));
  });
});

describeKernel("a connect() of Node's that the kernel goes on with", () => {
  it.each<[string, (listener: Other) => void, string[]]>([
    ['accepts', (listener) => void listener.accept(), ['connected']],
    // The error may be the reset, or its connect() may come first.
    ['resets', (listener) => listener.accept()?.reset(), ['connected', 'ECONNRESET']],
  ])('meets a peer that %s', async (_what, step, possible) => {
    const outcomes = await everyOrder((system) => {
      const listener = listenerOf(TCP);
      const client = Other.make(TCP);
      client.connect(listener.name);
      const one = made(KernelSocket.over(client.release(), TCP, system));
      const program = async (): Promise<string> => {
        const limits = { deadline: null, signal: undefined };
        const found = one.connected() ?? (await one.writers.wait(() => one.connected(), limits));
        return found instanceof Failure ? found.code : found === true ? 'connected' : found.reason;
      };
      const end = (): void => {
        for (const each of [one, listener]) each.close();
      };
      return { program, steps: [() => step(listener), () => step(listener)], end };
    });
    expect(possible).toEqual(expect.arrayContaining([...outcomes]));
  });
});

describeKernel('the input of many datagrams', () => {
  it.each([
    ['that a call waits for', true, false],
    ['that no call waits for', false, false],
    ['that is handed over', true, true],
  ])('%s gets all that come', async (_what, isAwaited, isShared) => {
    const outcomes = await everyOrder(async (system, counted) => {
      const [own, peer] = udpPair();
      const calls = datagramCalls();
      if (calls instanceof NoKernel) throw new Error(calls.reason);
      const texts: string[] = [];
      let done = (): void => undefined;
      const program = (): Promise<string> =>
        new Promise((resolve) => {
          done = () => resolve(texts.join(' '));
          read();
        });
      const read = (): void => {
        while (input?.find(undefined) === true) texts.push(String(input.takeBytes(100, false)));
        if (isShared) for (const { data } of input?.share() ?? []) texts.push(String(data));
        if (texts.length === 3) done();
      };
      const listener = { isAwaited, onReadable: read, onError: ({ code }: Failure) => void texts.push(code) };
      const input = bulkInputBy(system, counted(calls), own.number, false, listener);
      // An input has a turn to begin in.
      await new Promise(setImmediate);
      const end = (): void => {
        for (const each of [input, own, peer]) each?.close();
      };
      return { program, steps: ['one', 'two', 'three'].map((text) => () => peer.send(text)), end };
    });
    expect([...outcomes]).toEqual(['one two three']);
  });
});

/** Waits for a send whose peer takes what has come whenever nothing else happens. */
async function whileTaken(sent: Promise<unknown>, take: () => void): Promise<void> {
  let isOver = false;
  const over = sent.finally(() => (isOver = true));
  while (!isOver) {
    take();
    // Longer than steps wait for their turn.
    await turns(2 * IDLE_TURNS);
  }
  await over;
  take();
}

describeKernel('a send that waits for room', () => {
  it('loses and doubles no byte of a Unix stream', async () => {
    const data = pattern(300_000);
    const outcomes = await everyOrder((system) => {
      const received: Buffer[] = [];
      let take = (): void => undefined;
      return sceneOf(
        STREAM,
        system,
        async (one) => {
          await whileTaken(one.sendall(data), take);
          return Buffer.concat(received).equals(data) ? 'all' : `${Buffer.concat(received).length} bytes`;
        },
        ({ peer }) => {
          take = () => {
            for (let piece = peer.receive(); piece.length > 0; piece = peer.receive()) received.push(piece);
          };
          return [take, take];
        },
      );
    });
    expect([...outcomes]).toEqual(['all']);
  });

  it('sends the descriptors of a long message once', async () => {
    const outcomes = await everyOrder((system) => {
      let count = 0;
      let take = (): void => undefined;
      return sceneOf(
        STREAM,
        system,
        async (one) => {
          const message = Buffer.alloc(300_000);
          const rights: socket.AncillaryItem = [socket.SOL_SOCKET, socket.SCM_RIGHTS, intBytes(0)];
          await whileTaken(one.sendmsg([message], [rights]), take);
          return String(count);
        },
        ({ peer }) => {
          take = () => {
            for (let taken = peer.descriptors(); taken !== undefined; taken = peer.descriptors()) count += taken;
          };
          return [take, take];
        },
      );
    });
    expect([...outcomes]).toEqual(['1']);
  });

  it.each([
    ['to a name', false],
    ['to the peer', true],
  ])('of a Unix socket for datagrams, %s, goes on or fails', async (_what, isConnected) => {
    const outcomes = new Set<string>();
    for (const act of [(to: Other) => void to.receive(), (to: Other) => to.close()]) {
      const found = await everyOrder((system) => {
        const receiver = Other.make(DATAGRAMS);
        receiver.bind(ANY_NAME);
        const { name } = receiver;
        const sender = Other.make(DATAGRAMS);
        while (sender.send('x', undefined, name) > 0);
        if (isConnected) sender.connect(name);
        const one = socketOver(sender.release(), DATAGRAMS, system);
        const sent = isConnected ? () => one.send('last') : () => one.sendto('last', addressOf(name) ?? '');
        const program = (): Promise<string> => textOf(sent().then(() => 'sent'));
        const end = (): void => {
          for (const each of [one, receiver]) each.close();
        };
        return { program, steps: [() => act(receiver)], end };
      });
      for (const outcome of found) outcomes.add(outcome);
    }
    expect([...outcomes].sort()).toEqual(['ECONNREFUSED', 'sent']);
  });
});
