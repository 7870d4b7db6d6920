import { once } from 'node:events';
import type net from 'node:net';
import { afterEach } from '@jest/globals';

const running: net.Server[] = [];

afterEach(() => {
  for (const server of running.splice(0)) server.close();
});

/** Lets a server of Node's listen until the end of the test, on a free port of this machine or on a path. */
export async function serving(server: net.Server, path?: string): Promise<{ readonly port: number }> {
  running.push(server);
  if (path === undefined) server.listen(0, '127.0.0.1');
  else server.listen(path);
  await once(server, 'listening');
  const address = server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : 0 };
}
