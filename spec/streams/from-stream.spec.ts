import { once } from 'node:events';
import net from 'node:net';
import { PassThrough, Transform, type Duplex, type Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { Socket } from '../../lib/index.ts';
import { EPIPE } from '../support/expected-errors.ts';
import { serving } from '../support/node-servers.ts';
import { memoryPair, netPair, nodeTlsPair, ownStream } from '../support/node-streams.ts';
import {
  listening,
  MORE_THAN_THE_KERNEL_HOLDS,
  own,
  pair,
  pattern,
  portOf,
  recvAll,
  staysPending,
  story,
  turns,
} from '../support/pairs.ts';
import { checkStreams } from '../support/stream-checks.ts';
import { temporaryPath } from '../support/unix.ts';

const from = (stream: Duplex): Socket => own(Socket.from(stream));

/** For arguments that the type does not allow. */
const fromAny = (value: unknown): unknown => Reflect.apply(Socket.from.bind(Socket), undefined, [value]);

async function ours(pairOf: Promise<[Duplex, Duplex]> | [Duplex, Duplex]): Promise<[Socket, Socket]> {
  const [one, other] = await pairOf;
  return [from(one), from(other)];
}

describe('sockets over net.Socket', () => {
  checkStreams(() => ours(netPair()));
});

describe('sockets over a net.Socket of a path', () => {
  checkStreams(() => ours(netPair(temporaryPath())));
});

describe('sockets over node:tls', () => {
  checkStreams(async () => {
    const [client, server] = await ours(nodeTlsPair());
    // Linux resets a connection that is closed with unread bytes: the session tickets are received first.
    await server.sendall('x');
    await client.recv(1);
    return [client, server];
  });
});

describe('sockets over streams in memory', () => {
  checkStreams(() => ours(memoryPair()));
});

describe('sockets over streams of ours', () => {
  checkStreams(async () => {
    const [near, far] = await pair();
    return [from(ownStream(near.toDuplex())), from(ownStream(far.toDuplex({ allowHalfOpen: true })))];
  });
});

describe('Socket.from()', () => {
  it('begins with what the stream has buffered', async () => {
    const [near, far] = await netPair();
    far.write('buffered, ');
    await once(near, 'readable');
    expect(near.readableLength).toBe(10);
    near.removeAllListeners('readable');
    far.end('and not');
    expect(String(await recvAll(from(near)))).toBe('buffered, and not');
  });

  it('has the kind and the addresses of the stream', async () => {
    const [near, far] = await netPair();
    const one = from(near);
    expect(one).toMatchObject({ family: socket.AF_INET, type: socket.SOCK_STREAM, proto: socket.IPPROTO_TCP });
    expect(one.getpeername()).toEqual(['127.0.0.1', near.remotePort]);
    expect(one.getsockname()).toEqual(['127.0.0.1', far.remotePort]);
    one.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1);
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0);

    const [nameless] = memoryPair();
    const other = from(nameless);
    expect(other).toMatchObject({ family: socket.AF_UNIX, type: socket.SOCK_STREAM, proto: 0 });
    expect([other.getsockname(), other.getpeername(), other.fileno()]).toEqual(['', '', -1]);
  });

  it('has the addresses of a TLS socket, and takes its options', async () => {
    const [near] = await nodeTlsPair();
    const { remotePort } = near;
    const one = from(near);
    expect(one.getpeername()).toEqual(['127.0.0.1', remotePort]);
    one.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1);
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0);
    expect(one.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)).toBe(1);
  });

  it('reads over IPv6', async () => {
    const stream = Object.assign(new PassThrough(), {
      remoteAddress: '::1',
      remotePort: 5,
      localAddress: '::1',
      localPort: 6,
    });
    const one = from(ownStream(stream));
    expect(one.family).toBe(socket.AF_INET6);
    expect(one.getpeername()).toEqual(['::1', 5, 0, 0]);
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1);
    await one.sendall('to itself');
    expect(String(await one.recv(100))).toBe('to itself');
  });

  it('holds the stream back while its bytes are not wanted', async () => {
    const [near, far] = memoryPair();
    const one = from(near);
    let isWritten = false;
    far.write(Buffer.alloc(1000), () => undefined);
    expect(await one.recv(10)).toHaveLength(10);
    const writing = (async () => {
      for (let count = 0; count < 64; count += 1) {
        if (!far.write(Buffer.alloc(65_536))) await once(far, 'drain');
      }
      isWritten = true;
    })();
    await turns(100);
    expect(isWritten).toBe(false);
    let rest = 990 + 64 * 65_536;
    while (rest > 0) rest -= (await one.recv(1 << 20)).length;
    await writing;
  });

  it('waits while the stream takes nothing', async () => {
    const [near, far] = memoryPair();
    const one = from(near);
    const sending = one.sendall(pattern(MORE_THAN_THE_KERNEL_HOLDS));
    expect(await staysPending(sending)).toBe(true);
    const receiving = (async () => {
      let length = 0;
      for await (const block of far) length += (block as Buffer).length;
      return length;
    })();
    await sending;
    one.close();
    expect(await receiving).toBe(MORE_THAN_THE_KERNEL_HOLDS);
  });

  it('reports an error of the stream after its bytes, as EIO where it has no number', async () => {
    const stream = ownStream(new PassThrough());
    const one = from(stream);
    stream.write('before');
    await turns(2);
    const cause = new Error('out of order');
    stream.destroy(cause);
    expect(String(await one.recv(100))).toBe('before');
    await expect(one.recv(100)).rejects.toMatchObject({ code: 'EIO', cause });
    expect(await one.recv(100)).toHaveLength(0);
    await expect(one.send('more')).rejects.toMatchObject(EPIPE);
  });

  it('reports a stream that others destroy before its end', async () => {
    const stream = ownStream(new PassThrough());
    const one = from(stream);
    stream.destroy();
    await expect(one.recv(100)).rejects.toMatchObject({ code: 'ECONNABORTED' });
    await expect(one.recv(100)).resolves.toHaveLength(0);
  });

  it('reports a write to a stream that others have ended', async () => {
    const stream = ownStream(
      new Transform({ allowHalfOpen: true, transform: (chunk, _encoding, done) => done(null, chunk) }),
    );
    const one = from(stream);
    stream.on('error', () => undefined).end();
    await expect(one.send('more')).rejects.toMatchObject(EPIPE);
  });

  it('gives the end of a stream that has ended', async () => {
    const [near, far] = await netPair();
    far.end();
    near.allowHalfOpen = true;
    await once(near.resume(), 'end');
    const one = from(near);
    expect(await one.recv(1)).toHaveLength(0);
    await one.sendall('still open');
    expect(String((await once(far, 'data'))[0])).toBe('still open');

    const [other] = await netPair();
    other.end();
    await expect(from(other).send('more')).rejects.toMatchObject(EPIPE);
  });

  it('reports a reset after the bytes that came before it', async () => {
    const [near, far] = await netPair();
    const one = from(near);
    far.write('before');
    const told = story(one);
    await turns(20);
    far.resetAndDestroy();
    expect(await told).toEqual([6, 'ECONNRESET', 0, 0]);
  });

  it('resets a connection that is closed with bytes unread', async () => {
    const [near, far] = await netPair();
    const one = from(near);
    far.write('not read');
    await one.recv(1);
    const failed = once(far, 'error');
    one.close();
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }]);
  });

  it('reports the error of a stream that holds bytes, after these', async () => {
    const stream = ownStream(new PassThrough());
    const one = from(stream);
    const first = one.recv(1);
    await turns(2);
    const error = Object.assign(new Error('reset'), { code: 'ECONNRESET' });
    stream.pause();
    stream.write('held');
    stream.destroy(error);
    expect(String(await first)).toBe('h');
    expect(String(await one.recv(10))).toBe('eld');
    await expect(one.recv(10)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('lets a server of Node close when the socket is closed', async () => {
    const server = net.createServer({ pauseOnConnect: true });
    const { port } = await serving(server);
    const connected = once(server, 'connection');
    using client = await socket.createConnection(['127.0.0.1', port]);
    const [stream] = (await connected) as [net.Socket];
    const one = from(stream);
    await client.sendall('counted');
    expect(String(await one.recv(100))).toBe('counted');
    one.close();
    client.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it('is the way back from toDuplex()', async () => {
    const listener = listening();
    const client = await socket.createConnection(['127.0.0.1', portOf(listener)]);
    const [conn] = await listener.accept();
    const one = from(client.toDuplex());
    await own(conn).sendall('there and back');
    expect(String(await one.recv(100))).toBe('there and back');
    expect(one.family).toBe(socket.AF_INET);
  });

  it.each([
    ['undefined', () => undefined, 'from() takes a Duplex of Node (received undefined)'],
    ['a stream that only reads', () => process.stdin.constructor, 'from() takes a Duplex of Node'],
    ['an object', () => ({}), 'from() takes a Duplex of Node (received {})'],
    ['objects', () => new PassThrough({ objectMode: true }), 'this one is in object mode'],
    ['text', () => new PassThrough().setEncoding('utf8'), "makes this one a stream of text (received 'utf8')"],
    ['a stream that is read', () => new PassThrough().on('readable', () => undefined), "a listener for 'readable'"],
  ])('refuses %s', (_what, make: () => unknown, text) => {
    expect(() => void fromAny(make())).toThrow(new RegExp(text.replace(/[()]/g, '\\$&')));
    expect(() => void fromAny(make())).toThrow(TypeError);
  });

  it('refuses a stream that is destroyed, or not connected yet', () => {
    const destroyed: Readable = new PassThrough().destroy();
    expect(() => void fromAny(destroyed)).toThrow('the stream is destroyed');
    expect(() => Socket.from(new net.Socket())).toThrow(
      "the stream is not connected yet: wait for its event 'connect'",
    );
    expect(() => Socket.from(new net.Socket())).toThrow(expect.objectContaining({ code: 'ENOTCONN', syscall: 'from' }));
  });
});
