import { expect, it, jest } from '@jest/globals';
import { hasProgram } from '../support/programs.ts';
import { figuresOf } from './run.ts';

// Each program compiles lib/ first, which takes long on a busy machine.
jest.setTimeout(120_000);

const SMALL = ['--requests', '100', '--clients', '30', '--pause', '40', '--workers', '2'];

it('shared-listener: clients are served, though a worker is killed and replaced', async () => {
  expect(await figuresOf('shared-listener', ...SMALL)).toMatchObject({ processes: 3, unanswered: {} });
});

(hasProgram('systemd-socket-activate') ? it : it.skip)(
  'socket-activation: two sockets have their names, and clients are served, though a worker is killed and replaced',
  async () => {
    expect(await figuresOf('socket-activation', ...SMALL)).toMatchObject({ processes: 3, unanswered: {} });
  },
);

it('rolling-restart: no client is refused or reset while each worker is replaced', async () => {
  expect(await figuresOf('rolling-restart', ...SMALL)).toMatchObject({ repeated: {}, unanswered: {} });
});
