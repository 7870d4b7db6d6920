/**
 * A server whose memory is limited from outside: prints its port. A client asks by a letter for a line, for a large answer,
 * or for a message of 900 MB to be received, of which it is notified how that has ended. It ends with its standard input.
 */
import * as socket from '../../../lib/index.ts';
import { serve } from '../../../lib/serve/index.ts';
import { toldLines } from '../child.ts';
import { ANNOUNCED, DOWNLOAD } from './sizes.ts';

const download = Buffer.alloc(DOWNLOAD, 'y');

async function answer(conn: socket.Socket): Promise<void> {
  const asked = (await conn.recvExactly(1)).toString();
  if (asked === 'l') await conn.sendall('a line\n');
  else if (asked === 'd') await conn.sendall(download);
  else await conn.sendall(await received(conn));
}

async function received(conn: socket.Socket): Promise<string> {
  try {
    return `${(await conn.recvExactly(ANNOUNCED)).length} bytes`;
  } catch (error) {
    return error instanceof socket.IncompleteReadError ? `${error.name} ${error.partial.length}` : String(error);
  }
}

async function main(): Promise<void> {
  const server = serve(socket.createServer(['127.0.0.1', 0]), answer, { concurrency: 4096, onError: () => undefined });
  console.log(server.address[1]);
  await toldLines()();
  process.exit();
}

void main();
