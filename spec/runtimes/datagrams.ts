import assert from 'node:assert/strict';
import type { Socket } from '../../lib/index.ts';
import { address, behaviour, datagrams, HOST, raises, text, type Behaviour } from './scene.ts';

export const datagramSockets: readonly Behaviour[] = [
  behaviour('UDP: sendto() and recvfrom()', async (scene) => {
    const server = datagrams(scene);
    const client = datagrams(scene);
    await client.sendto('question', address(server));
    const [question, from] = await server.recvfrom(1024);
    assert.equal(String(question), 'question');
    assert.deepEqual(from, client.getsockname());
    await server.sendto('answer', address(client));
    assert.equal(await text(client), 'answer');
    await server.sendto('', address(client));
    assert.equal((await client.recv(1)).length, 0);
  }),
  behaviour('UDP: a refusal is ConnectionRefusedError, where the socket is connected', async (scene) => {
    const gone = datagrams(scene);
    const client = datagrams(scene);
    await client.connect(address(gone));
    gone.close();
    await client.send('bytes');
    await raises(scene, 'ConnectionRefusedError', 'ECONNREFUSED', () => client.recv(1));
  }),
  behaviour('UDP: a port that is in use is EADDRINUSE', async (scene) => {
    const bound = datagrams(scene);
    const other = scene.own(scene.socket.socket(scene.socket.AF_INET, scene.socket.SOCK_DGRAM));
    await raises(scene, 'OSError', 'EADDRINUSE', () => other.bind(address(bound)));
  }),
  behaviour('UDP: SO_REUSEPORT', (scene) => {
    const { socket, own } = scene;
    const shared = (port: number): Socket => {
      const bound = own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
      bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1);
      bound.bind([HOST, port]);
      return bound;
    };
    shared(address(shared(0))[1]);
  }),
  behaviour('UDP: setsockopt() and getsockopt()', (scene) => {
    const { socket } = scene;
    const bound = datagrams(scene);
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 20_000);
    assert.ok(bound.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) >= 20_000);
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1);
    assert.equal(bound.getsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST), 1);
    bound.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 3);
    assert.equal(bound.getsockopt(socket.IPPROTO_IP, socket.IP_TTL), 3);
  }),
  behaviour('UDP: connect() leaves one peer, sendto() reaches others', async (scene) => {
    const [client, server, other] = [datagrams(scene), datagrams(scene), datagrams(scene)];
    await client.connect(address(server));
    assert.deepEqual(client.getpeername(), server.getsockname());
    await other.sendto('from another', address(client));
    await client.send('question');
    const [question] = await server.recvfrom(1024);
    assert.equal(String(question), 'question');
    await client.sendto('aside', address(other));
    assert.equal(await text(other), 'aside');
    await server.sendto('answer', address(client));
    assert.equal(await text(client), 'answer');
  }),
  behaviour('UDP: a port is free at once after close()', (scene) => {
    const bound = datagrams(scene);
    const own = address(bound);
    bound.close();
    scene.own(scene.socket.socket(scene.socket.AF_INET, scene.socket.SOCK_DGRAM)).bind(own);
  }),
  behaviour('UDP: a time limit, a socket that does not wait, close()', async (scene) => {
    const udp = datagrams(scene);
    udp.settimeout(0.05);
    await raises(scene, 'TimeoutError', 'ETIMEDOUT', () => udp.recvfrom(1));
    udp.setblocking(false);
    await raises(scene, 'BlockingIOError', 'EAGAIN', () => udp.recvfrom(1));
    udp.setblocking(true);
    const waiting = udp.recv(1);
    setImmediate(() => udp.close());
    await raises(scene, 'OSError', 'EBADF', () => waiting);
  }),
];
