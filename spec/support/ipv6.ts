import { networkInterfaces } from 'node:os';

/** Whether this machine has IPv6; many containers do not. What needs it is skipped without. */
export const hasIPv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));
