import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { figuresOf } from './run.ts';

// Each program compiles lib/ first, which takes long on a busy machine.
jest.setTimeout(120_000);

/** Whether several sockets can listen on one port. */
function hasReusePort(): boolean {
  try {
    socket.createServer(['127.0.0.1', 0], { reusePort: true }).close();
    return true;
  } catch {
    return false;
  }
}

const SMALL = ['--requests', '100', '--clients', '30', '--pause', '40', '--workers', '2'];

/** Two processes, and one that replaces one of them. */
async function expectAllServed(recipe: string): Promise<void> {
  const figures = await figuresOf(recipe, ...SMALL);
  expect(figures).toMatchObject({ recipe, processes: 3, answers: figures.requests, unanswered: {} });
  expect(figures.requests).toBeGreaterThanOrEqual(100);
}

it('cluster: 30 clients are served, though a worker is killed and replaced', () => expectAllServed('cluster'));

(hasReusePort() ? it : it.skip)('reuse-port: 30 clients are served, though a process is killed and replaced', () =>
  expectAllServed('reuse-port'),
);

it('hot-restart: no client is refused or reset while one server takes the place of another, twice', async () => {
  expect(await figuresOf('hot-restart', ...SMALL)).toMatchObject({ processes: 3, repeated: {}, unanswered: {} });
});

/** How many of 40 clients are served, half of which wait for a listener that closes, in a network of its own. */
function servedOf40(migrates: 0 | 1): number {
  const program = [require.resolve('ts-node/dist/bin'), join(__dirname, '../support/peer-migrated.ts')];
  const prepare = `ip link set lo up && echo ${migrates} > /proc/sys/net/ipv4/tcp_migrate_req && exec "$@"`;
  const unshared = ['--net', '--map-root-user', 'sh', '-c', prepare, 'sh', process.execPath, ...program];
  const { stdout, stderr } = spawnSync('unshare', unshared, { encoding: 'utf8' });
  if (stderr !== '') throw new Error(stderr);
  return Number(stdout);
}

const canMigrate =
  hasReusePort() &&
  spawnSync('unshare', ['--net', '--map-root-user', 'test', '-w', '/proc/sys/net/ipv4/tcp_migrate_req']).status === 0;

(canMigrate ? it : it.skip)(
  'reuse-port: with tcp_migrate_req, the clients of a listener that closes go to another',
  () => {
    expect(servedOf40(0)).toBeLessThan(40);
    expect(servedOf40(1)).toBe(40);
  },
);
