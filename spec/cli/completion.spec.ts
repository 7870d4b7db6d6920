import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { hasProgram } from '../support/programs.ts';
import { cli } from './programs.ts';

// ts-node takes seconds to start on a busy machine.
jest.setTimeout(120_000);

describe('await-socket', () => {
  it('says its version', async () => {
    await using program = cli('--version');
    expect(await program.ended).toBe(0);
    expect(program.printed.toString()).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('lists its subcommands with --help', async () => {
    await using program = cli('--help');
    expect(await program.ended).toBe(0);
    expect(program.printed.toString()).toMatch(/^Usage: await-socket [^]*\n {2}repl [^]*\n {2}nc [^]*\n {2}demo /);
  });

  it('lists the exercises where none is named', async () => {
    await using program = cli('exercise');
    expect(await program.ended).toBe(0);
    expect(program.printed.toString().split('\n')).toEqual(expect.arrayContaining(['echo', 'hello', 'time-limits']));
  });

  it('runs a demo with its arguments', async () => {
    await using program = cli('demo', 'udp-echo-client', '--help');
    expect(await program.ended).toBe(0);
    expect(program.printed.toString()).toMatch(/^Usage: udp-echo-client /);
  });

  it.each([
    [['demo', 'nonsense'], /^demo: .*Allowed choices are .*chat-client.*\nusage: demo /],
    [['nc', '--nonsense'], /^nc: unknown option '--nonsense'\nusage: nc /],
    [['nc', 'localhost'], /^nc: which host and port\?\n$/],
  ])('refuses %j with a line that says why', async (args, line) => {
    await using program = cli(...args);
    expect(await program.ended).toBe(line.source.includes('usage') ? 2 : 1);
    await program.tells(line);
  });
});

describe('shell completion', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'await-socket-completion-'));
    const file = join(folder, 'await-socket');
    const [bin, main] = ['node_modules/ts-node/dist/bin.js', 'cli/main.ts'].map((path) => resolve(path));
    writeFileSync(file, `#!/bin/sh\nexec '${process.execPath}' '${bin}' '${main}' "$@"\n`);
    chmodSync(file, 0o755);
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  const run = (program: string, code: string): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(program, ['-c', code], {
      encoding: 'utf8',
      env: { ...process.env, PATH: [folder, process.env.PATH].join(delimiter) },
    });

  it('knows the subcommands, their options, and the demos', () => {
    const found = (words: string): string[] => run('sh', `await-socket complete -- ${words}`).stdout.split(/[\t\n]/);
    expect(found("''")).toEqual(expect.arrayContaining(['nc', 'demo', 'repl']));
    expect(found("demo ''")).toEqual(expect.arrayContaining(['chat-client', 'udp-echo-server']));
    expect(found('nc --serv')).toContain('--servername');
  });

  it.each(['bash', 'zsh', 'fish'])('has a script for %s, which that shell can read', (shell) => {
    const { status, stdout } = run('sh', `await-socket complete ${shell}`);
    expect(status).toBe(0);
    expect(stdout).toMatch(/await-socket/);
    if (hasProgram(shell)) {
      writeFileSync(join(folder, 'script'), stdout);
      const checked = spawnSync(shell, ['-n', join(folder, 'script')], { encoding: 'utf8' });
      expect(checked).toMatchObject({ status: 0, stderr: '' });
    }
  });
});
