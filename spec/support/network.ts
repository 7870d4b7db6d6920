import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';

/** Whether this machine has IPv6; many containers do not. Tests that need it are skipped without it. */
export const hasIPv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));

/** Whether there is a default route. Without one nothing can be sent to a group, not even to this machine. */
export const hasRoute = routes().some(([, destination]) => destination === '00000000');

/**
 * The fields of each line of the kernel's table of routes; a default route is assumed where the table cannot be read.
 */
function routes(): string[][] {
  try {
    const lines = readFileSync('/proc/net/route', 'utf8').trimEnd().split('\n').slice(1);
    return lines.map((line) => line.split('\t'));
  } catch {
    return [['', '00000000']];
  }
}
