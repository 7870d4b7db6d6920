import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { EADDRINUSE, EAI_ADDRFAMILY, EAI_NONAME, EBADF, ECONNREFUSED, EINVAL } from '../support/expected-errors.ts';
import { accepted, bound, FAMILIES, itWithIPv6, listening, loopback, pair, portOf, tcp } from '../support/pairs.ts';
import { reservedPort } from '../support/ports.ts';

describe.each(FAMILIES)('bind() on %s', (_name, family) => {
  it('has taken the port when it returns', () => {
    const one = tcp(family);
    one.bind([loopback(family), 0]);
    expect(portOf(one)).toBeGreaterThan(0);
    expect(one.getsockname()[0]).toBe(loopback(family));
  });

  it('raises EADDRINUSE at once where another socket listens', () => {
    const address = listening(family).getsockname();
    const one = tcp(family);
    expect(() => one.bind(address)).toThrow(expect.objectContaining(EADDRINUSE));
    expect(portOf(one)).toBe(0);
    one.bind([loopback(family), 0]);
    expect(portOf(one)).not.toBe(0);
  });

  it('leaves the port free once the socket is closed, in every state', async () => {
    const address: [string, number] = [loopback(family), reservedPort()];
    const first = tcp(family);
    first.bind(address);
    first.close();
    const second = tcp(family);
    second.bind(address);
    second.listen();
    second.close();
    const third = tcp(family);
    third.bind(address);
    third.listen();
    const waiting = third.accept();
    third.close();
    await expect(waiting).rejects.toMatchObject(EBADF);
    const fourth = tcp(family);
    fourth.bind(address);
    fourth.listen();
    await tcp(family).connect(address);
    await accepted(fourth);
  });

  it('lets no client connect before listen()', async () => {
    const one = bound(family);
    const client = tcp(family);
    await expect(client.connect(one.getsockname())).rejects.toMatchObject(ECONNREFUSED);
    one.listen();
    await client.connect(one.getsockname());
    await accepted(one);
  });

  it('raises EINVAL on a socket that is bound, listens or is connected', async () => {
    const [client, server] = await pair(family);
    for (const one of [bound(family), listening(family), client, server]) {
      const name = one.getsockname();
      expect(() => one.bind([loopback(family), 0])).toThrow(expect.objectContaining(EINVAL));
      expect(one.getsockname()).toEqual(name);
    }
  });

  it("takes '' for all interfaces and 'localhost'", () => {
    const all = tcp(family);
    all.bind(['', 0]);
    expect(all.getsockname()[0]).toBe(family === socket.AF_INET6 ? '::' : '0.0.0.0');
    const local = tcp(family);
    local.bind(['localhost', 0]);
    expect(local.getsockname()[0]).toBe(loopback(family));
    const bytes = tcp(family);
    bytes.bind([Buffer.from(loopback(family)), 0]);
    expect(bytes.getsockname()[0]).toBe(loopback(family));
  });

  it('asks for a look-up where a host is another name', () => {
    const one = tcp(family);
    expect(() => one.bind(['name.invalid', 0])).toThrow(expect.objectContaining(EAI_NONAME));
    expect(() => one.bind(['name.invalid', 0])).toThrow(/await (gethostbyname|getaddrinfo)\(/);
  });

  it('raises EAI_ADDRFAMILY for an address of the other family', () => {
    const other = family === socket.AF_INET6 ? '127.0.0.1' : '::1';
    expect(() => tcp(family).bind([other, 0])).toThrow(expect.objectContaining(EAI_ADDRFAMILY));
  });

  it.each([-1, 65536, 2 ** 40])('raises RangeError for port %d', (port) => {
    expect(() => tcp(family).bind([loopback(family), port])).toThrow(RangeError);
    expect(() => tcp(family).bind([loopback(family), port])).toThrow('bind(): port must be 0-65535');
  });

  it('checks its argument first, then whether it is closed', () => {
    const one = tcp(family);
    one.close();
    expect(() => one.bind([loopback(family), 65536])).toThrow(RangeError);
    expect(() => one.bind('path')).toThrow(TypeError);
    expect(() => one.bind(['name.invalid', 0])).toThrow(expect.objectContaining(EAI_NONAME));
    expect(() => one.bind([loopback(family), 0])).toThrow(expect.objectContaining(EBADF));
  });
});

describe('bind()', () => {
  it('raises EADDRNOTAVAIL for an address that is not of this machine', () => {
    // 192.0.2.0/24 is reserved for documentation (RFC 5737).
    expect(() => tcp().bind(['192.0.2.1', 0])).toThrow(
      expect.objectContaining({ name: 'OSError', errno: 99, code: 'EADDRNOTAVAIL', address: '192.0.2.1:0' }),
    );
  });

  it("takes '<broadcast>'", () => {
    const one = tcp();
    one.bind(['<broadcast>', 0]);
    expect(one.getsockname()[0]).toBe('255.255.255.255');
  });

  it('takes any address of the 127 network', async () => {
    const listener = tcp();
    listener.bind(['127.1.2.3', 0]);
    listener.listen();
    const client = tcp();
    client.bind(['127.3.2.1', 0]);
    await client.connect(listener.getsockname());
    const [connection, address] = await listener.accept();
    expect(address).toEqual(client.getsockname());
    expect(address[0]).toBe('127.3.2.1');
    connection.close();
  });

  it.each([
    ['one field', ['127.0.0.1']],
    ['three fields', ['127.0.0.1', 0, 0]],
    ['no tuple', '127.0.0.1:80'],
    ['nothing', undefined],
    ['null', null],
    ['a number for a host', [1, 0]],
    ['null for a host', [null, 0]],
    ['text for a port', ['127.0.0.1', '80']],
    ['a fraction for a port', ['127.0.0.1', 1.5]],
    ['NUL in a host', ['127.0.0.1\0', 0]],
  ])('raises TypeError for %s', (_title, address) => {
    // @ts-expect-error -- these are deliberately no addresses
    expect(() => tcp().bind(address)).toThrow(TypeError);
  });

  it('shows the value that it received', () => {
    // @ts-expect-error -- this is deliberately no address
    expect(() => tcp().bind(['127.0.0.1', '80'])).toThrow(/'80'/);
  });

  itWithIPv6('takes two fields for an AF_INET6 address and gives four', () => {
    const one = tcp(socket.AF_INET6);
    one.bind(['::1', 0]);
    expect(one.getsockname()).toEqual(['::1', portOf(one), 0, 0]);
    const another = tcp(socket.AF_INET6);
    another.bind(['::1', 0, 0, 0]);
    expect(another.getsockname()).toHaveLength(4);
    expect(() => tcp(socket.AF_INET6).bind(['::1', 0, -10])).toThrow(RangeError);
    expect(() => tcp(socket.AF_INET6).bind(['::1', 0, 2 ** 20])).toThrow('bind(): flowinfo must be 0-1048575');
  });

  it('lets two sockets have a port while neither listens, as with SO_REUSEADDR, and the second listen() fails', () => {
    const first = bound();
    const second = tcp();
    second.bind(first.getsockname());
    first.listen();
    expect(() => second.listen()).toThrow(expect.objectContaining({ ...EADDRINUSE, syscall: 'listen' }));
  });
});
