import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';

interface Line {
  readonly name: string;
  readonly ends?: boolean;
  readonly waits?: boolean;
}

describe.each(['on', 'off'])('promise 12: what keeps the process alive (AWAIT_SOCKET_FAST_PATH=%s)', (fastPath) => {
  const program = path.join(__dirname, '../support/peer-lifetime.ts');
  const { stdout } = spawnSync(process.execPath, [require.resolve('ts-node/dist/bin'), program], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    // Sockets to which the program keeps no reference may be collected.
    env: { ...process.env, AWAIT_SOCKET_FAST_PATH: fastPath, NODE_NO_WARNINGS: '1' },
    timeout: 60_000,
  });
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

  it('has an answer for every case', () => {
    expect(lines.at(-1)).toEqual({ name: 'done' });
  });

  it('is no idle socket, listener or file', () => {
    const idle = lines.filter(({ ends }) => ends !== undefined);
    expect(idle.length).toBeGreaterThan(10);
  });

  it('is every call that waits', () => {
    const waiting = lines.filter(({ waits, name }) => waits !== undefined && !name.includes("unref'd"));
    expect(waiting.filter(({ waits }) => waits !== true)).toEqual([]);
    expect(waiting.length).toBeGreaterThan(10);
  });

  it("is no call of a socket that was unref'd", () => {
    const unreffed = lines.filter(({ name }) => name.includes("unref'd"));
    expect(unreffed.filter(({ waits }) => waits === true)).toEqual([]);
    expect(unreffed).toHaveLength(4);
  });
});
