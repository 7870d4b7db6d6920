import * as socket from '../../lib/index.ts';
import type { Socket } from '../../lib/index.ts';
import { connectedPair } from './peer.ts';
import { clientContext, serverContext } from './tls-contexts.ts';

/** Exchanges bytes over each kind of socket, and prints what came of it as JSON. */

async function exchanged([one, other]: readonly [Socket, Socket]): Promise<string> {
  await one.sendall('ping\n');
  const line = await other.recvLine();
  await other.sendall(line);
  one.settimeout(10);
  const answer = await one.recvExactly(5);
  one.close();
  other.close();
  return String(answer).trim();
}

async function tlsPair(): Promise<readonly [Socket, Socket]> {
  const [client, server] = await connectedPair();
  return await Promise.all([
    clientContext().wrapSocket(client, { serverHostname: 'localhost' }),
    serverContext().wrapSocket(server, { serverSide: true }),
  ]);
}

async function datagram(): Promise<string> {
  using one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  one.bind(['127.0.0.1', 0]);
  await one.sendto('ping', one.getsockname());
  return String((await one.recvfrom(10))[0]);
}

async function refused(): Promise<string> {
  using one = socket.socket();
  one.bind(['127.0.0.1', 0]);
  return await socket.createConnection(one.getsockname()).then(String, nameOf);
}

function nameOf(error: unknown): string {
  return error instanceof socket.OSError ? error.name : String(error);
}

async function main(): Promise<void> {
  const told = {
    TCP: await exchanged(await connectedPair()),
    Unix: await socket.socketpair().then(exchanged).catch(nameOf),
    kernel: await Promise.resolve()
      .then(() => exchanged(socket.socketpairSync()))
      .catch(nameOf),
    TLS: await exchanged(await tlsPair()),
    UDP: await datagram(),
    names: (await socket.getaddrinfo('127.0.0.1', 80)).length > 0,
    refused: await refused(),
  };
  console.log(JSON.stringify(told));
}

void main();
