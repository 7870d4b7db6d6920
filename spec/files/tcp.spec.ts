import { afterEach, describe, expect, test } from '@jest/globals';
import { MSG_PEEK, MSG_WAITALL } from '../../lib/common/constants.ts';
import { ConnectionResetError, TimeoutError } from '../../lib/common/errors.ts';
import { makefile, type FileSource } from '../../lib/files/makefile.ts';
import { socket, type Socket } from '../../lib/socket.ts';

const opened: { close(): void }[] = [];

afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

/** A socket as files see it, which closes with its last file. */
class Shared implements FileSource {
  files = 0;
  closing = false;
  readonly isClosed = false;
  readonly #socket: Socket;
  readonly recv: FileSource['recv'];
  readonly tryRecv = (): undefined => undefined;
  readonly recvInto: FileSource['recvInto'];
  readonly send: FileSource['send'];
  readonly sendKept: FileSource['sendKept'];

  constructor(connection: Socket) {
    this.#socket = connection;
    this.recv = (...args) => connection.recv(...args);
    this.recvInto = (...args) => connection.recvInto(...args);
    this.send = (...args) => connection.send(...args);
    this.sendKept = (bytes, options) => connection.send(bytes, 0, options);
  }

  fileno(): number {
    return this.#socket.fileno();
  }

  retainFile(): void {
    this.files += 1;
  }

  releaseFile(): void {
    this.files -= 1;
    if (this.closing && this.files === 0) this.#socket.close();
  }

  close(): void {
    this.closing = true;
    if (this.files === 0) this.#socket.close();
  }

  get connection(): Socket {
    return this.#socket;
  }
}

/** Two ends of a connection. */
async function pair(): Promise<[Shared, Shared]> {
  const server = socket();
  opened.push(server);
  server.bind(['127.0.0.1', 0]);
  server.listen();
  const client = socket();
  opened.push(client);
  await client.connect(server.getsockname());
  const [connection] = await server.accept();
  opened.push(connection);
  return [new Shared(client), new Shared(connection)];
}

describe('files over TCP', () => {
  test('a mebibyte of lines', async () => {
    const [a, b] = await pair();
    const lines = Array.from({ length: 20_000 }, (_, index) => `${index} é€😀 ${'x'.repeat(index % 60)}\n`);
    const write = async (): Promise<void> => {
      await using file = makefile(a, 'w');
      for (const line of lines) await file.write(line);
      await file.close();
      a.close();
    };
    const read = async (): Promise<string[]> => {
      const received: string[] = [];
      for await (const line of makefile(b)) received.push(line);
      return received;
    };
    const [received] = await Promise.all([read(), write()]);
    expect(received).toEqual(lines);
  });

  test('a protocol of requests and answers, in both directions of one file', async () => {
    const [a, b] = await pair();
    const serve = async (): Promise<void> => {
      const file = makefile(b, 'rwb');
      for await (const line of file) {
        const size = Number(line.toString());
        await file.write((await file.read(size)) ?? '');
        await file.flush();
      }
      await file.close();
    };
    const served = serve();
    const file = makefile(a, 'rwb');
    for (const size of [0, 1, 8191, 8192, 8193, 300_000]) {
      await file.write(`${size}\n`);
      await file.write(Buffer.alloc(size, 'x'));
      await file.flush();
      expect((await file.read(size))?.equals(Buffer.alloc(size, 'x'))).toBe(true);
    }
    a.close();
    expect(a.connection.fileno()).not.toBe(-1);
    await file.close();
    expect(a.connection.fileno()).toBe(-1);
    await served;
  });

  test('a long line in a small buffer does not delay other calls', async () => {
    const [a, b] = await pair();
    await a.connection.sendall(`${'x'.repeat(19_999)}\n`);
    await b.connection.recv(20_000, MSG_PEEK | MSG_WAITALL);
    const file = b.connection.makefile('rb', { buffering: 1 });
    let turns = 0;
    const count = (): void => {
      turns += 1;
      immediate = setImmediate(count);
    };
    let immediate = setImmediate(count);
    expect(await file.readline()).toHaveLength(20_000);
    clearImmediate(immediate);
    expect(turns).toBeGreaterThan(100);
    await file.close();
  });

  test('a time limit ends a read, which keeps what it had read', async () => {
    const [a, b] = await pair();
    await a.connection.sendall('ab');
    b.connection.settimeout(0.05);
    const file = makefile(b, 'rb');
    await expect(file.read(3)).rejects.toBeInstanceOf(TimeoutError);
    expect(String(await file.read1())).toBe('ab');
    await a.connection.sendall('c');
    await expect(file.read(3)).rejects.toMatchObject({ message: 'cannot read from timed out object' });
  });

  test('a socket that does not wait', async () => {
    const [a, b] = await pair();
    b.connection.setblocking(false);
    const raw = makefile(b, 'rb', { buffering: 0 });
    const file = makefile(b, 'rb');
    expect([await raw.read(1), await raw.readinto(Buffer.alloc(1)), await file.read(1)]).toEqual([null, null, null]);
    await a.connection.sendall('ab');
    b.connection.setblocking(true);
    await b.connection.recv(1);
    b.connection.setblocking(false);
    expect(String(await file.read(5))).toBe('b');
    a.connection.setblocking(false);
    const sender = makefile(a, 'wb');
    const block = Buffer.alloc(1 << 20);
    const fill = async (): Promise<never> => {
      for (;;) await sender.write(block);
    };
    await expect(fill()).rejects.toMatchObject({ name: 'BlockingIOError', code: 'EAGAIN' });
  });

  test('a reset is an error, not the end of the stream', async () => {
    const [a, b] = await pair();
    const file = makefile(b, 'r');
    const line = file.readline();
    // Unread bytes make the kernel reset the connection when it is closed.
    await b.connection.sendall('unread');
    expect(String(await a.connection.recv(1))).toBe('u');
    a.close();
    await expect(line).rejects.toBeInstanceOf(ConnectionResetError);
  });

  test('close() ends a read that waits, and leaves the socket usable', async () => {
    const [a, b] = await pair();
    const file = makefile(b, 'r');
    const line = file.readline();
    await file.close();
    await expect(line).rejects.toMatchObject({ name: 'RangeError', message: 'I/O operation on closed file.' });
    await a.connection.sendall('x');
    expect(String(await b.connection.recv(1))).toBe('x');
  });

  test('a rejection shows the line that awaits', async () => {
    const [a, b] = await pair();
    a.close();
    const waitsHere = async (): Promise<void> => {
      const file = makefile(b, 'wb', { buffering: 1 });
      for (;;) await file.write('more and more');
    };
    const error: unknown = await waitsHere().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(error instanceof Error && error.stack).toContain('waitsHere');
  });
});
