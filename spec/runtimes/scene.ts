import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import type * as library from '../../lib/index.ts';
import type { Socket } from '../../lib/index.ts';
import type * as tls from '../../lib/ssl/index.ts';

/**
 * The behaviours of the library on every runtime: each is a row of docs/platforms.md. This file runs beside the built
 * package on Node, Deno and Bun, so it imports only types from the sources.
 */

/** The library, as the runtime loads it. */
export type Library = typeof library;

/** What a behaviour works with. */
export interface Scene {
  readonly socket: Library;
  readonly ssl: typeof tls;
  /** The folder of the certificates that TLS is tried with. */
  readonly certificates: string;
  /** An empty folder for paths. */
  readonly folder: string;
  /** Closes a socket when the behaviour ends. */
  readonly own: <T extends Disposable>(socket: T) => T;
}

export interface Behaviour {
  readonly name: string;
  readonly run: (scene: Scene) => Promise<void> | void;
}

export function behaviour(name: string, run: Behaviour['run']): Behaviour {
  return { name, run };
}

export const HOST = '127.0.0.1';
export const LARGE = 8 * 1024 * 1024;

/** Seconds; far more than anything on the loopback takes. */
export const PATIENCE = 5;

export function listening({ socket, own }: Scene): Socket {
  const listener = own(socket.socket());
  listener.settimeout(PATIENCE);
  listener.bind([HOST, 0]);
  listener.listen();
  return listener;
}

export async function connectTo(
  { socket, own }: Scene,
  to: readonly [host: string, port: number],
  family?: number,
): Promise<Socket> {
  const client = own(socket.socket(family));
  client.settimeout(PATIENCE);
  await client.connect([...to]);
  return client;
}

export async function accepted({ own }: Scene, listener: Socket): Promise<Socket> {
  const [server] = await listener.accept();
  server.settimeout(PATIENCE);
  return own(server);
}

export async function pair(scene: Scene): Promise<[client: Socket, server: Socket]> {
  const listener = listening(scene);
  const client = await connectTo(scene, address(listener));
  const server = await accepted(scene, listener);
  listener.close();
  return [client, server];
}

export function datagrams({ socket, own }: Scene): Socket {
  const bound = own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
  bound.settimeout(PATIENCE);
  bound.bind([HOST, 0]);
  return bound;
}

/** The own address of a socket, with a port. */
export function address(of: Socket): [host: string, port: number] {
  const [host, port] = of.getsockname();
  return [String(host), Number(port)];
}

/** All bytes before the end of the stream. */
export async function rest(from: Socket): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let part = await from.recv(65536); part.length > 0; part = await from.recv(65536)) parts.push(part);
  return Buffer.concat(parts);
}

export async function text(from: Socket, size = 1024): Promise<string> {
  return String(await from.recv(size));
}

/** Thrown by a behaviour that this machine cannot show. */
export class Skip extends Error {}

export function needsIPv6(): void {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  if (!addresses.some((each) => each.address === '::1')) throw new Skip('this machine has no IPv6');
}

/** Expects an OSError of a class and a code. Passes any other error on to the table: it may be a refusal. */
export async function raises({ socket }: Scene, name: string, code: string, call: () => unknown): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof socket.OSError) || error.code !== code) throw error;
    assert.equal(error.name, name);
    return;
  }
  assert.fail(`${name} was expected, and nothing was raised`);
}
