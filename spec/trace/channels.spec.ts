import { AsyncLocalStorage } from 'node:async_hooks';
import { channel } from 'node:diagnostics_channel';
import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { call, datagrams, METHODS } from '../promises/calls.ts';
import { accepted, listening, own, pair, tcp } from '../support/pairs.ts';
import { tlsPair } from '../support/tls.ts';
import { published } from '../support/traced.ts';

const ALL = ['accept', 'bind', 'close', 'connect', 'handshake', 'lookup', 'ready', 'recv', 'send', 'shutdown'];

/** The methods that give a promise, with the channel of each. */
const CHANNELS: Readonly<Record<string, RegExp>> = {
  accept: /^accept$/,
  connect: /^connect/,
  ready: /^(readable|writable)$/,
  recv: /^recv/,
  send: /^send/,
};

const text = (one: socket.Socket): string => String(one.getsockname()).replace(',', ':');

const channelOf = (method: string): string | undefined =>
  Object.entries(CHANNELS).find(([, names]) => names.test(method))?.[0];

describe('every awaited call of a socket', () => {
  it.each(Object.entries(METHODS))('%s() is traced once, with its failure', async (method, forms) => {
    const seen = published(...ALL);
    const one = tcp();
    one.close();
    seen.splice(0);
    const [args = []] = forms(['127.0.0.1', 1]).filter((form) => form[0] !== 0);
    await call(one, method, args).then(
      () => expect(method).toMatch(/^(connectEx|sendfile)$/),
      (error: unknown) => expect(seen.at(-1)?.message.error).toBe(error),
    );
    const fails = seen.at(-1)?.message.error !== undefined;
    expect(seen.map((each) => [each.channel, each.event, each.message.call])).toEqual(
      ['start', 'end', ...(fails ? ['error'] : []), 'asyncStart', 'asyncEnd'].map((event) => [
        channelOf(method),
        event,
        method,
      ]),
    );
    expect(seen.at(-1)?.message).toMatchObject({ args, waited: expect.any(Number) });
  });

  it.each(Object.keys(METHODS))('%s() on what is no socket is refused as ever', async (method) => {
    published(...ALL);
    const borrowed = Object.create(socket.Socket.prototype) as socket.Socket;
    await expect(call(borrowed, method, [1])).rejects.toThrow('is a method of a socket');
  });
});

describe('the messages of a channel', () => {
  it('say which socket, its addresses, how many bytes, and whether the call has waited', async () => {
    const [one, other] = await pair();
    const seen = published('recv', 'send');
    const waits = other.recv(10);
    await one.sendall('hello');
    expect(await waits).toEqual(Buffer.from('hello'));
    await one.sendall('more');
    await other.readable();
    expect(await other.recvInto(new Uint8Array(2))).toBe(2);
    expect(await other.recvExactly(2)).toEqual(Buffer.from('re'));
    const ends = seen.filter(({ event }) => event === 'asyncEnd').map(({ message }) => message);
    const [here, there] = [text(one), text(other)];
    expect(ends).toEqual([
      expect.objectContaining({ call: 'sendall', bytes: 5, waited: 0, local: here, peer: there, tls: false }),
      expect.objectContaining({ call: 'recv', bytes: 5, args: [10], local: there, peer: here }),
      expect.objectContaining({ call: 'sendall', bytes: 4, args: ['more'] }),
      expect.objectContaining({ call: 'recvInto', bytes: 2, waited: 0, family: socket.AF_INET }),
      expect.objectContaining({ call: 'recvExactly', bytes: 2, type: socket.SOCK_STREAM }),
    ]);
    expect(ends[1]?.waited).toBeGreaterThan(0);
    expect(ends[0]?.socket).not.toBe(ends[1]?.socket);
    expect(ends[3]?.socket).toBe(ends[1]?.socket);
  });

  it('count what an incomplete read has taken', async () => {
    const [one, other] = await pair();
    const seen = published('recv');
    await one.sendall('abc');
    one.close();
    await expect(other.recvExactly(5)).rejects.toThrow('3');
    expect(seen.at(-1)?.message).toMatchObject({ bytes: 3 });
  });

  it('name the socket that accept() makes', async () => {
    const listener = listening();
    const seen = published('accept', 'send');
    const client = tcp();
    await client.connect(listener.getsockname());
    const conn = await accepted(listener);
    await conn.send('x');
    const [accept, send] = seen.filter(({ event }) => event === 'asyncEnd').map(({ message }) => message);
    expect(accept).toMatchObject({ call: 'accept', args: [], accepted: send?.socket });
  });

  it('of synchronous calls have no asynchronous part, and show what is thrown', async () => {
    const seen = published('bind', 'shutdown');
    const one = tcp();
    one.bind(['127.0.0.1', 0]);
    expect(() => one.shutdown(socket.SHUT_WR)).toThrow(socket.OSError);
    expect(seen.map(({ event, message }) => [event, message.call, message.error])).toEqual([
      ['start', 'bind', undefined],
      ['end', 'bind', undefined],
      ['start', 'shutdown', undefined],
      ['error', 'shutdown', expect.objectContaining({ code: 'ENOTCONN' })],
      ['end', 'shutdown', expect.anything()],
    ]);
  });

  it('show the end of a socket when it ends, once, and whether by a reset', async () => {
    const [one, other] = await pair();
    const seen = published('close');
    const file = one.makefile('rb');
    one.close();
    expect(seen).toEqual([]);
    await file.close();
    one.close();
    other.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, Buffer.of(1, 0, 0, 0, 0, 0, 0, 0));
    other.close();
    const ends = seen.filter(({ event }) => event === 'end').map(({ message }) => message.call);
    expect(ends).toEqual(['close', 'reset']);
  });

  it('of files show the calls under them, with what a buffer would have hidden', async () => {
    const [one, other] = await pair();
    await one.sendall('a line\n');
    await other.readable();
    const seen = published('recv', 'send');
    const file = other.makefile('rwb');
    expect(await file.readline()).toEqual(Buffer.from('a line\n'));
    await file.write(Buffer.from('an answer'));
    await file.flush();
    const counts = seen.map(({ channel, message }) => `${channel} ${String(message.bytes)}`);
    expect(counts).toEqual(expect.arrayContaining(['recv 7', 'send 9']));
  });

  it('of datagrams count their bytes, too', async () => {
    const [one, other] = [own(datagrams()), own(datagrams())];
    const seen = published('recv', 'send');
    await one.sendto('ping', other.getsockname());
    await other.recvfrom(10);
    const ends = seen.filter(({ event }) => event === 'asyncEnd').map(({ message }) => message);
    expect(ends).toMatchObject([
      { call: 'sendto', bytes: 4, type: socket.SOCK_DGRAM },
      { call: 'recvfrom', bytes: 4, local: text(other) },
    ]);
  });

  it('of look-ups have the name, and the error', async () => {
    const seen = published('lookup');
    await expect(socket.getaddrinfo('no.such.name.invalid', 80)).rejects.toThrow(socket.gaierror);
    expect(seen.map(({ event }) => event)).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
    expect(seen[0]?.message).toMatchObject({ call: 'lookup', socket: null, args: ['no.such.name.invalid'] });
  });

  it('of TLS show the handshake and its end, and plain text', async () => {
    const seen = published('handshake', 'recv', 'send');
    const [client, server] = await tlsPair();
    await client.sendall('secret');
    expect(await server.recv(10)).toEqual(Buffer.from('secret'));
    await Promise.all([client.unwrap(), server.unwrap()]);
    const ends = seen.filter(({ event }) => event === 'asyncEnd').map(({ message }) => message);
    expect(ends.map(({ call }) => call).sort()).toEqual(
      ['doHandshake', 'doHandshake', 'sendall', 'recv', 'unwrap', 'unwrap'].sort(),
    );
    expect(ends.find(({ call }) => call === 'sendall')).toMatchObject({ bytes: 6, tls: true });
    expect(new Set(ends.map((message) => message.socket)).size).toBe(2);
  });
});

describe('a call that is traced', () => {
  it('runs in the context that a subscriber binds', async () => {
    const [one, other] = await pair();
    const storage = new AsyncLocalStorage<string>();
    const startOfSend = channel('tracing:await-socket:send:start');
    startOfSend.bindStore(storage, () => 'a span');
    own({ [Symbol.dispose]: () => void startOfSend.unbindStore(storage) });
    let seen: string | undefined;
    await one.sendfile({
      read: () => {
        seen = storage.getStore();
        return Buffer.alloc(0);
      },
    });
    expect(seen).toBe('a span');
    other.close();
  });

  it('fails with a stack that begins at the line which awaits it', async () => {
    published(...ALL);
    const [one] = await pair();
    one.settimeout(0.01);
    async function program(): Promise<unknown> {
      return await one.recv(10);
    }
    const error = await program().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ stack: expect.stringMatching(/^TimeoutError: timed out.*\n {4}at program/) });
  });
});
