import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { EBADF, EINVAL, ENOTCONN, TIMED_OUT } from '../support/expected-errors.ts';
import {
  accepted,
  listening,
  MORE_THAN_THE_KERNEL_HOLDS,
  own,
  pair,
  pattern,
  recvAll,
  tcp,
  turns,
} from '../support/pairs.ts';
import { randomFrom } from '../support/random.ts';
import { randomSeed } from '../support/seed.ts';

const { MSG_PEEK, MSG_WAITALL } = socket;

const REASON = new Error('no longer wanted');

describe('a signal', () => {
  it.each<[string, (one: socket.Socket, listener: socket.Socket, signal: AbortSignal) => Promise<unknown>]>([
    ['recv', (one, _listener, signal) => one.recv(1, 0, { signal })],
    ['recv with flags', (one, _listener, signal) => one.recv(1, MSG_PEEK | MSG_WAITALL, { signal })],
    ['recvInto', (one, _listener, signal) => one.recvInto(Buffer.alloc(1), 0, 0, { signal })],
    ['recvfrom', (one, _listener, signal) => one.recvfrom(1, 0, { signal })],
    ['send', (one, _listener, signal) => one.send(Buffer.alloc(MORE_THAN_THE_KERNEL_HOLDS), 0, { signal })],
    ['sendall', (one, _listener, signal) => one.sendall(Buffer.alloc(MORE_THAN_THE_KERNEL_HOLDS), 0, { signal })],
    ['accept', (_one, listener, signal) => listener.accept({ signal })],
    ['connect', (_one, listener, signal) => tcp().connect(listener.getsockname(), { signal })],
    ['connect by name', (_one, _listener, signal) => tcp().connect(['localhost', 1], { signal })],
    ['connectEx', (_one, listener, signal) => tcp().connectEx(listener.getsockname(), { signal })],
  ])('rejects with its reason when it is aborted, before and while the call waits: %s()', async (_call, use) => {
    const [client] = await pair();
    const listener = listening();
    const controller = new AbortController();
    const waiting = use(client, listener, controller.signal);
    controller.abort(REASON);
    await expect(waiting).rejects.toBe(REASON);
    await expect(use(client, listener, controller.signal)).rejects.toBe(REASON);
    await expect(use(client, listener, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('comes after the checks of arguments and state', async () => {
    const signal = AbortSignal.abort(REASON);
    const one = tcp();
    await expect(one.recv(-1, 0, { signal })).rejects.toThrow(RangeError);
    await expect(one.recv(1, 0, { signal })).rejects.toMatchObject(ENOTCONN);
    await expect(one.accept({ signal })).rejects.toMatchObject(EINVAL);
    one.close();
    await expect(one.send('x', 0, { signal })).rejects.toMatchObject(EBADF);
    await expect(one.connect(['127.0.0.1', 1], { signal })).rejects.toMatchObject(EBADF);
    await expect(one.connect(['127.0.0.1', 65536], { signal })).rejects.toThrow(RangeError);
  });

  it('takes nothing when it is aborted already, even where bytes have arrived', async () => {
    const [client, server] = await pair();
    await client.sendall('abc');
    await server.recv(1, MSG_PEEK);
    await expect(server.recv(3, 0, { signal: AbortSignal.abort(REASON) })).rejects.toBe(REASON);
    expect(String(await server.recv(10))).toBe('abc');
  });

  it('changes nothing for a call that has its result', async () => {
    const [client, server] = await pair();
    const controller = new AbortController();
    await client.sendall('abc');
    await server.recv(1, MSG_PEEK);
    const receiving = server.recv(2, 0, { signal: controller.signal });
    controller.abort(REASON);
    expect(String(await receiving)).toBe('ab');
    expect(String(await server.recv(2))).toBe('c');
  });

  it('leaves what comes later to the next call', async () => {
    const [client, server] = await pair();
    const controller = new AbortController();
    const aborted = server.recv(10, MSG_WAITALL, { signal: controller.signal });
    await client.sendall('half');
    expect(String(await Promise.race([aborted, turns(5).then(() => 'waits')]))).toBe('waits');
    controller.abort(REASON);
    await expect(aborted).rejects.toBe(REASON);
    await client.sendall('half');
    expect(String(await server.recv(8, MSG_WAITALL))).toBe('halfhalf');
  });

  it('leaves their turn to the calls that wait after it', async () => {
    const [client, server] = await pair();
    const controller = new AbortController();
    const first = server.recv(100, MSG_WAITALL, { signal: controller.signal });
    const second = server.recv(100);
    await client.sendall('for the second');
    expect(await Promise.race([second, turns(5).then(() => 'waits')])).toBe('waits');
    controller.abort(REASON);
    await expect(first).rejects.toBe(REASON);
    expect(String(await second)).toBe('for the second');
  });

  it('may be shared by calls of several sockets', async () => {
    const pairs = await Promise.all([pair(), pair(), pair()]);
    const controller = new AbortController();
    const waiting = pairs.flat().map((one) => one.recv(1, 0, { signal: controller.signal }));
    controller.abort(REASON);
    for (const one of waiting) await expect(one).rejects.toBe(REASON);
    for (const [client, server] of pairs) {
      await client.sendall('x');
      expect(String(await server.recv(1))).toBe('x');
    }
  });

  it('can be a time limit of its own: AbortSignal.timeout() beside settimeout()', async () => {
    const [, server] = await pair();
    await expect(server.recv(1, 0, { signal: AbortSignal.timeout(5) })).rejects.toMatchObject({ name: 'TimeoutError' });
    server.settimeout(0.01);
    const { signal } = new AbortController();
    await expect(server.recv(1, 0, { signal })).rejects.toMatchObject(TIMED_OUT);
  });

  it('loses no connection', async () => {
    const listener = listening();
    for (let round = 0; round < 20; round += 1) {
      const controller = new AbortController();
      const accepting = listener.accept({ signal: controller.signal });
      const client = tcp();
      const connecting = client.connect(listener.getsockname());
      await turns(round % 4);
      controller.abort(REASON);
      await connecting;
      const [connection] = await accepting.catch(() => listener.accept());
      own(connection);
      expect(connection.getpeername()).toEqual(client.getsockname());
    }
  });

  it('gives a connect() up, and the socket may connect again, from its own port', async () => {
    const listener = listening();
    const client = tcp();
    client.bind(['127.0.0.1', 0]);
    const name = client.getsockname();
    const controller = new AbortController();
    const connecting = client.connect(listener.getsockname(), { signal: controller.signal });
    controller.abort(REASON);
    await expect(connecting).rejects.toBe(REASON);
    expect(client.getsockname()).toEqual(name);
    const second = listening();
    await client.connect(second.getsockname());
    expect((await accepted(second)).getpeername()).toEqual(name);
  });

  it('never loses a byte of a stream, whenever it is aborted', async () => {
    const [client, server] = await pair();
    const random = randomFrom(randomSeed);
    const bytes = pattern(300_000);
    const sending = (async () => {
      for (let sent = 0; sent < bytes.length;) {
        const piece = bytes.subarray(sent, sent + 1 + Math.floor(random() * 5000));
        await client.sendall(piece);
        sent += piece.length;
        await turns(Math.floor(random() * 4));
      }
      client.close();
    })();
    const blocks: Buffer[] = [];
    let aborted = 0;
    for (let ended = false; !ended;) {
      const controller = new AbortController();
      const { signal } = controller;
      const size = 1 + Math.floor(random() * 8000);
      const receiving = server.recv(size, random() < 0.3 ? MSG_WAITALL : 0, { signal });
      void turns(Math.floor(random() * 4)).then(() => controller.abort(REASON));
      try {
        const block = await receiving;
        blocks.push(block);
        ended = block.length === 0;
      } catch (error) {
        expect(error).toBe(REASON);
        aborted += 1;
      }
    }
    await sending;
    expect(aborted).toBeGreaterThan(0);
    expect(Buffer.concat(blocks).equals(bytes)).toBe(true);
  });

  it('keeps the order of sends: an aborted send() ends somewhere, and the next one begins after it', async () => {
    const [client, server] = await pair();
    const controller = new AbortController();
    const aborted = client.sendall(Buffer.alloc(MORE_THAN_THE_KERNEL_HOLDS, 'a'), 0, { signal: controller.signal });
    const next = client.sendall('b'.repeat(1000));
    await turns(5);
    controller.abort(REASON);
    await expect(aborted).rejects.toBe(REASON);
    const receiving = recvAll(server);
    await next;
    client.close();
    expect(String(await receiving)).toMatch(/^a+b{1000}$/);
  });
});
