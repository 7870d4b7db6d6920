import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';

interface Line {
  readonly name: string;
  readonly outcome: unknown;
  readonly told: readonly { readonly type: string; readonly message: string; readonly detail?: string }[];
}

function run(environment: Readonly<Record<string, string>>, ...cases: string[]): Map<string, Line> {
  const program = path.join(__dirname, '../support/peer-dropped.ts');
  const { stdout } = spawnSync(process.execPath, [require.resolve('ts-node/dist/bin'), program, ...cases], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
    timeout: 60_000,
  });
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  return new Map(lines.map((line) => [line.name, line]));
}

describe.each(['on', 'off'])('promise 15: a lost socket is closed (AWAIT_SOCKET_FAST_PATH=%s)', (fastPath) => {
  const lines = run({ AWAIT_SOCKET_FAST_PATH: fastPath });

  it.each([
    ['a client', 'end'],
    ['an accepted connection', 'end'],
    ['a listener', 111],
    ['a bound socket', 'gone'],
    ['a datagram socket', 'its port is free'],
    ['a socket whose call has waited', 'end'],
    ['a socket that select() has watched', 'end'],
    ['a socket that is registered with a lost poll object', 'end'],
    ['a socket that is registered with a lost epoll object', 'end'],
    ['a socket that is registered with a lost selector', 'end'],
    ['a client with TLS', 'end'],
    ['an accepted connection with TLS', 'end'],
    ['a connection that waits for a handshake', 'end'],
    ['a connection whose handshake has begun', ['160301', true, 'end']],
  ])('with a warning: %s', (name, outcome) => {
    const warning = {
      type: 'ResourceWarning',
      code: 'AWAIT_SOCKET_UNCLOSED',
      message: expect.stringMatching(
        /^unclosed <(socket\.socket|ssl\.SSLSocket) fd=\d+, family=2, type=[12], proto=0, laddr=/,
      ),
    };
    expect(lines.get(name)).toMatchObject({ outcome, told: [warning] });
  });

  it.each([
    ['a fresh socket', 'gone'],
    ['a socket that was closed', 'end'],
    ['a socket whose file lives', 'by the file'],
    ['a socket with TLS whose file lives', 'by the file'],
  ])('without a warning where nothing was forgotten: %s', (name, outcome) => {
    expect(lines.get(name)).toMatchObject({ outcome, told: [] });
  });

  it.each(['a socket whose call waits', 'a socket with TLS whose call waits'])(
    'but not while a call waits: %s',
    (name) => {
      expect(lines.get(name)).toMatchObject({ outcome: 'still here' });
    },
  );

  it('and not while a lost poll object waits for it', () => {
    expect(lines.get('a socket that a lost poll object waits for')).toMatchObject({ outcome: 1, told: [] });
  });

  it('says once how to learn where such sockets were made', () => {
    const hints = [...lines.values()].flatMap(({ told }) => told.filter(({ detail }) => detail !== undefined));
    expect(hints).toEqual([expect.objectContaining({ detail: expect.stringContaining('TRACE_UNCLOSED=1') })]);
  });
});

describe('with AWAIT_SOCKET_TRACE_UNCLOSED=1', () => {
  it('the warning says where the socket was made', () => {
    const lines = run({ AWAIT_SOCKET_TRACE_UNCLOSED: '1' }, 'a client');
    expect(lines.get('a client')?.told[0]?.detail).toMatch(/peer-dropped\.ts:\d+/);
  });
});
