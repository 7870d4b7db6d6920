import http from 'node:http';
import https from 'node:https';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Agent, fetch, request, type buildConnector } from 'undici';
import * as socket from '../../lib/index.ts';
import { serving } from '../support/node-servers.ts';
import { asNetSocket } from '../support/node-streams.ts';
import { deserted, pattern } from '../support/pairs.ts';
import { certificateFile, clientContext, keyFile } from '../support/tls-contexts.ts';

const agents: Agent[] = [];

afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.destroy();
});

async function opened({ hostname, port, protocol }: buildConnector.Options): Promise<socket.Socket> {
  const sock = await socket.createConnection([hostname, Number(port)]);
  if (protocol !== 'https:') return sock;
  return await clientContext().wrapSocket(sock, { serverHostname: hostname });
}

/** An agent whose connections are ours. */
function agent(): Agent {
  const connect: buildConnector.connector = (options, made) => {
    opened(options).then(
      (sock) => made(null, asNetSocket(sock.toDuplex())),
      (error: unknown) => made(error instanceof Error ? error : new Error(String(error)), null),
    );
  };
  const one = new Agent({ connect, connections: 1 });
  agents.push(one);
  return one;
}

/** Sends back what it gets, with the port that it came from. */
const echo: http.RequestListener = (incoming, response) => {
  response.setHeader('from', String(incoming.socket.remotePort));
  incoming.pipe(response);
};

describe('undici', () => {
  it('fetches over one connection of ours', async () => {
    const { port } = await serving(http.createServer(echo));
    const dispatcher = agent();
    const bytes = pattern(2_000_000);
    const from = new Set<string | null>();
    for (let count = 0; count < 3; count += 1) {
      const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: bytes, dispatcher });
      from.add(response.headers.get('from'));
      expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
    }
    expect(from.size).toBe(1);
  });

  it('requests over TLS of ours', async () => {
    const identity = { cert: readFileSync(certificateFile('server')), key: readFileSync(keyFile('server')) };
    const { port } = await serving(https.createServer(identity, echo));
    const { body } = await request(`https://localhost:${port}/`, {
      method: 'PUT',
      body: 'secret',
      dispatcher: agent(),
    });
    expect(await body.text()).toBe('secret');
  });

  it('reports a server that is not there', async () => {
    const [host, port] = deserted();
    const asked = request(`http://${host}:${port}/`, { dispatcher: agent() });
    await expect(asked).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
