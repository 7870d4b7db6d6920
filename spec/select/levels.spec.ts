import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import type { Socket } from '../../lib/index.ts';
import * as select from '../../lib/select.ts';
import * as ssl from '../../lib/ssl/index.ts';
import { both, levelsInPython, lists, mask } from '../support/levels.ts';
import { hasPython } from '../support/python.ts';
import { bound, deserted, listening, own, pair, reset, tcp } from '../support/pairs.ts';
import { tlsPair } from '../support/tls.ts';
import { unix, unixPair, temporaryPath } from '../support/unix.ts';

type Ends = () => Promise<[Socket, Socket]>;

function udp(): Socket {
  return own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
}

async function full(one: Socket): Promise<void> {
  one.setblocking(false);
  for (;;) {
    try {
      await one.send(Buffer.alloc(65536));
    } catch (error) {
      if (!(error instanceof socket.BlockingIOError || error instanceof ssl.SSLWantWriteError)) throw error;
      return;
    }
  }
}

const closed = async (one: Socket): Promise<Socket> => {
  const failed = await one.recv(1).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(socket.ConnectionResetError);
  return one;
};

/** Each case: how to make the socket, what Python says of it, and how Python makes it. */
const CASES: Readonly<
  Record<string, [make: () => Promise<Socket> | Socket, lists: string, mask: string, python: string]>
> = {
  'a fresh TCP socket': [() => tcp(), 'rw', '114', 's = socket.socket()'],
  'a bound TCP socket': [() => bound(), 'rw', '114', "s = socket.socket(); s.bind(('127.0.0.1', 0))"],
  'an idle listener': [() => listening(), '', '0', 's = listener()'],
  'a listener with a client': [
    async () => {
      const listener = listening();
      await tcp().connect(listener.getsockname());
      return listener;
    },
    'r',
    '41',
    's = listener(); c = socket.create_connection(s.getsockname())',
  ],
  'a listener that was shut down': [
    () => {
      const listener = listening();
      listener.shutdown(socket.SHUT_RDWR);
      return listener;
    },
    'rw',
    '114',
    's = listener(); s.shutdown(2)',
  ],
  'an idle connection': [async () => (await pair())[0], 'w', '104', 's, o = tcp()'],
  'a connection with bytes': [
    async () => {
      const [one, other] = await pair();
      await other.sendall('x');
      return one;
    },
    'rw',
    '145',
    "s, o = tcp(); o.send(b'x')",
  ],
  "a connection after the peer's SHUT_WR": [
    async () => {
      const [one, other] = await pair();
      other.shutdown(socket.SHUT_WR);
      return one;
    },
    'rw',
    '2145',
    's, o = tcp(); o.shutdown(1)',
  ],
  'a connection whose peer has closed': [
    async () => {
      const [one, other] = await pair();
      other.close();
      return one;
    },
    'rw',
    '2145',
    's, o = tcp(); o.close()',
  ],
  'a connection that is shut down from both ends': [
    async () => {
      const [one, other] = await pair();
      other.shutdown(socket.SHUT_WR);
      one.shutdown(socket.SHUT_WR);
      return one;
    },
    'rw',
    '2155',
    's, o = tcp(); o.shutdown(1); s.shutdown(1)',
  ],
  'a connection after SHUT_WR': [
    async () => {
      const [one] = await pair();
      one.shutdown(socket.SHUT_WR);
      return one;
    },
    'w',
    '104',
    's, o = tcp(); s.shutdown(1)',
  ],
  'a connection after SHUT_RD': [
    async () => {
      const [one] = await pair();
      one.shutdown(socket.SHUT_RD);
      return one;
    },
    'rw',
    '2145',
    's, o = tcp(); s.shutdown(0)',
  ],
  'a connection that was reset': [
    async () => {
      const [one, other] = await pair();
      reset(other);
      return one;
    },
    'rw',
    '215d',
    's, o = tcp(); reset(o)',
  ],
  'a connection that was reset, once a call has raised that': [
    async () => {
      const [one, other] = await pair();
      reset(other);
      return await closed(one);
    },
    'rw',
    '2155',
    's, o = tcp(); reset(o); raises(s)',
  ],
  'a connect() that was refused': [
    async () => {
      const one = tcp();
      one.setblocking(false);
      await one.connectEx(deserted());
      return one;
    },
    'rw',
    '215d',
    's = socket.socket(); s.setblocking(False); s.connect_ex(deserted())',
  ],
  'a connect() that was refused, once SO_ERROR was read': [
    async () => {
      const one = tcp();
      one.setblocking(false);
      await one.connectEx(deserted());
      await select.select([], [one], []);
      expect(one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)).toBe(111);
      return one;
    },
    'rw',
    '2155',
    's = socket.socket(); s.setblocking(False); s.connect_ex(deserted()); s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)',
  ],
  'a connect() that was made': [
    async () => {
      const one = tcp();
      one.setblocking(false);
      await one.connectEx(listening().getsockname());
      return one;
    },
    'w',
    '104',
    's = socket.socket(); s.setblocking(False); l = listener(); s.connect_ex(l.getsockname())',
  ],
  'a fresh datagram socket': [() => udp(), 'w', '304', 's = udp()'],
  'a datagram socket with an empty datagram': [
    async () => {
      const one = udp();
      one.bind(['127.0.0.1', 0]);
      await udp().sendto('', one.getsockname());
      return one;
    },
    'rw',
    '345',
    "s = udp(); s.bind(('127.0.0.1', 0)); udp().sendto(b'', s.getsockname())",
  ],
  'a datagram socket whose peer refuses': [
    async () => {
      const one = udp();
      await one.connect(deserted());
      await one.send('x');
      return one;
    },
    'rw',
    '30c',
    "s = udp(); s.connect(deserted()); s.send(b'x')",
  ],
  'a datagram socket after SHUT_RD': [
    async () => {
      const one = udp();
      await one.connect(deserted());
      one.shutdown(socket.SHUT_RD);
      return one;
    },
    'rw',
    '2345',
    's = udp(); s.connect(deserted()); s.shutdown(0)',
  ],
  'a datagram socket after SHUT_RDWR': [
    async () => {
      const one = udp();
      await one.connect(deserted());
      one.shutdown(socket.SHUT_RDWR);
      return one;
    },
    'rw',
    '2355',
    's = udp(); s.connect(deserted()); s.shutdown(2)',
  ],
  'a fresh Unix socket': [() => unix(), 'rw', '314', 's = socket.socket(socket.AF_UNIX)'],
  'a Unix listener': [
    () => {
      const one = unix();
      one.bind(temporaryPath());
      one.listen();
      return one;
    },
    '',
    '0',
    "s = socket.socket(socket.AF_UNIX); s.bind('\\0' + str(id(s))); s.listen()",
  ],
  'an idle Unix connection': [async () => (await unixPair())[0], 'w', '304', 's, o = socket.socketpair()'],
  "a Unix connection after the peer's SHUT_WR": [
    async () => {
      const [one, other] = await unixPair();
      other.shutdown(socket.SHUT_WR);
      return one;
    },
    'rw',
    '2345',
    's, o = socket.socketpair(); o.shutdown(1)',
  ],
  'a Unix connection whose output is full': [
    async () => {
      const [one] = await unixPair();
      await full(one);
      return one;
    },
    '',
    '0',
    's, o = socket.socketpair(); full(s)',
  ],
};

const SETUP = `
import struct, time
def listener(): return socket.create_server(('127.0.0.1', 0))
def udp(): return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
def tcp():
    with listener() as l:
        c = socket.create_connection(l.getsockname())
        return c, l.accept()[0]
def deserted():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()
def reset(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    s.close()
def raises(s):
    try: s.recv(1)
    except ConnectionResetError: return
    raise AssertionError
`;

describe('select() and poll()', () => {
  it.each(Object.entries(CASES))('say of %s what Linux says', async (_name, [make, ready, events]) => {
    const one = await make();
    expect(await lists(one)).toBe(ready);
    expect((await mask(one)).toString(16)).toBe(events);
    // Asking has changed nothing.
    expect(await both(one)).toEqual([ready, events]);
  });

  (hasPython ? it : it.skip)('have the cases as Python has them', () => {
    const cases = Object.values(CASES);
    expect(
      levelsInPython(
        SETUP,
        cases.map(([, , , code]) => code),
      ),
    ).toEqual(cases.map(([, ready, events]) => [ready, events]));
  });
});

/** Connections of each kind on which bytes count as they come. */
const STREAMS: Readonly<Record<string, Ends>> = {
  TCP: () => pair(),
  Unix: () => unixPair(),
  'TLS 1.2': () => tlsPair({ version: ssl.TLSVersion.TLSv1_2 }),
  'TLS 1.3': () => tlsPair({ version: ssl.TLSVersion.TLSv1_3 }),
};

describe.each(Object.entries(STREAMS))('select() over %s', (_kind, ends) => {
  it('finds a connection ready to send, and to receive once bytes have come', async () => {
    const [one, other] = await ends();
    expect(await lists(one)).toBe('w');
    await other.sendall('Hello');
    expect(await select.select([one], [], [])).toEqual([[one], [], []]);
    expect(await lists(one)).toBe('rw');
    expect(String(await one.recv(3))).toBe('Hel');
    expect(await lists(one)).toBe('rw');
    expect(String(await one.recv(3))).toBe('lo');
    expect(await lists(one)).toBe('w');
  });

  it('finds the end of the stream', async () => {
    const [one, other] = await ends();
    other.shutdown(socket.SHUT_WR);
    expect(await select.select([one], [], [])).toEqual([[one], [], []]);
    expect(await one.recv(1)).toHaveLength(0);
    expect(await lists(one)).toBe('rw');
  });

  it('finds a connection unready to send while its output is full', async () => {
    const [one, other] = await ends();
    await full(one);
    expect(await lists(one)).toBe('');
    const writable = select.select([], [one], []);
    while ((await lists(one)) === '') await other.recv(1 << 20);
    expect(await writable).toEqual([[], [one], []]);
  });
});
