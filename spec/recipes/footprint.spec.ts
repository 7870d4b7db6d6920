import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, jest } from '@jest/globals';

// Each process compiles lib/ first, which takes long on a busy machine.
jest.setTimeout(120_000);

it('npm run footprint measures connections of TCP and of TLS: each end has one descriptor', async () => {
  const args = ['--require', require.resolve('ts-node/register'), join(__dirname, '../../scripts/footprint.ts')];
  const few = ['--connections', '60', '--tls-connections', '20', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, [...args, ...few], { timeout: 100_000 });
  const end = { descriptors: 1, rss: expect.any(Number), heap: expect.any(Number) };
  const measured = { server: end, client: end };
  expect(JSON.parse(stdout)).toMatchObject({ clear: measured, encrypted: measured });
});
