import { AF_INET6 } from '../common/constants.ts';
import { bulkInput } from '../kernel/bulk-input.ts';
import { bulkOutput } from '../kernel/bulk-output.ts';
import type { BulkBackends } from '../transports/bulk-output.ts';
import { datagramBackend } from '../transports/datagram-backend.ts';
import { Datagrams } from '../transports/datagram.ts';
import { mayUseFastPath } from '../transports/support.ts';

/** In functions: what needs koffi is loaded when one of them is first called. */
const BULK: BulkBackends = {
  input: (descriptor, isShared, listener) => bulkInput(descriptor, isShared, listener),
  output: (family, descriptor, single) => bulkOutput(family, descriptor, single),
};

/** A transport of datagrams, which may come and go in bulk; that needs a part of Node that is not documented. */
export function newDatagrams(family: number): Datagrams {
  return new Datagrams(family === AF_INET6 ? 6 : 4, datagramBackend, mayUseFastPath ? BULK : {});
}
