import { open, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { OSError, type Socket } from '../../lib/index.ts';
import { EBADF, EPIPE } from '../support/expected-errors.ts';
import { pair, pattern, recvAll, tcp, turns } from '../support/pairs.ts';
import { temporaryPath, unixPair } from '../support/unix.ts';

const handles: FileHandle[] = [];

afterEach(async () => {
  for (const handle of handles.splice(0)) await handle.close();
});

/** A file on the disk with these bytes. */
async function fileOf(bytes: Uint8Array | string): Promise<FileHandle> {
  const path = temporaryPath('file');
  await writeFile(path, bytes);
  const handle = await open(path);
  await rm(path);
  handles.push(handle);
  return handle;
}

/** Sends a file; returns the result and the bytes that arrived. */
async function sent(
  connect: () => Promise<[Socket, Socket]>,
  ...args: Parameters<Socket['sendfile']>
): Promise<[number, Buffer]> {
  const [client, server] = await connect();
  const receiving = recvAll(server);
  const count = await client.sendfile(...args);
  client.close();
  return [count, await receiving];
}

describe.each([
  ['TCP', () => pair()],
  ['a Unix socket', unixPair],
] as const)('a file sent over %s', (_name, connect) => {
  it('arrives whole, or the part of it that was asked for', async () => {
    const file = await fileOf('0123456789');
    const texts = [
      await sent(connect, file),
      await sent(connect, file, 3),
      await sent(connect, file, 3, 4),
      await sent(connect, file, 8, 100),
      await sent(connect, file, 100),
    ];
    expect(texts.map(([count, bytes]) => [count, String(bytes)])).toEqual([
      [10, '0123456789'],
      [7, '3456789'],
      [4, '3456'],
      [2, '89'],
      [0, ''],
    ]);
  });

  it('may be larger than what is read at a time', async () => {
    const bytes = pattern(1_000_000);
    const file = await fileOf(bytes);
    const [count, arrived] = await sent(connect, file);
    expect(count).toBe(bytes.length);
    expect(arrived.equals(bytes)).toBe(true);
    const [part, middle] = await sent(connect, file, 65_535, 131_073);
    expect(part).toBe(131_073);
    expect(middle.equals(bytes.subarray(65_535, 65_535 + 131_073))).toBe(true);
  });
});

describe('sendfile()', () => {
  it('leaves the position of a FileHandle where it was', async () => {
    const file = await fileOf('abcdef');
    await file.read(Buffer.alloc(2), 0, 2);
    const [, arrived] = await sent(pair, file);
    expect(String(arrived)).toBe('abcdef');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(9), 0, 9);
    expect(String(buffer.subarray(0, bytesRead))).toBe('cdef');
  });

  it('takes any object with a read(), asynchronous or not', async () => {
    for (const wait of [false, true]) {
      let position = 0;
      const sizes: number[] = [];
      const file = {
        read(size: number): Uint8Array | Promise<Uint8Array> {
          sizes.push(size);
          const piece = Buffer.from('0123456789').subarray(position, position + Math.min(size, 4));
          position += piece.length;
          return wait ? Promise.resolve(piece) : new Uint8Array(piece);
        },
        seek: (offset: number): void => void (position = offset),
      };
      expect((await sent(pair, file)).map(String)).toEqual(['10', '0123456789']);
      position = 5;
      expect((await sent(pair, file, 0, 2)).map(String)).toEqual(['2', '56']);
      expect((await sent(pair, file, 1, 6)).map(String)).toEqual(['6', '123456']);
      expect(sizes.slice(-3)).toEqual([2, 6, 2]);
    }
  });

  it('refuses values that are no file, and impossible parts', async () => {
    const [client] = await pair();
    const file = { read: () => Buffer.alloc(0) };
    // @ts-expect-error -- a number is not a file
    await expect(client.sendfile(3)).rejects.toThrow(TypeError);
    // @ts-expect-error -- null is not a file
    await expect(client.sendfile(null)).rejects.toThrow(TypeError);
    // @ts-expect-error -- an object without read() is not a file
    await expect(client.sendfile({})).rejects.toThrow(TypeError);
    // @ts-expect-error -- read must be a function
    await expect(client.sendfile({ read: 1 })).rejects.toThrow(TypeError);
    await expect(client.sendfile(file, -3)).rejects.toThrow(RangeError);
    await expect(client.sendfile(file, 1.5)).rejects.toThrow(TypeError);
    await expect(client.sendfile(file, 0, 0)).rejects.toThrow(RangeError);
    await expect(client.sendfile(file, 0, -1)).rejects.toThrow(/^count must be a positive integer .*-1/);
    await expect(client.sendfile(file, 0, 1.5)).rejects.toThrow(TypeError);
    // @ts-expect-error -- a count is a number
    await expect(client.sendfile(file, 0, '1')).rejects.toThrow(TypeError);
    await expect(client.sendfile(file, 3)).rejects.toThrow(/without seek/);
    // @ts-expect-error -- a file of text
    await expect(client.sendfile({ read: () => 'text' })).rejects.toThrow(/binary mode/);
  });

  it('passes on what the file raises', async () => {
    const [client] = await pair();
    const reason = new Error('unreadable');
    await expect(client.sendfile({ read: () => Promise.reject(reason) })).rejects.toBe(reason);
  });

  it('raises the system’s errors of a file as an OSError, with Node’s error as the cause', async () => {
    const [client, server] = await pair();
    const folder = await open('/');
    handles.push(folder);
    const closed = await open('/dev/null');
    await closed.close();
    const path = temporaryPath('file');
    const unreadable = await open(path, 'w');
    handles.push(unreadable);
    await unreadable.write('x');
    await rm(path);
    const cases = [
      [folder, { name: 'IsADirectoryError', errno: 21, code: 'EISDIR', syscall: 'read' }],
      [closed, { name: 'OSError', errno: 9, code: 'EBADF' }],
      [unreadable, { name: 'OSError', errno: 9, code: 'EBADF', syscall: 'read' }],
    ] as const;
    for (const [file, expected] of cases) {
      const error: unknown = await client.sendfile(file).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(OSError);
      expect(error).toMatchObject({ ...expected, cause: expect.objectContaining({ code: expected.code }) });
    }
    client.close();
    expect(await server.recv(10)).toHaveLength(0);
  });

  it('checks all arguments before it reads', async () => {
    const [client] = await pair();
    let reads = 0;
    const file = {
      read: () => {
        reads += 1;
        return Buffer.from('x');
      },
    };
    await expect(client.sendfile(file, 1)).rejects.toThrow(TypeError);
    await expect(client.sendfile(file, 2 ** 60)).rejects.toThrow(RangeError);
    const reason = new Error('enough');
    await expect(client.sendfile(file, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(reads).toBe(0);
  });

  it('leaves no rejection without a handler, at whatever moment the socket is closed or the signal aborted', async () => {
    const unhandled: unknown[] = [];
    const keep = (reason: unknown): number => unhandled.push(reason);
    process.on('unhandledRejection', keep);
    const ends = [(one: Socket) => one.close(), (_one: Socket, ending: AbortController) => ending.abort()];
    for (const end of ends) {
      for (let microtasks = 0; microtasks < 50; microtasks += 1) {
        const [client] = await pair();
        const ending = new AbortController();
        let reads = 0;
        const file = { read: () => Buffer.alloc((reads += 1) < 4 ? 10 : 0) };
        const sending = client.sendfile(file, 0, null, { signal: ending.signal }).catch(() => undefined);
        for (let passed = 0; passed < microtasks; passed += 1) await Promise.resolve();
        end(client, ending);
        await sending;
      }
    }
    await turns(2);
    process.off('unhandledRejection', keep);
    expect(unhandled).toEqual([]);
  });

  it('stops waiting for a file once the signal is aborted or the socket is closed', async () => {
    const [client, server] = await pair();
    const silent = { read: () => new Promise<Buffer>(() => undefined) };
    const controller = new AbortController();
    const sending = client.sendfile(silent, { signal: controller.signal });
    const other = server.sendfile(silent);
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(sending).rejects.toBe(reason);
    server.close();
    await expect(other).rejects.toMatchObject(EBADF);
  });

  it('needs a connection, and a time limit other than 0', async () => {
    const file = { read: () => Buffer.from('x') };
    await expect(tcp().sendfile(file)).rejects.toMatchObject(EPIPE);
    const [client, server] = await pair();
    client.setblocking(false);
    await expect(client.sendfile(file)).rejects.toThrow(/^non-blocking sockets are not supported/);
    client.setblocking(true);
    client.close();
    await expect(client.sendfile(file)).rejects.toMatchObject(EBADF);
    // With nothing to send it cannot fail.
    for (const one of [tcp(), client]) expect(await one.sendfile({ read: () => Buffer.alloc(0) })).toBe(0);
    const stop = new AbortController();
    const reason = new Error('enough');
    const sending = server.sendfile(
      {
        read: () => {
          stop.abort(reason);
          return Buffer.from('x');
        },
      },
      0,
      null,
      { signal: stop.signal },
    );
    await expect(sending).rejects.toBe(reason);
  });
});
