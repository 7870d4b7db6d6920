import { BlockList } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { makeProxyHeader } from '../../lib/proxy-protocol/index.ts';
import { serve, type HandlerContext } from '../../lib/serve/index.ts';
import type * as ssl from '../../lib/ssl/index.ts';
import { available, listening, loopback, own, recvAll, reset, story, tcp } from '../support/pairs.ts';
import { thrown } from '../support/thrown.ts';
import { clientContext, serverContext } from '../support/tls-contexts.ts';
import { listeningAt, temporaryPath, unix } from '../support/unix.ts';
import { clientOf, servingOn, until, type Options, type Serving } from './servers.ts';

const LINE = 'PROXY TCP4 192.0.2.1 192.0.2.9 56324 443\r\n';

/** Answers with the client's address, what the header says, and what the client has sent. */
async function tell(conn: socket.Socket, address: socket.Address, { proxyHeader }: HandlerContext): Promise<void> {
  await conn.sendall(JSON.stringify([address, proxyHeader?.command ?? null, String(await conn.recv(100))]));
}

function serving(trusted: readonly string[] | BlockList, options: Options = {}, listener = listening()): Serving {
  return servingOn(listener, tell, { proxyProtocol: { trusted }, ...options });
}

/** What the server answers to a client that sends this. */
async function answerOf(client: socket.Socket, data: string | Buffer): Promise<unknown> {
  await client.sendall(data);
  return JSON.parse(String(await recvAll(client)));
}

describe('serve() with the PROXY protocol', () => {
  it('gives the handler the address from the header of a trusted peer, and what follows the header', async () => {
    const { server, reports } = serving(['127.0.0.1']);
    expect(await answerOf(await clientOf(server), `${LINE}hello`)).toEqual([['192.0.2.1', 56324], 'PROXY', 'hello']);
    const header = makeProxyHeader(['2001:db8::1', 1, 0, 0], ['::1', 2, 0, 0]);
    const data = Buffer.concat([header, Buffer.from('hello')]);
    expect(await answerOf(await clientOf(server), data)).toEqual([['2001:db8::1', 1, 0, 0], 'PROXY', 'hello']);
    expect(reports).toEqual([]);
    expect(server).toMatchObject({ accepted: 2, refused: 0, failed: 0 });
  });

  it('does not believe other peers: what they send is theirs, and so is their address', async () => {
    const { server } = serving(['192.0.2.0/24', '::1', 'unix:']);
    const client = await clientOf(server);
    expect(await answerOf(client, LINE)).toEqual([client.getsockname(), null, LINE]);
  });

  it.each([
    ['an address', ['127.0.0.1']],
    ['a network', ['10.0.0.0/8', '127.0.0.0/8']],
    ['all', ['0.0.0.0/0']],
    ['a BlockList', blockList()],
  ])('trusts peers by %s', async (_, trusted) => {
    const { server } = serving(trusted);
    expect(await answerOf(await clientOf(server), `${LINE}x`)).toEqual([['192.0.2.1', 56324], 'PROXY', 'x']);
  });

  it.each(
    available([
      ['IPv6', socket.AF_INET6, ['::/64', '::1/128'], '::1'] as const,
      ['IPv4 by a listener of IPv6', socket.AF_INET6, ['127.0.0.0/8'], '127.0.0.1'] as const,
    ]),
  )('trusts peers of %s', async (_, family, trusted, host) => {
    const listener = own(socket.createServer(['', 0], { family, dualstackIpv6: true }));
    const { server } = serving(trusted, {}, listener);
    const client = tcp(host === '::1' ? family : socket.AF_INET);
    await client.connect([host, Number(server.address[1])]);
    expect(await answerOf(client, `${LINE}x`)).toEqual([['192.0.2.1', 56324], 'PROXY', 'x']);
  });

  it('trusts peers of a Unix socket by `unix:`, and not by a BlockList', async () => {
    for (const trusted of [['unix:'], blockList()]) {
      const { server } = serving(trusted, {}, listeningAt(temporaryPath()));
      const client = unix();
      await client.connect(server.address);
      const expected = Array.isArray(trusted) ? [['192.0.2.1', 56324], 'PROXY', 'x'] : ['', null, `${LINE}x`];
      expect(await answerOf(client, `${LINE}x`)).toEqual(expected);
    }
  });

  it.each([
    ['LOCAL', makeProxyHeader('', '')],
    ['UNKNOWN', Buffer.from('PROXY UNKNOWN\r\n')],
  ])('serves a connection under its own address where the header has none: %s', async (_, header) => {
    const { server } = serving(['127.0.0.1']);
    const client = await clientOf(server);
    const [address, command] = (await answerOf(client, Buffer.concat([header, Buffer.from('x')]))) as unknown[];
    expect(address).toEqual(client.getsockname());
    expect(command).toBe(header[0] === 0x0d ? 'LOCAL' : 'PROXY');
  });

  it('says nothing of a health check, which ends with a reset', async () => {
    const { server, reports } = serving(['127.0.0.1']);
    for (let count = 1; count <= 3; count += 1) {
      const client = await clientOf(server);
      await client.sendall(makeProxyHeader('', ''));
      reset(client);
      await until(() => server.accepted === count && server.active === 0);
    }
    expect(reports).toEqual([]);
    expect(server).toMatchObject({ accepted: 3, refused: 0, failed: 0 });
    // A client that does the same is one whose handler has failed.
    const client = await clientOf(server);
    await client.sendall(LINE);
    await until(() => server.active === 1);
    reset(client);
    await until(() => server.failed === 1);
  });

  it('ends a connection alone whose header is wrong, and serves others', async () => {
    const { server, reports } = serving(['127.0.0.1']);
    const client = await clientOf(server);
    await client.sendall('GET / HTTP/1.0\r\n\r\n');
    expect(await story(client)).toEqual(['ECONNRESET', 0, 0]);
    expect(reports).toMatchObject([[{ name: 'ProxyProtocolError' }, client.getsockname()]]);
    expect(server).toMatchObject({ accepted: 1, refused: 1, failed: 0 });
    expect(await answerOf(await clientOf(server), `${LINE}x`)).toEqual([['192.0.2.1', 56324], 'PROXY', 'x']);
  });

  it('ends a connection alone whose header is slow', async () => {
    const { server, reports } = serving(['127.0.0.1'], { setupTimeout: 1 });
    const slow = await clientOf(server);
    await slow.sendall('PROXY');
    const swift = await clientOf(server);
    expect(await answerOf(swift, `${LINE}x`)).toEqual([['192.0.2.1', 56324], 'PROXY', 'x']);
    expect(await story(slow)).toEqual(['ECONNRESET', 0, 0]);
    await server.close();
    expect(reports).toMatchObject([[{ name: 'TimeoutError' }, slow.getsockname()]]);
    expect(server).toMatchObject({ accepted: 2, refused: 1, failed: 0 });
  });

  it('ends a connection alone whose header has no end', async () => {
    const { server, reports } = serving(['127.0.0.1']);
    const client = await clientOf(server);
    await client.sendall(`PROXY UNKNOWN ${'x'.repeat(1_000_000)}`).catch(() => undefined);
    await until(() => server.refused === 1);
    expect(reports).toMatchObject([
      [{ message: expect.stringContaining('no end within 107 bytes') }, expect.anything()],
    ]);
  });

  it('reports an error of a handler with the address of the client', async () => {
    const { server, reports } = servingOn(
      listening(),
      () => {
        throw new Error('in the handler');
      },
      { proxyProtocol: { trusted: ['127.0.0.1'] } },
    );
    const client = await clientOf(server);
    await client.sendall(LINE);
    await until(() => server.failed === 1);
    expect(reports).toEqual([[expect.any(Error), ['192.0.2.1', 56324]]]);
  });

  it('reads the header before the handshake of a listener with TLS', async () => {
    const listener = own(await serverContext().wrapSocket(listening(), { serverSide: true }));
    const { server, reports } = servingOn(listener, tell, { proxyProtocol: { trusted: ['127.0.0.1'] } });
    const plain = await clientOf(server);
    await plain.sendall(LINE);
    const client = own(await clientContext().wrapSocket(plain, { serverHostname: 'localhost' }));
    expect(await answerOf(client, 'secret')).toEqual([['192.0.2.1', 56324], 'PROXY', 'secret']);
    expect(reports).toEqual([]);
  });

  it('lets a handler put TLS on the connection after the header', async () => {
    const { server } = servingOn(
      listening(),
      async (conn, address, context) => {
        const secured: ssl.SSLSocket = await serverContext().wrapSocket(conn, { serverSide: true });
        await tell(secured, address, context);
      },
      { proxyProtocol: { trusted: ['127.0.0.1'] } },
    );
    const plain = await clientOf(server);
    await plain.sendall(LINE);
    const client = own(await clientContext().wrapSocket(plain, { serverHostname: 'localhost' }));
    expect(await answerOf(client, 'secret')).toEqual([['192.0.2.1', 56324], 'PROXY', 'secret']);
  });

  it('has nothing to do with a client that reset its connection before it was accepted', async () => {
    class Late extends socket.Socket {
      override async accept(options?: socket.WaitOptions): ReturnType<socket.Socket['accept']> {
        const [conn] = await super.accept(options);
        return [conn, ['0.0.0.0', 0]];
      }
    }
    const listener = own(new Late());
    listener.bind([loopback(socket.AF_INET), 0]);
    listener.listen();
    const { server, reports } = serving(['0.0.0.0/0'], {}, listener);
    expect(await story(await clientOf(server))).toEqual([0, 0]);
    expect(reports).toEqual([]);
    expect(server).toMatchObject({ accepted: 1, refused: 0, failed: 0 });
  });

  it.each([
    [{}, TypeError, 'serve(): trusted must be a list of addresses and networks, or a BlockList (received undefined)'],
    [{ trusted: '127.0.0.1' }, TypeError, 'serve(): trusted must be a list'],
    [{ trusted: [1] }, TypeError, 'serve(): trusted: an address or a network must be a string (received 1)'],
    [
      { trusted: ['localhost'] },
      RangeError,
      "serve(): trusted: no numeric address, and no network (received 'localhost')",
    ],
    [{ trusted: ['127.0.0.0/33'] }, RangeError, 'no numeric address, and no network'],
    [{ trusted: ['::1/129'] }, RangeError, 'no numeric address, and no network'],
    [{ trusted: ['::1/x'] }, RangeError, 'no numeric address, and no network'],
    [{ trusted: ['10.0.0.0/8/8'] }, RangeError, 'no numeric address, and no network'],
    [{ trusted: [], more: 1 }, TypeError, "serve(): proxyProtocol() has no option 'more'"],
    [1, TypeError, 'takes an options object (received 1)'],
  ])('checks its option: %p', (proxyProtocol, kind, text) => {
    const error = thrown(() => void Reflect.apply(serve, undefined, [listening(), tell, { proxyProtocol }]));
    expect(error).toBeInstanceOf(kind);
    expect(error).toHaveProperty('message', expect.stringContaining(text));
  });
});

function blockList(): BlockList {
  const list = new BlockList();
  list.addAddress('127.0.0.1');
  return list;
}
