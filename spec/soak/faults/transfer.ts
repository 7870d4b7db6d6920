import * as socket from '../../../lib/index.ts';
import { portOf } from '../../support/peer.ts';
import { Deferred } from './deferred.ts';
import { talk, type Told } from './end.ts';
import type { Ended } from './judge.ts';
import type { Plan, Side } from './plan.ts';
import { FaultProxy } from './proxy.ts';
import type { PythonEnds } from './python.ts';

/** After so many seconds a transfer hangs. */
const PATIENCE = 90;

/** Runs one transfer: a client, the proxy and a server. */
export async function transfer(plan: Plan, python: PythonEnds | undefined): Promise<Ended> {
  const front = socket.createServer(['127.0.0.1', 0]);
  const open: socket.Socket[] = [front];
  const timer = new Deferred<never>();
  const watch = setTimeout(() => timer.reject(new Error('it hangs')), PATIENCE * 1000);
  try {
    return await Promise.race([transferBy(plan, python, front, open), timer.promise]);
  } finally {
    clearTimeout(watch);
    for (const one of open) one.close();
  }
}

async function transferBy(
  plan: Plan,
  python: PythonEnds | undefined,
  front: socket.Socket,
  open: socket.Socket[],
): Promise<Ended> {
  const pythons = (side: Side, port?: number): ReturnType<PythonEnds['begin']> | undefined =>
    plan.python === side ? python?.begin(plan, side, port) : undefined;
  const serverJob = pythons('server');
  const clientJob = pythons('client', portOf(front));
  const tells: Record<Side, Promise<Told> | undefined> = { server: serverJob?.told, client: clientJob?.told };

  let back: Promise<socket.Socket>;
  if (serverJob === undefined) {
    const listener = socket.createServer(['127.0.0.1', 0]);
    open.push(listener);
    back = socket.createConnection(['127.0.0.1', portOf(listener)]);
    const accepted = listener.accept().then(([conn]) => {
      listener.close();
      return conn;
    });
    tells.server = talk(accepted, plan, 'server');
  } else {
    back = serverJob.port.then(async (port) => await socket.createConnection(['127.0.0.1', port]));
  }
  tells.client ??= talk(socket.createConnection(['127.0.0.1', portOf(front)]), plan, 'client');

  const [[towardsClient], towardsServer] = await Promise.all([front.accept(), back]);
  front.close();
  const proxy = new FaultProxy(plan.fault, towardsClient, towardsServer);
  const passing = proxy.run();
  const [client, server] = await Promise.all([tells.client, tells.server]);
  proxy.close();
  await passing;
  if (proxy.strange.length > 0) throw new Error(`the proxy saw ${proxy.strange.join()}`);
  if (client === undefined || server === undefined) throw new Error('an end is missing');
  return { ends: { client, server }, hasActed: proxy.hasActed };
}
