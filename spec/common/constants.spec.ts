import { describe, expect, test } from '@jest/globals';
import * as constants from '../../lib/common/constants.ts';
import { hasPython, python } from '../support/python.ts';

const SOURCE = `
import json, socket, sys
names = json.load(sys.stdin)
json.dump({'minor': sys.version_info.minor, 'values': {name: getattr(socket, name, None) for name in names}}, sys.stdout)
`;

/** The version of Python 3 that introduced a constant, for those that not every supported Python has. */
const SINCE: Readonly<Record<string, number>> = {
  ...since(11, 'SO_INCOMING_CPU IP_BIND_ADDRESS_NO_PORT'),
  ...since(12, 'IP_PKTINFO IP_UNBLOCK_SOURCE IP_BLOCK_SOURCE IP_ADD_SOURCE_MEMBERSHIP IP_DROP_SOURCE_MEMBERSHIP'),
  ...since(12, 'TCP_MD5SIG TCP_MD5SIG_EXT TCP_THIN_LINEAR_TIMEOUTS TCP_THIN_DUPACK TCP_TIMESTAMP TCP_CC_INFO TCP_ULP'),
  ...since(
    12,
    'TCP_REPAIR TCP_REPAIR_QUEUE TCP_QUEUE_SEQ TCP_REPAIR_OPTIONS TCP_REPAIR_WINDOW TCP_SAVE_SYN TCP_SAVED_SYN',
  ),
  ...since(
    12,
    'TCP_FASTOPEN_CONNECT TCP_FASTOPEN_KEY TCP_FASTOPEN_NO_COOKIE TCP_ZEROCOPY_RECEIVE TCP_INQ TCP_TX_DELAY',
  ),
  ...since(12, 'ETHERTYPE_ARP ETHERTYPE_IP ETHERTYPE_IPV6 ETHERTYPE_VLAN ETH_P_ALL'),
  ...since(13, 'SO_BINDTOIFINDEX'),
};

function since(minor: number, names: string): Record<string, number> {
  return Object.fromEntries(names.split(' ').map((name) => [name, minor]));
}

function isAnswer(value: unknown): value is { minor: number; values: Record<string, unknown> } {
  return typeof value === 'object' && value !== null && 'minor' in value && 'values' in value;
}

(hasPython ? describe : describe.skip)('constants', () => {
  test("have Python's names and values", () => {
    const theirs = python(SOURCE, Object.keys(constants));
    if (!isAnswer(theirs)) throw new TypeError('values were expected');
    const isTheirs = ([name]: [string, unknown]): boolean => (SINCE[name] ?? 0) <= theirs.minor;
    const ours = Object.entries(constants).filter(isTheirs);
    expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(Object.entries(theirs.values).filter(isTheirs)));
  });
});
