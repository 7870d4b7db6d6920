import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';

/** Whether this machine has IPv6; many containers do not. What needs it is skipped without. */
export const hasIPv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));

/** Whether there is a way to addresses of elsewhere. Without one, nothing can be sent to a group, not even to itself. */
export const hasRoute = routes().some(([, destination]) => destination === '00000000');

/** The lines of the kernel's table of routes, in their fields; where it does not tell, there is taken to be a way. */
function routes(): string[][] {
  try {
    const lines = readFileSync('/proc/net/route', 'utf8').trimEnd().split('\n').slice(1);
    return lines.map((line) => line.split('\t'));
  } catch {
    return [['', '00000000']];
  }
}
