import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, jest } from '@jest/globals';
import { pair } from '../support/pairs.ts';

const folder = mkdtempSync(join(tmpdir(), 'await-socket-trace-'));
const STARTED = Symbol.for('await-socket.trace');

afterEach(() => {
  delete process.env.AWAIT_SOCKET_TRACE;
  delete process.env.AWAIT_SOCKET_TRACE_SIZE;
  Reflect.deleteProperty(globalThis, STARTED);
});

/** Imports the module as a program does, for as long as `during` runs; then ends the trace, as the end of a process. */
async function traced(during: () => Promise<void>): Promise<number> {
  const before = new Set(process.listeners('exit'));
  await jest.isolateModulesAsync(async () => {
    await import('../../lib/trace/index.ts');
  });
  const added = process.listeners('exit').filter((listener) => !before.has(listener));
  try {
    await during();
  } finally {
    for (const listener of added) {
      process.removeListener('exit', listener);
      listener.call(process, 0);
    }
  }
  return added.length;
}

async function exchange(): Promise<void> {
  const [one, other] = await pair();
  await one.sendall('hello');
  await other.recv(100);
}

it('writes JSON lines to a file', async () => {
  const file = join(folder, 'trace.jsonl');
  process.env.AWAIT_SOCKET_TRACE = file;
  process.env.AWAIT_SOCKET_TRACE_SIZE = '2';
  expect(await traced(exchange)).toBe(1);
  const lines = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(lines[0]).toMatchObject({ trace: 'await-socket', process: String(process.pid) });
  expect(lines).toContainEqual(expect.objectContaining({ call: 'recv', data: Buffer.from('he').toString('base64') }));
});

it('writes a file of its own into a folder', async () => {
  const own = mkdtempSync(join(folder, 'each-'));
  process.env.AWAIT_SOCKET_TRACE = own;
  await traced(exchange);
  expect(readdirSync(own)).toEqual([`${process.pid}.jsonl`]);
  rmSync(folder, { recursive: true });
});

it('shows the calls on standard error, once for a process', async () => {
  const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    await traced(async () => {
      expect(await traced(exchange)).toBe(0);
    });
    expect(write.mock.calls.map(([text]) => String(text)).join('')).toMatch(/recv/);
  } finally {
    write.mockRestore();
  }
});
