import { mkdirSync, readdirSync } from 'node:fs';
import os from 'node:os';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { Listener } from '../../lib/transports/listener.ts';
import { Failure } from '../../lib/transports/failure.ts';
import { streamPair } from '../../lib/transports/pair.ts';
import { EAGAIN, ECONNRESET, ENOTSUP } from '../support/expected-errors.ts';
import { own, turns } from '../support/pairs.ts';
import { temporaryPath } from '../support/unix.ts';

afterEach(() => {
  jest.restoreAllMocks();
  socket.setdefaulttimeout(null);
});

async function ownPair(): Promise<[socket.Socket, socket.Socket]> {
  const [one, other] = await socket.socketpair();
  return [own(one), own(other)];
}

/** A folder of its own for temporary files: other tests make pairs at the same time. */
function ownTemporaryFolder(): { folder: string; spy: jest.SpiedFunction<typeof os.tmpdir> } {
  const folder = temporaryPath('temporary');
  mkdirSync(folder);
  return { folder, spy: jest.spyOn(os, 'tmpdir').mockReturnValue(folder) };
}

describe('socketpair()', () => {
  it('makes two Unix streams without names', async () => {
    const ends = await ownPair();
    for (const end of ends) {
      expect([end.family, end.type, end.proto]).toEqual([socket.AF_UNIX, socket.SOCK_STREAM, 0]);
      expect([end.getsockname(), end.getpeername()]).toEqual(['', '']);
      expect(end.gettimeout()).toBeNull();
    }
    await ends[0].send('a');
    expect(await ends[1].recvfrom(1)).toEqual([Buffer.from('a'), null]);
    expect(await ends[1].sendmsg(['bc', 'd'])).toBe(3);
    expect(await ends[0].recvmsg(9)).toEqual([Buffer.from('bcd'), [], 0, null]);
  });

  it('leaves no path, and makes many pairs at once', async () => {
    const { folder, spy } = ownTemporaryFolder();
    const pairs = await Promise.all(Array.from({ length: 20 }, ownPair));
    await Promise.all(pairs.map(async ([one], index) => await one.send(String(index))));
    const texts = await Promise.all(pairs.map(async ([, other]) => String(await other.recv(9))));
    expect(texts).toEqual(pairs.map((_, index) => String(index)));
    expect(spy).toHaveBeenCalledTimes(20);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leaves no path where the program ends while the pair is made', async () => {
    const { folder } = ownTemporaryFolder();
    let isMade = false;
    const pair = ownPair().finally(() => (isMade = true));
    while (!isMade) {
      expect(readdirSync(folder)).toEqual([]);
      await turns(1);
    }
    await pair;
  });

  it('reports that it can make no path', async () => {
    jest.spyOn(os, 'tmpdir').mockReturnValue(temporaryPath('missing'));
    await expect(socket.socketpair()).rejects.toMatchObject({ code: 'ENOENT', syscall: 'socketpair' });
  });

  it('has the default time limit', async () => {
    socket.setdefaulttimeout(0);
    const [one, other] = await ownPair();
    expect([one.gettimeout(), other.gettimeout()]).toEqual([0, 0]);
    await expect(one.recv(1)).rejects.toMatchObject(EAGAIN);
  });

  it('is refused for other families and types', async () => {
    await expect(socket.socketpair(socket.AF_INET)).rejects.toMatchObject({ ...ENOTSUP, syscall: 'socketpair' });
    await expect(socket.socketpair(socket.AF_INET6)).rejects.toMatchObject(ENOTSUP);
    await expect(socket.socketpair(77)).rejects.toMatchObject({ code: 'EAFNOSUPPORT' });
    await expect(socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM, 7)).rejects.toMatchObject({ errno: 93 });
    // @ts-expect-error -- a family is a number
    await expect(socket.socketpair('unix')).rejects.toThrow(TypeError);
  });

  it('reports why it could not be made', async () => {
    jest.spyOn(Listener, 'listen').mockReturnValueOnce(new Failure('EMFILE'));
    await expect(socket.socketpair()).rejects.toMatchObject({ code: 'EMFILE', syscall: 'socketpair' });
  });
});

it('reports a reset that comes right after data', async () => {
  const [one, other] = await ownPair();
  await one.send('the last');
  await other.send('never received');
  one.close();
  expect(String(await other.recv(100))).toBe('the last');
  await expect(other.recv(100)).rejects.toMatchObject(ECONNRESET);
  expect(await other.recv(100)).toHaveLength(0);
});

describe('streamPair()', () => {
  it('rejects with the failure of its connection', async () => {
    const listen = Listener.listen.bind(Listener);
    jest.spyOn(Listener, 'listen').mockImplementationOnce((bound, backlog) => {
      const listener = listen(bound, backlog);
      if (listener instanceof Listener) {
        jest.spyOn(listener, 'accept').mockReturnValue(new Failure('EMFILE'));
      }
      return listener;
    });
    expect(await streamPair()).toMatchObject({ code: 'ECONNABORTED' });
  });
});
