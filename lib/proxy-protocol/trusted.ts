import { BlockList } from 'node:net';
import type { Address } from '../common/addresses.ts';
import { rangeError, typeError } from '../common/arguments.ts';
import { parseDottedQuad, parseIPv6 } from '../names/inet.ts';

/**
 * Whose PROXY headers are believed: numeric addresses (`'192.0.2.1'`, `'::1'`), networks (`'10.0.0.0/8'`), and
 * `'unix:'` for all who connect to a Unix socket; or a `BlockList` of Node's.
 */
export type TrustedPeers = BlockList | readonly string[];

/** What stands for all peers on a Unix socket, as in nginx. */
const UNIX = 'unix:';

/** Checks a list of trusted peers, and makes the function that finds an address in it. */
export function trustOf(peers: unknown, name: string): (address: Address) => boolean {
  if (peers instanceof BlockList) return (address) => isListed(peers, address);
  if (!isList(peers)) throw typeError(`${name} must be a list of addresses and networks, or a BlockList`, peers);
  const list = new BlockList();
  let includesUnix = false;
  for (const peer of peers) {
    if (peer === UNIX) includesUnix = true;
    else add(list, peer, name);
  }
  return (address) => (Array.isArray(address) ? isListed(list, address) : includesUnix);
}

function isList(peers: unknown): peers is readonly unknown[] {
  return Array.isArray(peers);
}

function isListed(list: BlockList, address: Address): boolean {
  if (!Array.isArray(address)) return false;
  const [host] = address;
  return list.check(host, host.includes(':') ? 'ipv6' : 'ipv4');
}

function add(list: BlockList, peer: unknown, name: string): void {
  if (typeof peer !== 'string') throw typeError(`${name}: an address or a network must be a string`, peer);
  const [host = '', prefix, ...more] = peer.split('/');
  const isIPv4 = parseDottedQuad(host) !== null;
  const longest = isIPv4 ? 32 : 128;
  const length = prefix === undefined ? longest : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Infinity;
  if ((!isIPv4 && parseIPv6(host) === null) || length > longest || more.length > 0) {
    throw rangeError(`${name}: no numeric address, and no network`, peer);
  }
  list.addSubnet(host, length, isIPv4 ? 'ipv4' : 'ipv6');
}
