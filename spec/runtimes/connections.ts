import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import {
  accepted,
  address,
  behaviour,
  connectTo,
  HOST,
  LARGE,
  listening,
  pair,
  raises,
  rest,
  text,
  type Behaviour,
} from './scene.ts';

export const connections: readonly Behaviour[] = [
  behaviour('TCP: bind, listen, connect, accept; bytes both ways', async (scene) => {
    const listener = listening(scene);
    assert.ok(address(listener)[1] > 0);
    const client = await connectTo(scene, address(listener));
    const [server, from] = await listener.accept();
    scene.own(server);
    assert.deepEqual(from, client.getsockname());
    assert.deepEqual(server.getpeername(), client.getsockname());
    assert.deepEqual(client.getpeername(), server.getsockname());
    await client.sendall('question');
    assert.equal(await text(server), 'question');
    await server.sendall('answer');
    assert.equal(await text(client), 'answer');
  }),
  behaviour('TCP: a bound socket refuses clients until it listens', async (scene) => {
    const bound = scene.own(scene.socket.socket());
    bound.bind([HOST, 0]);
    await raises(scene, 'ConnectionRefusedError', 'ECONNREFUSED', () => connectTo(scene, address(bound)));
  }),
  behaviour('TCP: a client connects from the port that it is bound to', async (scene) => {
    const listener = listening(scene);
    const client = scene.own(scene.socket.socket());
    client.bind([HOST, 0]);
    const from = address(client);
    await client.connect(address(listener));
    assert.deepEqual(address(client), from);
    assert.deepEqual((await accepted(scene, listener)).getpeername(), from);
  }),
  behaviour('TCP: clients are accepted in the order in which they connected', async (scene) => {
    const listener = listening(scene);
    const clients: unknown[] = [];
    for (let index = 0; index < 8; index += 1) clients.push(address(await connectTo(scene, address(listener))));
    const servers: unknown[] = [];
    for (let index = 0; index < 8; index += 1) servers.push((await accepted(scene, listener)).getpeername());
    assert.deepEqual(servers, clients);
  }),
  behaviour('TCP: after shutdown(SHUT_WR) the other direction goes on', async (scene) => {
    const [client, server] = await pair(scene);
    await client.sendall('request');
    client.shutdown(scene.socket.SHUT_WR);
    assert.equal(String(await rest(server)), 'request');
    const answer = randomBytes(200_000);
    await server.sendall(answer);
    server.close();
    assert.ok((await rest(client)).equals(answer));
  }),
  behaviour('TCP: 8 MiB go out after the FIN of the peer', async (scene) => {
    const [client, server] = await pair(scene);
    client.shutdown(scene.socket.SHUT_WR);
    assert.equal((await rest(server)).length, 0);
    const answer = randomBytes(LARGE);
    const [received] = await Promise.all([rest(client), server.sendall(answer).then(() => server.close())]);
    assert.equal(received.length, answer.length);
  }),
  behaviour('TCP: a reset is reported after the bytes that came before it', async (scene) => {
    const { socket } = scene;
    const [client, server] = await pair(scene);
    const bytes = randomBytes(10_000);
    await client.sendall(bytes);
    assert.ok((await server.recv(1000)).equals(bytes.subarray(0, 1000)));
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, Buffer.from(Int32Array.of(1, 0).buffer));
    client.close();
    const received: Buffer[] = [];
    await raises(scene, 'ConnectionResetError', 'ECONNRESET', async () => {
      for (;;) {
        const part = await server.recv(1000);
        assert.ok(part.length > 0, 'the reset looked like the end of the stream');
        received.push(part);
      }
    });
    assert.ok(Buffer.concat(received).equals(bytes.subarray(1000)), 'bytes before the reset were lost');
  }),
  behaviour('TCP: sends after a reset raise ConnectionResetError or BrokenPipeError', async (scene) => {
    const [client, server] = await pair(scene);
    await client.sendall('unread');
    server.setsockopt(scene.socket.SOL_SOCKET, scene.socket.SO_LINGER, Buffer.from(Int32Array.of(1, 0).buffer));
    server.close();
    try {
      for (let sent = 0; sent < LARGE; sent += 65536) await client.send(Buffer.alloc(65536));
      assert.fail('nothing was raised');
    } catch (error) {
      if (!(error instanceof scene.socket.ConnectionResetError)) {
        assert.ok(error instanceof scene.socket.BrokenPipeError, String(error));
      }
    }
  }),
  behaviour('TCP: sendall() of 8 MiB', async (scene) => {
    const [client, server] = await pair(scene);
    const bytes = randomBytes(LARGE);
    const digest = (of: Uint8Array): string => createHash('sha256').update(of).digest('hex');
    const [received] = await Promise.all([rest(server), client.sendall(bytes).then(() => client.close())]);
    assert.equal(received.length, bytes.length);
    assert.equal(digest(received), digest(bytes));
  }),
];
