import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';

describe.each(['on', 'off'])('a program with streams (AWAIT_SOCKET_FAST_PATH=%s)', (fastPath) => {
  const program = path.join(__dirname, '../support/peer-streams.ts');
  const { stdout } = spawnSync(process.execPath, [require.resolve('ts-node/dist/bin'), program], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, AWAIT_SOCKET_FAST_PATH: fastPath },
    timeout: 60_000,
  });
  const results = JSON.parse(stdout || '{}') as Record<string, unknown>;

  it('is kept alive by what is read, and not by what is idle', () => {
    expect(results.lifetimes).toEqual({
      'idle streams of the web': true,
      'streams of the web that are read': false,
      'an open Duplex': false,
      "a Duplex that was unref'd": true,
      "a Duplex that was ref'd again": false,
      'a destroyed Duplex': true,
      'an idle socket over a net.Socket': true,
      'a call that waits for a net.Socket': false,
    });
  });

  it('sees what its listeners throw as uncaught exceptions, and the stream goes on', () => {
    const origin = 'uncaughtException';
    expect(results.thrown).toEqual(['of a listener', origin, 'second', 'of a write', origin]);
  });

  it('is warned of streams of the web that it has lost, which are closed', () => {
    expect(results.lost).toEqual({ length: 0, warnings: ['AWAIT_SOCKET_UNCLOSED'] });
  });
});
