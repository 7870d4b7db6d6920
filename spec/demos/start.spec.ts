import { afterAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdirSync, readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { hasPython } from '../support/python.ts';
import { endAll, Folder, startDemo, startPython } from './processes.ts';

// ts-node takes seconds to start on a busy machine.
jest.setTimeout(120_000);

const itWithPython = hasPython ? it : it.skip;

const folder = new Folder();
const temporary = folder.in('temporary');
mkdirSync(temporary);
const env = { TMPDIR: temporary };

/** A sparse file that takes long enough to be interrupted. */
function longFile(): string {
  const path = folder.make('long', 0);
  truncateSync(path, 2 ** 40);
  return path;
}

/** The remaining folders that the demo made, without those of others, such as ts-node's v8-compile-cache. */
function leftovers(): string[] {
  return readdirSync(temporary).filter((name) => name.startsWith('await-socket-'));
}

beforeEach(() => {
  expect(leftovers()).toEqual([]);
});

afterAll(async () => {
  await endAll();
  folder.remove();
});

describe('npm start', () => {
  it('sends a file, by its path from where npm was called, and prints the result at the end', async () => {
    folder.make('file', 5000);
    const { status, stdout, stderr } = await startDemo('start', ['file'], { ...env, INIT_CWD: folder.path }).ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/\n5000 bytes sent, 5000 bytes received, SHA-256 equal\n$/);
    expect(leftovers()).toEqual([]);
  });

  it('makes a file of its own where none is given, and removes it', async () => {
    const { status, stdout } = await startDemo('start', [], env).ended;
    expect(status).toBe(0);
    expect(stdout).toMatch(/\n67108864 bytes sent, 67108864 bytes received, SHA-256 equal\n$/);
    expect(leftovers()).toEqual([]);
  });

  it('says in one line that the file is missing', async () => {
    expect(await startDemo('start', [folder.in('missing')], env).ended).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^start: ENOENT: .*\n$/),
    });
  });

  it('ends both processes and removes its files when it is interrupted', async () => {
    const start = startDemo('start', [longFile()], env);
    await start.printed(/\d+ of 1099511627776 bytes/);
    start.kill('SIGINT');
    const { status, stderr } = await start.ended;
    expect({ status, stderr }).toEqual({ status: 130, stderr: 'start: interrupted\n' });
    expect(leftovers()).toEqual([]);
  });

  itWithPython('has a bar on a terminal, where Ctrl-C reaches all three processes and is reported once', async () => {
    const demo = ['node_modules/ts-node/dist/bin.js', join('demos', 'start.ts'), longFile()];
    const terminal = startPython('terminal', ['[1-9][0-9]* of 1099511627776 bytes', process.execPath, ...demo], env);
    const { status, stdout } = await terminal.ended;
    expect(status).toBe(130);
    expect(stdout.match(/interrupted/g)).toHaveLength(1);
    expect(stdout).toMatch(/░+ 0 %, /);
    expect(leftovers()).toEqual([]);
  });
});
