import * as socket from '../../lib/index.ts';
import * as selectors from '../../lib/selectors.ts';
import type { Server, ServerSettings } from '../tasks.ts';

/** An echo server of this library's that is one loop over a selector, in place of a task for each connection. */
export async function selectorEcho({ where }: ServerSettings): Promise<Server> {
  if ('path' in where) throw new TypeError('a selector over a path');
  const listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  listener.bind([where.host, where.port]);
  listener.listen(4096);
  const selector = new selectors.DefaultSelector<'listener' | null>();
  selector.register(listener, selectors.EVENT_READ, 'listener');
  const serving = serve(selector);
  return {
    where: { host: where.host, port: listener.getsockname()[1] },
    stop: async () => {
      const open = Array.from(selector.getMap()?.values() ?? [], ({ fileobj }) => fileobj);
      selector.close();
      await serving;
      for (const one of open) one.close();
    },
  };
}

async function serve(selector: selectors.DefaultSelector<'listener' | null>): Promise<void> {
  while (selector.getMap() !== null) {
    for (const [{ fileobj, data }] of await selector.select()) {
      if (data === 'listener') {
        const [conn] = await fileobj.accept();
        selector.register(conn, selectors.EVENT_READ);
      } else {
        await echo(selector, fileobj);
      }
    }
  }
}

async function echo(selector: selectors.DefaultSelector<'listener' | null>, conn: socket.Socket): Promise<void> {
  try {
    const data = await conn.recv(65_536);
    if (data.length > 0) {
      await conn.sendall(data);
      return;
    }
  } catch (error) {
    // A connection that fails is only closed.
    if (!(error instanceof socket.OSError)) throw error;
  }
  if (selector.getMap()?.has(conn) === true) selector.unregister(conn);
  conn.close();
}
