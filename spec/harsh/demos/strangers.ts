import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A connection of a stranger's. It has no error that matters. */
export function stranger(port: number): net.Socket {
  const sock = net.connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  return sock.on('error', () => undefined);
}

/** So many strangers for so many seconds; what each does is up to `begin`. None of that can be a mistake by itself. */
export async function strangers(
  port: number,
  count: number,
  seconds: number,
  begin: (sock: net.Socket, index: number) => void,
): Promise<readonly string[]> {
  const all = Array.from({ length: count }, (_, index) => {
    const sock = stranger(port);
    begin(sock, index);
    return sock;
  });
  await delay(1000 * seconds);
  for (const sock of all) sock.destroy();
  return [];
}

/** Writes the same bytes without end. */
export function pour(sock: net.Socket, bytes: string | Buffer): void {
  const more = (error?: Error | null): void => {
    if (error === undefined || error === null) sock.write(bytes, more);
  };
  more();
}

/**
 * Says a line again and again, as fast as the chat tells it to all, this speaker included. Who reads as this one does is
 * never so late that the chat takes it for one who does not, however busy the machine is.
 */
export function chatter(sock: net.Socket, line: string): void {
  let ahead = 0;
  const say = (): void => {
    for (; ahead < LINES_AHEAD; ahead += 1) sock.write(`${line}\n`);
  };
  let rest = '';
  sock.on('data', (bytes: Buffer) => {
    const lines = (rest + bytes.toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    ahead -= lines.filter((heard) => heard.endsWith(line)).length;
    say();
  });
  say();
}

/** So many lines are under way at once: together with the names of all who come, fewer bytes than the chat keeps for each. */
const LINES_AHEAD = 16;

/** Writes a piece from time to time. */
export function trickle(sock: net.Socket, piece: string): void {
  const timer = setInterval(() => sock.write(piece), 10);
  sock.once('close', () => clearInterval(timer));
}

/** All that comes until the end, or until the connection breaks. */
export async function everything(sock: net.Socket): Promise<Buffer> {
  const blocks: Buffer[] = [];
  sock.on('data', (block: Buffer) => blocks.push(block));
  await new Promise<void>((resolve) => sock.once('end', resolve).once('close', resolve));
  sock.destroy();
  return Buffer.concat(blocks);
}
