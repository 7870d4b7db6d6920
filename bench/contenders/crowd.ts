import net from 'node:net';
import { Clock, type ClientSettings, type Measured } from '../tasks.ts';
import * as tls from './tls.ts';

/** Many simultaneous connections of one client, with as little work as possible in Node. */

/**
 * How many connections are made at a time; all are made before the next portion. A connection beyond the kernel's queue
 * for a server would be a second late.
 */
const PORTION = 500;

/** The buffer that all connections read into; its contents are ignored. */
const buffer = Buffer.alloc(65_536);

/** Connections that stay open between two tasks. */
let kept: Connection[] = [];

interface Connection {
  readonly socket: net.Socket;
  onAnswer: () => void;
}

function opened({ where }: ClientSettings): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const callback = (): boolean => {
      connection.onAnswer();
      return true;
    };
    const socket = net.connect({ ...where, noDelay: true, onread: { buffer, callback } }, () => resolve(connection));
    const connection: Connection = { socket, onAnswer: () => undefined };
    socket.on('error', reject);
  });
}

function tlsOpened(settings: ClientSettings): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = tls.opened(settings);
    const connection: Connection = { socket, onAnswer: () => undefined };
    socket.on('error', reject);
    socket.on('data', () => connection.onAnswer());
    socket.on('secureConnect', () => resolve(connection));
  });
}

async function opening(
  settings: ClientSettings,
  onOpen?: (connection: Connection) => Promise<void>,
  open = opened,
): Promise<Connection[]> {
  const { connections } = settings;
  const all: Connection[] = [];
  while (all.length < connections) {
    const portion = Array.from({ length: Math.min(PORTION, connections - all.length) }, async () => {
      const connection = await open(settings);
      await onOpen?.(connection);
      return connection;
    });
    all.push(...(await Promise.all(portion)));
  }
  return all;
}

/** Sends a message over each connection, and waits for its answer. */
async function answered(connections: readonly Connection[], message: Buffer): Promise<void> {
  await new Promise<void>((resolve) => {
    let missing = connections.length;
    for (const connection of connections) {
      connection.onAnswer = () => {
        missing -= 1;
        if (missing === 0) resolve();
      };
      connection.socket.write(message);
    }
  });
}

function closeAll(connections: readonly Connection[]): void {
  for (const { socket } of connections) socket.destroy();
}

export async function crowd(settings: ClientSettings): Promise<Measured> {
  const connections = await opening(settings);
  const message = Buffer.alloc(settings.size, 'm');
  await answered(connections, message);
  const clock = new Clock(settings.span);
  const measured = await new Promise<Measured>((resolve) => {
    let count = 0;
    for (const connection of connections) {
      connection.onAnswer = () => {
        count += 1;
        if (clock.isOver()) resolve(clock.measured(count));
        else connection.socket.write(message);
      };
      connection.socket.write(message);
    }
  });
  closeAll(connections);
  return measured;
}

export async function rush(settings: ClientSettings): Promise<Measured> {
  const message = Buffer.alloc(settings.size, 'm');
  const clock = new Clock(settings.span);
  let count = 0;
  const connections = await opening(settings, async (connection) => {
    await answered([connection], message);
    count += 1;
  });
  const measured = clock.measured(count);
  closeAll(connections);
  return measured;
}

export async function gather(settings: ClientSettings): Promise<Measured> {
  const clock = new Clock(settings.span);
  kept = await opening(settings);
  return clock.measured(kept.length);
}

export async function tlsGather(settings: ClientSettings): Promise<Measured> {
  const clock = new Clock(settings.span);
  kept = await opening(settings, undefined, tlsOpened);
  return clock.measured(kept.length);
}

export async function exercise({ size, span }: ClientSettings): Promise<Measured> {
  const clock = new Clock(span);
  await answered(kept, Buffer.alloc(size, 'm'));
  return clock.measured(kept.length);
}

export async function scatter({ span }: ClientSettings): Promise<Measured> {
  const clock = new Clock(span);
  closeAll(kept);
  kept = [];
  return clock.measured(0);
}
