import { once } from 'node:events';
import net from 'node:net';
import type { Server, ServerSettings, Where } from '../tasks.ts';

/** The common part of all contenders that use `node:net`. */

/** Opens a connection. */
export async function connected(where: Where): Promise<net.Socket> {
  const socket = net.connect({ ...where, noDelay: true });
  await once(socket, 'connect');
  return socket;
}

/** Listens, and handles each connection; a connection that fails is only closed. */
export function listening(onConnection: (socket: net.Socket) => void): (settings: ServerSettings) => Promise<Server> {
  return async ({ where }) => {
    const server = net.createServer({ noDelay: true }, (socket) => {
      socket.on('error', () => socket.destroy());
      onConnection(socket);
    });
    server.listen({ ...where, backlog: 4096 });
    await once(server, 'listening');
    return { where: whereIs(where, server.address()), stop: () => ended(server) };
  };
}

export function whereIs(asked: Where, address: string | net.AddressInfo | null): Where {
  return typeof address === 'object' && address !== null ? { host: address.address, port: address.port } : asked;
}

export async function ended(server: net.Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

/** Writes one chunk again and again while `goesOn()`. */
export function writeOn(socket: net.Socket, chunk: Buffer, goesOn: () => boolean, onEnd?: () => void): void {
  const write = (): void => {
    while (goesOn()) if (!socket.write(chunk)) return;
    socket.off('drain', write);
    onEnd?.();
  };
  socket.on('drain', write);
  write();
}

/**
 * Cuts a chunk into pieces of at most `size` bytes, as a program that needs such pieces does; returns the number of
 * bytes.
 */
export function consume(chunk: Buffer, size: number): number {
  if (chunk.length <= size) return chunk.length;
  let bytes = 0;
  for (let at = 0; at < chunk.length; at += size) bytes += chunk.subarray(at, at + size).length;
  return bytes;
}
