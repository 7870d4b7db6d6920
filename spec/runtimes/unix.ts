import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { accepted, behaviour, PATIENCE, rest, text, type Behaviour, type Scene } from './scene.ts';

export const unixSockets: readonly Behaviour[] = [
  behaviour('Unix: a path; bytes both ways', async (scene) => {
    const path = join(scene.folder, 'socket');
    await unixEcho(scene, path, path);
  }),
  behaviour('Unix: an abstract name', async (scene) => {
    const name = `\0await-socket ${randomBytes(8).toString('hex')}`;
    await unixEcho(scene, name, Buffer.from(name));
  }),
  behaviour('Unix: socketpair()', async (scene) => {
    const [one, other] = await scene.socket.socketpair();
    for (const each of [one, other]) scene.own(each).settimeout(PATIENCE);
    await one.sendall('bytes');
    assert.equal(await text(other), 'bytes');
    one.close();
    assert.equal((await other.recv(1)).length, 0);
  }),
];

async function unixEcho(scene: Scene, path: string, name: string | Buffer): Promise<void> {
  const { socket, own } = scene;
  const listener = own(socket.socket(socket.AF_UNIX));
  listener.settimeout(PATIENCE);
  listener.bind(path);
  listener.listen();
  assert.deepEqual(listener.getsockname(), name);
  const client = own(socket.socket(socket.AF_UNIX));
  client.settimeout(PATIENCE);
  await client.connect(path);
  const server = await accepted(scene, listener);
  await client.sendall('question');
  assert.equal(await text(server), 'question');
  await server.sendall('answer');
  server.close();
  assert.equal(String(await rest(client)), 'answer');
}
