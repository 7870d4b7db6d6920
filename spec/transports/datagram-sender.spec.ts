import type dgram from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { bindDatagram, datagramHandle } from '../../lib/transports/bind-datagram.ts';
import { senderBackend } from '../../lib/transports/datagram-backend.ts';
import { PendingDatagram, type DatagramSender, type SenderBackend } from '../../lib/transports/datagram-sender.ts';
import { Failure } from '../../lib/transports/failure.ts';
import { dgramSender } from '../../lib/transports/dgram-sender.ts';
import { newLibuvSenders } from '../../lib/transports/libuv-sender.ts';
import { hasIPv6 } from '../support/network.ts';

const families = hasIPv6 ? ([4, 6] as const) : ([4] as const);

const sockets: dgram.Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

/** A socket on a free port of the loopback address, with that address. */
function bound(family: 4 | 6 = 4): { socket: dgram.Socket; at: { host: string; port: number } } {
  const host = family === 4 ? '127.0.0.1' : '::1';
  const socket = bindDatagram(family, { host, port: 0 }, { reuseAddress: false, reusePort: false, ipv6Only: false });
  if (socket instanceof Failure) throw new Error(`cannot bind to ${host}: ${socket.code}`);
  sockets.push(socket);
  return { socket, at: { host, port: socket.address().port } };
}

type To = Parameters<DatagramSender['send']>[1];

/** The outcome of a datagram, at once or later: the code of its failure, or `'sent'`. */
async function outcomeOf(sender: DatagramSender, bytes: Buffer, to?: To): Promise<string> {
  const sent = sender.send(bytes, to);
  const outcome = await new Promise<Failure | true | undefined>((resolve) => {
    if (sent instanceof PendingDatagram) sent.onSettled = resolve;
    else resolve(sent);
  });
  return outcome instanceof Failure ? outcome.code : 'sent';
}

async function received(socket: dgram.Socket): Promise<string> {
  const [data] = (await once(socket, 'message')) as [Buffer];
  return String(data);
}

/** The handle under a socket; tests replace its method. */
function handleOf(socket: dgram.Socket): { send: unknown } {
  const handle = datagramHandle(socket);
  if (typeof handle !== 'object' || handle === null || !('send' in handle)) throw new Error('no handle that sends');
  return handle;
}

/** A backend that has seen how Node sends. */
async function learnt(): Promise<SenderBackend> {
  const backend = newLibuvSenders();
  const { socket, at } = bound();
  expect(backend(socket).send(Buffer.from('first'), at)).toBeInstanceOf(PendingDatagram);
  expect(await received(socket)).toBe('first');
  return backend;
}

it('is the documented one only where it is asked for', () => {
  expect(senderBackend === dgramSender).toBe(process.env.AWAIT_SOCKET_FAST_PATH === 'off');
});

describe.each([
  ['the documented backend', () => Promise.resolve<SenderBackend>(dgramSender)],
  ['the libuv backend', learnt],
  ['the libuv backend, from the first datagram on', () => Promise.resolve(newLibuvSenders())],
])('%s', (_name, make) => {
  it.each(families)('sends whole datagrams in order over IPv%i', async (family) => {
    const backend = await make();
    const sender = backend(bound(family).socket);
    const { socket, at } = bound(family);
    for (const text of ['one', '', 'three']) {
      const coming = received(socket);
      expect(await outcomeOf(sender, Buffer.from(text), at)).toBe('sent');
      expect(await coming).toBe(text);
    }
  });

  it('sends to the peer', async () => {
    const backend = await make();
    const { socket, at } = bound();
    const { socket: client } = bound();
    client.connect(at.port, at.host);
    await once(client, 'connect');
    const sender = backend(client);
    for (const text of ['one', 'two']) {
      const coming = received(socket);
      expect(await outcomeOf(sender, Buffer.from(text))).toBe('sent');
      expect(await coming).toBe(text);
    }
  });

  it('reports why the kernel refuses a datagram, and sends the next one', async () => {
    const backend = await make();
    const sender = backend(bound().socket);
    const { socket, at } = bound();
    for (let round = 0; round < 2; round += 1) {
      expect(await outcomeOf(sender, Buffer.alloc(65_508), at)).toBe('EMSGSIZE');
      expect(await outcomeOf(sender, Buffer.from('x'), { host: '127.255.255.255', port: 9 })).toBe('EACCES');
      const coming = received(socket);
      expect(await outcomeOf(sender, Buffer.from('fine'), at)).toBe('sent');
      expect(await coming).toBe('fine');
    }
  });
});

describe('the libuv backend', () => {
  it('reports within the call what the kernel says', async () => {
    const backend = await learnt();
    const { socket, at } = bound();
    const sender = backend(socket);
    expect(sender.send(Buffer.from('x'), at)).toBe(true);
    expect(sender.send(Buffer.alloc(65_508), at)).toMatchObject({
      code: 'EMSGSIZE',
      cause: { code: 'EMSGSIZE', syscall: 'send' },
    });
    expect(await received(socket)).toBe('x');
  });

  it('keeps the bytes that it has lent to Node until Node is done, and reports then', async () => {
    const backend = await learnt();
    const { socket, at } = bound();
    const sender = backend(socket);
    interface Request {
      list: Buffer[];
      oncomplete(errno: number): void;
    }
    const requests: Request[] = [];
    handleOf(socket).send = (request: Request) => {
      requests.push(request);
      return 0;
    };
    const told: string[] = [];
    for (const name of ['one', 'two']) {
      const sent = sender.send(Buffer.from(name), at);
      if (!(sent instanceof PendingDatagram)) throw new Error('sent at once');
      sent.onSettled = (failure) => told.push(`${name}: ${failure?.code ?? 'sent'}`);
    }
    expect(requests.map(({ list }) => String(list[0]))).toEqual(['one', 'two']);
    expect(told).toEqual([]);
    requests[0]?.oncomplete(-111);
    requests[1]?.oncomplete(0);
    expect(told).toEqual(['one: ECONNREFUSED', 'two: sent']);
  });

  it('is the documented one where the handle never reports within the call', async () => {
    const backend = newLibuvSenders();
    const { socket, at } = bound();
    const requests: { oncomplete(errno: number, sent: number): void }[] = [];
    handleOf(socket).send = (request: (typeof requests)[number]) => {
      requests.push(request);
      setImmediate(() => request.oncomplete(0, 1));
      return 0;
    };
    const sender = backend(socket);
    for (const text of ['x', 'y']) expect(await outcomeOf(sender, Buffer.from(text), at)).toBe('sent');
    // Node's own callback has two parameters.
    expect(requests.map((request) => request.oncomplete.length)).toEqual([2, 2]);
  });

  it('is the documented one where there is no handle that sends', async () => {
    const backend = await learnt();
    const { socket, at } = bound();
    const handle = handleOf(socket);
    const send = handle.send;
    handle.send = undefined;
    const sender = backend(socket);
    handle.send = send;
    const coming = received(socket);
    expect(sender.send(Buffer.from('x'), at)).toBeInstanceOf(PendingDatagram);
    expect(await coming).toBe('x');
  });

  it('is the documented one where Node sends otherwise than expected', async () => {
    const backend = newLibuvSenders();
    const { socket, at } = bound();
    const handle = handleOf(socket);
    const calls: unknown[][] = [];
    const native = handle.send;
    handle.send = (...call: unknown[]) => calls.push(call);
    // A Node that passes only the bytes to its handle.
    Object.assign(socket, {
      send: (bytes: unknown, _port: unknown, _host: unknown, done: (error: null) => void) => {
        (handle.send as (bytes: unknown) => void)(bytes);
        done(null);
      },
    });
    const sender = backend(socket);
    const [x, y] = [Buffer.from('x'), Buffer.from('y')];
    expect([await outcomeOf(sender, x, at), await outcomeOf(sender, y, at)]).toEqual(['sent', 'sent']);
    expect(calls).toEqual([[x], [y]]);
    handle.send = native;
  });

  it('leaves the handle as it was', async () => {
    for (const family of families) {
      const { socket, at } = bound(family);
      const handle = handleOf(socket);
      const before = [Object.hasOwn(handle, 'send'), handle.send];
      newLibuvSenders()(socket).send(Buffer.from('x'), at);
      expect([Object.hasOwn(handle, 'send'), handle.send]).toEqual(before);
      expect(await received(socket)).toBe('x');
    }
  });
});
