import assert from 'node:assert/strict';
import {
  address,
  behaviour,
  connectTo,
  HOST,
  listening,
  pair,
  PATIENCE,
  raises,
  text,
  type Behaviour,
} from './scene.ts';

export const calls: readonly Behaviour[] = [
  behaviour('makefile(): lines both ways', async (scene) => {
    const [client, server] = await pair(scene);
    const ours = client.makefile('rw', { encoding: 'utf-8', newline: '\n' });
    const theirs = server.makefile('rw', { encoding: 'utf-8', newline: '\n' });
    await ours.write('first\nsecönd\n');
    await ours.flush();
    assert.equal(await theirs.readline(), 'first\n');
    assert.equal(await theirs.readline(), 'secönd\n');
    await theirs.write('answer\n');
    await theirs.close();
    server.close();
    assert.equal(await ours.read(), 'answer\n');
    await ours.close();
  }),
  behaviour('A time limit is TimeoutError, and takes no bytes', async (scene) => {
    const [client, server] = await pair(scene);
    client.settimeout(0.05);
    await raises(scene, 'TimeoutError', 'ETIMEDOUT', () => client.recv(1));
    client.settimeout(PATIENCE);
    await server.sendall('late');
    assert.equal(await text(client), 'late');
  }),
  behaviour('A socket that does not wait is BlockingIOError', async (scene) => {
    const listener = listening(scene);
    const [client] = await pair(scene);
    for (const one of [listener, client]) one.setblocking(false);
    await raises(scene, 'BlockingIOError', 'EAGAIN', () => listener.accept());
    await raises(scene, 'BlockingIOError', 'EAGAIN', () => client.recv(1));
  }),
  behaviour('An AbortSignal ends a wait, and takes no bytes', async (scene) => {
    const [client, server] = await pair(scene);
    const reason = new Error('enough');
    const abort = new AbortController();
    const waiting = client.recv(1024, 0, { signal: abort.signal });
    setImmediate(() => abort.abort(reason));
    await assert.rejects(waiting, (error) => error === reason);
    await server.sendall('late');
    assert.equal(await text(client), 'late');
  }),
  behaviour('close() wakes a call that waits, with EBADF', async (scene) => {
    const listener = listening(scene);
    const [client] = await pair(scene);
    for (const [one, call] of [
      [listener, () => listener.accept()],
      [client, () => client.recv(1)],
    ] as const) {
      const waiting = call();
      setImmediate(() => one.close());
      await raises(scene, 'OSError', 'EBADF', () => waiting);
      assert.equal(one.fileno(), -1);
    }
  }),
  behaviour('Errors have class, errno, code and text', async (scene) => {
    const { socket } = scene;
    const gone = listening(scene);
    const to = address(gone);
    gone.close();
    const error: unknown = await connectTo(scene, to).catch((raised: unknown) => raised);
    assert.ok(error instanceof socket.ConnectionRefusedError && error instanceof socket.OSError, String(error));
    assert.equal(error.errno, 111);
    assert.equal(error.code, 'ECONNREFUSED');
    assert.match(error.message, /^\[Errno 111\] Connection refused/);
  }),
  behaviour("getaddrinfo('localhost'), gethostbyname(), getnameinfo()", async ({ socket }) => {
    const rows = await socket.getaddrinfo('localhost', 80, socket.AF_INET, socket.SOCK_STREAM);
    assert.deepEqual(rows[0]?.[4], [HOST, 80]);
    assert.equal(await socket.gethostbyname('localhost'), HOST);
    const flags = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV;
    assert.deepEqual(await socket.getnameinfo([HOST, 80], flags), [HOST, '80']);
  }),
];
