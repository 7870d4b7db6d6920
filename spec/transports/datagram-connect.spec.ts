import dgram from 'node:dgram';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  connectsInKernel,
  datagramBindBackend,
  datagramBindBackendsOf,
  type DatagramBindBackend,
} from '../../lib/transports/bind-datagram.ts';
import { PendingDatagram, type SenderBackend } from '../../lib/transports/datagram-sender.ts';
import { dgramBackend } from '../../lib/transports/dgram-handle.ts';
import { Datagrams } from '../../lib/transports/datagram.ts';
import { connect, localOf, plain, polled, receive, send, Sockets, text } from '../support/datagrams.ts';
import { itWithIPv6 } from '../support/pairs.ts';
import { reservedPort } from '../support/ports.ts';

const backends = datagramBindBackendsOf(dgram.Socket.prototype).map((backend, index, all) => ({
  backend,
  name: index === all.length - 1 ? 'by a look-up that calls back at once' : 'by bindSync and connectSync',
}));

describe.each(backends)('Datagrams, connected $name', ({ backend }) => {
  const sockets = new Sockets(backend);
  afterEach(() => sockets.close());

  /** A connected socket, and its peer, whose port no other socket gets once it is closed. */
  async function pair(): Promise<[client: Datagrams, server: Datagrams]> {
    const [server, to] = sockets.bound(4, reservedPort());
    const client = sockets.wild();
    expect(await connect(client, to)).toBe(true);
    return [client, server];
  }

  it('is connected at once, with both addresses', () => {
    const [, to] = sockets.bound();
    const client = sockets.wild();
    const { port } = localOf(client);
    expect(client.connector(to)()).toBe(true);
    expect(client.remote).toEqual(to);
    expect(client.local).toEqual({ host: '127.0.0.1', port });
  });

  it('takes the wildcard for this machine', async () => {
    const [server, { port }] = sockets.bound();
    const client = sockets.wild();
    expect(await connect(client, { host: '0.0.0.0', port })).toBe(true);
    expect(client.remote).toEqual({ host: '127.0.0.1', port });
    await send(client, 'here');
    expect(await text(server)).toBe('here');
  });

  it('sends to its peer and receives from it alone', async () => {
    const [client, server] = await pair();
    const stranger = sockets.wild();
    expect(await send(client, 'question')).toBe(8);
    expect(await receive(server)).toMatchObject({ data: Buffer.from('question'), from: localOf(client) });
    await send(stranger, 'intruder', localOf(client));
    await send(server, 'answer', localOf(client));
    expect(await text(client)).toBe('answer');
    expect(await polled(client)).toBe('timeout');
  });

  it('reports a peer that is not there once, to the next receive', async () => {
    const client = sockets.wild();
    await connect(client, sockets.unused());
    expect(await send(client, 'question')).toBe(8);
    expect(await text(client)).toBe('ECONNREFUSED');
    expect(await polled(client)).toBe('timeout');
    expect(client.takeFailure()).toBeUndefined();
  });

  it('reports a peer that is not there once, to the next send, which is not sent', async () => {
    const client = sockets.wild();
    await connect(client, sockets.unused());
    expect(await send(client, 'one')).toBe(3);
    expect(await send(client, 'two')).toBe('ECONNREFUSED');
    expect(await send(client, 'three')).toBe(5);
  });

  it('reports a refusal that came while no call waited, and does not send that datagram', async () => {
    const [client, server] = await pair();
    const to = localOf(server);
    server.close();
    await send(client, 'x');
    // Once a socket that sent later has its refusal, this one has had its own.
    const witness = sockets.wild();
    await connect(witness, to);
    await send(witness, 'x');
    expect(await text(witness)).toBe('ECONNREFUSED');
    const again = sockets.fresh();
    expect(again.bind(to, plain)).toBeUndefined();
    expect(await send(client, 'not sent')).toBe('ECONNREFUSED');
    expect(await send(client, 'sent')).toBe(4);
    expect(await text(again)).toBe('sent');
  });

  it('keeps the datagrams that had arrived when the error is reported first, as Linux does', async () => {
    const [client, server] = await pair();
    await send(server, 'data', localOf(client));
    expect(await receive(client, { peek: true })).toMatchObject({ data: Buffer.from('data') });
    server.close();
    await send(client, 'x');
    // Peeks, so that the datagram stays, until the error is there.
    let outcome = await receive(client, { peek: true });
    while (typeof outcome === 'object') {
      await new Promise((resolve) => setImmediate(resolve));
      outcome = await receive(client, { peek: true });
    }
    expect(outcome).toBe('ECONNREFUSED');
    expect(await text(client)).toBe('data');
  });

  it('may be connected anew, from the same port', async () => {
    const [client, first] = await pair();
    const { port } = localOf(client);
    const [second, to] = sockets.bound();
    expect(await connect(client, to)).toBe(true);
    expect(client.remote).toEqual(to);
    expect(localOf(client)).toEqual({ host: '127.0.0.1', port });
    await send(client, 'hello');
    expect(await receive(second)).toMatchObject({ data: Buffer.from('hello'), from: { host: '127.0.0.1', port } });
    await send(first, 'no more', { host: '127.0.0.1', port });
    await send(second, 'you', { host: '127.0.0.1', port });
    expect(await text(client)).toBe('you');
    expect(await polled(client)).toBe('timeout');
  });

  it('keeps its peer, or stays without one, where it cannot be connected', async () => {
    const [client, server] = await pair();
    const broadcast = { host: '127.255.255.255', port: 9 };
    expect(await connect(client, broadcast)).toBe('EACCES');
    expect(client.remote).toEqual(localOf(server));
    await send(client, 'still here');
    expect(await text(server)).toBe('still here');
    const fresh = sockets.wild();
    expect(await connect(fresh, broadcast)).toBe('EACCES');
    expect(fresh.remote).toBeUndefined();
    expect(await connect(fresh, { host: '127.0.0.1', port: 0 })).toBe('EINVAL');
    expect(await send(fresh, 'x')).toBe('EDESTADDRREQ');
    expect(await connect(fresh, localOf(server))).toBe(true);
  });

  it('sends to another address from the same port, and keeps its peer', async () => {
    const [client, server] = await pair();
    const from = localOf(client);
    const [other, to] = sockets.bound();
    expect(await send(client, 'aside', to)).toBe(5);
    expect(await receive(other)).toMatchObject({ data: Buffer.from('aside'), from });
    expect(client.remote).toEqual(localOf(server));
    expect(localOf(client)).toEqual(from);
    expect(await send(client, 'to you')).toBe(6);
    expect(await text(server)).toBe('to you');
    await send(other, 'intruder', from);
    await send(server, 'answer', from);
    expect(await text(client)).toBe('answer');
    expect(await polled(client)).toBe('timeout');
  });

  it('receives nothing from a stranger that sends while the socket sends to another address', async () => {
    const stranger = sockets.wild();
    const [server, to] = sockets.bound();
    let intrude = (): void => undefined;
    const client = sockets.fresh(4, {
      bind: (socket, local) => backend.bind(socket, local),
      connect: (socket, remote, onFailure) => {
        intrude();
        return backend.connect(socket, remote, onFailure);
      },
    });
    client.bind({ host: '0.0.0.0', port: 0 }, plain);
    await connect(client, to);
    const address = localOf(client);
    let intruded = 0;
    intrude = () => {
      stranger.send(Buffer.from('intruder'), address);
      intruded += 1;
    };
    await send(client, 'aside', sockets.bound()[1]);
    await send(server, 'answer', address);
    expect(await text(client)).toBe('answer');
    expect(await polled(client)).toBe('timeout');
    expect(intruded).toBe(1);
  });

  it('receives from a new peer after it has sent to another address', async () => {
    const [client] = await pair();
    const [second, to] = sockets.bound();
    await send(client, 'aside', sockets.bound()[1]);
    expect(await connect(client, to)).toBe(true);
    await send(second, 'welcome', localOf(client));
    expect(await text(client)).toBe('welcome');
  });

  it('sends to its own peer by its address too', async () => {
    const [client, server] = await pair();
    expect(await send(client, 'named', localOf(server))).toBe(5);
    expect(await text(server)).toBe('named');
  });

  it('connects after what was sent before, and sends what comes later to the new peer', async () => {
    const [client, first] = await pair();
    const [second, to] = sockets.bound();
    const done = [send(client, 'for the first'), connect(client, to), send(client, 'for the second')];
    expect(await Promise.all(done)).toEqual([13, true, 14]);
    expect(await text(first)).toBe('for the first');
    expect(await text(second)).toBe('for the second');
  });

  it('connects only when Node has handed over what was sent before', () => {
    const pending = new PendingDatagram();
    const later: SenderBackend = () => ({ send: () => pending });
    const client = new Datagrams(4, dgramBackend(backend, later));
    const local = { host: '127.0.0.1', port: 0 };
    expect(client.bind(local, plain)).toBeUndefined();
    const [, to] = sockets.bound();
    expect(client.send(Buffer.from('x'), to)).toBe(pending);
    const connector = client.connector(to);
    expect(connector()).toBeUndefined();
    pending.settle(undefined);
    expect(connector()).toBe(true);
    client.close();
  });

  it('gives what others had sent before it was connected', async () => {
    const [socket, address] = sockets.bound();
    const [peer, to] = sockets.bound();
    await send(sockets.wild(), 'early', address);
    await connect(socket, to);
    await send(peer, 'later', address);
    expect([await text(socket), await text(socket)]).toEqual(['early', 'later']);
  });

  itWithIPv6('connects over IPv6', async () => {
    const [server, to] = sockets.bound(6);
    const client = sockets.wild(6);
    expect(await connect(client, to)).toBe(true);
    expect(localOf(client).host).toBe('::1');
    await send(client, 'six');
    await send(server, 'seven', localOf(client));
    expect([await text(server), await text(client)]).toEqual(['six', 'seven']);
  });
});

describe('Datagrams of a runtime that does not connect them in the kernel', () => {
  /** Keeps the address alone, as Deno (2.9) does. */
  const pretending: DatagramBindBackend = {
    ...datagramBindBackend,
    connect(socket, { host, port }) {
      Object.assign(socket, {
        remoteAddress: () => ({ address: host, port, family: 'IPv4' }),
        disconnect: () => undefined,
      });
      return true;
    },
  };
  const sockets = new Sockets(pretending);
  afterEach(() => sockets.close());

  it('are known, and every other is connected', () => {
    expect(connectsInKernel(pretending)).toBe(false);
    for (const { backend } of backends) expect(connectsInKernel(backend)).toBe(true);
  });

  it('receive from their peer alone, which may change', async () => {
    const [client, address] = sockets.bound();
    const [first, to] = sockets.bound();
    const [second, next] = sockets.bound();
    await send(first, 'before', address);
    expect(await text(client)).toBe('before');
    expect(await connect(client, to)).toBe(true);
    await send(second, 'intruder', address);
    await send(first, 'first', address);
    expect(await text(client)).toBe('first');
    expect(await connect(client, next)).toBe(true);
    await send(first, 'intruder', address);
    await send(second, 'second', address);
    expect(await text(client)).toBe('second');
  });
});
