import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import {
  serveDatagrams,
  type DatagramHandler,
  type ServeDatagramsOptions,
  type Server,
} from '../../lib/serve/index.ts';
import { EBADF, EINVAL, ENOTSUP } from '../support/expected-errors.ts';
import { own, staysPending, tcp, turns } from '../support/pairs.ts';
import { thrown } from '../support/thrown.ts';
import { Gate, until, type Report } from './servers.ts';

function datagrams(): socket.Socket {
  const one = own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
  one.bind(['127.0.0.1', 0]);
  return one;
}

/** A server of datagrams, and what it has reported; it is aborted at the end of the test. */
function serving(
  sock: socket.Socket,
  handler: DatagramHandler,
  options: ServeDatagramsOptions = {},
): { server: Server; reports: Report[] } {
  const reports: Report[] = [];
  const onError = (error: unknown, address: socket.Address | null): unknown => reports.push([error, address]);
  const server = serveDatagrams(sock, handler, { onError, ...options });
  own({ [Symbol.dispose]: () => void server.abort() });
  return { server, reports };
}

describe('serveDatagrams()', () => {
  it('calls the handler with each datagram and its sender', async () => {
    const sock = datagrams();
    const { server, reports } = serving(sock, async (data, address) => {
      await sock.sendto(`${String(data)} from ${String(address)}`, address);
    });
    const client = datagrams();
    for (const text of ['one', '', 'three']) {
      await client.sendto(text, server.address);
      expect(String(await client.recv(100))).toBe(`${text} from ${String(client.getsockname())}`);
    }
    expect(server).toMatchObject({ accepted: 3, active: 0, waiting: 0, refused: 0, failed: 0 });
    expect(server.address).toEqual(sock.getsockname());
    await server.close();
    expect(reports).toEqual([]);
    expect(sock.fileno()).toBe(-1);
  });

  it('receives no more of a datagram than `bufsize`', async () => {
    const received: string[] = [];
    const { server } = serving(datagrams(), (data) => received.push(String(data)), { bufsize: 3 });
    await datagrams().sendto('abcdef', server.address);
    await until(() => received.length === 1);
    expect(received).toEqual(['abc']);
  });

  it('reports an error of a handler, with the address, and goes on', async () => {
    const error = new Error('in the handler');
    const sock = datagrams();
    const { server, reports } = serving(sock, async (data, address) => {
      if (data.length === 0) throw error;
      await sock.sendto(data, address);
    });
    const client = datagrams();
    await client.sendto('', server.address);
    await client.sendto('x', server.address);
    expect(String(await client.recv(1))).toBe('x');
    expect(reports).toEqual([[error, client.getsockname()]]);
    expect(server.failed).toBe(1);
  });

  it('limits how many handlers run, and frees the place of one that has had its time when it has ended', async () => {
    const [late, gate] = [new Gate(), new Gate()];
    const aborted: unknown[] = [];
    let most = 0;
    const handler: DatagramHandler = async (_data, _address, { signal }) => {
      most = Math.max(most, server.active);
      await once(signal, 'abort');
      late.open();
      await gate.opened;
      aborted.push(signal.reason);
    };
    const { server, reports } = serving(datagrams(), handler, { concurrency: 1, handlerTimeout: 0.02 });
    const client = datagrams();
    await client.sendto('one', server.address);
    await client.sendto('two', server.address);
    await late.opened;
    await turns(20);
    expect(server).toMatchObject({ active: 1, failed: 0 });
    gate.open();
    await until(() => reports.length === 2);
    expect(reports).toMatchObject(Array.from({ length: 2 }, () => [{ name: 'TimeoutError' }, client.getsockname()]));
    expect(aborted).toEqual(reports.map(([error]) => error));
    expect(most).toBe(1);
    expect(server).toMatchObject({ accepted: 2, failed: 2 });
  });

  it('ignores the time limit of the socket', async () => {
    const sock = datagrams();
    sock.settimeout(0);
    const { server, reports } = serving(sock, (data, address) => sock.sendto(data, address));
    const client = datagrams();
    await client.sendto('x', server.address);
    await client.recv(1);
    expect(reports).toEqual([]);
  });

  it('close() lets handlers finish, and answer', async () => {
    const gate = new Gate();
    const sock = datagrams();
    const { server } = serving(sock, async (data, address) => {
      await gate.opened;
      await sock.sendto(data, address);
    });
    const client = datagrams();
    await client.sendto('x', server.address);
    await until(() => server.active === 1);
    const closed = server.close();
    expect(await staysPending(closed)).toBe(true);
    gate.open();
    await closed;
    expect(String(await client.recv(1))).toBe('x');
    expect(sock.fileno()).toBe(-1);
  });

  it("abort() aborts the handlers' signals, and closes the socket at once", async () => {
    const gate = new Gate();
    const sock = datagrams();
    let reason: unknown;
    const { server } = serving(sock, async (_data, _address, { signal }) => {
      await gate.opened;
      reason = signal.reason;
    });
    await datagrams().sendto('x', server.address);
    await until(() => server.active === 1);
    const aborted = server.abort('enough');
    expect(sock.fileno()).toBe(-1);
    await turns(3);
    expect(server.active).toBe(1);
    gate.open();
    await aborted;
    expect(reason).toBe('enough');
    expect(server.failed).toBe(1);
  });

  it('ends where the program closes the socket, which is reported', async () => {
    const sock = datagrams();
    const { server, reports } = serving(sock, () => undefined);
    sock.close();
    await until(() => reports.length === 1);
    expect(reports).toMatchObject([[EBADF, null]]);
    await server.close();
  });

  it('ends where the program shuts the socket down, which is reported', async () => {
    const sock = datagrams();
    const { server, reports } = serving(sock, () => undefined);
    await sock.connect(sock.getsockname());
    sock.shutdown(socket.SHUT_RD);
    await until(() => reports.length === 1);
    expect(reports).toMatchObject([[{ code: 'ESHUTDOWN', syscall: 'recvfrom' }, null]]);
    await server.close();
    expect(server.accepted).toBe(0);
  });

  it('reports an error of the socket, and goes on', async () => {
    const sock = datagrams();
    const gone = datagrams();
    await sock.connect(gone.getsockname());
    const received: string[] = [];
    const { reports } = serving(sock, (data) => received.push(String(data)));
    const address = gone.getsockname();
    gone.close();
    await sock.send('x');
    await until(() => reports.length === 1);
    expect(reports).toMatchObject([[{ code: 'ECONNREFUSED' }, null]]);
    const next = own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
    next.bind(address);
    await next.sendto('still here', sock.getsockname());
    await until(() => received.length === 1);
    expect(received).toEqual(['still here']);
  });
});

describe('the arguments of serveDatagrams()', () => {
  const handler = (): undefined => undefined;

  it.each([
    [{ bufsize: 0 }, RangeError, 'serveDatagrams(): bufsize must be more than 0, and finite (received 0)'],
    [{ bufsize: 1.5 }, RangeError, 'serveDatagrams(): bufsize must be a whole number (received 1.5)'],
    [{ setupTimeout: 1 }, TypeError, "serveDatagrams() has no option 'setupTimeout'"],
  ])('are refused before anything begins: %p', (options, kind, text) => {
    const error = thrown(() => void Reflect.apply(serveDatagrams, undefined, [datagrams(), handler, options]));
    expect(error).toBeInstanceOf(kind);
    expect(error).toHaveProperty('message', expect.stringContaining(text));
  });

  it('are refused where they are no socket for datagrams that is bound', () => {
    expect(() => void Reflect.apply(serveDatagrams, undefined, [{}, handler])).toThrow('sock must be a socket');
    expect(() => void Reflect.apply(serveDatagrams, undefined, [datagrams(), 1])).toThrow('handler must be a function');
    expect(thrown(() => serveDatagrams(tcp(), handler))).toMatchObject({ ...ENOTSUP, syscall: 'serveDatagrams' });
    const unbound = own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
    expect(thrown(() => serveDatagrams(unbound, handler))).toMatchObject({ ...EINVAL, syscall: 'serveDatagrams' });
  });
});
