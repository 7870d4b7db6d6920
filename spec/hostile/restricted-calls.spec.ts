import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, jest } from '@jest/globals';

// Each program starts a Node of its own, which takes long on a busy machine.
jest.setTimeout(120_000);

const has = (flag: string): boolean => process.allowedNodeEnvironmentFlags.has(flag);

/** All at once. Since Node 25, the network needs a permission; Node 20 has `--permission` under another name. */
const RESTRICTED = [
  '--frozen-intrinsics',
  '--disable-proto=delete',
  '--disallow-code-generation-from-strings',
  has('--permission') ? '--permission' : '--experimental-permission',
  '--allow-fs-read=*',
  // Unix sockets are files.
  `--allow-fs-write=${join(tmpdir(), '*')}`,
  '--allow-addons',
  ...(has('--allow-net') ? ['--allow-net'] : []),
];

interface Ended {
  readonly count: number;
  readonly others: readonly string[];
}

/** How every awaited call on every kind of socket ends in a Node with these flags. */
async function ended(flags: readonly string[], fastPath = ''): Promise<Ended> {
  const support = (name: string): string => join(__dirname, '../support', name);
  const required = [require.resolve('ts-node/register/transpile-only'), support('outside-jest.ts')];
  const args = [...flags, ...required.flatMap((file) => ['--require', file]), support('peer-restricted-calls.ts')];
  const env = { ...process.env, AWAIT_SOCKET_FAST_PATH: fastPath };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, timeout: 100_000 });
  return JSON.parse(stdout) as Ended;
}

it('every awaited call ends under --permission and --frozen-intrinsics as without, on both paths', async () => {
  const [plain, ...restricted] = await Promise.all([ended([]), ended(RESTRICTED), ended(RESTRICTED, 'off')]);
  expect(plain.count).toBeGreaterThan(1000);
  expect(plain.others).toContain(
    'recvfrom() on a connection with TLS: RangeError: recvfrom not allowed on instances of SSLSocket',
  );
  for (const one of restricted) expect(one).toEqual(plain);
});
