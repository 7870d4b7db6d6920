import { open } from 'node:fs/promises';
import * as socket from '../../lib/index.ts';
import { digest, fill } from './values.ts';

/** What an exchange sends, how, and how it is received. */
export interface Exchange {
  readonly how: string;
  readonly size: number;
  readonly receives: string;
  readonly part: number;
  /** The path of a file of that size. */
  readonly path: string;
}

/** Sends all, by as many calls as it takes; returns the number of bytes. */
export async function sendAll(
  sender: socket.Socket,
  { how, size, path }: Exchange,
  signal: AbortSignal,
): Promise<number> {
  const options = { signal };
  if (how === 'sendfile') {
    await using file = await open(path);
    return await sender.sendfile(file, 0, null, options);
  }
  const data = fill(size);
  if (how === 'sendall') {
    await sender.sendall(data, 0, options);
    return size;
  }
  let sent = 0;
  while (sent < size) {
    const rest = data.subarray(sent);
    sent += how === 'send' ? await sender.send(rest, 0, options) : await sender.sendmsg([rest], [], 0, null, options);
  }
  return sent;
}

/** Receives as much as is sent, or all until the end of the stream. */
export async function receiveAll(
  receiver: socket.Socket,
  { receives, size, part }: Exchange,
  signal: AbortSignal,
): Promise<readonly [length: number, sha1: string]> {
  const pieces: Buffer[] = [];
  for (let rest = size; rest > 0;) {
    const piece = await receiveSome(receiver, receives, Math.min(part, rest), signal);
    if (piece.length === 0) break;
    pieces.push(piece);
    rest -= piece.length;
  }
  return digest(Buffer.concat(pieces));
}

async function receiveSome(
  receiver: socket.Socket,
  receives: string,
  size: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const options = { signal };
  if (receives === 'recvfrom') return (await receiver.recvfrom(size, 0, options))[0];
  if (receives === 'recvmsg') return (await receiver.recvmsg(size, 0, 0, options))[0];
  if (receives === 'recv_into') {
    const room = Buffer.alloc(size);
    return room.subarray(0, await receiver.recvInto(room, 0, 0, options));
  }
  return await receiver.recv(size, receives === 'MSG_WAITALL' ? socket.MSG_WAITALL : 0, options);
}
