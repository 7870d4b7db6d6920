import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { pair } from '../support/pairs.ts';
import { call, FUNCTIONS, KINDS, METHODS } from './calls.ts';

const storage = new AsyncLocalStorage<string>();

/** The store that the code after a call sees, and callbacks of its promise, however it ends. */
async function seen(make: () => Promise<unknown>): Promise<unknown[]> {
  const stores: unknown[] = [];
  await storage.run('of the caller', async () => {
    const made = make();
    const watched = made.then(
      () => stores.push(storage.getStore()),
      () => stores.push(storage.getStore()),
    );
    await made.catch(() => undefined);
    stores.push(storage.getStore());
    await watched;
  });
  return stores;
}

const SAME = ['of the caller', 'of the caller'];

/** A signal that ends calls that would wait for long; it is aborted from another context. */
function soonAborted(): AbortSignal {
  const controller = new AbortController();
  storage.run('of the signal', () => void setImmediate(() => setImmediate(() => controller.abort())));
  return controller.signal;
}

describe('AsyncLocalStorage', () => {
  describe.each(Object.entries(METHODS))('keeps the caller’s store over %s()', (method, forms) => {
    it.each(Object.entries(KINDS))('on %s', async (_, make) => {
      const { one, to } = await storage.run('of the maker', () => make());
      for (const args of forms(to)) {
        expect(await seen(() => call(one, method, [...args, { signal: soonAborted() }]))).toEqual(SAME);
      }
    });
  });

  it.each(Object.entries(FUNCTIONS))('keeps the caller’s store over %s()', async (name, forms) => {
    const asked: unknown = Reflect.get(socket, name);
    if (typeof asked !== 'function') throw new TypeError(name);
    for (const args of forms) {
      const make = async (): Promise<void> => {
        const made: unknown = await Reflect.apply(asked, socket, args);
        for (const one of Array.isArray(made) ? made : [made]) if (one instanceof socket.Socket) one.close();
      };
      expect(await seen(make)).toEqual(SAME);
    }
  });

  it('gives the reader of sendfile() the store of its caller, for each block', async () => {
    const [client, server] = await storage.run('of the maker', () => pair());
    const stores: unknown[] = [];
    let blocks = 20;
    const file = {
      read: (size: number) => {
        stores.push(storage.getStore());
        blocks -= 1;
        return Promise.resolve(blocks > 0 ? Buffer.alloc(size, 'x') : Buffer.alloc(0));
      },
    };
    const sending = storage.run('of the caller', () => client.sendfile(file));
    await storage.run('of the reader', async () => {
      for (let got = 0; got < 19 * 8192;) got += (await server.recv(65_536)).length;
    });
    await sending;
    expect(new Set(stores)).toEqual(new Set(['of the caller']));
  });

  it('mixes no stores of tasks that wait in one list', async () => {
    const [client, server] = await pair();
    const tasks = Array.from({ length: 20 }, (_, index) =>
      storage.run(String(index), async () => {
        await server.recv(1);
        return storage.getStore();
      }),
    );
    await storage.run('of the sender', () => client.sendall('x'.repeat(20)));
    expect(await Promise.all(tasks)).toEqual(Array.from({ length: 20 }, (_, index) => String(index)));
  });
});
