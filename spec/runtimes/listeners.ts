import assert from 'node:assert/strict';
import type { Socket } from '../../lib/index.ts';
import {
  accepted,
  address,
  behaviour,
  connectTo,
  HOST,
  listening,
  needsIPv6,
  pair,
  PATIENCE,
  raises,
  text,
  type Behaviour,
} from './scene.ts';

export const listeners: readonly Behaviour[] = [
  behaviour('TCP: a port that is in use is EADDRINUSE', async (scene) => {
    const listener = listening(scene);
    const other = scene.own(scene.socket.socket());
    await raises(scene, 'OSError', 'EADDRINUSE', () => {
      other.bind(address(listener));
      other.listen();
    });
  }),
  behaviour('TCP: an address of another machine is EADDRNOTAVAIL', async (scene) => {
    const other = scene.own(scene.socket.socket());
    // These addresses are reserved for documentation (RFC 5737).
    await raises(scene, 'OSError', 'EADDRNOTAVAIL', () => other.bind(['192.0.2.1', 0]));
  }),
  behaviour('TCP: a port is free at once after close()', async (scene) => {
    const listener = listening(scene);
    const own = address(listener);
    const client = await connectTo(scene, own);
    const server = await accepted(scene, listener);
    for (const one of [server, client, listener]) one.close();
    const again = scene.own(scene.socket.socket());
    again.bind(own);
    again.listen();
    await connectTo(scene, own);
  }),
  behaviour('TCP over IPv6', async (scene) => {
    needsIPv6();
    const { socket, own } = scene;
    const listener = own(socket.createServer(['::1', 0], { family: socket.AF_INET6 }));
    const client = await connectTo(scene, address(listener), socket.AF_INET6);
    const server = await accepted(scene, listener);
    assert.equal(server.getpeername()[0], '::1');
    await client.sendall('bytes');
    assert.equal(await text(server), 'bytes');
  }),
  behaviour('TCP over IPv6 and IPv4 with one listener', async (scene) => {
    needsIPv6();
    const { socket, own } = scene;
    const both = own(socket.createServer(['::', 0], { family: socket.AF_INET6, dualstackIpv6: true }));
    await connectTo(scene, [HOST, address(both)[1]]);
    const server = await accepted(scene, both);
    assert.equal(server.getpeername()[0], `::ffff:${HOST}`);
  }),
  behaviour('TCP: IPV6_V6ONLY', async (scene) => {
    needsIPv6();
    const { socket, own } = scene;
    const one = own(socket.createServer(['::', 0], { family: socket.AF_INET6 }));
    await raises(scene, 'ConnectionRefusedError', 'ECONNREFUSED', () => connectTo(scene, [HOST, address(one)[1]]));
  }),
  behaviour('TCP: SO_REUSEPORT', (scene) => {
    const { socket, own } = scene;
    const shared = (port: number): Socket => {
      const listener = own(socket.socket());
      listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1);
      listener.bind([HOST, port]);
      listener.listen();
      return listener;
    };
    shared(address(shared(0))[1]);
  }),
  behaviour('TCP: createConnection() by name, createServer()', async (scene) => {
    const { socket, own } = scene;
    const listener = own(socket.createServer([HOST, 0]));
    const client = own(await socket.createConnection(['localhost', address(listener)[1]], { timeout: PATIENCE }));
    const server = await accepted(scene, listener);
    await client.sendall('bytes');
    assert.equal(await text(server), 'bytes');
  }),
  behaviour('TCP: setsockopt() and getsockopt()', async (scene) => {
    const { socket } = scene;
    const [client] = await pair(scene);
    assert.equal(client.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), 1);
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0);
    assert.equal(client.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), 0);
    client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1);
    assert.equal(client.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE), 1);
    assert.equal(client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), 0);
  }),
  behaviour('TCP: fileno() is the descriptor', async (scene) => {
    const [client, server] = await pair(scene);
    assert.ok(client.fileno() > 2, 'client');
    assert.ok(server.fileno() > 2, 'server');
    assert.notEqual(client.fileno(), server.fileno());
  }),
];
