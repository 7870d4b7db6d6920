import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as socket from '../../lib/index.ts';
import { readProxyHeader } from '../../lib/proxy-protocol/index.ts';
import { parseHeader } from '../../lib/proxy-protocol/parse.ts';
import { own, pair, reset, staysPending } from '../support/pairs.ts';
import { tlsPair } from '../support/tls.ts';
import { headers, inetAddresses, SIGNATURE, tlv, version2 } from './headers.ts';

const LINE = 'PROXY TCP4 192.0.2.1 192.0.2.9 56324 443\r\n';

describe('readProxyHeader()', () => {
  it.each([
    ['version 1', Buffer.from(LINE)],
    ['version 2', version2(0x21, 0x11, inetAddresses(['192.0.2.1', 56324], ['192.0.2.9', 443]), tlv(1, 'h2'))],
  ])('reads the header of %s, and not a byte of what follows it', async (_, header) => {
    const [proxy, conn] = await pair();
    await proxy.sendall(Buffer.concat([header, Buffer.from('hello')]));
    expect(await readProxyHeader(conn)).toMatchObject({
      source: ['192.0.2.1', 56324],
      destination: ['192.0.2.9', 443],
    });
    expect(String(await conn.recv(100))).toBe('hello');
  });

  it('takes any header in any pieces', async () => {
    const pieces = fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(headers, pieces, async (header, sizes) => {
        const [proxy, conn] = await socket.socketpair();
        try {
          const read = readProxyHeader(conn);
          let start = 0;
          for (const size of sizes) {
            await proxy.sendall(header.subarray(start, start + size));
            start += size;
            await new Promise((resolve) => setImmediate(resolve));
          }
          await proxy.sendall(Buffer.concat([header.subarray(start), Buffer.from('rest')]));
          expect(await read).toEqual(parseHeader(header));
          expect(String(await conn.recv(100))).toBe('rest');
        } finally {
          proxy.close();
          conn.close();
        }
      }),
      { numRuns: 30 },
    );
  });

  it('reads from a connection with TLS as well', async () => {
    const [client, conn] = await tlsPair();
    await client.sendall(`${LINE}hello`);
    expect(await readProxyHeader(conn)).toMatchObject({ version: 1 });
    expect(String(await conn.recv(100))).toBe('hello');
  });

  it.each([
    ['H', 'no PROXY header'],
    ['PROXY TCP5', 'no PROXY header'],
    [Buffer.concat([SIGNATURE, Buffer.of(0x21, 0x11, 0x7f, 0xff)]), '32783 bytes'],
  ])('raises an error as soon as it can be no header: %p', async (data, problem) => {
    const [proxy, conn] = await pair();
    await proxy.sendall(data);
    await expect(readProxyHeader(conn)).rejects.toMatchObject({
      name: 'ProxyProtocolError',
      message: expect.stringContaining(problem),
    });
  });

  it('raises an error where the connection ends before the header does', async () => {
    const [proxy, conn] = await pair();
    await proxy.sendall('PROXY TCP4');
    proxy.shutdown(socket.SHUT_WR);
    await expect(readProxyHeader(conn)).rejects.toMatchObject({
      message: '[Errno 71] Protocol error (the connection ended after 10 bytes of a PROXY header)',
    });
  });

  it('raises the error of a reset', async () => {
    const [proxy, conn] = await pair();
    await proxy.sendall('PROXY');
    const read = readProxyHeader(conn);
    expect(await staysPending(read)).toBe(true);
    reset(proxy);
    await expect(read).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('raises a TimeoutError where the whole header takes too long, however it comes', async () => {
    const [proxy, conn] = await pair();
    const read = readProxyHeader(conn, { timeout: 0.05 }).then(
      () => 'read',
      (error: unknown) => error,
    );
    let outcome: unknown;
    void read.then((settled) => (outcome = settled));
    for (const byte of 'PROXY UNKNOWN '.padEnd(90, 'x')) {
      await proxy.sendall(byte);
      // The clock is what is tested: the bytes come until the limit has passed, however late that is noticed.
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (outcome !== undefined) break;
    }
    expect(await read).toMatchObject({ name: 'TimeoutError', code: 'ETIMEDOUT', syscall: 'recv' });
  });

  it('may take as long as it takes, and keeps to the limit of the socket', async () => {
    const [, conn] = await pair();
    const read = readProxyHeader(conn, { timeout: null });
    expect(await staysPending(read)).toBe(true);
    conn.close();
    await expect(read).rejects.toMatchObject({ code: 'EBADF' });
    const [, other] = await pair();
    other.settimeout(0.01);
    await expect(readProxyHeader(other)).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('ends by its signal', async () => {
    const [proxy, conn] = await pair();
    const reason = new Error('enough');
    await expect(readProxyHeader(conn, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const read = readProxyHeader(conn, { signal: controller.signal });
    controller.abort(reason);
    await expect(read).rejects.toBe(reason);
    // Nothing was lost.
    await proxy.sendall(LINE);
    expect(await readProxyHeader(conn)).toMatchObject({ version: 1 });
  });

  it.each([
    [[{}], TypeError, 'readProxyHeader(): conn must be a socket (received {})'],
    [[own(socket.socket()), { time: 1 }], TypeError, "readProxyHeader() has no option 'time'"],
    [[own(socket.socket()), { timeout: -1 }], RangeError, 'Timeout value out of range (received -1)'],
    [[own(socket.socket()), { signal: 1 }], TypeError, 'signal must be an AbortSignal (received 1)'],
  ])('checks its arguments: %#', async (args, kind, text) => {
    const error: unknown = await Promise.resolve(Reflect.apply(readProxyHeader, undefined, args)).catch(
      (raised: unknown) => raised,
    );
    expect(error).toBeInstanceOf(kind);
    expect(error).toHaveProperty('message', expect.stringContaining(text));
  });
});
