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

const SMALL = ['--requests', '100', '--clients', '30', '--pause', '100', '--workers', '2'];

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
