import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { bindByListening } from '../../lib/transports/bind-by-listening.ts';
import { listenOn } from '../../lib/transports/bind.ts';
import type { Bound } from '../../lib/transports/bound.ts';
import { Failure } from '../../lib/transports/failure.ts';

/**
 * Node listens within the call on Unix paths only; `npm run test:runtimes` tests TCP, on the runtimes that use this.
 */

const PLAIN = { ipv6Only: false, reusePort: false };
const HOST = '127.0.0.1';

let folder: string;
const ends: (() => void)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bind-'));
});
afterEach(() => {
  for (const end of ends.splice(0)) end();
  rmSync(folder, { recursive: true, force: true });
  Reflect.deleteProperty(globalThis, 'Bun');
});

function bound(path = join(folder, 'socket')): Bound {
  const result = bindByListening({ path }, PLAIN);
  if (result instanceof Failure) throw new Error(`bind failed: ${result.code}`, { cause: result.cause });
  ends.push(() => result.close());
  return result;
}

/** Stands in for Bun, whose listen() says why a server cannot. */
function pretendBun(listen: (options: object) => object): void {
  Reflect.set(globalThis, 'Bun', { listen });
}

describe('bindByListening', () => {
  it('ends the connections that come before the server listens, and accepts those that come later', async () => {
    const first = bound();
    expect(first.local).toEqual({ path: join(folder, 'socket') });
    const early = net.connect(join(folder, 'socket'));
    await once(early.resume(), 'close');
    const server = first.toServer?.();
    if (server === undefined) throw new Error('a server was expected');
    ends.push(() => server.close());
    expect(listenOn(server, first, 5)).toBeUndefined();
    const accepted = once(server, 'connection');
    const late = net.connect(join(folder, 'socket'));
    ends.push(() => late.destroy());
    const [client] = (await accepted) as [net.Socket];
    late.write('late');
    const [data] = (await once(client.resume(), 'data')) as [Buffer];
    client.destroy();
    expect(String(data)).toBe('late');
  });

  it('frees the address at once', () => {
    const first = bound();
    first.close();
    bound();
  });

  it('is ENOTSUP where the server does not listen within the call, and leaves no server open', async () => {
    const refused = bindByListening({ host: HOST, port: 0 }, PLAIN);
    expect(refused).toMatchObject({ code: 'ENOTSUP' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(process.getActiveResourcesInfo()).not.toContain('TCPServerWrap');
  });

  it('asks Bun why it cannot', () => {
    const asked: object[] = [];
    pretendBun((options) => {
      asked.push(options);
      throw Object.assign(new Error('in use'), { code: 'EADDRINUSE' });
    });
    const inUse = bindByListening({ host: HOST, port: 7 }, { ipv6Only: true, reusePort: true });
    expect(inUse).toMatchObject({ code: 'EADDRINUSE', cause: { message: 'in use' } });
    expect(asked).toMatchObject([{ hostname: HOST, port: 7, ipv6Only: true, reusePort: true }]);
    const path = join(folder, 'no folder', 'socket');
    expect(bindByListening({ path }, PLAIN)).toBeInstanceOf(Failure);
    expect(asked[1]).toMatchObject({ unix: path });
  });

  it('counts an address that Bun could bind by now as in use, and frees it', () => {
    const stopped: boolean[] = [];
    pretendBun(() => ({ stop: (closeAll: boolean) => stopped.push(closeAll) }));
    expect(bindByListening({ host: HOST, port: 7 }, PLAIN)).toMatchObject({ code: 'EADDRINUSE' });
    expect(stopped).toEqual([true]);
  });
});
