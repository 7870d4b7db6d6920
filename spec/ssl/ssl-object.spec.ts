import { describe, expect, it } from '@jest/globals';
import { SHUT_WR, type Socket } from '../../lib/index.ts';
import * as ssl from '../../lib/ssl/index.ts';
import { pair } from '../support/pairs.ts';
import { thrown } from '../support/thrown.ts';
import { clientContext, serverContext, VERSIONS } from '../support/tls-contexts.ts';
import { tlsPair } from '../support/tls.ts';
import { unixPair } from '../support/unix.ts';

/** An object with its two pieces of memory. */
class End {
  readonly incoming = new ssl.MemoryBIO();
  readonly outgoing = new ssl.MemoryBIO();
  readonly object: ssl.SSLObject;

  constructor(context: ssl.SSLContext, options: ssl.WrapBioOptions) {
    this.object = context.wrapBio(this.incoming, this.outgoing, options);
  }

  /** Makes a call until it has what it needs, with a socket in between. */
  async over<T>(sock: Socket, call: (object: ssl.SSLObject) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const result = await call(this.object);
        await sock.sendall(this.outgoing.read());
        return result;
      } catch (error) {
        await sock.sendall(this.outgoing.read());
        if (!(error instanceof ssl.SSLWantReadError)) throw error;
        const bytes = await sock.recv(70_000);
        if (bytes.length === 0) this.incoming.writeEof();
        else this.incoming.write(bytes);
      }
    }
  }
}

const clientEnd = (version?: number, options: ssl.WrapBioOptions = { serverHostname: 'localhost' }): End =>
  new End(clientContext({ version }), options);
const serverEnd = (version?: number, context = serverContext({ version })): End =>
  new End(context, { serverSide: true });

/** Moves what is to be sent to the other side. */
function carry(from: End, to: End): void {
  to.incoming.write(from.outgoing.read());
}

/** Does the handshake without a socket. */
async function shakeHands(client: End, server: End): Promise<void> {
  for (let count = 0; count < 3; count += 1) {
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      await one.object.doHandshake().catch((error: unknown) => {
        if (!(error instanceof ssl.SSLWantReadError)) throw error;
      });
      carry(one, other);
    }
  }
}

describe('SSLContext.wrapBio()', () => {
  const bio = new ssl.MemoryBIO();
  const wrap = (context: ssl.SSLContext, ...given: unknown[]): unknown =>
    thrown(() => {
      const wrapBio: unknown = Reflect.get(context, 'wrapBio');
      if (typeof wrapBio === 'function') Reflect.apply(wrapBio, context, given);
    });

  it('checks its arguments', () => {
    const client = clientContext();
    const server = serverContext();
    expect(wrap(client, 1, bio)).toBeInstanceOf(TypeError);
    expect(wrap(client, bio, null)).toBeInstanceOf(TypeError);
    expect(wrap(client, bio)).toBeInstanceOf(TypeError);
    expect(wrap(client, bio, bio, { doHandshakeOnConnect: true })).toBeInstanceOf(TypeError);
    expect(wrap(client, bio, bio, { serverHostname: '' })).toBeInstanceOf(RangeError);
    expect(wrap(client, bio, bio, { serverHostname: 5 })).toBeInstanceOf(TypeError);
    expect(wrap(client, bio, bio, { serverHostname: 'x', session: 5 })).toBeInstanceOf(TypeError);
    expect(wrap(client, bio, bio)).toMatchObject({ message: 'checkHostname requires serverHostname' });
    expect(wrap(client, bio, bio, { serverSide: true })).toBeInstanceOf(ssl.SSLError);
    expect(wrap(server, bio, bio)).toBeInstanceOf(ssl.SSLError);
    expect(thrown(() => new ssl.SSLObject())).toBeInstanceOf(TypeError);
    expect(bio.pending).toBe(0);
  });

  it('tells how an object was made', () => {
    const context = clientContext();
    const client = context.wrapBio(bio, bio, { serverHostname: 'bücher.test' });
    expect(client).toMatchObject({ context, serverSide: false, serverHostname: 'xn--bcher-kva.test', session: null });
    expect(serverContext().wrapBio(bio, bio, { serverSide: true, serverHostname: 'x' })).toMatchObject({
      serverSide: true,
      serverHostname: 'x',
    });
  });
});

describe('SSLObject before its handshake', () => {
  it('knows nothing of the connection', async () => {
    const { object } = clientEnd();
    expect([object.sharedCiphers(), object.version(), object.cipher()]).toEqual([null, null, null]);
    expect(object.sessionReused).toBe(false);
    expect(() => object.getChannelBinding('tls-exporter')).toThrow("'tls-exporter'");
    await expect(object.read(0)).resolves.toEqual(Buffer.alloc(0));
    await expect(object.read(1, Buffer.alloc(0))).resolves.toBe(0);
  });
});

describe.each(VERSIONS)('SSLObject over %s', (_, version) => {
  it('lets calls that are made at once take turns', async () => {
    const [client, server] = [clientEnd(version), serverEnd(version)];
    await shakeHands(client, server);
    const texts = Array.from({ length: 20 }, (_unused, index) => String(index).repeat(2000));
    await Promise.all(texts.map((text) => server.object.write(text)));
    carry(server, client);
    const read = await Promise.all(texts.map((text) => client.object.read(text.length)));
    expect(Buffer.concat(read).toString()).toBe(texts.join(''));
    await expect(client.object.read()).rejects.toThrow(ssl.SSLWantReadError);
  });

  it('gives a context by SNI, whose certificate the client sees', async () => {
    const other = serverContext({ version, certificate: 'self-signed' });
    const context = serverContext({ version });
    const seen: unknown[] = [];
    context.sniCallback = (conn, name, first) => {
      seen.push(conn instanceof ssl.SSLObject, name, first === context);
      conn.context = other;
    };
    const [client, server] = [clientEnd(version), serverEnd(version, context)];
    await expect(shakeHands(client, server)).rejects.toThrow('self-signed certificate');
    expect(seen).toEqual([true, 'localhost', true]);
    expect(server.object.context).toBe(other);
  });

  it('resumes a session', async () => {
    const [clients, servers] = [clientContext({ version }), serverContext({ version })];
    const first = new End(clients, { serverHostname: 'localhost' });
    const server = serverEnd(version, servers);
    await shakeHands(first, server);
    await server.object.write('x');
    carry(server, first);
    await first.object.read();
    const { session } = first.object;
    const second = new End(clients, { serverHostname: 'localhost', session });
    const again = serverEnd(version, servers);
    await shakeHands(second, again);
    expect([first, second, again].map(({ object }) => object.sessionReused)).toEqual([false, true, true]);
    expect(second.object.getChannelBinding()).toEqual(again.object.getChannelBinding());
    expect(() => (second.object.session = session)).toThrow('Cannot set session after handshake.');
    expect(() => (again.object.session = session)).toThrow(RangeError);
    expect(() =>
      clientContext().wrapBio(new ssl.MemoryBIO(), new ssl.MemoryBIO(), { serverHostname: 'x', session }),
    ).toThrow(RangeError);
  });

  it('does not take memory that was detached while a call waited', async () => {
    const [client, server] = [clientEnd(version), serverEnd(version)];
    await shakeHands(client, server);
    const bytes = new Uint8Array(100).fill(7);
    const first = server.object.write('first');
    const second = server.object.write(bytes);
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    await first;
    await expect(second).rejects.toMatchObject({ code: 'EFAULT' });
    carry(server, client);
    expect((await client.object.read()).toString()).toBe('first');
  });

  it.each([
    ['TCP', pair],
    ['a Unix path', unixPair],
    ['TLS', async () => await tlsPair({ version })],
  ] as const)('talks over %s', async (_name, connected) => {
    const [ours, theirs] = await connected();
    const [client, server] = [clientEnd(version), serverEnd(version)];
    const text = 'a long text. '.repeat(10_000);
    const receive = async (end: End, sock: Socket): Promise<string> => {
      let all = '';
      while (all.length < text.length) all += (await end.over(sock, (object) => object.read(100_000))).toString();
      return all;
    };
    const [, there] = await Promise.all([client.over(ours, (object) => object.write(text)), receive(server, theirs)]);
    const [, back] = await Promise.all([server.over(theirs, (object) => object.write(text)), receive(client, ours)]);
    expect([there === text, back === text]).toEqual([true, true]);
    await Promise.all([
      client.over(ours, (object) => object.unwrap()),
      server.over(theirs, (object) => object.unwrap()),
    ]);
    expect(client.object.version()).toBe(server.object.version());
    // What was below goes on.
    await ours.sendall('plain');
    expect((await theirs.recv(100)).toString()).toBe('plain');
  });

  it('reports a connection that is cut', async () => {
    const [ours, theirs] = await pair();
    const [client, server] = [clientEnd(version), serverEnd(version)];
    await Promise.all([client.over(ours, (o) => o.doHandshake()), server.over(theirs, (o) => o.doHandshake())]);
    ours.shutdown(SHUT_WR);
    await expect(server.over(theirs, (object) => object.read())).rejects.toThrow(ssl.SSLEOFError);
  });
});

describe('an alert for the name of the host', () => {
  it('is the end of what the server sends, as every alert', async () => {
    const context = serverContext();
    context.sniCallback = () => ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME;
    const [client, server] = [clientEnd(), serverEnd(undefined, context)];
    await expect(client.object.doHandshake()).rejects.toThrow(ssl.SSLWantReadError);
    carry(client, server);
    await expect(server.object.doHandshake()).rejects.toMatchObject({ reason: 'CALLBACK_FAILED' });
    carry(server, client);
    await expect(client.object.doHandshake()).rejects.toMatchObject({ reason: 'TLSV1_UNRECOGNIZED_NAME' });
    await expect(client.object.write('x')).rejects.toThrow(ssl.SSLZeroReturnError);
    await expect(client.object.read(9)).resolves.toEqual(Buffer.alloc(0));
  });
});
