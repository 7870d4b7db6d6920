import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';

interface Line {
  readonly name: string;
  readonly outcome: unknown;
  readonly told: readonly { readonly message: string; readonly detail?: string }[];
}

function run(environment: Readonly<Record<string, string>>, ...cases: string[]): Map<string, Line> {
  const program = path.join(__dirname, '../support/peer-lost-files.ts');
  const { stdout } = spawnSync(process.execPath, [require.resolve('ts-node/dist/bin'), program, ...cases], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
    timeout: 25_000,
  });
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  return new Map(lines.map((line) => [line.name, line]));
}

const CLOSED_SOCKET = /^unclosed file of a closed socket: <makefile mode='rw?b', fd=\d+>$/;
const SOCKET = /^unclosed <socket\.socket fd=\d+/;

describe.each(['on', 'off'])('promise 15: a lost file is closed (AWAIT_SOCKET_FAST_PATH=%s)', (fastPath) => {
  const lines = run({ AWAIT_SOCKET_FAST_PATH: fastPath });

  it.each([
    ['a file of a socket that lives', ', end', []],
    ['a file with bytes that were not flushed', 'hello, open', []],
    ['a file that a closed socket was open for', 'hello, end', [CLOSED_SOCKET]],
    ['a file and its socket', 'hello, end', [SOCKET]],
    [
      'a file that cannot be flushed',
      'gone',
      [/^5 bytes were not flushed \(BrokenPipeError: .*\): <makefile mode='wb'/],
    ],
    ['a socket whose file is closed then', 'hello, end', [SOCKET]],
    // It is lost once the call has ended.
    ['a file whose call waits', 'still here\n', [CLOSED_SOCKET]],
    ['a file of which only a part is held', 'hello, end', []],
    ['a file that was closed', 'hello, end', []],
  ] as const)('%s', (name, outcome, texts) => {
    const told = texts.map((text) => expect.objectContaining({ message: expect.stringMatching(text) }));
    expect(lines.get(name)).toEqual({ name, outcome, told });
  });
});

describe('with AWAIT_SOCKET_TRACE_UNCLOSED=1', () => {
  it('the warning says where the file was made', () => {
    const name = 'a file that a closed socket was open for';
    const lines = run({ AWAIT_SOCKET_TRACE_UNCLOSED: '1' }, name);
    expect(lines.get(name)?.told[0]?.detail).toMatch(/peer-lost-files\.ts:\d+/);
  });
});
