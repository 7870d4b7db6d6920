import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as socket from '../../lib/index.ts';
import type { Socket } from '../../lib/index.ts';
import { accepted, own } from './pairs.ts';

/** A path in a folder of its own, which is removed at the end of the test. */
export function temporaryPath(name = 'socket'): string {
  const folder = mkdtempSync(join(tmpdir(), 'unix-spec-'));
  own({ [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) });
  return join(folder, name);
}

/** A new Unix socket that is closed at the end of the test. */
export function unix(): Socket {
  return own(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM));
}

/** A Unix socket that listens on a path. */
export function listeningAt(path: string): Socket {
  const listener = unix();
  listener.bind(path);
  listener.listen();
  return listener;
}

/** Both ends of a connection over a path: the client, and the accepted socket. */
export async function unixPair(): Promise<[client: Socket, server: Socket]> {
  const path = temporaryPath();
  const listener = listeningAt(path);
  const client = unix();
  const [, server] = await Promise.all([client.connect(path), accepted(listener)]);
  listener.close();
  return [client, server];
}
