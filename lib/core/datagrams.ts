import { AF_INET6 } from '../common/constants.ts';
import { bulkInput } from '../kernel/bulk-input.ts';
import { datagramBackend } from '../transports/datagram-backend.ts';
import { Datagrams } from '../transports/datagram.ts';
import { mayUseFastPath } from '../transports/support.ts';

/** A transport of datagrams, which in a flood reads the kernel in bulk; that needs a part of Node that is not documented. */
export function newDatagrams(family: number): Datagrams {
  return new Datagrams(family === AF_INET6 ? 6 : 4, datagramBackend, mayUseFastPath ? bulkInput : undefined);
}
