import { once } from 'node:events';
import * as socket from '../../lib/index.ts';
import type { AddressLike } from '../../lib/index.ts';
import { turns } from './peer-observed.ts';

/**
 * `peer-killed <family> <address as JSON>` listens, and receives one byte of its first client. It tells its address,
 * that it has the byte, and for a line of its input that the event loop has turned. Then it waits until it is killed.
 */
async function main(family: number, address: AddressLike): Promise<void> {
  const listener = socket.socket(family, socket.SOCK_STREAM);
  listener.bind(address);
  listener.listen();
  console.log(JSON.stringify(listener.getsockname()));
  const [conn] = await listener.accept();
  await conn.recv(1);
  console.log('"received"');
  await once(process.stdin, 'data');
  // Node accepts in the turn after.
  await turns(10);
  console.log('"turned"');
  process.stdin.resume();
  await once(process.stdin, 'end');
  listener.close();
  conn.close();
}

void main(Number(process.argv[2]), JSON.parse(String(process.argv[3])) as AddressLike);
