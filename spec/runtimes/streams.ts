import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { behaviour, connectTo, HOST, pair, text, type Behaviour } from './scene.ts';

export const streams: readonly Behaviour[] = [
  behaviour('toDuplex(): node:http, client and server', async (scene) => {
    const [client, server] = await pair(scene);
    http.createServer((_request, response) => response.end('answer')).emit('connection', server.toDuplex());
    const request = http.request({ createConnection: () => client.toDuplex() });
    request.end();
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    assert.equal(await whole(response), 'answer');
  }),
  behaviour('toWeb(): bytes both ways, one direction ended', async (scene) => {
    const [near, far] = await pair(scene);
    const { readable, writable } = near.toWeb();
    const writer = writable.getWriter();
    await writer.write('question');
    await writer.close();
    assert.equal(await text(far), 'question');
    assert.equal((await far.recv(1)).length, 0);
    await far.sendall('answer');
    far.close();
    assert.equal(await whole(readable), 'answer');
  }),
  behaviour('Socket.from(): a net.Socket', async (scene) => {
    const server = net.createServer({ pauseOnConnect: true });
    await once(server.listen(0, HOST), 'listening');
    const connected = once(server, 'connection') as Promise<[net.Socket]>;
    const { port } = server.address() as net.AddressInfo;
    const client = await connectTo(scene, [HOST, port]);
    const [stream] = await connected;
    const conn = scene.own(scene.socket.Socket.from(stream));
    await client.sendall('question');
    assert.equal(await text(conn), 'question');
    await conn.sendall('answer');
    conn.close();
    assert.equal(await text(client), 'answer');
    server.close();
  }),
];

async function whole(stream: AsyncIterable<unknown>): Promise<string> {
  const blocks: Uint8Array[] = [];
  for await (const block of stream) if (block instanceof Uint8Array) blocks.push(block);
  return Buffer.concat(blocks).toString();
}
