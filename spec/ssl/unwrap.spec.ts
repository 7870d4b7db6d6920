import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import * as ssl from '../../lib/ssl/index.ts';
import { own, pair, recvAll, reset, turns } from '../support/pairs.ts';
import { clientContext, serverContext, VERSIONS } from '../support/tls-contexts.ts';
import { handshakes, tlsPair } from '../support/tls.ts';

/** Passes bytes on between two connections, whose ends are given: what went through, and a way to cut it. */
class Relay {
  readonly #left: socket.Socket;
  readonly #right: socket.Socket;

  private constructor(left: socket.Socket, right: socket.Socket) {
    this.#left = left;
    this.#right = right;
  }

  /** Two ends, and the relay between them. */
  static async between(): Promise<[near: socket.Socket, far: socket.Socket, relay: Relay]> {
    const [near, left] = await pair();
    const [far, right] = await pair();
    const relay = new Relay(left, right);
    void relay.#pass(left, right);
    void relay.#pass(right, left);
    return [near, far, relay];
  }

  /** Ends both connections as a cut cable does not: with an end of the stream, and no `close_notify`. */
  cut(): void {
    for (const one of [this.#left, this.#right]) one.shutdown(socket.SHUT_WR);
  }

  async #pass(from: socket.Socket, to: socket.Socket): Promise<void> {
    try {
      for (let block = await from.recv(65536); block.length > 0; block = await from.recv(65536))
        await to.sendall(block);
      to.shutdown(socket.SHUT_WR);
    } catch (error) {
      // The test closes the relay as it likes.
      if (!(error instanceof socket.OSError)) throw error;
    }
  }
}

describe.each(VERSIONS)('unwrap() of %s', (_name, version) => {
  it('ends TLS on both sides, which go on in plain text', async () => {
    const [client, server] = await tlsPair({ version });
    await client.sendall('secret');
    expect(String(await server.recv(100))).toBe('secret');
    const [plain, other] = await Promise.all([client.unwrap(), server.unwrap()]);
    expect([plain, other]).toEqual([client, server]);
    expect(client.version()).toBeNull();
    await plain.sendall('open');
    expect(String(await other.recv(100))).toBe('open');
    await other.sendall('too');
    expect(String(await plain.recv(100, socket.MSG_PEEK))).toBe('too');
    expect(() => plain.getpeercert()).toThrow(expect.objectContaining({ code: 'ENOTCONN' }));
    await expect(plain.unwrap()).rejects.toThrow(new RegExp('^No SSL wrapper around <ssl.SSLSocket fd='));
    await expect(plain.read()).rejects.toThrow('Read on closed or unwrapped SSL socket.');
  });

  it('wraps again what was unwrapped', async () => {
    const [client, server] = await tlsPair({ version });
    const raw = await Promise.all([client.unwrap(), server.unwrap()]);
    const [again, accepted] = await tlsPair({ version, raw: () => Promise.resolve(raw) });
    await again.sendall('secret again');
    expect(String(await accepted.recv(100))).toBe('secret again');
  });

  it("keeps plain text that came in one segment with the peer's close_notify", async () => {
    const [client, server] = await tlsPair({ version });
    // The peer's last record and its plain text are one segment where nothing reads in between.
    const unwrapping = server.unwrap();
    await client.unwrap();
    await client.sendall('plain at once');
    const plain = await unwrapping;
    expect(String(await plain.recv(100))).toBe('plain at once');
  });

  it('answers a peer that has ended its output already', async () => {
    const [client, server] = await tlsPair({ version });
    const unwrapping = server.unwrap();
    expect(await client.recv(10)).toHaveLength(0);
    const [plain, other] = await Promise.all([client.unwrap(), unwrapping]);
    await plain.sendall('x');
    expect(String(await other.recv(10))).toBe('x');
  });

  it('raises where bytes are left that no call has received', async () => {
    const [client, server] = await tlsPair({ version });
    await server.sendall('unread');
    await expect(client.unwrap()).rejects.toMatchObject({
      name: 'SSLError',
      library: 'SSL',
      reason: 'APPLICATION_DATA_AFTER_CLOSE_NOTIFY',
    });
  });

  it('raises where the connection is cut instead', async () => {
    const [client, server] = await tlsPair({ version });
    const unwrapping = client.unwrap();
    await server.recv(1);
    server.close();
    await expect(unwrapping).rejects.toMatchObject({ name: 'SSLEOFError', errno: 8 });
  });

  it('has ended the output, also for calls that are made while it waits', async () => {
    const [client, server] = await tlsPair({ version });
    const unwrapping = client.unwrap();
    await expect(client.send('x')).rejects.toMatchObject({ name: 'SSLError', reason: 'PROTOCOL_IS_SHUTDOWN' });
    await Promise.all([unwrapping, server.unwrap()]);
  });

  it('has a time limit, and can be aborted', async () => {
    const [client] = await tlsPair({ version });
    const stop = new AbortController();
    const aborted = client.unwrap({ signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    client.settimeout(0.01);
    await expect(client.unwrap()).rejects.toMatchObject({
      name: 'TimeoutError',
      message: expect.stringContaining('The read operation timed out'),
    });
    client.settimeout(0);
    await expect(client.unwrap()).rejects.toMatchObject({ name: 'SSLWantReadError', errno: 2 });
  });
});

describe.each(VERSIONS)('the end of the stream of %s', (_name, version) => {
  it.each([true, false])(
    'is an end where the peer has said so (suppressRaggedEofs: %s)',
    async (suppressRaggedEofs) => {
      const wrap = { suppressRaggedEofs };
      const [client, server] = await tlsPair({ version, clientWrap: wrap, serverWrap: wrap });
      await server.sendall('all');
      server.shutdown(socket.SHUT_WR);
      expect(String(await recvAll(client))).toBe('all');
      expect(await client.recv(1)).toHaveLength(0);
    },
  );

  it('is an end where the connection was cut, unless the program asks', async () => {
    const [near, far, relay] = await Relay.between();
    const [client, server] = await tlsPair({ version, raw: () => Promise.resolve([near, far] as const) });
    await server.sendall('all');
    expect(String(await client.recv(3))).toBe('all');
    relay.cut();
    expect(await client.recv(1)).toHaveLength(0);
    expect(await server.recv(1)).toHaveLength(0);
  });

  it('is an error on both sides where the program asks', async () => {
    const [near, far, relay] = await Relay.between();
    const wrap = { suppressRaggedEofs: false };
    const raw = (): Promise<[socket.Socket, socket.Socket]> => Promise.resolve([near, far]);
    const [client, server] = await tlsPair({ version, raw, clientWrap: wrap, serverWrap: wrap });
    await server.sendall('all');
    expect(String(await client.recv(3))).toBe('all');
    relay.cut();
    for (const one of [client, server]) {
      for (let round = 0; round < 2; round += 1) {
        await expect(one.recv(1)).rejects.toMatchObject({
          name: 'SSLEOFError',
          errno: 8,
          library: 'SSL',
          reason: 'UNEXPECTED_EOF_WHILE_READING',
        });
      }
      // The other direction is open, as far as this side knows.
      expect(await one.send('.')).toBe(1);
    }
  });

  it('is a reset where the peer has reset the connection', async () => {
    const [client, server] = await tlsPair({ version });
    reset(server);
    await expect(client.recv(1)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('is a reset where the peer has closed with unread bytes', async () => {
    const [client, server] = await tlsPair({ version });
    await client.sendall('unread');
    await server.recv(2);
    server.close();
    await expect(client.recv(1)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('is an error of a handshake that it cuts', async () => {
    const [ours, theirs] = await pair();
    const shaking = clientContext({ version }).wrapSocket(ours, { serverHostname: 'localhost' });
    await theirs.recv(10);
    theirs.shutdown(socket.SHUT_WR);
    await expect(shaking).rejects.toMatchObject({ name: 'SSLEOFError', reason: 'UNEXPECTED_EOF_WHILE_READING' });
  });
});

describe.each(VERSIONS)('STARTTLS with %s', (_name, version) => {
  /** A client's whole first flight. */
  async function firstFlight(): Promise<Buffer> {
    const [ours, theirs] = await pair();
    const wrap = { serverHostname: 'localhost', doHandshakeOnConnect: false };
    const client = own(await clientContext({ version }).wrapSocket(ours, wrap));
    client.settimeout(0);
    await client.doHandshake().catch(() => undefined);
    return await theirs.recv(65536);
  }

  it('goes on with what the socket has read ahead, and what comes in one segment', async () => {
    const [ours, theirs] = await pair();
    const hello = await firstFlight();
    // The command and the first flight come at once: the socket has both when the program has the command.
    await ours.sendall(Buffer.concat([Buffer.from('STARTTLS\r\n'), hello]));
    expect(String(await theirs.recv(10))).toBe('STARTTLS\r\n');
    const shaking = serverContext({ version }).wrapSocket(theirs, { serverSide: true });
    // The answer to the first flight is a record of a handshake: nothing of the flight was lost.
    expect((await ours.recv(3))[0]).toBe(22);
    ours.close();
    await expect(shaking).rejects.toThrow();
  });

  it('goes on with a client that was greeted in plain text', async () => {
    const [ours, theirs] = await pair();
    await theirs.sendall('220 ready\r\n');
    expect(String(await ours.recv(100))).toBe('220 ready\r\n');
    const [client, server] = await tlsPair({ version, raw: () => Promise.resolve([ours, theirs] as const) });
    await client.sendall('secret');
    expect(String(await server.recv(100))).toBe('secret');
  });

  it('lets calls end that wait on the plain socket', async () => {
    const [ours, theirs] = await pair();
    const waiting = expect(ours.recv(10)).rejects.toMatchObject({ code: 'EBADF' });
    const [client] = await tlsPair({ version, raw: () => Promise.resolve([ours, theirs] as const) });
    await waiting;
    expect(client.version()).toBeDefined();
  });
});

describe('what is not TLS', () => {
  it.each([
    ['HTTP', 'GET / HTTP/1.1\r\n\r\n', 'HTTP_REQUEST'],
    ['anything else', 'hello, is this TLS?', 'WRONG_VERSION_NUMBER'],
  ])('is told as such to a server: %s', async (_what, text, reason) => {
    const [ours, theirs] = await pair();
    await ours.sendall(text);
    const shaking = serverContext().wrapSocket(theirs, { serverSide: true });
    await expect(shaking).rejects.toMatchObject({ name: 'SSLError', library: 'SSL', reason });
  });

  it('is told as such to a client', async () => {
    const [ours, theirs] = await pair();
    await theirs.sendall('220 mail.example ESMTP\r\n');
    const shaking = clientContext().wrapSocket(ours, { serverHostname: 'localhost' });
    await expect(shaking).rejects.toMatchObject({ name: 'SSLError', reason: 'WRONG_VERSION_NUMBER' });
  });

  it('in the middle of TLS is an error, and the bytes before it are received', async () => {
    const [near, far] = await pair();
    const [middle, end] = await pair();
    const pass = async (from: socket.Socket, to: socket.Socket): Promise<void> => {
      for (let block = await from.recv(65536); block.length > 0; block = await from.recv(65536))
        await to.sendall(block);
    };
    const passing = [pass(far, middle), pass(middle, far)].map((one) => one.catch(() => undefined));
    const [ours, theirs] = await tlsPair({ raw: () => Promise.resolve([near, end] as const) });
    await theirs.sendall('good');
    expect(String(await ours.recv(4))).toBe('good');
    await far.sendall('bad: this is no record');
    await expect(ours.recv(4)).rejects.toMatchObject({ name: 'SSLError', library: 'SSL' });
    ours.close();
    theirs.close();
    await Promise.all(passing);
  });
});

describe('a handshake', () => {
  it('that fails closes the connection', async () => {
    const [ours, theirs] = await pair();
    await theirs.sendall('220 mail.example ESMTP\r\n');
    await clientContext()
      .wrapSocket(ours, { serverHostname: 'localhost' })
      .catch(() => undefined);
    await recvAll(theirs).catch(() => undefined);
    expect(ours.fileno()).toBe(-1);
  });

  it('is done by the calls that need it, where the program leaves it to them', async () => {
    const wrap = { doHandshakeOnConnect: false };
    const [client, server] = await handshakes({ clientWrap: wrap, serverWrap: wrap }).then((results) =>
      results.map((one) => (one.status === 'fulfilled' ? one.value : undefined)),
    );
    if (client === undefined || server === undefined) throw new Error('not wrapped');
    const [, received] = await Promise.all([client.sendall('hello'), server.recv(100)]);
    expect(String(received)).toBe('hello');
    expect(client.version()).toBe('TLSv1.3');
  });

  it('does not hold up others', async () => {
    const [ours] = await pair();
    const waiting = clientContext().wrapSocket(ours, { serverHostname: 'localhost' });
    const [client, server] = await tlsPair();
    await client.sendall('x');
    expect(String(await server.recv(1))).toBe('x');
    await turns(1);
    ours.close();
    void waiting.catch(() => undefined);
    expect(ssl.HAS_SNI).toBe(true);
  });
});
