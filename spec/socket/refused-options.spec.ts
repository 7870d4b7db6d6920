import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { NoKernel } from '../../lib/kernel/koffi.ts';
import { kernel } from '../../lib/kernel/libc.ts';
import { reasonAgainstDescriptor, REFUSED_OPTIONS } from '../../lib/options/refused-options.ts';
import { hasKoffi, withForeignSocket } from '../support/koffi.ts';
import { hasIPv6 } from '../support/network.ts';
import { accepted, loopback, own } from '../support/pairs.ts';
import { temporaryPath } from '../support/unix.ts';

const { AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM, SOCK_STREAM } = socket;
const { IPPROTO_IP, IPPROTO_IPV6, IPPROTO_TCP, IPPROTO_UDP, SOL_SOCKET } = socket;

const KINDS = {
  tcp: [AF_INET, SOCK_STREAM],
  tcp6: [AF_INET6, SOCK_STREAM],
  udp: [AF_INET, SOCK_DGRAM],
  udp6: [AF_INET6, SOCK_DGRAM],
  unix: [AF_UNIX, SOCK_STREAM],
} as const;
type Kind = keyof typeof KINDS;

const DATAGRAMS = ['udp', 'udp6'] as const;
const STREAMS = ['tcp', 'tcp6'] as const;
const INTERNET = [...DATAGRAMS, ...STREAMS] as const;

/** Two C ints, as `struct so_timestamping` and `struct sock_txtime` are. */
const ints = (...numbers: number[]): Buffer => Buffer.from(Int32Array.from(numbers).buffer);

/** Linux's numbers of options that have no name in Python. */
const SO_TIMESTAMPING = 37;
const SO_TIMESTAMPING_NEW = 65;
const SO_WIFI_STATUS = 41;
const SO_TXTIME = 61;
const IP_RECVERR = 11;
const IPV6_RECVERR = 25;
const UDP_GRO = 104;
const CLOCK_MONOTONIC = 1;

const ERRORS =
  'it makes the kernel queue errors, which Node cannot read: it would end the process or keep it busy for ever';
const SENT =
  'of sent data are queued as errors, which Node cannot read: it would end the process or keep it busy for ever';

type Setting = readonly [level: number, optname: number, value: number | Buffer];
type Row = readonly [name: string, kinds: readonly Kind[], setting: Setting, note: string];

const REFUSED: readonly Row[] = [
  ['IP_RECVERR', DATAGRAMS, [IPPROTO_IP, IP_RECVERR, 1], `IP_RECVERR: ${ERRORS}`],
  ['IP_RECVERR as one byte', DATAGRAMS, [IPPROTO_IP, IP_RECVERR, Buffer.of(1)], `IP_RECVERR: ${ERRORS}`],
  ['IP_RECVERR of −1', DATAGRAMS, [IPPROTO_IP, IP_RECVERR, -1], `IP_RECVERR: ${ERRORS}`],
  ['IPV6_RECVERR', ['udp6'], [IPPROTO_IPV6, IPV6_RECVERR, 1], `IPV6_RECVERR: ${ERRORS}`],
  ...[0x1, 0x2, 0x100, 0x200, 0x4_0000].flatMap((flag): Row[] => [
    [`SO_TIMESTAMPING with ${flag}`, INTERNET, [SOL_SOCKET, SO_TIMESTAMPING, 16 | flag], `SO_TIMESTAMPING: timestamps ${SENT}`],
    [`SO_TIMESTAMPING_NEW with ${flag}`, INTERNET, [SOL_SOCKET, SO_TIMESTAMPING_NEW, ints(flag, 0)], `SO_TIMESTAMPING: timestamps ${SENT}`],
  ]),
  ['SO_WIFI_STATUS', INTERNET, [SOL_SOCKET, SO_WIFI_STATUS, 1], 'SO_WIFI_STATUS: the state of sent data'],
  ['SO_TXTIME with reports', INTERNET, [SOL_SOCKET, SO_TXTIME, ints(CLOCK_MONOTONIC, 2)], `SO_TXTIME: ${ERRORS}`],
  ['UDP_GRO', DATAGRAMS, [IPPROTO_UDP, UDP_GRO, 1], 'UDP_GRO: it joins datagrams, and Node cannot learn where each of them ends'],
  ['IPV6_RECVPATHMTU', ['udp6'], [IPPROTO_IPV6, socket.IPV6_RECVPATHMTU, 1], 'IPV6_RECVPATHMTU: Node would receive an empty datagram that no peer has sent'],
  ['TCP_REPAIR', STREAMS, [IPPROTO_TCP, socket.TCP_REPAIR, 1], "TCP_REPAIR: it makes Node's reads fail, and Node then closes the connection"],
]; // prettier-ignore

/** Settings that do no harm, and the values that the kernel then gives. */
const PASSING: readonly (readonly [name: string, kinds: readonly Kind[], setting: Setting, read: number])[] = [
  ['IP_RECVERR off', INTERNET, [IPPROTO_IP, IP_RECVERR, 0], 0],
  ['IP_RECVERR, which makes errors count at once', STREAMS, [IPPROTO_IP, IP_RECVERR, 1], 1],
  ['IPV6_RECVERR off', ['udp6', 'tcp6'], [IPPROTO_IPV6, IPV6_RECVERR, 0], 0],
  ['IPV6_RECVERR, which makes errors count at once', ['tcp6'], [IPPROTO_IPV6, IPV6_RECVERR, 1], 1],
  ['SO_TIMESTAMPING of what is received', INTERNET, [SOL_SOCKET, SO_TIMESTAMPING, 24], 24],
  ['SO_TIMESTAMPING off', INTERNET, [SOL_SOCKET, SO_TIMESTAMPING, 0], 0],
  ['SO_TIMESTAMPING on a Unix socket, which queues nothing', ['unix'], [SOL_SOCKET, SO_TIMESTAMPING, 18], 18],
  ['SO_WIFI_STATUS off', INTERNET, [SOL_SOCKET, SO_WIFI_STATUS, 0], 0],
  ['SO_TXTIME without reports', INTERNET, [SOL_SOCKET, SO_TXTIME, ints(CLOCK_MONOTONIC, 0)], CLOCK_MONOTONIC],
  ['UDP_GRO off', DATAGRAMS, [IPPROTO_UDP, UDP_GRO, 0], 0],
  ['IPV6_RECVPATHMTU off', ['udp6'], [IPPROTO_IPV6, socket.IPV6_RECVPATHMTU, 0], 0],
  ['IPV6_RECVPATHMTU, which TCP does not heed', ['tcp6'], [IPPROTO_IPV6, socket.IPV6_RECVPATHMTU, 1], 1],
  ['IP_RECVTTL', INTERNET, [IPPROTO_IP, 12, 1], 1],
  ['SO_PEEK_OFF', ['udp', 'unix'], [SOL_SOCKET, 42, 0], 0],
]; // prettier-ignore

/** One socket of a kind at each stage: new, bound, and connected or listening where it can be. */
async function atEachMoment(kind: Kind): Promise<readonly socket.Socket[]> {
  const [family, type] = KINDS[kind];
  const make = (): socket.Socket => own(socket.socket(family, type));
  const address = (): socket.AddressLike => (family === AF_UNIX ? temporaryPath() : [loopback(family), 0]);
  const atPort = (): socket.Socket => {
    const one = make();
    one.bind(address());
    return one;
  };
  const bound = atPort();
  const connected = make();
  const listener = atPort();
  if (type === SOCK_STREAM) listener.listen();
  await connected.connect(listener.getsockname());
  if (type === SOCK_DGRAM) return [make(), bound, connected];
  return [make(), bound, connected, listener, await accepted(listener)];
}

const here = (kinds: readonly Kind[]): readonly Kind[] => kinds.filter((kind) => hasIPv6 || !kind.endsWith('6'));

describe('an option that changes what Node reads', () => {
  it('has a row in this table', () => {
    const key = (level: number, optname: number): string => `${level} ${optname}`;
    const tested = REFUSED.map(([, , [level, optname]]) => key(level, optname));
    expect(new Set(tested)).toEqual(new Set(REFUSED_OPTIONS.map(({ level, optname }) => key(level, optname))));
  });

  const cases = REFUSED.flatMap(([name, kinds, setting, note]) =>
    here(kinds).map((kind) => [name, kind, setting, note] as const),
  );
  it.each(cases)('%s on %s is refused at every stage, with the reason', async (_name, kind, setting, note) => {
    for (const one of await atEachMoment(kind)) {
      expect(() => one.setsockopt(...setting)).toThrow(`[Errno 92] Protocol not available: setsockopt (${note}`);
    }
  });

  (hasKoffi ? it : it.skip).each(cases.filter(([name]) => !name.startsWith('SO_TXTIME')))(
    '%s on %s stays off when it was refused',
    async (_name, kind, [level, optname, value]) => {
      for (const one of await atEachMoment(kind)) {
        expect(() => one.setsockopt(level, optname, value)).toThrow('[Errno 92]');
        expect(one.getsockopt(level, optname)).toBe(0);
      }
    },
  );
});

(hasKoffi ? describe : describe.skip)('an option that does no harm on such a socket', () => {
  const cases = PASSING.flatMap(([name, kinds, setting, read]) =>
    here(kinds).map((kind) => [name, kind, setting, read] as const),
  );
  it.each(cases)('%s may be set on %s at every stage', async (_name, kind, setting, read) => {
    const [level, optname] = setting;
    for (const one of await atEachMoment(kind)) {
      one.setsockopt(...setting);
      expect(one.getsockopt(level, optname)).toBe(read);
    }
  });

  it("leaves the kernel's own errors: of null, of what is too short, and of another family's level", () => {
    const one = own(socket.socket(AF_INET, SOCK_DGRAM));
    expect(() => one.setsockopt(IPPROTO_IP, IP_RECVERR, null, 4)).toThrow('[Errno 14]');
    expect(() => one.setsockopt(IPPROTO_UDP, UDP_GRO, Buffer.of(1))).toThrow('[Errno 22]');
    expect(() => one.setsockopt(IPPROTO_IPV6, IPV6_RECVERR, 1)).toThrow(
      '[Errno 92] Protocol not available: setsockopt',
    );
    const unix = own(socket.socket(AF_UNIX, SOCK_STREAM));
    expect(() => unix.setsockopt(IPPROTO_IP, IP_RECVERR, 1)).toThrow('[Errno 95]');
  });
});

describe('socket(…, fileno) of a descriptor on which another program has set such an option', () => {
  const bytesOf = (value: number | Buffer): Buffer => (typeof value === 'number' ? ints(value) : value);

  /** Makes such a socket, and gives what `use` returns; an error where this machine does not let the option be set. */
  function withOption(kind: Kind, [level, optname, value]: Setting, use: (descriptor: number) => number): number {
    const [family, type] = KINDS[kind];
    return withForeignSocket({ family, type, proto: 0 }, (descriptor, calls) => {
      const bytes = bytesOf(value);
      const failed = calls.setsockopt(descriptor, level, optname, bytes, bytes.length);
      return failed === 0 ? use(descriptor) : failed;
    });
  }

  const cases = REFUSED.flatMap(([name, kinds, setting, note]) =>
    here(kinds).map((kind) => [name, kind, setting, note] as const),
  );
  for (const [name, kind, setting, note] of cases) {
    // Some of these options are only for the system's administrator.
    const isSettable = hasKoffi && withOption(kind, setting, () => 0) === 0;
    (isSettable ? it : it.skip)(`${name} on ${kind} makes a socket that Node does not read`, () => {
      const done = withOption(kind, setting, (descriptor) => {
        expect(reasonAgainstDescriptor(descriptor, kernel())).toContain(note.replace(': ', ' is on: '));
        const one = own(new socket.Socket(-1, -1, -1, socket.dup(descriptor)));
        one.setsockopt(SOL_SOCKET, socket.SO_RCVBUF, 8192);
        // The kernel doubles what is set; the library keeps that of Node's streams as it is.
        expect(one.getsockopt(SOL_SOCKET, socket.SO_RCVBUF)).toBe(16_384);
        return 0;
      });
      expect(done).toBe(0);
    });
  }

  const passing = PASSING.flatMap(([name, kinds, setting]) =>
    here(kinds).map((kind) => [name, kind, setting] as const),
  );
  for (const [name, kind, setting] of passing) {
    const isSettable = hasKoffi && withOption(kind, setting, () => 0) === 0;
    (isSettable ? it : it.skip)(`${name} on ${kind} is no reason against it`, () => {
      const done = withOption(kind, setting, (descriptor) => {
        expect(reasonAgainstDescriptor(descriptor, kernel())).toBeUndefined();
        return 0;
      });
      expect(done).toBe(0);
    });
  }

  it('is not noticed without koffi', () => {
    expect(reasonAgainstDescriptor(3, new NoKernel('koffi is not there'))).toBeUndefined();
  });
});
