import * as socket from '../lib/index.ts';

/** Sends a message: its length in four bytes, in network byte order, and then its bytes. */
async function sendMessage(sock: socket.Socket, text: string): Promise<void> {
  const body = Buffer.from(text);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length);
  await sock.sendall(Buffer.concat([head, body]));
}

/** Receives a message. One that claims to be longer than `limit` is refused before any of it is kept. */
async function recvMessage(sock: socket.Socket, limit = 10_000): Promise<string> {
  const length = (await sock.recvExactly(4)).readUInt32BE();
  if (length > limit) throw new RangeError(`a message of ${length} bytes; at most ${limit} are taken`);
  return (await sock.recvExactly(length)).toString();
}

async function main(): Promise<void> {
  const [one, other] = await socket.socketpair();
  for (const text of ['short', '', 'two\nlines']) await sendMessage(one, text);
  for (let number = 0; number < 3; number += 1) console.log(JSON.stringify(await recvMessage(other)));
  await one.sendall(Buffer.from([0xff, 0xff, 0xff, 0xff]));
  await recvMessage(other).catch((error: unknown) => console.log(String(error)));
  one.close();
  other.close();
}

void main();
