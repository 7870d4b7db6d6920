import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { hasKoffi } from '../support/koffi.ts';

interface Outcomes {
  readonly told: Record<string, unknown>;
  readonly withoutAddons: string;
}

/** Since Node 25, `--permission` forbids the network as well. */
const canForbid = process.allowedNodeEnvironmentFlags.has('--allow-net');

describe('what Node forbids', () => {
  (canForbid ? it : it.skip)('is a PermissionError, on the documented backends and on the others', () => {
    const program = path.join(__dirname, '../support/peer-forbidden.ts');
    for (const AWAIT_SOCKET_FAST_PATH of ['', 'off']) {
      const { stdout, stderr } = spawnSync(process.execPath, ['--permission', '--allow-fs-read=*', program], {
        encoding: 'utf8',
        env: { ...process.env, AWAIT_SOCKET_FAST_PATH },
        timeout: 60_000,
      });
      expect(stderr).not.toContain('Error');
      const { told: outcomes, withoutAddons } = JSON.parse(stdout) as Outcomes;
      const told = Object.entries(outcomes);
      expect(told).toHaveLength(14);
      for (const [name, error] of told) expect([name, error]).toEqual([name, ['PermissionError', 13, 'EACCES']]);
      // koffi is an addon; without it, the reason is that it is not installed.
      if (hasKoffi)
        expect(withoutAddons).toMatch(/^OSError: \[Errno 95\].*koffi cannot be loaded: Cannot load native addon/);
    }
  });
});
