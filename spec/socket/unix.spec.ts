import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { boundPaths, keepsAbstractNames } from '../../lib/transports/bind.ts';
import {
  EADDRINUSE,
  EAGAIN,
  ECONNREFUSED,
  EINVAL,
  EISCONN,
  ENOTCONN,
  ENOTSUP,
  TIMED_OUT,
} from '../support/expected-errors.ts';
import { fullListener } from '../support/full-listener.ts';
import { hasKoffi } from '../support/koffi.ts';
import { accepted, own, staysPending } from '../support/pairs.ts';
import { hasPython, python } from '../support/python.ts';
import { listeningAt, temporaryPath, unix, unixPair } from '../support/unix.ts';

const ENOENT = { name: 'FileNotFoundError', errno: 2, code: 'ENOENT' };

describe('a path', () => {
  it('is bound by bind(), at once, and is the name of the socket', () => {
    const path = temporaryPath();
    const one = unix();
    expect(one.getsockname()).toBe('');
    one.bind(path);
    expect(existsSync(path)).toBe(true);
    expect(one.getsockname()).toBe(path);
    expect(() => unix().bind(path)).toThrow(expect.objectContaining(EADDRINUSE));
    expect(() => one.bind(temporaryPath())).toThrow(expect.objectContaining(EINVAL));
  });

  it('may be bytes', () => {
    const path = temporaryPath();
    const one = unix();
    one.bind(Buffer.from(path));
    expect(one.getsockname()).toBe(path);
  });

  it('is removed once the socket that is bound to it is closed', async () => {
    for (const listens of [false, true]) {
      const path = temporaryPath();
      const one = unix();
      one.bind(path);
      if (listens) one.listen();
      expect(existsSync(path)).toBe(true);
      one.close();
      expect(existsSync(path)).toBe(false);
      await expect(unix().connect(path)).rejects.toMatchObject(ENOENT);
    }
  });

  it('connects two sockets, of which only the listener has a name', async () => {
    const path = temporaryPath();
    const listener = listeningAt(path);
    const client = unix();
    await client.connect(path);
    const [server, address] = await listener.accept();
    own(server);
    expect(address).toBe('');
    expect(client.getsockname()).toBe('');
    expect(client.getpeername()).toBe(path);
    expect(server.getsockname()).toBe(path);
    expect(server.getpeername()).toBe('');
    expect(server.family).toBe(socket.AF_UNIX);
    await client.send('x');
    expect(await server.recvfrom(9)).toEqual([Buffer.from('x'), null]);
  });

  it('refuses clients before listen(), and where it is no socket’s', async () => {
    const path = temporaryPath();
    unix().bind(path);
    await expect(unix().connect(path)).rejects.toMatchObject(ECONNREFUSED);
    expect(await unix().connectEx(path)).toBe(111);
    const file = temporaryPath('file');
    writeFileSync(file, '');
    await expect(unix().connect(file)).rejects.toMatchObject({ ...ECONNREFUSED, address: file });
  });

  it('must exist to connect to, and its folder to bind', async () => {
    const path = temporaryPath();
    await expect(unix().connect(path)).rejects.toMatchObject(ENOENT);
    expect(await unix().connectEx(path)).toBe(2);
    expect(() => unix().bind(`${path}/socket`)).toThrow(expect.objectContaining(ENOENT));
  });

  it('has at most 107 bytes', async () => {
    // Bytes, not letters: the name of the temporary folder may be any.
    const path = temporaryPath();
    const tooLong = path + 'x'.repeat(108 - Buffer.byteLength(path));
    const error = expect.objectContaining({ name: 'OSError', errno: null, strerror: 'AF_UNIX path too long' });
    expect(() => unix().bind(tooLong)).toThrow(error);
    await expect(unix().connect(tooLong)).rejects.toEqual(error);
    const longest = unix();
    longest.bind(tooLong.slice(0, -1));
    expect(longest.getsockname()).toBe(tooLong.slice(0, -1));
    expect(existsSync(tooLong.slice(0, -1))).toBe(true);
  });

  it('is text or bytes, not empty', async () => {
    expect(() => unix().bind(['127.0.0.1', 1])).toThrow(TypeError);
    // @ts-expect-error -- a path is no number
    await expect(unix().connect(3)).rejects.toThrow(TypeError);
    expect(() => unix().bind(`${temporaryPath()}\0x`)).toThrow(TypeError);
    if (!hasKoffi) expect(() => unix().bind('')).toThrow(expect.objectContaining(ENOTSUP));
    await expect(unix().connect('')).rejects.toMatchObject(EINVAL);
    const closed = unix();
    closed.close();
    await expect(closed.connect('')).rejects.toMatchObject({ code: 'EBADF' });
  });

  it('can be the source of a connection where Node has that, but the peer does not see it', async () => {
    const path = temporaryPath();
    const listener = listeningAt(path);
    const from = temporaryPath('from');
    const client = unix();
    client.bind(from);
    if (!boundPaths) {
      await expect(client.connect(path)).rejects.toMatchObject(ENOTSUP);
      expect(client.getsockname()).toBe(from);
      return;
    }
    await client.connect(path);
    const [server, address] = await listener.accept();
    own(server);
    // Python's accept() gives the path; Node does not provide it.
    expect([address, server.getpeername()]).toEqual(['', '']);
    expect(client.getsockname()).toBe(from);
    await client.send('x');
    expect(await server.recvfrom(9)).toEqual([Buffer.from('x'), null]);
  });
});

describe('an abstract name', () => {
  it('connects two sockets without a file, or is refused by a Node that would change it', async () => {
    const name = `\0unix-spec-${process.pid}-${dirname(temporaryPath()).slice(-6)}`;
    const listener = unix();
    if (!keepsAbstractNames && !hasKoffi) {
      expect(() => listener.bind(name)).toThrow(expect.objectContaining(ENOTSUP));
      await expect(unix().connect(name)).rejects.toMatchObject(ENOTSUP);
      return;
    }
    listener.bind(name);
    listener.listen();
    expect(listener.getsockname()).toEqual(Buffer.from(name));
    const client = unix();
    await client.connect(name);
    const server = await accepted(listener);
    await client.send('x');
    expect(String(await server.recv(9))).toBe('x');
    expect(client.getpeername()).toEqual(Buffer.from(name));
    listener.close();
    await expect(unix().connect(name)).rejects.toMatchObject(ECONNREFUSED);
  });
});

describe('a name in bytes', () => {
  it('is the path that the bytes are in UTF-8, in every form', async () => {
    const path = temporaryPath('\u{e9}\u{1f600}');
    const bytes = Buffer.from(path);
    const escaped = path.replace('\u{e9}', '\udcc3\udca9');
    const listener = listeningAt(path);
    for (const address of [path, bytes, new Uint8Array(bytes), escaped]) {
      const client = unix();
      await client.connect(address);
      expect(client.getpeername()).toBe(path);
      (await accepted(listener)).close();
    }
    expect(readdirSync(dirname(path))).toEqual([basename(path)]);
  });

  // With koffi, sockets of the kernel take such names.
  (hasKoffi ? it.skip : it).each<[string, string | Buffer]>([
    ['bytes', Buffer.from([0xff])],
    ['half of a character', Buffer.from([0x61, 0xc3])],
    ['an encoded surrogate', Buffer.from([0xed, 0xa0, 0x80])],
    ['what os.fsdecode() makes of such bytes', '\udcff'],
  ])('that is not UTF-8 is ENOTSUP, never another name: %s', async (_what, name) => {
    const path = temporaryPath();
    const folder = dirname(path);
    const text = { ...ENOTSUP, message: expect.stringContaining('(Node takes only paths that are UTF-8)') };
    const names =
      typeof name === 'string'
        ? [`${folder}/${name}`, `\0${name}`]
        : [Buffer.concat([Buffer.from(`${folder}/`), name]), Buffer.concat([Buffer.of(0), name])];
    for (const address of names) {
      expect(() => unix().bind(address)).toThrow(expect.objectContaining(text));
      await expect(unix().connect(address)).rejects.toMatchObject(text);
      expect(await unix().connectEx(address)).toBe(95);
      expect(() => socket.createServer(address, { family: socket.AF_UNIX })).toThrow(expect.objectContaining(ENOTSUP));
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(['\ud800', 'a\udbff', '\udc00'])('cannot contain half a surrogate pair: %j', async (name) => {
    const path = `${dirname(temporaryPath())}/${name}`;
    const text = 'path must not contain half a surrogate pair';
    for (const address of [path, `\0${name}`]) {
      expect(() => unix().bind(address)).toThrow(RangeError);
      expect(() => unix().bind(address)).toThrow(`bind(): ${text}`);
      await expect(unix().connect(address)).rejects.toThrow(`connect(): ${text}`);
    }
    expect(readdirSync(dirname(path))).toEqual([]);
  });

  (hasPython && keepsAbstractNames ? it : it.skip)('that is abstract is the same as Python’s', async () => {
    const name = Buffer.from(`\0unix-spec-${process.pid}-\u{e9}\0b`);
    const listener = unix();
    listener.bind(name);
    listener.listen();
    expect(listener.getsockname()).toEqual(name);
    expect(String(listener)).toContain(`laddr=b'\\x00unix-spec-${process.pid}-\\xc3\\xa9\\x00b'`);
    const source = `
import json, socket, sys
one = socket.socket(socket.AF_UNIX)
one.connect(bytes(json.load(sys.stdin)))
print(json.dumps(list(one.getpeername())))`;
    expect(python(source, [...name])).toEqual([...name]);
    const refused = unix().connect(Buffer.from('\0unbound'));
    await expect(refused).rejects.toMatchObject({ ...ECONNREFUSED, address: '@unbound' });
  });
});

describe('a Unix socket', () => {
  it('is a stream', () => {
    expect(() => socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 7)).toThrow(
      expect.objectContaining({ code: 'EPROTONOSUPPORT' }),
    );
    const one = unix();
    const facts = [socket.SO_DOMAIN, socket.SO_TYPE, socket.SO_PROTOCOL];
    expect(facts.map((option) => one.getsockopt(socket.SOL_SOCKET, option))).toEqual([1, 1, 0]);
  });

  it('has the errors of a Unix socket until it is connected', async () => {
    expect(() => unix().listen()).toThrow(expect.objectContaining(EINVAL));
    expect(() => unix().getpeername()).toThrow(expect.objectContaining(ENOTCONN));
    expect(() => unix().shutdown(socket.SHUT_WR)).not.toThrow();
    await expect(unix().send('x')).rejects.toMatchObject(ENOTCONN);
    await expect(unix().recv(1)).rejects.toMatchObject(EINVAL);
    await expect(unix().sendto('x', '/nowhere')).rejects.toMatchObject(ENOTSUP);
    await expect(unix().accept()).rejects.toMatchObject(EINVAL);
  });

  it('takes no address on a connection', async () => {
    const [client] = await unixPair();
    await expect(client.sendto('x', '/nowhere')).rejects.toMatchObject(EISCONN);
    await expect(client.sendmsg(['x'], [], 0, '/nowhere')).rejects.toMatchObject(EISCONN);
    await expect(client.connect('/nowhere')).rejects.toMatchObject(EISCONN);
  });

  it('has none of the options of TCP', async () => {
    const [client] = await unixPair();
    const { IPPROTO_TCP, TCP_NODELAY } = socket;
    expect(() => client.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)).toThrow(expect.objectContaining(ENOTSUP));
    expect(() => client.getsockopt(IPPROTO_TCP, TCP_NODELAY)).toThrow(expect.objectContaining(ENOTSUP));
  });

  it('connects at once with a time limit of 0', async () => {
    const path = temporaryPath();
    const listener = listeningAt(path);
    const client = unix();
    client.setblocking(false);
    await client.connect(path);
    expect(client.getpeername()).toBe(path);
    await expect(client.recv(1)).rejects.toMatchObject(EAGAIN);
    const server = await accepted(listener);
    server.settimeout(0.01);
    await expect(server.recv(1)).rejects.toMatchObject(TIMED_OUT);
  });
});

(hasPython ? describe : describe.skip)('connect() to a path whose queue is full', () => {
  it('waits for room, as in Python, without a time limit', async () => {
    const { path, python } = await fullListener();
    const client = unix();
    const connecting = client.connect(path);
    expect(await staysPending(connecting)).toBe(true);
    python.type('\n');
    await connecting;
    expect(client.getpeername()).toBe(path);
    await client.sendall('hello');
    expect(String(await client.recv(100))).toBe('HELLO');
  });

  it('is EAGAIN at once with a time limit, as in Python', async () => {
    const { path } = await fullListener();
    for (const limit of [0, 10]) {
      const client = unix();
      client.settimeout(limit);
      await expect(client.connect(path)).rejects.toMatchObject(EAGAIN);
      expect(await client.connectEx(path)).toBe(11);
    }
  });

  it('ends its wait when it is aborted, and when the socket is closed', async () => {
    const { path, python } = await fullListener();
    const client = unix();
    const controller = new AbortController();
    const aborted = client.connect(path, { signal: controller.signal });
    expect(await staysPending(aborted)).toBe(true);
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    const again = client.connect(path);
    expect(await staysPending(again)).toBe(true);
    client.close();
    await expect(again).rejects.toMatchObject({ code: 'EBADF' });
    await python[Symbol.asyncDispose]();
  });
});
