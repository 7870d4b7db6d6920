import fc from 'fast-check';
import { hasRoute } from '../support/network.ts';
import { call, constant, isDatagrams, isUnix, oneOf, ownAddress, place, type Call, type Kind } from './kinds.ts';
import { optionCalls } from './option-steps.ts';
import type { Value } from './program.ts';

const size = oneOf(1, 2, 10, 10, 1000, 50_000, 0, -1);
const room = oneOf(0, 1, 10, 100, 30_000).map((n): Value => ({ room: Number(n) }));
const flags = fc.oneof(
  { weight: 4, arbitrary: oneOf(0) },
  { weight: 2, arbitrary: oneOf(constant('MSG_PEEK'), constant('MSG_DONTWAIT'), constant('MSG_DONTWAIT')) },
  { weight: 1, arbitrary: oneOf(constant('MSG_WAITALL'), constant('MSG_NOSIGNAL'), 2 | 64, 256 | 64, 2 | 256) },
);
const sendFlags = fc.oneof(
  { weight: 4, arbitrary: oneOf(0) },
  { weight: 1, arbitrary: oneOf(constant('MSG_DONTWAIT'), constant('MSG_NOSIGNAL')) },
);
/** Time limits of all sizes with fractions, from less than a millisecond to 23 days. */
const limits = oneOf(null, 0.05, 0.0505, 1e-9, 0.0001, 3600.25, 2_000_000, 0, 0, 0, -1);
/** After SHUT_RD Python's receive of a datagram asks the kernel again and again until its limit, deaf to signals. */
const shortLimits = oneOf(null, 0.05, 0.0505, 1e-9, 0.0001, 0, 0, 0, -1);
const streamData = oneOf(1, 1, 3, 10, 100, 5000, 20_000, 0).map((n): Value => ({ fill: Number(n) }));
/** The largest datagram of IPv4, and one that is too large. */
const datagramData = oneOf(1, 1, 3, 10, 100, 5000, 65_507, 65_508, 0).map((n): Value => ({ fill: Number(n) }));
const bad = oneOf(null, true, -1, 1.5, 'x', [], { number: 'nan' }, { number: 'inf' }, 2 ** 31, -(2 ** 31) - 1, {
  bytes: '00',
});

/** A file's size, and the offset and the count with which it is sent. */
const file = oneOf(0, 1, 100, 5000).map((n): Value => ({ file: Number(n) }));
const offset = oneOf(0, 0, 1, 50, 6000, -1);
const count = oneOf(null, null, 1, 10, 9000, 0, -1);

/** Calls with their weights, for all kinds of sockets. */
export function calls(kind: Kind): fc.Arbitrary<Call> {
  const isStream = !isDatagrams(kind);
  const data = isStream ? streamData : datagramData;
  const local = fc.oneof(
    { weight: 6, arbitrary: place.map((of): Value => ({ address: of })) },
    { weight: 1, arbitrary: oneOf(ownAddress(kind, 'none'), ownAddress(kind, 'a')) },
    { weight: 1, arbitrary: oneOf(ownAddress('tcp4'), ownAddress('tcp6'), ownAddress('unix'), '') },
  );
  const address = fc.oneof(
    { weight: 8, arbitrary: local },
    { weight: kind === 'tcp4' || kind === 'udp4' ? 2 : 0, arbitrary: place.map((of): Value => ({ named: of })) },
    {
      weight: isStream || isUnix(kind) || !hasRoute ? 0 : 3,
      arbitrary: place.map((of): Value => ({ group: [kind.endsWith('6') ? 6 : 4, of] })),
    },
  );
  const pieces = fc.array(data, { maxLength: 3 });
  const rooms = fc.array(room, { maxLength: 3 });
  return fc.oneof(
    call(8, 'recv', size, flags),
    call(3, 'recv_into', room, oneOf(0, 0, 1, 10, -1), flags),
    call(3, 'recvfrom', size, flags),
    call(3, 'recvfrom_into', room, oneOf(0, 0, 1, 10), flags),
    call(3, 'recvmsg', size, oneOf(0, 0, 100, -1), flags),
    call(1, 'recvmsg', size),
    call(3, 'recvmsg_into', rooms, oneOf(0), flags),
    call(
      1,
      'recvmsg_into',
      rooms.map((list): Value => ({ list })),
      oneOf(0, 100, -1),
    ),
    call(10, 'send', data, sendFlags),
    call(3, 'sendall', data, sendFlags),
    call(isStream ? 2 : 10, 'sendto', data, address),
    call(isStream ? 1 : 3, 'sendto', data, sendFlags, address),
    call(2, 'sendmsg', pieces),
    call(
      1,
      'sendmsg',
      pieces.map((list): Value => ({ list })),
      oneOf([], { list: [] }),
      sendFlags,
      oneOf(null),
    ),
    call(isStream ? 1 : 3, 'sendmsg', pieces, oneOf([]), sendFlags, address),
    call(isStream ? 2 : 1, 'sendfile', file),
    call(1, 'sendfile', file, offset, count),
    call(4, 'shutdown', oneOf(0, 1, 2, constant('SHUT_WR'), 3)),
    call(12, 'select'),
    call(4, 'close'),
    call(1, 'drop'),
    call(1, 'settimeout', isStream ? limits : shortLimits),
    call(1, 'setblocking', oneOf(true, false)),
    call(1, 'gettimeout'),
    call(1, 'getblocking'),
    call(1, 'fileno'),
    call(3, 'getsockname'),
    call(4, 'getpeername'),
    call(1, 'listen'),
    call(1, 'listen', oneOf(0, 5, -1)),
    call(2, 'bind', fc.oneof(local, oneOf(ownAddress(kind)))),
    call(isStream ? 2 : 4, 'connect', address),
    call(isStream ? 2 : 1, 'connect_ex', address),
    ...optionCalls(kind),
    call(1, 'recv', bad),
    call(1, 'send', bad),
    // In Python a limit of more than 24 days wraps around, and nothing after it can be compared.
    call(
      1,
      'settimeout',
      bad.filter((value) => value !== 2 ** 31),
    ),
    call(1, 'connect', bad),
    call(1, 'listen', bad),
  );
}
