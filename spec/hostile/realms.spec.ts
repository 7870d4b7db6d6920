import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import vm from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import * as ssl from '../../lib/ssl/index.ts';
import { call, KINDS, METHODS } from '../promises/calls.ts';
import { accepted, listening, own, pair } from '../support/pairs.ts';
import { certificateFile, keyFile } from '../support/tls-contexts.ts';

/** The classes of another context. */
const OTHER = vm.runInNewContext('({ Array, ArrayBuffer, Object, Uint8Array })') as {
  readonly Array: ArrayConstructor;
  readonly Object: ObjectConstructor;
  readonly Uint8Array: Uint8ArrayConstructor;
};

/** The same value as another context makes it. What has a class of its own stays as it is. */
function foreignOf(value: unknown): unknown {
  if (value instanceof Uint8Array) return new OTHER.Uint8Array(value);
  if (Array.isArray(value)) return OTHER.Array.from(value, foreignOf);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return OTHER.Object.assign(new OTHER.Object(), value);
}

/**
 * The error of a call that cannot begin, without the value that it shows; `undefined` for any other outcome. A result goes
 * to another thread as it is, unless it has a socket.
 */
async function refusal(made: Promise<unknown>): Promise<string | undefined> {
  try {
    const result = await made;
    const hasSocket = Array.isArray(result) && result[0] instanceof socket.Socket;
    if (!hasSocket) expect(structuredClone(result)).toEqual(result);
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return String(error).replace(/ \(received .*/, '');
  }
  return undefined;
}

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

describe('bytes of another context', () => {
  const foreignBytes = (text: string): Uint8Array => new OTHER.Uint8Array(Buffer.from(text));

  it('are names, ports, hosts and paths', async () => {
    const [local] = await socket.getaddrinfo('127.0.0.1', 80, 0, socket.SOCK_STREAM);
    const found = await socket.getaddrinfo(foreignBytes('127.0.0.1'), foreignBytes('80'), 0, socket.SOCK_STREAM);
    expect(found).toEqual([local]);
    expect(await socket.gethostbyname(foreignBytes('127.0.0.1'))).toBe('127.0.0.1');
    const one = own(socket.socket());
    one.bind([foreignBytes('127.0.0.1'), 0]);
    await expect(own(socket.socket()).connect(one.getsockname())).rejects.toThrow('127.0.0.1');
    await expect(own(socket.socket(socket.AF_UNIX)).connect(foreignBytes('/no/such/path'))).rejects.toThrow(
      '/no/such/path',
    );
  });

  it('are certificates, passwords and names of curves', () => {
    const context = new ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT);
    const pem = readFileSync(certificateFile('ca'), 'latin1');
    const der = new OTHER.Uint8Array(new X509Certificate(pem).raw);
    context.loadVerifyLocations({ cadata: der.buffer });
    expect(context.getCaCerts()).toHaveLength(1);
    context.setEcdhCurve(foreignBytes('prime256v1'));
    context.loadCertChain(certificateFile('server'), keyFile('server'), foreignBytes('not needed'));
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

describe.each(Object.entries(METHODS))('%s()', (method, forms) => {
  it.each(Object.entries(KINDS))('takes arguments of another context on %s', async (_, make) => {
    const refusals = async (convert: (value: unknown) => unknown): Promise<unknown[]> => {
      const { one, to } = await make();
      const all: unknown[] = [];
      for (const args of forms(to)) {
        const controller = new AbortController();
        setImmediate(() => controller.abort());
        const converted = [...args.map(convert), convert({ signal: controller.signal })];
        all.push(await refusal(call(one, method, converted)));
      }
      return all;
    };
    const own = await refusals((value) => value);
    expect(await refusals(foreignOf)).toEqual(own);
  });
});
