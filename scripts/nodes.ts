import { execFileSync } from 'node:child_process';

/** The major versions of Node that the project supports. */
export const SUPPORTED_NODES = ['20', '22', '24', '26'];

/** This process's own Node, by its major version. */
const OWN_NODE = process.versions.node.replace(/\..*/, '');

/** The path of a Node, by its major version. The npm package `node` has each version as a binary. */
export function nodePath(version: string): string {
  if (version === OWN_NODE) return process.execPath;
  const args = ['--yes', '--package', `node@${version}`, '--', 'node', '--print', 'process.execPath'];
  return execFileSync('npx', args, { encoding: 'utf8' }).trim();
}
