import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { EAGAIN, EBADF, EPIPE, TIMED_OUT } from '../support/expected-errors.ts';
import { hasKoffi } from '../support/koffi.ts';
import {
  bound,
  FAMILIES,
  listening,
  MORE_THAN_THE_KERNEL_HOLDS,
  pair,
  pattern,
  recvAll,
  staysPending,
  story,
  tcp,
} from '../support/pairs.ts';

const { MSG_DONTWAIT, SHUT_WR } = socket;

/** Sends until the kernel takes no more: 50 attempts in a row found no room. Returns how many bytes it took. */
async function fill(sender: socket.Socket): Promise<number> {
  const block = Buffer.alloc(1 << 20, '.');
  let sent = 0;
  for (let failed = 0; failed < 50;) {
    const outcome = await sender.send(block, MSG_DONTWAIT).catch((error: unknown) => error);
    if (typeof outcome === 'number') {
      sent += outcome;
      failed = 0;
    } else {
      expect(outcome).toMatchObject(EAGAIN);
      failed += 1;
    }
  }
  return sent;
}

describe.each(FAMILIES)('send() on %s', (_name, family) => {
  it('sends all bytes, and returns their number', async () => {
    const [client, server] = await pair(family);
    const bytes = pattern(8 * 1024 * 1024 + 13);
    const receiving = recvAll(server);
    expect(await client.send(bytes)).toBe(bytes.length);
    await client.sendall(bytes);
    client.close();
    expect((await receiving).equals(Buffer.concat([bytes, bytes]))).toBe(true);
  });
});

describe('send()', () => {
  it.each([
    ['text, as UTF-8', 'grün €', Buffer.from('grün €')],
    ['a Buffer', Buffer.of(1, 2), Buffer.of(1, 2)],
    ['a view of part of the memory', new Uint8Array(Uint8Array.of(0, 1, 2, 3).buffer, 1, 2), Buffer.of(1, 2)],
    ['a view of wider numbers', Uint16Array.of(0x0201), Buffer.of(1, 2)],
    ['a DataView', new DataView(Uint8Array.of(9, 1, 2).buffer, 1), Buffer.of(1, 2)],
    ['an ArrayBuffer', Uint8Array.of(1, 2).buffer, Buffer.of(1, 2)],
    ['nothing', '', Buffer.alloc(0)],
  ])('takes %s', async (_title, data, expected) => {
    const [client, server] = await pair();
    expect(await client.send(data)).toBe(expected.length);
    await client.sendall(data);
    client.close();
    expect(await recvAll(server)).toEqual(Buffer.concat([expected, expected]));
  });

  it.each([true, false])('checks its arguments first (open: %p)', async (open) => {
    const [client] = await pair();
    if (!open) client.close();
    for (const wrong of [1, null, undefined, ['a'], {}, true]) {
      // @ts-expect-error -- these deliberately cannot be sent
      await expect(client.send(wrong)).rejects.toThrow(TypeError);
      // @ts-expect-error -- these deliberately cannot be sent
      await expect(client.sendall(wrong)).rejects.toThrow(TypeError);
    }
    // @ts-expect-error -- flags are a number
    await expect(client.send('x', 'a')).rejects.toThrow(TypeError);
    await expect(client.send('x', 2 ** 40)).rejects.toThrow(RangeError);
    // MSG_OOB: passed on, or refused without a connection or koffi, but never ignored.
    if (open && hasKoffi) expect(await client.send('x', 1)).toBe(1);
    else await expect(client.send('x', 1)).rejects.toMatchObject({ code: 'ENOTSUP' });
    if (!open) await expect(client.send('x')).rejects.toMatchObject({ ...EBADF, syscall: 'send' });
  });

  it('raises BrokenPipeError without a connection, for no bytes too', async () => {
    for (const one of [tcp(), bound(), listening()]) {
      for (const data of ['x', '']) {
        await expect(one.send(data)).rejects.toMatchObject({ ...EPIPE, syscall: 'send' });
        await expect(one.sendall(data)).rejects.toMatchObject(EPIPE);
      }
    }
  });

  it('raises BrokenPipeError after SHUT_WR, for no bytes too', async () => {
    const [client] = await pair();
    client.shutdown(SHUT_WR);
    for (const data of ['x', '']) {
      await expect(client.send(data)).rejects.toMatchObject(EPIPE);
      await expect(client.send(data, MSG_DONTWAIT)).rejects.toMatchObject(EPIPE);
    }
  });

  it('raises BrokenPipeError once the peer is gone; recv() still sees a clean end', async () => {
    const [client, server] = await pair();
    await server.sendall('farewell');
    server.close();
    let sent = 0;
    const error: unknown = await (async () => {
      while (sent < 1000) sent += await client.send('x');
    })().catch((reason: unknown) => reason);
    expect(error).toMatchObject(EPIPE);
    expect(sent).toBeGreaterThan(0);
    await expect(client.send('x')).rejects.toMatchObject(EPIPE);
    expect(await story(client)).toEqual([8, 0, 0]);
  });

  it('stays pending as long as the receiver does not read', async () => {
    const [client, server] = await pair();
    const bytes = Buffer.alloc(MORE_THAN_THE_KERNEL_HOLDS, 'x');
    const sending = client.send(bytes);
    expect(await staysPending(sending)).toBe(true);
    // Nor when the receiver reads a little: it reads ahead only so much.
    expect(await server.recv(1)).toHaveLength(1);
    expect(await staysPending(sending)).toBe(true);
    const receiving = recvAll(server);
    expect(await sending).toBe(bytes.length);
    client.close();
    expect(await receiving).toHaveLength(bytes.length - 1);
  });

  it('sends whole what is sent at the same time, in the order of the calls', async () => {
    const [client, server] = await pair();
    const sizes = [700_000, 1, 300_000, 0, 5, 2_000_000, 65_536];
    const parts = sizes.map((size, index) => Buffer.alloc(size, index + 1));
    const receiving = recvAll(server);
    const order: number[] = [];
    await Promise.all(
      parts.map(async (part, index) => {
        expect(await client.send(part)).toBe(part.length);
        order.push(index);
      }),
    );
    client.close();
    expect((await receiving).equals(Buffer.concat(parts))).toBe(true);
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('keeps sendall() and send() in the order of the calls', async () => {
    const [client, server] = await pair();
    const calls = [client.sendall('a'.repeat(600_000)), client.send('b'), client.sendall('c'), client.send('d')];
    const receiving = recvAll(server);
    await Promise.all(calls);
    client.close();
    expect(String((await receiving).subarray(600_000 - 1))).toBe('abcd');
  });

  it.each([
    ['without a time limit', null],
    ['with a time limit', 30],
  ])('leaves the memory to the caller once it has resolved, %s', async (_title, timeout) => {
    const [client, server] = await pair();
    client.settimeout(timeout);
    const bytes = pattern(1_000_000);
    const expected = Buffer.concat([bytes, bytes.subarray(0, 10)]);
    const receiving = recvAll(server);
    await client.send(bytes);
    const small = bytes.subarray(0, 10);
    await client.send(small);
    bytes.fill(0);
    client.close();
    expect((await receiving).equals(expected)).toBe(true);
  });
});

describe('send() that does not wait', () => {
  it('sends what there is room for, then raises BlockingIOError, and nothing is lost or sent twice', async () => {
    const [client, server] = await pair();
    const sent = await fill(client);
    expect(sent).toBeGreaterThan(0);
    await expect(client.sendall('x', MSG_DONTWAIT)).rejects.toMatchObject({ ...EAGAIN, syscall: 'send' });
    client.shutdown(SHUT_WR);
    const received = await recvAll(server);
    expect(received.length).toBe(sent);
  });

  it('stops at a limit although the receiver has begun to read', async () => {
    const [client, server] = await pair();
    await client.sendall('x');
    await server.recv(1);
    await expect(server.recv(1, MSG_DONTWAIT)).rejects.toMatchObject(EAGAIN);
    const sent = await fill(client);
    client.shutdown(SHUT_WR);
    expect((await recvAll(server)).length).toBe(sent);
  });

  it('sends a part with a time limit of 0, and the next send goes on there', async () => {
    const [client, server] = await pair();
    const bytes = pattern(MORE_THAN_THE_KERNEL_HOLDS);
    client.setblocking(false);
    const sent = await client.send(bytes);
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(bytes.length);
    client.setblocking(true);
    const receiving = recvAll(server);
    await client.sendall(bytes.subarray(sent));
    client.close();
    expect((await receiving).equals(bytes)).toBe(true);
  });

  it('sends small data whole', async () => {
    const [client, server] = await pair();
    client.setblocking(false);
    expect(await client.send('abc')).toBe(3);
    await client.sendall('def');
    expect(String(await server.recv(6, socket.MSG_WAITALL))).toBe('abcdef');
  });
});

describe('send() with a time limit', () => {
  it('returns how much went out if anything did; sendall() raises TimeoutError', async () => {
    const [client, server] = await pair();
    client.settimeout(0.05);
    const bytes = pattern(MORE_THAN_THE_KERNEL_HOLDS);
    const sent = await client.send(bytes);
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(bytes.length);
    await expect(client.send('x')).rejects.toMatchObject({ ...TIMED_OUT, syscall: 'send' });
    await expect(client.sendall('x')).rejects.toMatchObject(TIMED_OUT);
    client.settimeout(null);
    const receiving = recvAll(server);
    await client.sendall(bytes.subarray(sent));
    client.close();
    expect((await receiving).equals(bytes)).toBe(true);
  });

  it('leaves their turn to the calls after it when it ends early', async () => {
    const [client, server] = await pair();
    await fill(client);
    client.settimeout(0.02);
    const early = client.sendall('never');
    client.settimeout(null);
    const late = client.sendall('late');
    await expect(early).rejects.toMatchObject(TIMED_OUT);
    const receiving = recvAll(server);
    await late;
    client.close();
    expect(String((await receiving).subarray(-9))).toMatch(/[^r]late$/);
  });
});
