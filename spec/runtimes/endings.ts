import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import type { Socket } from '../../lib/index.ts';
import { address, behaviour, datagrams, listening, pair, text, type Behaviour, type Scene } from './scene.ts';

export const processes: readonly Behaviour[] = [
  behaviour('A process ends by itself when its sockets are closed', () => ends('closed')),
  behaviour('A process ends by itself while its sockets are idle', () => ends('idle')),
  behaviour('UDP: a process ends by itself while its socket is idle', (scene) =>
    endsWithDatagrams(scene, 'idle datagrams'),
  ),
  behaviour('A call that waits keeps the process alive', () => ends('waiting', 'TimeoutError')),
  behaviour('UDP: a call that waits keeps the process alive', (scene) =>
    endsWithDatagrams(scene, 'waiting for datagrams', 'TimeoutError'),
  ),
  behaviour('unref(): a process ends by itself while a call waits', () => ends('unref')),
  behaviour('UDP: unref(): a process ends by itself while a call waits', (scene) =>
    endsWithDatagrams(scene, 'unref datagrams'),
  ),
];

/** Programs; they leave their sockets open unless they close them. */
export const endings: ReadonlyMap<string, (scene: Scene) => Promise<unknown>> = new Map<
  string,
  (scene: Scene) => Promise<unknown>
>([
  ['closed', async (scene) => closeAll(await used(scene))],
  ['idle', used],
  ['idle datagrams', usedDatagrams],
  ['waiting', async (scene) => await waitIn(await used(scene))],
  ['waiting for datagrams', async (scene) => await waitIn([await usedDatagrams(scene)])],
  ['unref', async (scene) => unref(await used(scene))],
  ['unref datagrams', async (scene) => unref([await usedDatagrams(scene)])],
]);

/** Runs one of these programs with this runtime, and expects that it ends, and its output. */
function ends(name: string, printed = ''): void {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [process.argv[1] ?? '', name], {
    encoding: 'utf8',
    // Something keeps a program alive that has not ended by then.
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
  assert.deepEqual({ status, signal, stdout: stdout.trim() }, { status: 0, signal: null, stdout: printed }, stderr);
}

/** The same, on runtimes that have datagrams. */
function endsWithDatagrams(scene: Scene, name: string, printed?: string): void {
  datagrams(scene).close();
  ends(name, printed);
}

/** A connection that has carried bytes, and its listener. */
async function used(scene: Scene): Promise<Socket[]> {
  const [client, server] = await pair(scene);
  await client.sendall('bytes');
  await text(server);
  return [client, server, listening(scene)];
}

async function usedDatagrams(scene: Scene): Promise<Socket> {
  const udp = datagrams(scene);
  await udp.sendto('bytes', address(udp));
  await text(udp);
  return udp;
}

/** Waits in recv() of the first socket, with a time limit. */
async function waitIn([first]: readonly Socket[]): Promise<void> {
  first?.settimeout(0.2);
  await first?.recv(1).catch((error: unknown) => console.log(error instanceof Error ? error.name : error));
}

function closeAll(sockets: readonly Socket[]): void {
  for (const each of sockets) each.close();
}

function unref([first]: readonly Socket[]): void {
  first?.settimeout(null);
  first?.unref();
  void first?.recv(1);
}
