import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import * as socket from '../../lib/index.ts';
import { observed } from './peer-observed.ts';

/** A Unix socket bound to a path in a folder. */
function boundAt(folder: string, name: string): socket.Socket {
  const one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM);
  one.bind(join(folder, name));
  return one;
}

/** Makes Unix sockets of all kinds, closes some of them, and leaves the others to the end of the thread. */
async function use(folder: string): Promise<void> {
  for (const isClosed of [true, false]) {
    const bound = boundAt(folder, `bound-${isClosed}`);
    const listener = boundAt(folder, `listening-${isClosed}`);
    listener.listen();
    const client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM);
    await client.connect(listener.getsockname());
    const [server] = await listener.accept();
    const pair = await socket.socketpair();
    const all = [bound, listener, client, server, ...pair];
    for (const one of all) {
      if (isClosed) one.close();
      else one.unref();
    }
  }
}

function inThread(folder: string): Promise<number> {
  const execArgv = ['--require', require.resolve('ts-node/register')];
  const worker = new Worker(__filename, { execArgv, workerData: folder });
  return new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject));
}

if (isMainThread) {
  const folder = process.argv[2] ?? '';
  observed(async () => {
    await use(mkdtempSync(join(folder, 'main-')));
    return await inThread(mkdtempSync(join(folder, 'worker-')));
  });
} else {
  void use(String(workerData));
}
