import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, it, jest } from '@jest/globals';
import { hasKoffi } from '../support/koffi.ts';

// Each program starts a Node of its own, which takes long on a busy machine.
jest.setTimeout(60_000);

/** Since Node 25, `--permission` has a permission for the network. */
const hasNet = process.allowedNodeEnvironmentFlags.has('--allow-net');

/** Restrictions under which all must work; ts-node needs its addon, and the library does not. */
const RESTRICTIONS: readonly (readonly [flags: string, isThere: boolean])[] = [
  ['--frozen-intrinsics --disable-proto=delete', true],
  ['--disallow-code-generation-from-strings --disable-proto=throw', true],
  ['--permission --allow-fs-read=* --allow-net --allow-addons', hasNet],
  ['--permission --allow-fs-read=* --allow-addons', process.allowedNodeEnvironmentFlags.has('--permission') && !hasNet],
];

const program = path.join(__dirname, '../support/peer-restricted.ts');

for (const [flags, isThere] of RESTRICTIONS) {
  (isThere ? it : it.skip).each(['', 'off'])(`works with ${flags} (AWAIT_SOCKET_FAST_PATH=%s)`, (fastPath) => {
    const args = [...flags.split(' '), '--require', require.resolve('ts-node/register'), program];
    const { stdout, stderr } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      env: { ...process.env, AWAIT_SOCKET_FAST_PATH: fastPath },
      timeout: 60_000,
    });
    expect(stderr).not.toContain('Error');
    expect(JSON.parse(stdout)).toEqual({
      TCP: 'ping',
      // The path of a Unix socket is a file that is made, which was not allowed.
      Unix: flags.includes('--permission') ? 'PermissionError' : 'ping',
      kernel: hasKoffi ? 'ping' : 'OSError',
      TLS: 'ping',
      UDP: 'ping',
      names: true,
      refused: 'ConnectionRefusedError',
    });
  });
}
