import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { traceOf } from '../../cli/trace/calls.ts';
import { LineReader, readTraces, type Entry } from '../../cli/trace/read.ts';
import { runTraced } from '../../cli/trace/run.ts';
import { summary } from '../../cli/trace/summary.ts';
import { conversation, traced } from '../support/trace-lines.ts';

// ts-node takes seconds to start on a busy machine.
jest.setTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), 'traced-'));
afterAll(() => rmSync(folder, { recursive: true }));

const library = JSON.stringify(resolve('lib/index.ts'));

/** A program that makes a call that succeeds and one that is never settled, and ends with status 7. */
const BODY = `
const listener = socket.createServer(['127.0.0.1', 0]);
const client = socket.socket();
Promise.all([listener.accept(), client.connect(listener.getsockname())]).then(async ([[conn]]) => {
  await client.sendall('hello');
  await conn.recv(10);
  conn.recv(10);
  setImmediate(() => setImmediate(() => process.exit(7)));
});
`;

const programs = {
  'program.cjs': `const socket = require(${library});\n${BODY}`,
  'program.mjs': `import { createRequire } from 'node:module';\nconst socket = createRequire(import.meta.url)(${library});\n${BODY}`,
};

describe.each(Object.entries(programs))('%s, traced', (name, code) => {
  it('shows its calls, also those that still wait, and its status', async () => {
    const file = join(folder, name);
    writeFileSync(file, code);
    const entries: Entry[] = [];
    const status = await runTraced([process.execPath, file], 4096, (more) => entries.push(...more));
    expect(status).toBe(7);
    const { processes, events } = traceOf(entries);
    expect(processes).toMatchObject([{ command: expect.stringContaining(name) }]);
    expect(events.map(({ call, waits }) => `${call}${waits === true ? ' waits' : ''}`)).toEqual([
      ...['bind', 'listen', 'accept', 'connect', 'sendall', 'recv', 'recv waits'],
    ]);
  });
});

it('a program that a signal ends has the status that shells give, and one that does not exist is an error', async () => {
  const kill = 'process.kill(process.pid, "SIGTERM"); setInterval(() => {}, 1000)';
  expect(await runTraced([process.execPath, '-e', kill], 1, () => undefined)).toBe(143);
  await expect(runTraced([join(folder, 'no-such-program')], 1, () => undefined)).rejects.toThrow('ENOENT');
});

it('a program that imports await-socket/trace shows its calls by itself, or writes them to a file', () => {
  const file = join(folder, 'own.cjs');
  writeFileSync(file, `require(${JSON.stringify(resolve('lib/trace/index.ts'))});\n${programs['program.cjs']}`);
  const run = (env: NodeJS.ProcessEnv): string =>
    spawnSync(process.execPath, ['-r', 'ts-node/register', file], { encoding: 'utf8', env: { ...process.env, ...env } })
      .stderr;
  expect(run({})).toMatch(/^process \d+: .*\n.* #1 bind\(\[ '127.0.0.1', 0 \]\)\n[^]* #3 recv\(10\) = 5 bytes 'hello'/);
  const path = join(folder, 'own.jsonl');
  expect(run({ AWAIT_SOCKET_TRACE: path, AWAIT_SOCKET_TRACE_SIZE: '2' })).toBe('');
  const { events } = traceOf(readTraces([path]));
  expect(events.find(({ call }) => call === 'sendall')).toMatchObject({ bytes: 5, data: 'aGU=' });
});

describe('the lines of a trace', () => {
  it('are read as they come, in pieces of any length', () => {
    const text = conversation()
      .map((entry) => `${JSON.stringify(entry)}\n`)
      .join('');
    const reader = new LineReader('a file');
    expect(Array.from(text).flatMap((character) => reader.entries(character))).toEqual(
      conversation().map((entry, index) =>
        // The numbers of calls go on.
        'id' in entry ? { ...entry, id: expect.any(Number) } : conversation()[index],
      ),
    );
  });

  it.each([
    ['no JSON', '{'],
    ['no call', '{"process":"1"}'],
    ['a field of a wrong type', JSON.stringify({ ...traced(0, 'recv', {}), data: 1 })],
    ['a wrong error', JSON.stringify({ ...traced(0, 'recv', {}), error: { name: 1 } })],
    ['wrong arguments', JSON.stringify({ ...traced(0, 'recv', {}), args: [1] })],
    ['null', 'null'],
  ])('that have %s are refused with their place', (_, line) => {
    expect(() => new LineReader('a file').entries(`${line}\n`)).toThrow('a file:1 is no line of a trace');
  });

  it('of a later version of the format are refused', () => {
    const later = JSON.stringify({ trace: 'await-socket', version: 2, process: '1', at: 0, command: '', node: '' });
    expect(() => new LineReader('a file').entries(`${later}\n`)).toThrow('version 2');
  });
});

it('the summary counts calls, failures, bytes and waits', () => {
  const error = { error: { name: 'OSError', message: '' } };
  const lines = summary(
    traceOf([...conversation(), traced(30, 'recv', { ...error, waited: 0.1 }), traced(31, 'recv', { waits: true })]),
  );
  expect(lines.split('\n').map((line) => line.trim().split(/ {2,}/))).toEqual([
    ['call', 'calls', 'failed', 'bytes', 'waited, s', 'longest'],
    ['recv', '5', '1', '37', '0.009', '0.005'],
    ['accept', '1', '0', '0', '0.009', '0.009'],
    ['connect', '1', '0', '0', '0.003', '0.003'],
    ['send', '2', '0', '18', '0.000', '0.000'],
    ['close', '2', '0', '0', '0.000', '0.000'],
    ['sendall', '1', '0', '19', '0.000', '0.000'],
    ['12 calls of 4 sockets; 1 still wait'],
    [''],
  ]);
});
