import { afterEach, describe, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { dnsError, fakeLookup } from '../support/dns.ts';
import {
  EAGAIN,
  EAI_ADDRFAMILY,
  EAI_NONAME,
  EALREADY,
  EBADF,
  ECONNREFUSED,
  EINPROGRESS,
  EINVAL,
  EISCONN,
  ENOTCONN,
  TIMED_OUT,
} from '../support/expected-errors.ts';
import {
  accepted,
  bound,
  deserted,
  FAMILIES,
  listening,
  loopback,
  own,
  pair,
  portOf,
  reset,
  tcp,
  turns,
} from '../support/pairs.ts';
import { unanswering } from '../support/python-child.ts';
import { hasPython } from '../support/python.ts';

const { SO_ERROR, SOL_SOCKET } = socket;

afterEach(() => void jest.restoreAllMocks());

describe.each(FAMILIES)('connect() on %s', (_name, family) => {
  it('connects, and both ends know both names', async () => {
    const listener = listening(family);
    const client = tcp(family);
    await client.connect(listener.getsockname());
    expect(client.getpeername()).toEqual(listener.getsockname());
    expect(client.getsockname()[0]).toBe(loopback(family));
    expect((await accepted(listener)).getpeername()).toEqual(client.getsockname());
  });

  it("takes '' for this machine", async () => {
    const listener = listening(family);
    const client = tcp(family);
    await client.connect(['', portOf(listener)]);
    expect(client.getpeername()[1]).toBe(portOf(listener));
  });

  it('raises ConnectionRefusedError where no socket listens, and may be tried again', async () => {
    const client = tcp(family);
    const address = deserted(family);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await expect(client.connect(address)).rejects.toMatchObject({ ...ECONNREFUSED, syscall: 'connect' });
    }
    expect(() => client.getpeername()).toThrow(expect.objectContaining(ENOTCONN));
    const listener = listening(family);
    await client.connect(listener.getsockname());
    await client.sendall('x');
    expect(String(await (await accepted(listener)).recv(1))).toBe('x');
  });

  it('raises ConnectionRefusedError for port 0', async () => {
    await expect(tcp(family).connect([loopback(family), 0])).rejects.toMatchObject(ECONNREFUSED);
  });

  it('keeps the port that the socket is bound to', async () => {
    const client = bound(family);
    const name = client.getsockname();
    const listener = listening(family);
    await client.connect(listener.getsockname());
    expect(client.getsockname()).toEqual(name);
    const [connection, address] = await listener.accept();
    expect(address).toEqual(name);
    connection.close();
  });

  it('raises EISCONN on a connection and on a listener', async () => {
    const [client, server] = await pair(family);
    const listener = listening(family);
    for (const one of [client, server, listening(family)]) {
      await expect(one.connect(listener.getsockname())).rejects.toMatchObject(EISCONN);
    }
    await client.sendall('unharmed');
    expect(String(await server.recv(100))).toBe('unharmed');
  });

  it('raises EAI_ADDRFAMILY for an address of the other family', async () => {
    const other = family === socket.AF_INET6 ? '127.0.0.1' : '::1';
    await expect(tcp(family).connect([other, 80])).rejects.toMatchObject(EAI_ADDRFAMILY);
    await expect(tcp(family).connectEx([other, 80])).rejects.toMatchObject(EAI_ADDRFAMILY);
  });

  it('raises EALREADY while another connect() is under way', async () => {
    const listener = listening(family);
    const client = tcp(family);
    const connecting = client.connect(listener.getsockname());
    await expect(client.connect(listener.getsockname())).rejects.toMatchObject(EALREADY);
    expect(() => client.getpeername()).toThrow(expect.objectContaining(ENOTCONN));
    await connecting;
    expect(client.getpeername()).toEqual(listener.getsockname());
  });

  it('is woken by close() with EBADF', async () => {
    const listener = listening(family);
    const client = tcp(family);
    const connecting = client.connect(listener.getsockname());
    client.close();
    await expect(connecting).rejects.toMatchObject(EBADF);
    const looking = tcp(family);
    const byName = looking.connect(['localhost', portOf(listener)]);
    looking.close();
    await expect(byName).rejects.toMatchObject(EBADF);
  });

  it('lets recv() and send() wait for the connection', async () => {
    const listener = listening(family);
    const client = tcp(family);
    const connecting = client.connect(listener.getsockname());
    const sending = client.sendall('early');
    const receiving = client.recv(100);
    await Promise.all([connecting, sending]);
    const connection = await accepted(listener);
    expect(String(await connection.recv(100))).toBe('early');
    await connection.sendall('answer');
    expect(String(await receiving)).toBe('answer');
  });
});

describe('connect()', () => {
  it.each([
    ['one field', ['127.0.0.1']],
    ['three fields', ['127.0.0.1', 1, 0]],
    ['no tuple', 'localhost'],
    ['null for a host', [null, 80]],
    ['a number for a host', [2130706433, 80]],
    ['a fraction for a port', ['127.0.0.1', 80.5]],
    ['text for a port', ['127.0.0.1', '80']],
    ['NUL in a host', ['local\0host', 80]],
  ])('rejects with TypeError for %s, closed too', async (_title, address) => {
    const client = tcp();
    // @ts-expect-error -- these are deliberately no addresses
    await expect(client.connect(address)).rejects.toThrow(TypeError);
    client.close();
    // @ts-expect-error -- these are deliberately no addresses
    await expect(client.connect(address)).rejects.toThrow(TypeError);
    // @ts-expect-error -- these are deliberately no addresses
    await expect(client.connectEx(address)).rejects.toThrow(TypeError);
  });

  it.each([-1, 65536])('rejects with RangeError for port %d, closed too', async (port) => {
    const client = tcp();
    await expect(client.connect(['127.0.0.1', port])).rejects.toThrow('connect(): port must be 0-65535');
    client.close();
    await expect(client.connect(['127.0.0.1', port])).rejects.toThrow(RangeError);
    await expect(client.connectEx(['127.0.0.1', port])).rejects.toThrow(RangeError);
  });

  it('looks a name up, in the family of the socket', async () => {
    const listener = listening();
    const client = tcp();
    await client.connect(['localhost', portOf(listener)]);
    expect(client.getpeername()).toEqual(['127.0.0.1', portOf(listener)]);
    expect(await client.connectEx(['localhost', portOf(listener)])).toBe(106);
  });

  it('raises gaierror for a name that does not exist', async () => {
    fakeLookup('lookup', (_host, end) => end(dnsError('ENOTFOUND')));
    const connecting = tcp().connect(['no-such-host.invalid', 80]);
    await expect(connecting).rejects.toBeInstanceOf(socket.gaierror);
    await expect(connecting).rejects.toMatchObject(EAI_NONAME);
  });

  it('leaves the socket fresh after a name that does not exist', async () => {
    fakeLookup('lookup', (_host, end) => end(dnsError('ENOTFOUND')));
    const client = tcp();
    await expect(client.connect(['no-such-host.invalid', 80])).rejects.toBeInstanceOf(socket.gaierror);
    await client.connect(listening().getsockname());
  });
});

describe('connectEx()', () => {
  it('gives the number of what the system says', async () => {
    const listener = listening();
    const client = tcp();
    expect(await client.connectEx(deserted())).toBe(111);
    expect(await client.connectEx(listener.getsockname())).toBe(0);
    expect(await client.connectEx(listener.getsockname())).toBe(106);
    expect(await listener.connectEx(listener.getsockname())).toBe(106);
    client.close();
    expect(await client.connectEx(listener.getsockname())).toBe(9);
  });

  it('gives 9 when close() ends the wait', async () => {
    const client = tcp();
    const connecting = client.connectEx(listening().getsockname());
    client.close();
    expect(await connecting).toBe(9);
  });
});

describe.each(FAMILIES)('connect() with a time limit on %s', (_name, family) => {
  it('succeeds once more where the connection is open; then it raises EISCONN', async () => {
    const address = listening(family).getsockname();
    const client = tcp(family);
    client.settimeout(30);
    await client.connect(address);
    client.settimeout(null);
    expect(await client.connectEx(address)).toBe(0);
    expect(await client.connectEx(address)).toBe(106);
  });

  it('raises the reset that has ended the connection, and connects anew', async () => {
    const listener = listening(family);
    const client = tcp(family);
    client.settimeout(30);
    await client.connect(listener.getsockname());
    reset(await accepted(listener));
    await expect(client.recv(1)).rejects.toMatchObject({ code: 'ECONNRESET' });
    // The receive has taken the error itself.
    expect(await client.connectEx(listener.getsockname())).toBe(103);
    await expect(client.recv(1)).rejects.toMatchObject(ENOTCONN);
    await client.connect(listener.getsockname());
    const conn = await accepted(listener);
    await conn.sendall('anew');
    expect(String(await client.recv(10))).toBe('anew');
  });

  it('raises EISCONN after shutdown()', async () => {
    const address = listening(family).getsockname();
    const client = tcp(family);
    client.settimeout(30);
    await client.connect(address);
    client.shutdown(socket.SHUT_WR);
    expect(await client.connectEx(address)).toBe(106);
  });
});

describe('connect() that does not wait', () => {
  /** A socket that does not wait, with a connect() under way. */
  async function started(address: socket.AddressLike): Promise<socket.Socket> {
    const client = tcp();
    client.setblocking(false);
    await expect(client.connect(address)).rejects.toMatchObject({ ...EINPROGRESS, syscall: 'connect' });
    return client;
  }

  /** Waits for the connect() to end, and returns the outcome of a recv(). */
  async function settled(client: socket.Socket): Promise<unknown> {
    client.setblocking(true);
    const outcome: unknown = await client.recv(1, socket.MSG_PEEK).catch((error: unknown) => error);
    client.setblocking(false);
    return outcome;
  }

  it('makes the connection all the same; then connect() succeeds once, and raises EISCONN', async () => {
    const listener = listening();
    const address = listener.getsockname();
    const client = await started(address);
    const connection = await accepted(listener);
    await connection.sendall('x');
    expect(String(await settled(client))).toBe('x');
    expect(client.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(0);
    expect(client.getpeername()).toEqual(address);
    // As on Linux: the first connect() after the connection was made succeeds; only later ones raise EISCONN.
    expect(await client.connectEx(address)).toBe(0);
    expect(await client.connectEx(address)).toBe(106);
    expect(String(await client.recv(1))).toBe('x');
  });

  it('reports a refusal in the next call that waits: recv()', async () => {
    const client = await started(deserted());
    expect(await settled(client)).toMatchObject(ECONNREFUSED);
  });

  it.each([
    ['connect()', (client: socket.Socket) => client.connect(['127.0.0.1', 1])],
    ['send()', (client: socket.Socket) => client.send('x')],
    ['recv()', (client: socket.Socket) => client.recv(1)],
  ])('keeps a refusal for the next call: %s', async (_title, call) => {
    const client = await started(deserted());
    client.setblocking(true);
    await expect(call(client)).rejects.toMatchObject(ECONNREFUSED);
    expect(client.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(0);
  });

  it('keeps a refusal for SO_ERROR, which takes it', async () => {
    const client = await started(deserted());
    let error = 0;
    while (error === 0) {
      await new Promise((resolve) => setImmediate(resolve));
      error = client.getsockopt(SOL_SOCKET, SO_ERROR);
    }
    expect(error).toBe(111);
    expect(client.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(0);
    const listener = listening();
    client.setblocking(true);
    // As on Linux: SO_ERROR has taken the error, so the next connect() has only ECONNABORTED.
    await expect(client.connect(listener.getsockname())).rejects.toMatchObject({ code: 'ECONNABORTED' });
    await client.connect(listener.getsockname());
    own((await listener.accept())[0]);
  });

  it('ends in the next connect() that waits', async () => {
    const address = listening().getsockname();
    const client = await started(address);
    client.setblocking(true);
    await client.connect(address);
    await expect(client.connect(address)).rejects.toMatchObject(EISCONN);
  });

  it('may be called until it has succeeded', async () => {
    const address = listening().getsockname();
    const client = await started(address);
    const numbers = new Set<number>();
    for (let number = 114; number === 114;) numbers.add((number = await client.connectEx(address)));
    expect([...numbers].at(-1)).toBe(0);
    expect(await client.connectEx(address)).toBe(106);
  });
});

(hasPython ? describe : describe.skip)('connect() to a peer that does not answer', () => {
  it('raises TimeoutError when it times out, and may be tried again, from the same port', async () => {
    const silent = await unanswering();
    const client = bound();
    const name = client.getsockname();
    client.settimeout(0.05);
    await expect(client.connect(silent)).rejects.toMatchObject({ ...TIMED_OUT, syscall: 'connect' });
    expect(await client.connectEx(silent)).toBe(11);
    expect(client.getsockname()).toEqual(name);
    client.settimeout(null);
    const listener = listening();
    await client.connect(listener.getsockname());
    expect(client.getsockname()).toEqual(name);
    own((await listener.accept())[0]);
  });

  it('is ended by a signal, and may be tried again', async () => {
    const silent = await unanswering();
    const client = tcp();
    const reason = new Error('enough');
    const controller = new AbortController();
    const connecting = client.connect(silent, { signal: controller.signal });
    controller.abort(reason);
    await expect(connecting).rejects.toBe(reason);
    await client.connect(listening().getsockname());
  });

  it('is woken by close() with EBADF', async () => {
    const client = tcp();
    const connecting = client.connect(await unanswering());
    await turns(3);
    client.close();
    await expect(connecting).rejects.toMatchObject(EBADF);
  });

  it('gives EINPROGRESS, then EALREADY, where it does not wait, and nothing can be received or sent yet', async () => {
    const silent = await unanswering();
    const client = tcp();
    client.setblocking(false);
    expect(await client.connectEx(silent)).toBe(115);
    expect(await client.connectEx(silent)).toBe(114);
    await expect(client.connect(silent)).rejects.toMatchObject({ ...EALREADY, syscall: 'connect' });
    await expect(client.recv(1)).rejects.toMatchObject(EAGAIN);
    await expect(client.send('x')).rejects.toMatchObject(EAGAIN);
    expect(client.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(0);
    expect(() => client.getpeername()).toThrow(expect.objectContaining(ENOTCONN));
    expect(() => client.listen()).toThrow(expect.objectContaining(EINVAL));
    expect(() => client.bind(['127.0.0.1', 0])).toThrow(expect.objectContaining(EINVAL));
  });
});
