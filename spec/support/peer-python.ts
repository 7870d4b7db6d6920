import { spawn } from 'node:child_process';
import { join } from 'node:path';
import * as socket from '../../lib/index.ts';
import { available } from './pairs.ts';
import { listening, portOf } from './peer.ts';
import { listeningAt, temporaryPath } from './unix.ts';

export const families = { TCP4: socket.AF_INET, TCP6: socket.AF_INET6, Unix: socket.AF_UNIX } as const;
export type Family = keyof typeof families;

/** Which side listens. */
export type Role = 'ours' | 'theirs';

/** Each family of this machine with each side listening. */
export const ends = available(Object.entries(families) as [Family, number][]).flatMap(([family]): [Family, Role][] => [
  [family, 'ours'],
  [family, 'theirs'],
]);

/**
 * Runs one scenario of peer.py, with our end in `body`; returns the scenario's result. `body` need not close the
 * socket.
 */
export async function withPython(
  family: Family,
  listener: Role,
  scenario: string,
  body: (ours: socket.Socket) => Promise<void>,
): Promise<unknown> {
  const path = temporaryPath();
  const server =
    listener === 'theirs' ? undefined : family === 'Unix' ? listeningAt(path) : listening(families[family]);
  const where = family === 'Unix' ? path : String(server === undefined ? 0 : portOf(server));
  const args = [family, server === undefined ? 'listen' : 'connect', where];
  const child = spawn('python3', [join(__dirname, 'peer.py'), ...args, scenario], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve();
      else reject(new Error(`python3 ended with ${status ?? 'a signal'}:\n${stderr}`));
    });
  });
  const listens = new Promise<void>((resolve) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (more: string) => {
      text += more;
      lines.splice(0, lines.length, ...text.split('\n').slice(0, -1));
      if (lines.length > 0) resolve();
    });
  });
  try {
    // The first failure is the one to report: our end waits in vain for a Python that has failed.
    const work = async (): Promise<void> => {
      using ours = await meet(server, async () => {
        await listens;
        if (family === 'Unix') return path;
        return [family === 'TCP6' ? '::1' : '127.0.0.1', Number(lines[0])];
      });
      await body(ours);
    };
    await Promise.race([work(), ended.then(() => new Promise<never>(() => undefined))]);
    await ended;
    return JSON.parse(lines.at(-1) ?? 'null') as unknown;
  } finally {
    server?.close();
    child.kill('SIGKILL');
  }

  async function meet(
    accepting: socket.Socket | undefined,
    address: () => Promise<socket.AddressLike>,
  ): Promise<socket.Socket> {
    if (accepting !== undefined) return (await accepting.accept())[0];
    const client = socket.socket(families[family], socket.SOCK_STREAM);
    await client.connect(await address());
    return client;
  }
}
