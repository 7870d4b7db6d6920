/**
 * The far end of the cable: sends back what comes, over TCP, TLS and UDP. Prints `ready`, and runs until it is killed.
 */
import * as socket from '../../../lib/index.ts';
import { serve, serveDatagrams } from '../../../lib/serve/index.ts';
import { serverContext } from '../../support/tls-contexts.ts';
import { FAR } from './cable.ts';
import { DATAGRAM_PORT, TCP_PORT, TLS_PORT } from './ports.ts';

/** Connections that break are what this is about. */
const onError = (): void => undefined;

async function echo(conn: socket.Socket): Promise<void> {
  for (let block = await conn.recv(65_536); block.length > 0; block = await conn.recv(65_536))
    await conn.sendall(block);
}

async function main(): Promise<void> {
  serve(socket.createServer([FAR, TCP_PORT]), echo, { onError });
  const secure = await serverContext().wrapSocket(socket.createServer([FAR, TLS_PORT]), { serverSide: true });
  serve(secure, echo, { onError, setupTimeout: null });
  const sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  sock.bind([FAR, DATAGRAM_PORT]);
  serveDatagrams(sock, (data, address) => sock.sendto(data, address), { onError });
  console.log('ready');
}

void main();
