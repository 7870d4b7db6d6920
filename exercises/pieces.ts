import * as socket from '../lib/index.ts';

/** A stream has no messages: what is sent at once comes in pieces, and what is sent in pieces comes at once. */
async function main(): Promise<void> {
  const [one, other] = await socket.socketpair();
  await one.sendall('abcdefghij');
  one.shutdown(socket.SHUT_WR);
  const pieces: string[] = [];
  for (let piece = await other.recv(4); piece.length > 0; piece = await other.recv(4)) pieces.push(piece.toString());
  console.log(pieces.join(' '));

  for (const word of ['k', 'l', 'm']) await other.sendall(word);
  other.close();
  console.log((await one.recvExactly(3)).toString());
  one.close();
}

void main();
