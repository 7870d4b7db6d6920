import { describe, expect, it } from '@jest/globals';
import { expectTypeOf } from 'expect-type';
import type { Address, Connection, Listener, Socket } from '../../lib/index.ts';
import * as ssl from '../../lib/ssl/index.ts';
import { tlsPair } from '../support/tls.ts';

describe('exact reads over TLS', () => {
  it.each([
    ['recvExactly()', (one: Socket) => one.recvExactly(5)],
    ['recvUntil()', (one: Socket) => one.recvUntil('\n')],
    ['recvLine()', (one: Socket) => one.recvLine()],
  ])('%s does not take a ragged end for the end, and loses no bytes', async (_, call) => {
    const [one, other] = await tlsPair({ clientWrap: { suppressRaggedEofs: false } });
    await other.sendall('abc');
    other.close();
    await expect(call(one)).rejects.toBeInstanceOf(ssl.SSLEOFError);
    await expect(call(one)).rejects.toBeInstanceOf(ssl.SSLEOFError);
    expect(String(await one.recv(100))).toBe('abc');
    await expect(call(one)).rejects.toBeInstanceOf(ssl.SSLEOFError);
  });

  it('raise SSLWantReadError on a socket that does not wait', async () => {
    const [one, other] = await tlsPair();
    one.settimeout(0);
    await expect(one.recvExactly(6)).rejects.toBeInstanceOf(ssl.SSLWantReadError);
    await other.sendall('abcdef');
    one.settimeout(null);
    expect(String(await one.recvExactly(6))).toBe('abcdef');
  });
});

describe('the types of sockets with TLS', () => {
  it('say what was wrapped, as far as the compiler knows it', () => {
    const check = (context: ssl.SSLContext, listener: Listener, connection: Connection, one: Socket): void => {
      expectTypeOf(context.wrapSocket(listener)).toEqualTypeOf<Promise<ssl.SSLListener>>();
      expectTypeOf(context.wrapSocket(connection)).toEqualTypeOf<Promise<ssl.SSLConnection>>();
      expectTypeOf(context.wrapSocket(one)).toEqualTypeOf<Promise<ssl.SSLSocket>>();
    };
    expect(check).toBeInstanceOf(Function);
    expectTypeOf<ssl.SSLListener>().toExtend<ssl.SSLSocket>();
    expectTypeOf<ssl.SSLListener>().toExtend<Listener>();
    expectTypeOf<ssl.SSLConnection>().toExtend<Connection>();
    expectTypeOf<Awaited<ReturnType<ssl.SSLSocket['accept']>>>().toEqualTypeOf<[ssl.SSLConnection, Address]>();
  });

  it('are those of the class after instanceof', () => {
    const check = (value: unknown): void => {
      if (value instanceof ssl.SSLSocket) expectTypeOf(value).toEqualTypeOf<ssl.SSLSocket>();
    };
    expect(check).toBeInstanceOf(Function);
  });
});
