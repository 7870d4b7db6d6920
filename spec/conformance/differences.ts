import { inspect } from 'node:util';
import type { Program, Result, Step, Value } from './program.ts';

/** A step that came out differently, with what it takes to judge it. */
export interface Difference {
  readonly program: Program;
  readonly index: number;
  readonly python: Result | undefined;
  readonly ours: Result | undefined;
}

/** What makes a difference one that is known and documented. */
interface Excuse {
  /** What the paragraph of docs/differences.md begins with that gives the reason. */
  readonly reason: string;
  /** Whether the rest of the program is compared all the same: nothing follows from the difference. */
  readonly harmless?: true;
  excuses(facts: Facts): boolean;
}

/** A difference as the table looks at it. */
interface Facts {
  readonly call: string;
  readonly args: readonly Value[];
  /** The option of setsockopt() and getsockopt(), by name. */
  readonly option: string;
  /** The kind of the socket: its family and type. */
  readonly is: 'tcp' | 'unix' | 'udp';
  /** Python's error, in a word: 'TimeoutError', 'ENOTCONN', or the value as JSON. */
  readonly python: string;
  readonly ours: string;
  /** Steps before this one. */
  readonly before: Program;
}

const ERRNO: Readonly<Record<number, string>> = {
  2: 'ENOENT',
  9: 'EBADF',
  11: 'EAGAIN',
  14: 'EFAULT',
  22: 'EINVAL',
  32: 'EPIPE',
  88: 'ENOTSOCK',
  89: 'EDESTADDRREQ',
  92: 'ENOPROTOOPT',
  93: 'EPROTONOSUPPORT',
  95: 'ENOTSUP',
  98: 'EADDRINUSE',
  104: 'ECONNRESET',
  106: 'EISCONN',
  107: 'ENOTCONN',
  111: 'ECONNREFUSED',
  114: 'EALREADY',
  115: 'EINPROGRESS',
};

/** Options that not every Node has. */
const SINCE = new Set(['TCP_KEEPINTVL', 'TCP_KEEPCNT', 'IP_TOS', 'IPV6_TCLASS']);

const isZero = (word: string): boolean => word === '0' || /^\{"bytes":"0*"\}$/.test(word);
const isOne = (word: string): boolean => word === '1' || /^\{"bytes":"010*"\}$/.test(word);

const RESET = ['ENOTCONN', 'EPIPE', 'ECONNRESET'];
const NO_CONNECTION = ['ENOTCONN', 'EPIPE', 'EINVAL'];
const RECEIVES = ['recv', 'recv_into', 'recvfrom', 'recvfrom_into', 'recvmsg', 'recvmsg_into'];
const SENDS = ['send', 'sendall', 'sendto', 'sendmsg', 'sendfile'];

/** All differences that are excused. Nothing else is. */
export const EXCUSES: readonly Excuse[] = [
  {
    reason: 'A path with a NUL in it is a `TypeError`.',
    excuses: ({ is, args, ours }) => is === 'unix' && ours === 'TypeError' && inspect(args).includes('a\\x00b'),
  },
  {
    reason:
      'Port, flowinfo and scope id are checked before the host is looked up, and a scope id does not wrap around.',
    excuses: ({ call, python, ours }) =>
      ['bind', 'connect', 'connect_ex', 'sendto', 'sendmsg'].includes(call) &&
      python !== 'RangeError' &&
      ours === 'RangeError',
  },
  {
    reason: '[options.md](options.md) has the whole table.',
    excuses: ({ call, args, ours }) =>
      call.endsWith('sockopt') && args.slice(0, 2).some(isPlain) && ours === 'ENOPROTOOPT',
  },
  {
    reason: 'What became of a datagram to somebody else is not told',
    excuses: ({ is, python, before }) =>
      is === 'udp' && python === 'ECONNREFUSED' && before.some(({ call }) => call === 'sendto' || call === 'sendmsg'),
  },
  {
    reason: 'A name is looked up only by a call that can use it.',
    excuses: ({ call, python, ours }) =>
      ['sendto', 'sendmsg', 'connect', 'connect_ex'].includes(call) &&
      /^-\d+$/.test(python) &&
      ['EBADF', 'EPIPE', '9'].includes(ours),
  },
  {
    reason: 'Host names in bytes must be ASCII.',
    excuses: ({ args, python, ours }) => /^-\d+$/.test(python) && ours === 'TypeError' && inspect(args).includes('ff'),
  },
  {
    reason: "`''` and `b''` are no empty list of buffers.",
    excuses: ({ call, args, python, ours }) =>
      (call === 'sendmsg' || call === 'recvmsg_into') &&
      python !== 'TypeError' &&
      ours === 'TypeError' &&
      args.some((value) => value === '' || inspect(value) === "{ bytes: '' }"),
  },
  {
    reason: 'Numbers do not wrap around, and one that is too large is a `RangeError`.',
    excuses: ({ call, python, ours, before }) =>
      (call === 'setsockopt' && python === 'TypeError' && ours === 'RangeError') ||
      (call === 'setsockopt' && python === 'EFAULT' && ours === 'EINVAL') ||
      (python === 'TimeoutError' && before.some((step) => step.call === 'settimeout' && Number(step.args?.[0]) > 2e6)),
  },
  {
    reason: 'No raw, CAN, VSOCK and seqpacket sockets.',
    harmless: true,
    excuses: ({ call, ours }) => call === 'socket' && ours === 'EPROTONOSUPPORT',
  },
  {
    reason: 'An error of state never waits.',
    excuses: ({ call, python, ours }) =>
      ['accept', ...RECEIVES, ...SENDS].includes(call) &&
      (python === 'TimeoutError' || python === 'blocks') &&
      NO_CONNECTION.includes(ours),
  },
  {
    reason: 'A path may be gone after `close()`.',
    excuses: ({ call, is, python, ours, before }) =>
      is === 'unix' &&
      before.some((step) => step.call === 'close' || step.call === 'shutdown') &&
      ((call === 'connect' && python === 'ECONNREFUSED' && ours === 'ENOENT') ||
        (call === 'connect_ex' && python === '111' && ours === '2') ||
        (call === 'getsockname' && ours === '""') ||
        (call === 'bind' && python === 'EADDRINUSE')),
  },
  {
    reason: 'Strings may be sent, as UTF-8.',
    excuses: ({ call, args, python, ours }) =>
      SENDS.includes(call) &&
      (typeof args[0] === 'string' || (isTuple(args[0]) && typeof args[0][0] === 'string')) &&
      python === 'TypeError' &&
      ours !== 'TypeError',
  },
  {
    reason: '`shutdown()` without a connection does nothing but raise `ENOTCONN`.',
    excuses: ({ call, is, before }) =>
      is === 'tcp' && [...RECEIVES, ...SENDS].includes(call) && before.some((step) => step.call === 'shutdown'),
  },
  {
    reason: 'Datagrams have no peer at port 0',
    excuses: ({ call, is, python, ours }) =>
      is === 'udp' &&
      ((call === 'connect' && python === 'null' && ours === 'EINVAL') ||
        (call === 'connect_ex' && python === '0' && ours === '22')),
  },
  {
    reason: 'Abstract names need Node 22.',
    excuses: ({ call, args, is, ours }) =>
      is === 'unix' && isAbstractName(args[0]) && (ours === 'ENOTSUP' || ours === '95') && call !== 'accept',
  },
  {
    reason: '`MSG_OOB` and other flags are refused with `ENOTSUP`.',
    excuses: ({ call, ours }) => [...RECEIVES, ...SENDS].includes(call) && ours === 'ENOTSUP',
  },
  {
    reason: 'A client that is bound to a path can connect from Node 24.20 and 26.7 on',
    excuses: ({ call, is, ours, before }) =>
      is === 'unix' &&
      before.some((step) => step.call === 'bind') &&
      ((call === 'connect' && ours === 'ENOTSUP') || (call === 'connect_ex' && ours === '95')),
  },
  {
    reason: '`SO_REUSEADDR` is always on underneath, for TCP.',
    excuses: ({ call, is, python, ours }) =>
      is === 'tcp' && call === 'bind' && python === 'EADDRINUSE' && ours === 'null',
  },
  {
    reason: '`SO_ERROR` tells of a reset only once it was noticed',
    excuses: ({ call, is, option, python, ours }) =>
      call === 'getsockopt' && is === 'tcp' && option === 'SO_ERROR' && !isZero(python) && isZero(ours),
  },
  {
    reason: '`fileno()` is −1 until the socket is bound, listens or is connected.',
    harmless: true,
    excuses: ({ call, ours }) => call === 'fileno' && ours === 'false',
  },
  {
    reason: '`TCP_NODELAY` is on from the start',
    harmless: true,
    excuses: ({ call, option, python, ours }) =>
      call === 'getsockopt' && option === 'TCP_NODELAY' && isZero(python) && isOne(ours),
  },
  {
    reason:
      '`TCP_KEEPINTVL` and `TCP_KEEPCNT` from Node 24.19 and 26.4, `IP_TOS` and `IPV6_TCLASS` from 24.15 and 25.6',
    harmless: true,
    excuses: ({ option, ours }) => SINCE.has(option) && ours === 'ENOPROTOOPT',
  },
  {
    reason: '`connect()` on a connected socket is `EISCONN` whatever the path',
    excuses: ({ call, is, python, ours }) =>
      is === 'unix' &&
      ((call === 'connect' && ours === 'EISCONN') ||
        (call === 'connect_ex' && ours === '106') ||
        (call === 'bind' && python === 'EADDRINUSE' && ours === 'EINVAL')),
  },
  {
    reason: 'A socket that was connected or has listened cannot be bound',
    excuses: ({ call, is, ours, before }) =>
      is !== 'udp' &&
      call === 'bind' &&
      ours === 'EINVAL' &&
      before.some(({ call: done }) => done.startsWith('connect') || done === 'listen'),
  },
  {
    reason: 'A refused `connect()` leaves no port behind.',
    excuses: ({ call, is, python, ours, before }) =>
      is === 'tcp' &&
      before.some((step) => step.call.startsWith('connect')) &&
      ((call === 'getsockname' && /"port \d+"/.test(python) && /",0[,\]]/.test(ours)) ||
        (call === 'bind' && python === 'EINVAL')),
  },
  {
    reason: '`shutdown(SHUT_RD)` does not stop the peer from sending.',
    excuses: ({ call, is, python, before }) =>
      before.some((step) => step.call === 'shutdown') &&
      ((is === 'unix' && SENDS.includes(call) && python === 'EPIPE') ||
        (is === 'tcp' && before.some((step) => step.args?.[0] === 2) && RESET.includes(python))),
  },
  {
    reason: 'What was read ahead and never received resets no Unix peer.',
    excuses: ({ call, is, python, ours, before }) =>
      is === 'unix' &&
      python === 'ECONNRESET' &&
      before.some((step) => step.call === 'close') &&
      before.some((step) => RECEIVES.includes(step.call)) &&
      ((RECEIVES.includes(call) && !ours.includes('Error') && !/^E[A-Z]+$/.test(ours)) ||
        (SENDS.includes(call) && ours === 'EPIPE')),
  },
  {
    reason: '`IPV6_V6ONLY` is what was set.',
    harmless: true,
    excuses: ({ call, option, python, ours }) =>
      call === 'getsockopt' && option === 'IPV6_V6ONLY' && isOne(python) && isZero(ours),
  },
];

/** The entry of the table that a difference falls under, if there is one. */
export function excuseOf({ program, index, python, ours }: Difference): Excuse | undefined {
  const step = program[index];
  if (step === undefined) return undefined;
  const before = program.slice(0, index);
  const facts: Facts = {
    call: step.call,
    args: step.args ?? [],
    option: nameOf(step.args?.[1]),
    is: kindOf(before),
    python: inWords(python),
    ours: inWords(ours),
    before,
  };
  return EXCUSES.find((excuse) => excuse.excuses(facts));
}

/** The kind of socket that a program is about; it has only one. */
function kindOf(program: Program): Facts['is'] {
  const maker = inspect(program.find((step) => step.call === 'socket')?.args);
  if (maker.includes('SOCK_DGRAM')) return 'udp';
  return maker.includes('AF_UNIX') ? 'unix' : 'tcp';
}

/** A name behind a NUL, or none at all, for which Linux chooses one: the address of a socket without a name is such a one. */
function isAbstractName(value: Value | undefined): boolean {
  if (value === '') return true;
  if (typeof value !== 'object' || value === null) return false;
  return 'address' in value || ('bytes' in value && (value.bytes === '' || value.bytes.startsWith('00')));
}

const isPlain = (value: Value): boolean => typeof value === 'number' || typeof value === 'boolean';

function isTuple(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

function nameOf(value: Value | undefined): string {
  return typeof value === 'object' && value !== null && 'name' in value ? value.name : '';
}

function inWords(result: Result | undefined): string {
  if (result === undefined || typeof result === 'string') return String(result);
  if ('value' in result) return JSON.stringify(result.value);
  const { error, errno } = result;
  return errno === null ? error : (ERRNO[errno] ?? String(errno));
}

/** A difference in one line, the same for programs that show the same. */
export function signatureOf(difference: Difference): string {
  const step: Step | undefined = difference.program[difference.index];
  const is = step === undefined ? '' : kindOf(difference.program);
  return `${is} ${step?.call}: ${inWords(difference.python)} / ${inWords(difference.ours)}`;
}
