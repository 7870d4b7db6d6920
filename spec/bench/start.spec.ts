import { describe, expect, it } from '@jest/globals';
import { runProgram, startCommand } from '../../bench/start.ts';
import type { Contestant } from '../../bench/rows.ts';
import { Unable } from '../../bench/worker-process.ts';

const where = { host: '127.0.0.1', port: 4711 };

/** A Node program that gets the port as its first argument. */
function program(code: string): [string, ...string[]] {
  return [process.execPath, '-e', code];
}

describe('runProgram()', () => {
  it('gives the time of a program, and the processor time that it prints', async () => {
    const code = 'console.log(JSON.stringify({ user: Number(process.argv[1]) * 1e6, system: 1e6 }))';
    const { seconds, used } = await runProgram(program(code), where, {});
    expect(used).toBe(4712);
    expect(seconds).toBeGreaterThan(0);
  });

  it('gives it variables', async () => {
    const code = 'console.log(JSON.stringify({ user: Number(process.env.TAKEN), system: 0 }))';
    expect((await runProgram(program(code), where, { TAKEN: '2000000' })).used).toBe(2);
  });

  it('fails with the program', async () => {
    await expect(runProgram(program('process.exit(3)'), where, {})).rejects.toMatchObject({ code: 3 });
    await expect(runProgram(program(''), { path: '/nowhere' }, {})).rejects.toThrow(TypeError);
  });
});

describe('startCommand()', () => {
  it('is known for the contenders that have such a program', () => {
    const machine = {
      node: 'node',
      nodeVersion: 'v1',
      python: undefined,
      runtimes: {},
      taskset: false,
      description: '',
    };
    const now = { package: 'now.mjs', path: (file: string) => `/tmp/${file}` };
    const commandOf = (name: Contestant): string[] =>
      startCommand(name, machine, now, { ...now, package: 'before.mjs' });
    expect(commandOf('data')).toEqual(['node', '/tmp/bench/start/net.js']);
    expect(commandOf('await-socket')).toEqual(['node', '/tmp/bench/start/await-socket.js', 'now.mjs']);
    expect(commandOf('before')).toEqual(['node', '/tmp/bench/start/await-socket.js', 'before.mjs']);
    expect(commandOf('python-blocking')).toEqual(['python3', 'bench/start/python.py']);
    expect(() => commandOf('for-await')).toThrow(Unable);
  });
});
