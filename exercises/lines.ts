import * as socket from '../lib/index.ts';

/** Answers each line in capital letters; the line QUIT ends the conversation. */
async function serve(conn: socket.Socket): Promise<void> {
  while (true) {
    const line = (await conn.recvLine(1000)).toString().trimEnd();
    if (line === 'QUIT') break;
    await conn.sendall(`${line.toUpperCase()}\r\n`);
  }
  await conn.sendall('BYE\r\n');
  conn.close();
}

async function main(): Promise<void> {
  const [client, conn] = await socket.socketpair();
  const serving = serve(conn);
  // Two lines in one piece, and one line in two pieces.
  await client.sendall('hello\r\nhow are');
  await client.sendall(' you\r\nQUIT\r\n');
  for (let number = 0; number < 3; number += 1) console.log((await client.recvLine()).toString().trimEnd());
  await serving;
  client.close();
}

void main();
