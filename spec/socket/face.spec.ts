import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { call, METHODS, SYNCHRONOUS_METHODS } from '../promises/calls.ts';
import { listening, own, pair } from '../support/pairs.ts';

/** A socket with fields and methods of names that a program may choose, or that the library might use inside. */
class Named extends socket.Socket {
  readonly address = 'a field';
  readonly state = 'a field';
  readonly options = 'a field';
  readonly core = 'a field';
  readonly stream = 'a field';
  readonly error = 'a field';
  readonly limits = 'a field';

  wait(): string {
    return 'a method';
  }

  perform(): string {
    return 'a method';
  }

  resolve(): string {
    return 'a method';
  }
}

describe('the class', () => {
  it('has nothing on its prototype but the public names', () => {
    const names = Object.getOwnPropertyNames(socket.Socket.prototype).sort();
    const getters = ['family', 'proto', 'timeout', 'type'];
    expect(names).toEqual(['constructor', ...getters, ...Object.keys(METHODS), ...SYNCHRONOUS_METHODS].sort());
    expect(Object.getPrototypeOf(socket.Socket.prototype)).toBe(Object.prototype);
  });

  it('has no field that a program can see', async () => {
    const [client] = await pair();
    expect(Reflect.ownKeys(client)).toEqual([]);
    expect(JSON.stringify(client)).toBe('{}');
  });

  it('may be subclassed with fields and methods of any name', async () => {
    const listener = own(new Named());
    listener.bind(['127.0.0.1', 0]);
    listener.listen();
    const client = own(new Named());
    await client.connect(listener.getsockname());
    const [server] = await listener.accept();
    own(server);
    await client.sendall('hello');
    expect(String(await server.recv(100))).toBe('hello');
    await server.sendall('there');
    expect(String(await client.recvfrom(100).then(([data]) => data))).toBe('there');
    expect([client.wait(), client.state]).toEqual(['a method', 'a field']);
    client.close();
    expect(() => client.getsockname()).toThrow(socket.OSError);
  });

  it("is shown as Python's repr, by String() too", () => {
    const one = listening();
    const text = /^<socket\.socket fd=\d+, family=2, type=1, proto=0, laddr=\('127\.0\.0\.1', \d+\)>$/;
    expect(String(one)).toMatch(text);
    one.close();
    expect(one.toString()).toBe('<socket.socket [closed] fd=-1, family=2, type=1, proto=0>');
  });

  it('can be shown where `this` is no socket', () => {
    expect(inspect(socket.Socket.prototype)).toBe('{}');
    expect(inspect(Object.create(socket.Socket.prototype))).toBe('Socket.prototype');
  });

  it.each(Object.keys(METHODS))('%s() without its socket is a TypeError that says how to call it', async (method) => {
    const detached: unknown = Reflect.get(socket.Socket.prototype, method);
    for (const receiver of [undefined, {}, Object.create(socket.Socket.prototype), 5]) {
      const outcome: unknown =
        typeof detached === 'function' ? Reflect.apply(detached, receiver, ['127.0.0.1', 10]) : undefined;
      const text = `${method}() is a method of a socket: call it as sock.${method}(...)`;
      const refused = expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(text) });
      await expect(outcome).rejects.toEqual(refused);
    }
  });

  it.each(SYNCHRONOUS_METHODS)('%s() without its socket throws such a TypeError', (method) => {
    const detached: unknown = Reflect.get(socket.Socket.prototype, method);
    if (typeof detached !== 'function') throw new TypeError(method);
    expect(() => Reflect.apply(detached, undefined, [1, 2, 3]) as unknown).toThrow(
      `${method}() is a method of a socket: call it as sock.${method}(...)`,
    );
  });

  it('errors of a closed socket say that it is closed', async () => {
    const one = own(socket.socket());
    one.close();
    await expect(call(one, 'recv', [1])).rejects.toThrow('[Errno 9] Bad file descriptor: recv (the socket is closed)');
    expect(() => one.listen()).toThrow('[Errno 9] Bad file descriptor: listen (the socket is closed)');
  });
});
