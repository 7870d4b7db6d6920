import { AF_INET6 } from '../common/constants.ts';
import { bulkInput } from '../kernel/bulk-input.ts';
import { bulkOutput } from '../kernel/bulk-output.ts';
import { datagramBackend } from '../transports/datagram-backend.ts';
import { Datagrams } from '../transports/datagram.ts';
import { mayUseFastPath } from '../transports/support.ts';

const BULK = { input: bulkInput, output: bulkOutput };

/** A transport of datagrams, which may come and go in bulk; that needs a part of Node that is not documented. */
export function newDatagrams(family: number): Datagrams {
  return new Datagrams(family === AF_INET6 ? 6 : 4, datagramBackend, mayUseFastPath ? BULK : {});
}
