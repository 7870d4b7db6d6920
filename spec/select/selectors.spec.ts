import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import * as selectors from '../../lib/selectors.ts';
import { listening, own, pair, tcp } from '../support/pairs.ts';
import { unixPair } from '../support/unix.ts';

const { EVENT_READ, EVENT_WRITE } = selectors;
const BOTH = EVENT_READ | EVENT_WRITE;

const KINDS = {
  EpollSelector: () => own(new selectors.EpollSelector<string | null, selectors.FileObject>()),
  PollSelector: () => own(new selectors.PollSelector<string | null, selectors.FileObject>()),
  SelectSelector: () => own(new selectors.SelectSelector<string | null, selectors.FileObject>()),
};

function closedSocket(): socket.Socket {
  const one = tcp();
  one.close();
  return one;
}

describe.each(Object.entries(KINDS))('%s', (kind, make) => {
  it('gives the keys of those that are ready, until what they have is taken', async () => {
    const selector = make();
    const [one, other] = await pair();
    const key = selector.register(one, EVENT_READ, 'mine');
    expect([...key]).toEqual([one, one.fileno(), EVENT_READ, 'mine']);
    expect(await selector.select(0)).toEqual([]);
    await other.sendall('Hello');
    expect(await selector.select()).toEqual([[key, EVENT_READ]]);
    expect(await selector.select(-1)).toEqual([[key, EVENT_READ]]);
    await one.recv(10);
    expect(await selector.select(0.01)).toEqual([]);
  });

  it('gives each of many sockets, in whatever batches', async () => {
    const selector = make();
    const pairs = await Promise.all(Array.from({ length: 40 }, () => pair()));
    for (const [one] of pairs) selector.register(one, EVENT_READ);
    const found: selectors.FileObject[] = [];
    const collecting = (async () => {
      while (found.length < pairs.length) {
        for (const [{ fileobj }] of await selector.select()) {
          found.push(fileobj);
          selector.unregister(fileobj);
        }
      }
    })();
    for (const [, other] of pairs) await other.sendall('x');
    await collecting;
    expect(new Set(found)).toEqual(new Set(pairs.map(([one]) => one)));
  });

  it('wakes up for a socket that is registered, or asked for more, while it waits', async () => {
    const selector = make();
    const [one, other] = await pair();
    selector.register(one, EVENT_READ);
    const first = selector.select();
    selector.modify(one, BOTH);
    expect((await first)[0]?.[1]).toBe(EVENT_WRITE);
    selector.modify(one, EVENT_READ);
    const second = selector.select();
    selector.register(other, EVENT_WRITE, 'late');
    expect((await second)[0]?.[0].data).toBe('late');
  });

  it('finds listeners, and connections that were made', async () => {
    const selector = make();
    const listener = listening();
    const client = tcp();
    client.setblocking(false);
    selector.register(listener, EVENT_READ, 'listener');
    expect(await client.connectEx(listener.getsockname())).toBe(115);
    selector.register(client, EVENT_WRITE, 'client');
    const found = new Set<string | null>();
    while (found.size < 2) for (const [{ data }] of await selector.select()) found.add(data);
    expect([...found].sort()).toEqual(['client', 'listener']);
    expect(client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)).toBe(0);
  });

  it('follows a socket through its states', async () => {
    const selector = make();
    const one = tcp();
    one.bind(['127.0.0.1', 0]);
    selector.register(one, EVENT_READ);
    // As on Linux, a socket without a connection is ready: a receive raises at once.
    expect(await selector.select(0)).toHaveLength(1);
    one.listen();
    expect(await selector.select(0)).toEqual([]);
    const waiting = selector.select();
    await tcp().connect(one.getsockname());
    expect((await waiting)[0]?.[0].fileobj).toBe(one);
  });

  it('takes files of makefile() and numbers of fileno() for their sockets', async () => {
    const selector = make();
    const [one, other] = await pair();
    const file = one.makefile('rb');
    const key = selector.register(file, EVENT_READ);
    await other.sendall('x');
    expect(await selector.select()).toEqual([[key, EVENT_READ]]);
    expect(selector.getKey(one)).toBe(key);
    expect(selector.getKey(one.fileno())).toBe(key);
    expect(() => selector.register(one.fileno(), EVENT_READ)).toThrow(selectors.KeyError);
    expect(selector.unregister(one.fileno())).toBe(key);
    const numbered = { fileno: () => one.fileno() };
    expect(selector.register(numbered, EVENT_READ).fd).toBe(one.fileno());
    expect(await selector.select()).toHaveLength(1);
    await file.close();
  });

  it('has a map of its keys', async () => {
    const selector = make();
    const [one, other] = await pair();
    const map = selector.getMap();
    const key = selector.register(one, EVENT_READ);
    expect(map?.size).toBe(1);
    expect([map?.get(one), map?.get(one.fileno()), map?.get(other)]).toEqual([key, key, undefined]);
    expect([map?.has(one), map?.has(other)]).toEqual([true, false]);
    expect([...(map ?? [])]).toEqual([[one.fileno(), key]]);
    expect([...(map?.keys() ?? [])]).toEqual([one.fileno()]);
    expect([...(map?.values() ?? [])]).toEqual([key]);
    selector.unregister(one);
    expect(map?.size).toBe(0);
    expect(() => map?.get(1.5)).toThrow('Invalid file object (received 1.5)');
    selector.close();
    expect(selector.getMap()).toBeNull();
  });

  it('changes keys only where something changes', async () => {
    const selector = make();
    const [one] = await pair();
    const key = selector.register(one, EVENT_READ, 'a');
    expect(selector.modify(one, EVENT_READ, 'a')).toBe(key);
    expect(selector.modify(one, EVENT_READ, 'b')).toMatchObject({ events: EVENT_READ, data: 'b' });
    expect(selector.modify(one, EVENT_WRITE)).toMatchObject({ events: EVENT_WRITE, data: null });
    expect(selector.modify(one, 0)).toMatchObject({ events: 0, data: null });
    expect(await selector.select(0)).toEqual([]);
  });

  it("raises Python's errors", async () => {
    const selector = make();
    const [one, other] = await pair();
    selector.register(one, EVENT_READ);
    expect(() => selector.register(one, EVENT_READ)).toThrow(selectors.KeyError);
    expect(() => selector.register(one, EVENT_READ)).toThrow(/is already registered$/);
    expect(() => selector.register(other, 0)).toThrow(new RangeError('Invalid events: 0 (received 0)'));
    expect(() => selector.register(other, 8)).toThrow(new RangeError('Invalid events: 8 (received 8)'));
    expect(() => selector.register(other, 1.5)).toThrow(TypeError);
    expect(() => selector.register('x' as never, 1)).toThrow(new RangeError("Invalid file object (received 'x')"));
    expect(() => selector.register(1.5, 1)).toThrow(RangeError);
    expect(() => selector.register(-1, 1)).toThrow(RangeError);
    expect(() => selector.register(closedSocket(), 1)).toThrow('cannot be a negative integer (-1)');
    expect(() => selector.register({ fileno: () => 'x' as never }, 1)).toThrow('Invalid file object');
    expect(() => selector.register(0, 1)).toThrow(expect.objectContaining({ code: 'ENOTSUP' }));
    expect(() => selector.modify(other, 1)).toThrow(selectors.KeyError);
    expect(() => selector.unregister(other)).toThrow(/is not registered$/);
    expect(() => selector.getKey(other)).toThrow(selectors.KeyError);
    expect(new selectors.KeyError('x').name).toBe('KeyError');
    await expect(selector.select('x' as never)).rejects.toThrow('timeout must be a number or null');
    await expect(selector.select(NaN)).rejects.toThrow(RangeError);
    await expect(selector.select(1e30)).rejects.toThrow(RangeError);
    selector.close();
    selector.close();
    expect(() => selector.register(one, 1)).toThrow('I/O operation on a closed selector');
    expect(() => selector.getKey(one)).toThrow('Selector is closed');
    expect(() => selector.unregister(one)).toThrow(selectors.KeyError);
    await expect(selector.select()).rejects.toThrow('I/O operation on a closed selector');
  });

  it('treats a number that belongs to no descriptor as Python does', async () => {
    const selector = make();
    const register = (): unknown => selector.register(999_999, EVENT_READ);
    if (kind === 'EpollSelector') {
      expect(register).toThrow(expect.objectContaining({ code: 'EBADF' }));
      return;
    }
    expect(register()).toMatchObject({ fd: 999_999 });
    if (kind === 'PollSelector') expect(await selector.select()).toMatchObject([[{ fd: 999_999 }, EVENT_READ]]);
    else await expect(selector.select()).rejects.toMatchObject({ code: 'EBADF' });
    expect(selector.unregister(999_999).fd).toBe(999_999);
  });

  it('treats a socket that was closed while it is registered as Python does', async () => {
    const selector = make();
    const [one, other] = await unixPair();
    const key = selector.register(one, BOTH);
    selector.register(other, EVENT_READ);
    one.close();
    await other.recv(1);
    selector.unregister(other);
    if (kind === 'SelectSelector') await expect(selector.select(0)).rejects.toMatchObject({ code: 'EBADF' });
    else expect(await selector.select(0)).toEqual(kind === 'PollSelector' ? [[key, BOTH]] : []);
    expect(selector.getKey(one)).toBe(key);
    expect(selector.unregister(key.fd)).toBe(key);
    expect(() => selector.unregister(one)).toThrow(selectors.KeyError);
  });

  it('wakes up when a watched socket is closed, where Python says that it is', async () => {
    const selector = make();
    const [one, other] = await pair();
    selector.register(one, EVENT_READ);
    selector.register(other, EVENT_READ, 'other');
    const waiting = selector.select();
    one.close();
    if (kind === 'SelectSelector') await expect(waiting).rejects.toMatchObject({ code: 'EBADF' });
    // The peer sees the end of the stream.
    else expect((await waiting).map(([{ fileobj }]) => fileobj)).toContain(kind === 'PollSelector' ? one : other);
  });

  it('ends its waits when it is closed, and when a signal says so', async () => {
    const selector = make();
    const [one] = await pair();
    selector.register(one, EVENT_READ);
    const controller = new AbortController();
    const aborted = selector.select({ signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    await expect(selector.select(1, { signal: controller.signal })).rejects.toThrow('enough');
    const waiting = selector.select();
    selector.close();
    expect(await waiting).toEqual([]);
  });
});

it('the default selector is that of epoll', () => {
  expect(selectors.DefaultSelector).toBe(selectors.EpollSelector);
  expect(own(new selectors.DefaultSelector()).fileno()).toBe(-1);
});
