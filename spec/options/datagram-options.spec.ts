import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import type { Socket } from '../../lib/index.ts';
import { inet4Of } from '../../lib/names/interfaces.ts';
import { checkQuery, checkSetting } from '../../lib/options/options.ts';
import { EADDRINUSE, EINVAL, ENOPROTOOPT } from '../support/expected-errors.ts';
import { available, describeWithIPv6, itWithIPv6, loopback, own, tcp } from '../support/pairs.ts';
import { kernelOptions } from '../support/python-child.ts';
import { hasPython } from '../support/python.ts';
import { withoutKernel } from '../support/without-kernel.ts';
import { thrown } from '../support/thrown.ts';

const { AF_INET, AF_INET6, IPPROTO_IP, IPPROTO_IPV6, IPPROTO_TCP, SOL_SOCKET } = socket;

const EADDRNOTAVAIL = { name: 'OSError', errno: 99 };
const ENODEV = { name: 'OSError', errno: 19 };

/** The index of an interface that does not exist. */
const NO_INTERFACE = 0x7ff0;
const LOOPBACK_INDEX = Math.max(
  0,
  ...socket.ifNameindex().map(([index]) => (inet4Of(index) === '127.0.0.1' ? index : 0)),
);
const GROUP = '224.0.1.198';
const GROUP6 = 'ff02::1:98';

function udp(family: number): Socket {
  return own(socket.socket(family, socket.SOCK_DGRAM));
}

function boundUdp(family: number): Socket {
  const one = udp(family);
  one.bind([loopback(family), 0]);
  return one;
}

const int = (value: number): Buffer => Buffer.from(Int32Array.of(value).buffer);
/** `struct ip_mreq`, and with an index `struct ip_mreqn`. */
const mreq = (group: string, address: string, index?: number): Buffer =>
  Buffer.concat([socket.inetAton(group), socket.inetAton(address), ...(index === undefined ? [] : [int(index)])]);
/** `struct ipv6_mreq`. */
const mreq6 = (group: string, index: number): Buffer => Buffer.concat([socket.inetPton(AF_INET6, group), int(index)]);

type Row = readonly [
  name: string,
  family: number,
  level: number,
  optname: number,
  initial: number,
  kept: readonly (readonly [set: number, got: number])[],
  refused: readonly number[],
];

/** What Linux makes of values, as Python shows it. */
const ROWS: readonly Row[] = [
  ['SO_BROADCAST', AF_INET, SOL_SOCKET, socket.SO_BROADCAST, 0, [[1, 1], [0, 0], [7, 1]], []],
  ['IP_TTL', AF_INET, IPPROTO_IP, socket.IP_TTL, 64, [[1, 1], [255, 255], [-1, 64]], [0, 256, -2]],
  ['IP_MULTICAST_TTL', AF_INET, IPPROTO_IP, socket.IP_MULTICAST_TTL, 1, [[0, 0], [255, 255], [-1, 1]], [256, -2]],
  ['IP_MULTICAST_LOOP', AF_INET, IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1, [[0, 0], [5, 1]], []],
  ['IPV6_UNICAST_HOPS', AF_INET6, IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, 64, [[1, 1], [255, 255], [-1, 64]], [256, -2]],
  ['IPV6_MULTICAST_HOPS', AF_INET6, IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 1, [[0, 0], [255, 255], [-1, 1]], [256, -2]],
  ['IPV6_MULTICAST_LOOP', AF_INET6, IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, 1, [[0, 0], [1, 1]], [2, -1]],
]; // prettier-ignore

describe.each(available(ROWS))('%s', (_name, family, level, optname, initial, kept, refused) => {
  it.each(['before bind()', 'after bind()'])('keeps what Linux keeps, set %s', (moment) => {
    for (const [index, [set, got]] of kept.entries()) {
      const one = udp(family);
      expect(one.getsockopt(level, optname)).toBe(initial);
      if (moment === 'after bind()') one.bind([loopback(family), 0]);
      one.setsockopt(level, optname, set);
      expect(one.getsockopt(level, optname)).toBe(got);
      if (moment === 'before bind()') one.bind([loopback(family), 0]);
      expect(one.getsockopt(level, optname)).toBe(got);
      if (hasPython && index === 0 && one.fileno() >= 0) expect(kernelOptions(one, [[level, optname]])).toEqual([got]);
    }
  });

  it('refuses what Linux refuses, and stays as it was', () => {
    for (const one of [udp(family), boundUdp(family)]) {
      for (const value of refused) {
        expect(thrown(() => one.setsockopt(level, optname, value))).toMatchObject(EINVAL);
      }
      expect(one.getsockopt(level, optname)).toBe(initial);
    }
  });

  if (optname === socket.SO_BROADCAST) {
    it('is kept on a stream, where it changes nothing', () => {
      const stream = tcp(family);
      stream.setsockopt(level, optname, 1);
      expect(stream.getsockopt(level, optname)).toBe(1);
    });
  } else {
    it('does not exist on a stream of Node’s', () => {
      const stream = withoutKernel(family, socket.SOCK_STREAM);
      expect(thrown(() => stream.set(checkSetting(level, optname, 1, undefined)))).toMatchObject(ENOPROTOOPT);
      expect(thrown(() => stream.get(checkQuery(level, optname, 0)))).toMatchObject(ENOPROTOOPT);
    });
  }
});

describe.each([
  ['SO_RCVBUF', socket.SO_RCVBUF, 2304],
  ['SO_SNDBUF', socket.SO_SNDBUF, 4608],
])('%s', (_name, optname, least) => {
  it('is twice what was asked for, and has a minimum', () => {
    for (const bind of [false, true]) {
      const one = bind ? boundUdp(AF_INET) : udp(AF_INET);
      one.setsockopt(SOL_SOCKET, optname, 8192);
      expect(one.getsockopt(SOL_SOCKET, optname)).toBe(16_384);
      one.setsockopt(SOL_SOCKET, optname, 1);
      expect(one.getsockopt(SOL_SOCKET, optname)).toBe(least);
    }
  });

  it('has the same value after bind() as before', () => {
    const one = udp(AF_INET);
    one.setsockopt(SOL_SOCKET, optname, 10_000);
    one.bind(['127.0.0.1', 0]);
    expect(one.getsockopt(SOL_SOCKET, optname)).toBe(20_000);
  });

  it('takes a negative size for the largest, which the system limits', () => {
    const one = boundUdp(AF_INET);
    const before = one.getsockopt(SOL_SOCKET, optname);
    one.setsockopt(SOL_SOCKET, optname, -1);
    expect(one.getsockopt(SOL_SOCKET, optname)).toBeGreaterThanOrEqual(before);
    const fresh = udp(AF_INET);
    fresh.setsockopt(SOL_SOCKET, optname, -1);
    expect(fresh.getsockopt(SOL_SOCKET, optname)).toBeGreaterThan(0);
  });
});

it('SO_RCVBUF bounds what waits to be received', async () => {
  const receiver = udp(AF_INET);
  receiver.setsockopt(SOL_SOCKET, socket.SO_RCVBUF, 2000);
  receiver.bind(['127.0.0.1', 0]);
  const sender = udp(AF_INET);
  for (let sent = 0; sent < 100; sent += 1) await sender.sendto(Buffer.alloc(1000, sent), receiver.getsockname());
  receiver.setblocking(false);
  let count = 0;
  for (let more = true; more; count += 1)
    more = await receiver.recv(1000).then(
      () => true,
      () => false,
    );
  expect(count).toBeLessThan(10);
});

describe('the level of another protocol', () => {
  it('has no options', () => {
    const one = udp(AF_INET);
    expect(thrown(() => one.setsockopt(IPPROTO_TCP, socket.TCP_NODELAY, 1))).toMatchObject(ENOPROTOOPT);
    expect(thrown(() => one.setsockopt(IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 1))).toMatchObject(ENOPROTOOPT);
    expect(one.getsockopt(SOL_SOCKET, socket.SO_TYPE)).toBe(socket.SOCK_DGRAM);
    expect(one.getsockopt(SOL_SOCKET, socket.SO_PROTOCOL)).toBe(socket.IPPROTO_UDP);
  });
});

describe('IP_MULTICAST_IF', () => {
  const { IP_MULTICAST_IF } = socket;
  const LOOPBACK = socket.inetAton('127.0.0.1');

  it('is the four bytes of an address, or a structure around them', () => {
    for (const value of [LOOPBACK, mreq('0.0.0.0', '127.0.0.1'), mreq('0.0.0.0', '127.0.0.1', 0)]) {
      const one = boundUdp(AF_INET);
      expect(one.getsockopt(IPPROTO_IP, IP_MULTICAST_IF, 4)).toEqual(Buffer.alloc(4));
      one.setsockopt(IPPROTO_IP, IP_MULTICAST_IF, value);
      expect(one.getsockopt(IPPROTO_IP, IP_MULTICAST_IF, 4)).toEqual(LOOPBACK);
      expect(one.getsockopt(IPPROTO_IP, IP_MULTICAST_IF)).toBe(LOOPBACK.readInt32LE(0));
    }
  });

  it('may be chosen by its index', () => {
    const one = boundUdp(AF_INET);
    one.setsockopt(IPPROTO_IP, IP_MULTICAST_IF, mreq('0.0.0.0', '0.0.0.0', LOOPBACK_INDEX));
    expect(one.getsockopt(IPPROTO_IP, IP_MULTICAST_IF, 4)).toEqual(LOOPBACK);
  });

  it('refuses an interface that does not exist, as Linux does, and stays as it was', () => {
    const one = boundUdp(AF_INET);
    const set = (value: Buffer): unknown => thrown(() => one.setsockopt(IPPROTO_IP, IP_MULTICAST_IF, value));
    expect(set(socket.inetAton('192.0.2.1'))).toMatchObject(EADDRNOTAVAIL);
    expect(set(mreq('0.0.0.0', '0.0.0.0', NO_INTERFACE))).toMatchObject(EADDRNOTAVAIL);
    expect(set(Buffer.from('ab'))).toMatchObject(EINVAL);
    expect(one.getsockopt(IPPROTO_IP, IP_MULTICAST_IF)).toBe(0);
    one.setsockopt(IPPROTO_IP, IP_MULTICAST_IF, LOOPBACK);
    expect(set(socket.inetAton('192.0.2.1'))).toMatchObject(EADDRNOTAVAIL);
    expect(one.getsockopt(IPPROTO_IP, IP_MULTICAST_IF, 4)).toEqual(LOOPBACK);
  });

  it('is refused in bind() where the error could not be known before', () => {
    const one = udp(AF_INET);
    one.setsockopt(IPPROTO_IP, IP_MULTICAST_IF, socket.inetAton('192.0.2.1'));
    expect(thrown(() => one.bind(['127.0.0.1', 0]))).toMatchObject(EADDRNOTAVAIL);
  });
});

describeWithIPv6('IPV6_MULTICAST_IF', () => {
  it('is the index of an existing interface', () => {
    for (const one of [udp(AF_INET6), boundUdp(AF_INET6)]) {
      const set = (index: number): void => one.setsockopt(IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index);
      expect(one.getsockopt(IPPROTO_IPV6, socket.IPV6_MULTICAST_IF)).toBe(0);
      set(LOOPBACK_INDEX);
      expect(one.getsockopt(IPPROTO_IPV6, socket.IPV6_MULTICAST_IF)).toBe(LOOPBACK_INDEX);
      expect(thrown(() => set(NO_INTERFACE))).toMatchObject(ENODEV);
      expect(one.getsockopt(IPPROTO_IPV6, socket.IPV6_MULTICAST_IF)).toBe(LOOPBACK_INDEX);
      set(0);
      expect(one.getsockopt(IPPROTO_IPV6, socket.IPV6_MULTICAST_IF)).toBe(0);
    }
  });
});

const MEMBERSHIPS = [
  ['IPv4', AF_INET, IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.IP_DROP_MEMBERSHIP, mreq(GROUP, '127.0.0.1'), 8],
  ['IPv6', AF_INET6, IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, socket.IPV6_LEAVE_GROUP, mreq6(GROUP6, LOOPBACK_INDEX), 20],
] as const;

describe.each(available(MEMBERSHIPS))(
  'membership in a group of %s',
  (_name, family, level, join, leave, group, least) => {
    it('begins and ends, each once', () => {
      const one = boundUdp(family);
      one.setsockopt(level, join, group);
      expect(thrown(() => one.setsockopt(level, join, group))).toMatchObject(EADDRINUSE);
      one.setsockopt(level, leave, group);
      expect(thrown(() => one.setsockopt(level, leave, group))).toMatchObject(EADDRNOTAVAIL);
    });

    it('is refused for too few bytes and for an address that is no group, and cannot be read', () => {
      const one = boundUdp(family);
      expect(thrown(() => one.setsockopt(level, join, group.subarray(0, least - 1)))).toMatchObject(EINVAL);
      expect(thrown(() => one.setsockopt(level, join, 1))).toMatchObject(EINVAL);
      const noGroup = Buffer.from(group);
      noGroup[0] = 10;
      expect(thrown(() => one.setsockopt(level, join, noGroup))).toMatchObject(EINVAL);
      expect(thrown(() => one.getsockopt(level, join))).toMatchObject(ENOPROTOOPT);
    });

    it('set before bind() takes effect in bind(), which raises the error', () => {
      const one = udp(family);
      one.setsockopt(level, join, group);
      one.bind([loopback(family), 0]);
      expect(thrown(() => one.setsockopt(level, join, group))).toMatchObject(EADDRINUSE);
      const other = udp(family);
      other.setsockopt(level, leave, group);
      expect(thrown(() => other.bind([loopback(family), 0]))).toMatchObject(EADDRNOTAVAIL);
    });
  },
);

// Over IPv4 alone: Linux gives the loopback interface no route for IPv6's groups.
it('a member receives what is sent to the group', async () => {
  const receiver = udp(AF_INET);
  receiver.bind(['', 0]);
  receiver.setsockopt(IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, mreq(GROUP, '127.0.0.1'));
  const sender = boundUdp(AF_INET);
  sender.setsockopt(IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inetAton('127.0.0.1'));
  await sender.sendto('to all', [GROUP, Number(receiver.getsockname()[1])]);
  expect(String(await receiver.recv(100))).toBe('to all');
});

describe('the interface of a membership', () => {
  it('may be known by its index', () => {
    const one = boundUdp(AF_INET);
    one.setsockopt(IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, mreq(GROUP, '0.0.0.0', LOOPBACK_INDEX));
    const again = (): void => one.setsockopt(IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, mreq(GROUP, '127.0.0.1'));
    expect(thrown(again)).toMatchObject(EADDRINUSE);
  });

  it('must be there', () => {
    const one = boundUdp(AF_INET);
    const join = (value: Buffer): unknown => thrown(() => one.setsockopt(IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, value));
    expect(join(mreq(GROUP, '192.0.2.1'))).toMatchObject(ENODEV);
    expect(join(mreq(GROUP, '0.0.0.0', NO_INTERFACE))).toMatchObject(ENODEV);
  });

  itWithIPv6('must be there, with IPv6', () => {
    const six = boundUdp(AF_INET6);
    const group = mreq6(GROUP6, NO_INTERFACE);
    expect(thrown(() => six.setsockopt(IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group))).toMatchObject(ENODEV);
    expect(thrown(() => six.setsockopt(IPPROTO_IPV6, socket.IPV6_LEAVE_GROUP, group))).toMatchObject(EADDRNOTAVAIL);
  });
});
