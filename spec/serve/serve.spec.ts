import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { describe, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { serve } from '../../lib/serve/index.ts';
import { EBADF, ECONNRESET, EINVAL } from '../support/expected-errors.ts';
import { accepted, listening, own, pair, recvAll, reset, staysPending, story, tcp, turns } from '../support/pairs.ts';
import { thrown } from '../support/thrown.ts';
import { listeningAt, temporaryPath, unix } from '../support/unix.ts';
import { clientOf, Gate, serving, servingOn, until } from './servers.ts';

/** Answers with what it receives, to the end. */
async function echo(conn: socket.Socket): Promise<void> {
  for (let block = await conn.recv(4096); block.length > 0; block = await conn.recv(4096)) await conn.sendall(block);
}

/** The arguments of each warning of the process from now on, until the end of the test. */
function warnings(): readonly (readonly unknown[])[] {
  const spy = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  own({ [Symbol.dispose]: () => spy.mockRestore() });
  return spy.mock.calls;
}

describe('serve()', () => {
  it('calls the handler with each connection and its address, and closes it when the handler returns', async () => {
    const addresses: socket.Address[] = [];
    const { server, reports } = serving(async (conn, address) => {
      addresses.push(address);
      await echo(conn);
    });
    const clients = [await clientOf(server), await clientOf(server)];
    const names = clients.map((client) => client.getsockname());
    for (const client of clients) {
      await client.sendall('hello');
      client.shutdown(socket.SHUT_WR);
      expect(await story(client)).toEqual([5, 0, 0]);
    }
    await server.close();
    expect(addresses).toEqual(names);
    expect(server).toMatchObject({ accepted: 2, active: 0, waiting: 0, refused: 0, failed: 0 });
    expect(reports).toEqual([]);
  });

  it('serves Unix sockets', async () => {
    const path = temporaryPath();
    const { server } = servingOn(listeningAt(path), echo);
    expect(server.address).toBe(path);
    const client = unix();
    await client.connect(path);
    await client.sendall('hello');
    client.shutdown(socket.SHUT_WR);
    expect(String(await recvAll(client))).toBe('hello');
  });

  it('takes a handler that is not asynchronous', async () => {
    const { server } = serving((conn) => conn.shutdown(socket.SHUT_RDWR));
    expect(await story(await clientOf(server))).toEqual([0, 0]);
    await server.close();
    expect(server.failed).toBe(0);
  });

  it('keeps the address after the end, when the port is free', async () => {
    const { server } = serving(echo);
    const { address } = server;
    await server.close();
    expect(server.address).toEqual(address);
    const next = own(socket.socket());
    next.bind(address);
    next.listen();
  });

  it('ignores the time limit of the listener, which is for accept()', async () => {
    const listener = listening();
    listener.settimeout(0);
    const { server, reports } = servingOn(listener, (conn) => conn.sendall('x'));
    expect(String(await recvAll(await clientOf(server)))).toBe('x');
    expect(reports).toEqual([]);
  });

  it('closes a connection although a file uses it', async () => {
    const { server } = serving(async (conn) => {
      const file = conn.makefile('rb');
      await file.read(1);
    });
    const client = await clientOf(server);
    await client.sendall('x');
    expect(await story(client)).toEqual([0, 0]);
  });
});

describe('the arguments of serve()', () => {
  const handler = (): undefined => undefined;

  it.each([
    [{ concurrency: 0 }, RangeError, 'serve(): concurrency must be more than 0, and finite (received 0)'],
    [{ concurrency: 1.5 }, RangeError, 'serve(): concurrency must be a whole number (received 1.5)'],
    [{ concurrency: '1' }, TypeError, "serve(): concurrency must be a number (received '1')"],
    [{ rate: -1 }, RangeError, 'serve(): rate must be more than 0, and finite (received -1)'],
    [{ rate: NaN }, RangeError, 'serve(): rate must be more than 0, and finite (received NaN)'],
    [{ handlerTimeout: 0 }, RangeError, 'serve(): handlerTimeout must be more than 0, and finite (received 0)'],
    [{ handlerTimeout: 2 ** 22 }, RangeError, 'serve(): handlerTimeout must be at most 2147483 seconds'],
    [{ setupTimeout: Infinity }, RangeError, 'serve(): setupTimeout must be more than 0, and finite'],
    [{ signal: {} }, TypeError, 'serve(): signal must be an AbortSignal (received {})'],
    [{ onError: 1 }, TypeError, 'serve(): onError must be a function (received 1)'],
    [{ onerror: handler }, TypeError, "serve() has no option 'onerror'"],
  ])('are refused before anything begins: %p', async (options, kind, text) => {
    const listener = listening();
    const error = thrown(() => void Reflect.apply(serve, undefined, [listener, handler, options]));
    expect(error).toBeInstanceOf(kind);
    expect(error).toHaveProperty('message', expect.stringContaining(text));
    // It is still the test's own.
    const client = tcp();
    await client.connect(listener.getsockname());
    await accepted(listener);
  });

  it('are refused where they are no listener and no handler', () => {
    expect(() => void Reflect.apply(serve, undefined, [1, handler])).toThrow(
      'serve(): listener must be a socket (received 1)',
    );
    expect(() => void Reflect.apply(serve, undefined, [listening()])).toThrow('serve(): handler must be a function');
  });

  it('raise what accept() raises of a socket that does not listen', () => {
    expect(thrown(() => serve(tcp(), handler))).toMatchObject({ ...EINVAL, syscall: 'serve' });
    const closed = tcp();
    closed.close();
    expect(thrown(() => serve(closed, handler))).toMatchObject({ ...EBADF, syscall: 'serve' });
  });

  it('raise the reason of a signal that is aborted already', async () => {
    const listener = listening();
    const reason = new Error('too late');
    expect(thrown(() => serve(listener, handler, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    const client = tcp();
    await client.connect(listener.getsockname());
    await accepted(listener);
  });
});

describe('an error of a handler', () => {
  it('is reported with the address, resets the connection, and ends nothing else', async () => {
    const error = new Error('in the handler');
    const { server, reports } = serving(async (conn) => {
      if (String(await conn.recv(4)) === 'fail') throw error;
      await conn.sendall('done');
    });
    const failing = await clientOf(server);
    const address = failing.getsockname();
    const lasting = await clientOf(server);
    await failing.sendall('fail');
    expect(await story(failing)).toEqual(['ECONNRESET', 0, 0]);
    await lasting.sendall('work');
    expect(String(await recvAll(lasting))).toBe('done');
    await server.close();
    expect(reports).toEqual([[error, address]]);
    expect(server).toMatchObject({ accepted: 2, failed: 1, refused: 0 });
  });

  it('may be anything', async () => {
    const gate = new Gate();
    const { server, reports } = serving(async () => {
      await gate.opened;
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- a program may throw anything
      throw undefined;
    });
    const client = await clientOf(server);
    gate.open();
    expect(await story(client)).toEqual(['ECONNRESET', 0, 0]);
    expect(reports).toEqual([[undefined, expect.anything()]]);
  });

  it('is a warning where no onError is given', async () => {
    const warned = warnings();
    const server = serve(listening(), async (conn) => {
      await conn.recv(1);
      throw new Error('not caught');
    });
    own({ [Symbol.dispose]: () => void server.abort() });
    const client = await clientOf(server);
    await client.sendall('x');
    const [, port] = client.getsockname();
    await until(() => warned.length === 1);
    const text = `the handler for 127.0.0.1:${port} failed: Error: not caught\n    at `;
    expect(warned).toEqual([[expect.stringContaining(text), { code: 'AWAIT_SOCKET_SERVE' }]]);
  });

  it.each([
    ['of a Unix client', (): unknown => 'no error', "the handler for a client failed: 'no error'"],
    ['of the listener', undefined, 'the socket that is served failed: OSError: [Errno 9] Bad file descriptor'],
  ])('is a warning as well where it is %s', async (_, thrownBy, text) => {
    const warned = warnings();
    const path = temporaryPath();
    const listener = listeningAt(path);
    const server = serve(listener, async (conn) => {
      await conn.recv(1);
      throw thrownBy?.();
    });
    own({ [Symbol.dispose]: () => void server.abort() });
    if (thrownBy === undefined) {
      listener.close();
    } else {
      const client = unix();
      await client.connect(path);
      await client.sendall('x');
    }
    await until(() => warned.length === 1);
    expect(warned).toEqual([[expect.stringContaining(text), { code: 'AWAIT_SOCKET_SERVE' }]]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('of onError');
      },
    ],
    [
      'is rejected',
      async () => {
        throw new Error('of onError');
      },
    ],
  ])('ends nothing where onError() itself %s', async (_, onError: () => unknown) => {
    const warned = warnings();
    const { server } = serving(
      async (conn) => {
        await conn.recv(1);
        throw new Error('of the handler');
      },
      { onError },
    );
    const clients = [await clientOf(server), await clientOf(server)];
    await clients[0]?.sendall('x');
    await until(() => warned.length === 1);
    expect(warned[0]).toContainEqual(expect.stringContaining('onError() failed: Error: of onError\n'));
    await clients[1]?.sendall('x');
    await until(() => server.failed === 2);
  });
});

describe('concurrency', () => {
  it('limits how many handlers run; others wait until a place is free', async () => {
    const gates = [new Gate(), new Gate(), new Gate(), new Gate()];
    const begun: number[] = [];
    let most = 0;
    const { server } = serving(
      async (conn) => {
        const number = (await conn.recv(1))[0] ?? 0;
        begun.push(number);
        most = Math.max(most, server.active);
        await gates[number]?.opened;
      },
      { concurrency: 2 },
    );
    const clients: socket.Socket[] = [];
    for (let number = 0; number < 4; number += 1) {
      const client = await clientOf(server);
      await client.sendall(Buffer.of(number));
      clients.push(client);
    }
    await until(() => server.waiting === 2 && begun.length === 2);
    await turns(20);
    expect(begun).toEqual([0, 1]);
    expect(server.active).toBe(2);
    gates[1]?.open();
    await until(() => begun.length === 3);
    expect(begun).toEqual([0, 1, 2]);
    for (const gate of gates) gate.open();
    await server.close();
    expect(most).toBe(2);
    expect(server).toMatchObject({ accepted: 4, active: 0, waiting: 0, failed: 0 });
  });

  it('takes no more from the listener than it can hold: the rest stays in the queue of the socket', async () => {
    const gate = new Gate();
    const listener = listening();
    const { server } = servingOn(listener, () => gate.opened, { concurrency: 1 });
    for (let count = 0; count < 5; count += 1) await clientOf(server);
    await until(() => server.waiting === 4);
    expect(server.accepted).toBe(2);
    gate.open();
    await server.close();
    expect(server.accepted).toBe(5);
  });
});

describe('rate', () => {
  it('limits how many handlers begin within any one second', async () => {
    const begun: number[] = [];
    const { server } = serving(() => begun.push(performance.now()), { rate: 20 });
    const clients = await Promise.all(Array.from({ length: 30 }, () => clientOf(server)));
    for (const client of clients) await recvAll(client);
    // p-queue counts by a clock of whole milliseconds, and timers may fire one early.
    const gaps = begun.slice(20).map((time, index) => time - (begun[index] ?? 0));
    expect(gaps).toHaveLength(10);
    for (const gap of gaps) expect(gap).toBeGreaterThan(990);
  });

  it('may be less than one a second, and close() still serves those that wait', async () => {
    const begun: number[] = [];
    const { server } = serving(() => begun.push(performance.now()), { rate: 5.5 });
    for (let count = 0; count < 6; count += 1) await clientOf(server);
    await server.close();
    expect(begun).toHaveLength(6);
    // Five in each interval of 10/11 s.
    expect((begun[5] ?? 0) - (begun[0] ?? 0)).toBeGreaterThan(900);
  });

  it('does not keep those that wait from being refused', async () => {
    const { server } = serving(() => undefined, { rate: 0.01 });
    const [first, second] = [await clientOf(server), await clientOf(server)];
    expect(await story(first)).toEqual([0, 0]);
    await until(() => server.waiting === 1);
    await server.abort();
    expect(await story(second)).toEqual(['ECONNRESET', 0, 0]);
    expect(server).toMatchObject({ accepted: 2, refused: 1, failed: 0, waiting: 0 });
  });
});

describe('handlerTimeout', () => {
  it('aborts the signal with a TimeoutError, and resets the connection', async () => {
    const reasons: unknown[] = [];
    const { server, reports } = serving(
      async (conn, _, { signal }) => {
        await conn.recv(1, { signal }).catch((error: unknown) => {
          reasons.push(error);
          throw error;
        });
      },
      { handlerTimeout: 0.02 },
    );
    const client = await clientOf(server);
    expect(await story(client)).toEqual(['ECONNRESET', 0, 0]);
    await server.close();
    expect(reasons[0]).toBeInstanceOf(socket.TimeoutError);
    expect(reasons[0]).toMatchObject({ message: 'the handler took longer than 0.02 s' });
    expect(reports).toEqual([[reasons[0], expect.anything()]]);
    expect(server.failed).toBe(1);
  });

  it('wakes a handler that does not look at its signal, once, by the end of its connection', async () => {
    const { server, reports } = serving((conn) => conn.recv(1), { handlerTimeout: 0.02 });
    expect(await story(await clientOf(server))).toEqual(['ECONNRESET', 0, 0]);
    await server.close();
    expect(reports).toMatchObject([[{ name: 'TimeoutError' }, expect.anything()]]);
  });

  it('frees the place only when the handler has ended', async () => {
    const gate = new Gate();
    let most = 0;
    const { server, reports } = serving(
      async () => {
        most = Math.max(most, server.active);
        await gate.opened;
      },
      { concurrency: 1, handlerTimeout: 0.02 },
    );
    const [first, second] = [await clientOf(server), await clientOf(server)];
    expect(await story(first)).toEqual(['ECONNRESET', 0, 0]);
    const waits = second.recv(1);
    expect(await staysPending(waits)).toBe(true);
    expect(server).toMatchObject({ active: 1, waiting: 1, failed: 0 });
    gate.open();
    expect(await waits.then(String)).toBe('');
    await server.close();
    expect(most).toBe(1);
    expect(reports).toMatchObject([[{ name: 'TimeoutError' }, expect.anything()]]);
    expect(server).toMatchObject({ accepted: 2, failed: 1 });
  });

  it('reports what a handler throws after its time besides', async () => {
    const late = new Error('late');
    const { server, reports } = serving(
      async (conn) => {
        await conn.recv(1).catch(() => undefined);
        throw late;
      },
      { handlerTimeout: 0.02 },
    );
    await recvAll(await clientOf(server)).catch(() => undefined);
    await server.close();
    expect(reports.map(([error]) => error)).toEqual([late, expect.objectContaining({ name: 'TimeoutError' })]);
    expect(server.failed).toBe(1);
  });
});

describe('close()', () => {
  it('lets handlers finish, and is resolved once they have', async () => {
    const gate = new Gate();
    const { server } = serving(async (conn) => {
      await gate.opened;
      await conn.sendall('to the end');
    });
    const client = await clientOf(server);
    await until(() => server.active === 1);
    const closed = server.close();
    expect(await staysPending(closed)).toBe(true);
    await expect(tcp().connect(server.address as socket.Inet4Address)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    gate.open();
    await closed;
    expect(String(await recvAll(client))).toBe('to the end');
    await server.close();
    expect(server.failed).toBe(0);
  });

  it('serves all who have connected by then, even if they were not accepted yet', async () => {
    const gate = new Gate();
    const { server, reports } = serving(
      async (conn) => {
        await gate.opened;
        await conn.sendall('served');
      },
      { concurrency: 1 },
    );
    const clients = await Promise.all(Array.from({ length: 20 }, () => clientOf(server)));
    const closed = server.close();
    gate.open();
    for (const client of clients) expect(String(await recvAll(client))).toBe('served');
    await closed;
    expect(server).toMatchObject({ accepted: 20, refused: 0, failed: 0, waiting: 0 });
    expect(reports).toEqual([]);
  });

  it('closes at the end of an `await using` block', async () => {
    const listener = listening();
    let isDone = false;
    {
      await using server = serve(listener, async (conn) => {
        await conn.recv(1);
        await turns(5);
        isDone = true;
      });
      const client = await clientOf(server);
      await client.sendall('x');
      await until(() => server.active === 1);
    }
    expect(isDone).toBe(true);
    await expect(listener.accept()).rejects.toMatchObject(EBADF);
  });

  it('happens by itself where the program closes the listener, which is reported', async () => {
    const listener = listening();
    const gate = new Gate();
    const { server, reports } = servingOn(listener, () => gate.opened);
    await clientOf(server);
    await until(() => server.active === 1);
    listener.close();
    await until(() => reports.length === 1);
    expect(reports).toMatchObject([[EBADF, null]]);
    gate.open();
    await server.close();
    expect(server).toMatchObject({ accepted: 1, failed: 0 });
  });
});

describe('abort()', () => {
  it("aborts the handlers' signals, resets connections, refuses those that wait, and reports nothing of that", async () => {
    const reason = new Error('the end');
    const reasons: unknown[] = [];
    const { server, reports } = serving(
      async (conn, _, { signal }) => {
        await conn.recv(1, { signal }).catch((error: unknown) => {
          reasons.push(error);
          throw error;
        });
      },
      { concurrency: 1 },
    );
    const clients = [await clientOf(server), await clientOf(server), await clientOf(server)];
    await until(() => server.active === 1 && server.waiting === 2);
    await server.abort(reason);
    for (const client of clients) expect(await story(client)).toEqual(['ECONNRESET', 0, 0]);
    expect(reasons).toEqual([reason]);
    expect(reports).toEqual([]);
    expect(server).toMatchObject({ accepted: 2, active: 0, waiting: 0, refused: 2, failed: 1 });
  });

  it('is resolved once handlers have ended that do not obey', async () => {
    const gate = new Gate();
    const { server } = serving(() => gate.opened);
    const client = await clientOf(server);
    await until(() => server.active === 1);
    const aborted = server.abort();
    expect(await story(client)).toEqual(['ECONNRESET', 0, 0]);
    expect(await staysPending(aborted)).toBe(true);
    expect(server.active).toBe(1);
    gate.open();
    await Promise.all([aborted, server.abort(), server.close()]);
    expect(server.active).toBe(0);
  });

  it('ends close() early', async () => {
    const { server } = serving((conn) => conn.recv(1), { concurrency: 1 });
    const clients = await Promise.all([clientOf(server), clientOf(server)]);
    await until(() => server.active === 1);
    const closed = server.close();
    await turns(5);
    await server.abort();
    await closed;
    for (const client of clients) expect(await story(client)).toEqual(['ECONNRESET', 0, 0]);
    expect(server).toMatchObject({ refused: 1, failed: 1 });
  });

  it('happens when the signal is aborted', async () => {
    const controller = new AbortController();
    const reasons: unknown[] = [];
    const { server } = serving(
      async (_conn, _address, { signal }) => {
        await once(signal, 'abort');
        reasons.push(signal.reason);
      },
      { signal: controller.signal },
    );
    const client = await clientOf(server);
    await until(() => server.active === 1);
    controller.abort('enough');
    expect(await story(client)).toEqual(['ECONNRESET', 0, 0]);
    await server.close();
    expect(reasons).toEqual(['enough']);
  });

  it('has an AbortError as its reason', async () => {
    let reason: unknown;
    const { server } = serving(async (_conn, _address, { signal }) => {
      await once(signal, 'abort');
      reason = signal.reason;
    });
    await clientOf(server);
    await until(() => server.active === 1);
    await server.abort();
    expect(reason).toMatchObject({ name: 'AbortError', message: 'the server was aborted' });
  });
});

describe('a listener that fails', () => {
  /** A listener whose first calls of accept() fail. */
  class Failing extends socket.Socket {
    calls = 0;
    readonly times: number[] = [];

    override async accept(options?: socket.WaitOptions): ReturnType<socket.Socket['accept']> {
      this.calls += 1;
      this.times.push(performance.now());
      if (this.calls <= 3) throw new socket.OSError(24);
      return await super.accept(options);
    }
  }

  function failing(): Failing {
    const listener = own(new Failing());
    listener.bind(['127.0.0.1', 0]);
    listener.listen();
    return listener;
  }

  it('is reported, and tried again after pauses that grow', async () => {
    const listener = failing();
    const { server, reports } = servingOn(listener, (conn) => conn.sendall('at last'));
    expect(String(await recvAll(await clientOf(server)))).toBe('at last');
    expect(reports.map(([error, address]) => [error, address])).toMatchObject(
      Array.from({ length: 3 }, () => [{ code: 'EMFILE' }, null]),
    );
    const pauses = listener.times.slice(1, 4).map((time, index) => time - (listener.times[index] ?? 0));
    [5, 10, 20].forEach((least, index) => expect(pauses[index]).toBeGreaterThan(least - 2));
  });

  it('can be closed during the pause', async () => {
    const listener = failing();
    const { server, reports } = servingOn(listener, () => undefined);
    await until(() => reports.length === 1);
    await server.close();
    expect(server.accepted).toBe(0);
  });

  it('that fails while close() takes who has connected is reported', async () => {
    const gate = new Gate();
    const listener = failing();
    listener.calls = 3;
    const { server, reports } = servingOn(listener, () => gate.opened, { concurrency: 1 });
    for (let count = 0; count < 3; count += 1) await clientOf(server);
    await until(() => server.waiting === 2);
    listener.calls = 0;
    const closed = server.close();
    gate.open();
    await closed;
    expect(reports).toMatchObject([[{ code: 'EMFILE' }, null]]);
  });
});

describe('the async context of a handler', () => {
  it('is that of serve(), also for clients that close() takes', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const { server } = storage.run('of serve()', () => serving(() => seen.push(storage.getStore())));
    await Promise.all(Array.from({ length: 20 }, () => clientOf(server)));
    await storage.run('of close()', () => server.close());
    expect(seen).toEqual(Array.from({ length: 20 }, () => 'of serve()'));
  });
});

describe('a client', () => {
  it('that resets its connection ends its own handler alone', async () => {
    const { server, reports } = serving(echo);
    const client = await clientOf(server);
    await until(() => server.active === 1);
    reset(client);
    await until(() => server.failed === 1);
    expect(reports).toMatchObject([[ECONNRESET, expect.anything()]]);
    const next = await clientOf(server);
    await next.sendall('x');
    next.shutdown(socket.SHUT_WR);
    expect(String(await recvAll(next))).toBe('x');
  });

  it('can be handed on by a handler that waits for the end', async () => {
    const { server } = serving(async (conn) => {
      const [ours, theirs] = await pair();
      await theirs.sendall(await conn.recv(1));
      await conn.sendall(await ours.recv(1));
    });
    const client = await clientOf(server);
    await client.sendall('x');
    expect(String(await recvAll(client))).toBe('x');
  });
});
