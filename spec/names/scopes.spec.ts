import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import { hasPython } from '../support/python.ts';

/** A network of its own with two interfaces that have link-local addresses: lo, whose index is 1, and v0. */
const NETWORK = `
mount -t sysfs sysfs /sys # which otherwise goes on showing the interfaces outside
ip link set lo up
ip -6 addr add fe80::1/64 dev lo nodad
ip link add v0 index 7 type veth peer name v1 index 8
ip link set v0 up
ip link set v1 up
ip -6 addr add fe80::7/64 dev v0 nodad
exec "$@"`;

const within = ['-rnm', 'sh', '-ec', NETWORK, 'sh'];
const hasNetworks = hasPython && spawnSync('unshare', [...within, 'true']).status === 0;

/** Hosts, each with a scope id. */
const ADDRESSES = [
  ['fe80::1', 1],
  ['fe80::1%lo', 1],
  ['fe80::1%1', 1],
  ['fe80::7%v0', 7],
  // The scope id wins.
  ['fe80::1%v0', 1],
  ['fe80::7%lo', 7],
  ['fe80::1%lo', 7],
  ['fe80::7%v0', 1],
  ['::1%lo', 7],
  ['::1', 7],
];

async function run(command: readonly string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)('unshare', [...within, ...command, JSON.stringify(ADDRESSES)]);
  return JSON.parse(stdout);
}

(hasNetworks ? it : it.skip)('a scope id wins over a zone, as in Python', async () => {
  const support = join(__dirname, '..', 'support');
  const ours = await run([process.execPath, require.resolve('ts-node/dist/bin'), join(support, 'peer-scopes.ts')]);
  const theirs = await run(['python3', join(support, 'peer-scopes.py')]);
  expect(ours).toEqual(theirs);
  expect(theirs).toContainEqual({ tcp: ['fe80::1', 1, 0, 1, 'fe80::1'], udp: expect.anything() });
});
