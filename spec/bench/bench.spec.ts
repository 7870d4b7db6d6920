import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { documents, replacePart, type Part } from '../../bench/marks.ts';

const folder = mkdtempSync(join(tmpdir(), 'await-socket-spec-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Whether the sources are a checkout, and not only a copy of its files. */
const hasHistory = existsSync('.git') && spawnSync('git', ['rev-parse', '--verify', 'HEAD']).status === 0;

function bench(...args: readonly string[]): { stdout: string; json: unknown } {
  const file = join(folder, 'results.json');
  const command = ['node_modules/ts-node/dist/bin.js', 'bench/bench.ts', ...args, '--json', file];
  const stdout = execFileSync(process.execPath, command, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return { stdout, json: JSON.parse(readFileSync(file, 'utf8')) };
}

const spread = { median: expect.any(Number), quartiles: [expect.any(Number), expect.any(Number)] };
const result = { speed: spread, ratio: spread, speedRatio: spread, cost: spread };

describe('npm run bench', () => {
  it('measures the rows and contenders that it is asked for, and gives tables and JSON', () => {
    const rows = ['ping-pong-client', 'udp-receive', 'unix-ping-pong', 'tls-ping-pong'];
    const { stdout, json } = bench(...rows, '--only', 'await-socket', '--rounds', '2', '--seconds', '0.01');
    const results = { data: result, 'await-socket': { ...result } };
    expect(json).toEqual({
      conditions: expect.arrayContaining([expect.stringContaining(`Node ${process.version}`)]),
      outcomes: ['ping-pong-client', 'unix-ping-pong', 'udp-receive', 'tls-ping-pong'].map((row) => ({
        row,
        peer: expect.stringMatching(/^(python-blocking|data)$/),
        results,
        failures: {},
      })),
    });
    expect(stdout).toContain('### One connection');
    expect(stdout).toContain('### Datagrams');
    expect(stdout).toMatch(/\d of \d goals are met\./);
    expect(stdout).toContain('### Over TLS');
  });

  it('measures the first moments of a process', () => {
    // Without the library, whose package takes long to build.
    const { stdout, json } = bench('cold-client', '--only', 'data', '--rounds', '1');
    expect(json).toMatchObject({ outcomes: [{ row: 'cold-client', results: { data: result }, failures: {} }] });
    expect(stdout).toContain('### The first moments of a process');
  });

  (hasHistory ? it : it.skip)('measures the library against itself at an earlier commit', () => {
    const { stdout, json } = bench('ping-pong-client', '--against', 'HEAD', '--rounds', '1', '--seconds', '0.01');
    const results = { data: result, before: result, 'await-socket': result };
    const change = { ratio: spread, speedRatio: spread };
    expect(json).toMatchObject({ outcomes: [{ row: 'ping-pong-client', results, change, failures: {} }] });
    expect(stdout).toContain("|  | plain 'data' | before | now | now to before | quartiles | speed |");
  });
});

describe('the documents of the benchmark', () => {
  it.each(Object.entries(documents) as [Part, string][])(
    'have a place for the %s, which are replaced as often as they are written',
    (part, file) => {
      const text = readFileSync(file, 'utf8');
      const once = replacePart(text, part, 'first');
      expect(once).toContain('\n\nfirst\n\n');
      expect(replacePart(replacePart(text, part, 'second'), part, 'first')).toBe(once);
    },
  );

  it('must have that place', () => {
    expect(() => replacePart('# Performance\n', 'results', 'all')).toThrow('there are no marks');
  });
});
