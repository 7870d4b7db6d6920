import vm from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { call } from '../promises/calls.ts';
import { accepted, listening, own, pair } from '../support/pairs.ts';

/** A value that a script of another context makes. */
function foreign(script: string): unknown {
  return vm.runInNewContext(script, { port: 0 });
}

describe('values of another context, as node:vm makes them,', () => {
  it.each([
    ['Uint8Array', 'new Uint8Array([104, 105])'],
    ['DataView', 'new DataView(new Uint8Array([104, 105]).buffer)'],
    ['ArrayBuffer', 'new Uint8Array([104, 105]).buffer'],
    ['string', '"hi"'],
  ])('are sent: %s', async (_, script) => {
    const [client, server] = await pair();
    await call(client, 'sendall', [foreign(script)]);
    expect(String(await server.recv(10))).toBe('hi');
  });

  it('are received into', async () => {
    const [client, server] = await pair();
    await client.sendall('hi');
    const memory = foreign('new Uint8Array(4)') as Uint8Array;
    expect(await server.recvInto(memory)).toBe(2);
    expect([...memory]).toEqual([104, 105, 0, 0]);
  });

  it('are addresses and options', async () => {
    const listener = listening();
    const address = vm.runInNewContext('[host, port]', {
      host: '127.0.0.1',
      port: listener.getsockname()[1],
    }) as socket.Inet4Address;
    const client = own(socket.socket());
    await client.connect(address);
    await accepted(listener);
    await expect(call(client, 'recv', [1, 0, foreign('({ signl: 1 })')])).rejects.toThrow(TypeError);
  });

  it('are errors, which come out as they are', async () => {
    const [client] = await pair();
    const error = foreign('new RangeError("of another context")');
    const file = {
      read: () => {
        throw error;
      },
    };
    await expect(client.sendfile(file)).rejects.toBe(error);
  });
});

describe('structuredClone()', () => {
  it('copies what was received, addresses and messages', async () => {
    const [client, server] = await pair();
    await client.sendall('x'.repeat(10_000));
    const message = await server.recvmsg(10_000);
    const copy = structuredClone(message);
    expect(Buffer.from(copy[0]).equals(message[0])).toBe(true);
    expect(structuredClone(server.getpeername())).toEqual(server.getpeername());
  });

  it('keeps the message and the stack of an error', () => {
    const error = new socket.OSError('told');
    const copy = structuredClone(error);
    expect(copy.message).toBe(error.message);
    expect(copy.stack).toBe(error.stack);
  });
});
