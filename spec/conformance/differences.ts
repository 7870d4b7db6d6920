import { inspect } from 'node:util';
import {
  factsOf,
  isEnd,
  isOne,
  isValue,
  isZero,
  nameOf,
  RECEIVES,
  SENDS,
  wasShut,
  type Difference,
  type Excuse,
} from './facts.ts';
import { fileExcuses, READS } from './file-differences.ts';
import type { Program, Step, Value } from './program.ts';

/** Options that not every Node has. */
const SINCE = new Set(['TCP_KEEPINTVL', 'TCP_KEEPCNT', 'IP_TOS', 'IPV6_TCLASS']);

/** The calls by which files send. */
const WRITES = ['write', 'writelines', 'flush', 'close'];

/** The outcomes of calls that wait, or that may not. */
const WAITS = ['blocks', 'TimeoutError', 'EAGAIN', 'EINPROGRESS', '11', '115'];

const NO_CONNECTION = ['ENOTCONN', 'EPIPE', 'EINVAL'];

/** All differences that are excused. */
export const EXCUSES: readonly Excuse[] = [
  ...fileExcuses,
  {
    reason: 'A socket that is not connected keeps nothing of a `shutdown()`',
    harmless: true,
    excuses: ({ call, own, done }) =>
      call === 'select' && own.some((step) => step.call === 'shutdown') && !done.some(isConnecting),
  },
  {
    reason: 'A path with a NUL in it is a `TypeError`.',
    excuses: ({ is, args, ours }) =>
      ['unix', 'kernel'].includes(is) && ours === 'TypeError' && inspect(args).includes('a\\x00b'),
  },
  {
    reason:
      'Port, flowinfo and scope id are checked before the host is looked up, and a scope id does not wrap around.',
    excuses: ({ call, args, python, ours }) =>
      ['bind', 'connect', 'connect_ex', 'sendto', 'sendmsg'].includes(call) &&
      ours === 'RangeError' &&
      (isLookup(python) || args.some((value) => isTuple(value) && isWrapped(value[3]))),
  },
  {
    reason: '[options.md](options.md) has the whole table.',
    excuses: ({ call, args, ours }) =>
      call.endsWith('sockopt') && args.slice(0, 2).some(isPlain) && ours === 'ENOPROTOOPT',
  },
  {
    reason: 'The time limit covers the look-up of a name, too',
    excuses: ({ call, args, ours }) =>
      ['connect', 'connect_ex', 'sendto', 'sendmsg'].includes(call) &&
      ['TimeoutError', '11'].includes(ours) &&
      args.some((value) => inspect(value).includes('named')),
  },
  {
    reason: 'Output counts as full while Node has bytes that the kernel has not taken',
    excuses: ({ call, is, python, ours }) =>
      call === 'select' && is === 'udp' && !/^\["[rx]*w/.test(python) && /^\["[rx]*w/.test(ours),
  },
  {
    reason: 'The peer of a Unix connection that was made of a descriptor has no name.',
    excuses: ({ call, is, python, before }) =>
      is === 'unix' &&
      ['getpeername', ...RECEIVES].includes(call) &&
      python.includes('FOLDER') &&
      before.some((step) => step.call === 'detach'),
  },
  {
    reason: 'A datagram socket that connects again gets a new address of its own.',
    excuses: ({ call, is, own }) =>
      is === 'udp' && call === 'getsockname' && own.filter((step) => step.call.startsWith('connect')).length > 1,
  },
  {
    reason: 'A connected datagram socket does not report that another address refused a datagram',
    excuses: ({ call, args, is, python, own }) =>
      is === 'udp' &&
      python === 'ECONNREFUSED' &&
      own.some((step) => step.call.startsWith('connect')) &&
      [...own, { call, args }].some((step) => step.call === 'sendto' || (step.args?.length ?? 0) > 3),
  },
  {
    reason: 'A datagram from a connected socket to another address leaves from an address that is chosen for it',
    // To a group, or from a socket that is connected to one, it is another interface's.
    excuses: ({ call: receive, is, ours, before }) =>
      is === 'udp' &&
      RECEIVES.includes(receive) &&
      before.some(
        ({ on, call, args }) =>
          SENDS.includes(call) &&
          before.some(
            (step) =>
              step.on === on &&
              step.call.startsWith('connect') &&
              (args?.some(isGroup) === true
                ? ['blocks', 'TimeoutError', 'EAGAIN'].includes(ours)
                : step.args?.some(isGroup) === true),
          ),
      ),
  },
  {
    reason: 'On a datagram socket that is shut down, `send()` raises `BrokenPipeError` first.',
    excuses: ({ call, is, python, ours, own }) =>
      is === 'udp' && SENDS.includes(call) && python === '101' && ours === 'EPIPE' && wasShut(own, 1),
  },
  {
    reason: 'A name is looked up only by a call that can use it.',
    excuses: ({ call, python, ours }) =>
      ['sendto', 'sendmsg', 'connect', 'connect_ex'].includes(call) &&
      isLookup(python) &&
      ['EBADF', 'EPIPE', '9'].includes(ours),
  },
  {
    reason: 'Host names in bytes must be ASCII.',
    excuses: ({ args, python, ours }) => isLookup(python) && ours === 'TypeError' && inspect(args).includes('ff'),
  },
  {
    reason: "`''` and `b''` are not an empty list of buffers.",
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
    reason: 'Kinds of sockets that Node does not have need the package koffi, and Linux',
    harmless: true,
    excuses: ({ call, args: [family, type, proto], ours }) =>
      call === 'socket' &&
      ours === 'EPROTONOSUPPORT' &&
      ((nameOf(type) === 'SOCK_DGRAM' && (family === 1 || family === true || nameOf(family) === 'AF_UNIX')) ||
        ['SOCK_RAW', 'SOCK_SEQPACKET'].includes(nameOf(type)) ||
        proto === 1 ||
        proto === true),
  },
  {
    reason: "`null` as an option's value is refused for its length, or with `EFAULT`.",
    excuses: ({ call, args, ours }) =>
      call === 'setsockopt' && args.length === 4 && args[2] === null && ['EFAULT', 'EINVAL'].includes(ours),
  },
  {
    reason: "UDP's options are set when the socket is bound",
    excuses: ({ call, is, python, ours, done }) =>
      call === 'setsockopt' &&
      is === 'udp' &&
      ours === 'null' &&
      ['EADDRNOTAVAIL', 'EADDRINUSE', 'ENODEV', 'EINVAL'].includes(python) &&
      !done.some((step) => step.call === 'bind' || step.call.startsWith('connect') || step.call.startsWith('send')),
  },
  {
    reason: '`IPV6_UNICAST_HOPS` takes 1 to 255.',
    excuses: ({ call, args, option, ours }) =>
      call === 'setsockopt' && option === 'IPV6_UNICAST_HOPS' && args[2] === 0 && ours === 'EINVAL',
  },
  {
    reason: 'A connection that failed, or that both ends have ended, has no such options any more',
    excuses: ({ call, is, ours }) => call.endsWith('sockopt') && is !== 'udp' && ours === 'EBADF',
  },
  {
    reason: 'An error of state never waits.',
    excuses: ({ call, python, ours }) =>
      ['accept', ...RECEIVES, ...SENDS].includes(call) &&
      (python === 'TimeoutError' || python === 'blocks') &&
      (NO_CONNECTION.includes(ours) || (call === 'accept' && ours === 'ENOTSUP')),
  },
  {
    reason: '`close()` removes the path, whatever is at it by then',
    excuses: ({ call, is, python, ours, before }) =>
      is === 'unix' &&
      before.some((step, at) => ['close', 'drop', 'shutdown'].includes(step.call) || isMadeAgain(before, at)) &&
      ((call === 'connect' && python === 'ECONNREFUSED' && ours === 'ENOENT') ||
        (call === 'connect_ex' && python === '111' && ours === '2') ||
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
    excuses: ({ call, is, python, ours, own, before, failed }) =>
      is === 'tcp' &&
      ((RECEIVES.includes(call) && isEnd(python) && ours === 'ENOTCONN' && wasShut(ofCopies(own, before), 0)) ||
        (isUsedAgain(before, failed) &&
          ((SENDS.includes(call) && python === 'EPIPE') ||
            (RECEIVES.includes(call) && (isEnd(python) || python === 'ECONNRESET'))))),
  },
  {
    reason: 'Datagrams have no peer at port 0',
    excuses: ({ call, is, python, ours }) =>
      is === 'udp' &&
      ((call === 'connect' && python === 'null' && ours === 'EINVAL') ||
        (call === 'connect_ex' && python === '0' && ours === '22')),
  },
  {
    reason: 'Abstract names need Node 22 or koffi',
    excuses: ({ call, args, is, ours }) =>
      is === 'unix' && isAbstractName(args[0]) && (ours === 'ENOTSUP' || ours === '95') && call !== 'accept',
  },
  {
    reason: '`MSG_OOB` and other flags need the package koffi, and Linux',
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
    reason: '`SO_REUSEADDR` is always on in the kernel, for TCP.',
    excuses: ({ call, is, python, ours }) =>
      is === 'tcp' && call === 'bind' && python === 'EADDRINUSE' && ours === 'null',
  },
  {
    reason: 'After `shutdown(SHUT_WR)`, `send()` does not report a reset that no `recv()` has noticed.',
    excuses: ({ call, is, python, ours, own }) =>
      is === 'tcp' && SENDS.includes(call) && python === 'ECONNRESET' && ours === 'EPIPE' && wasShut(own, 1),
  },
  {
    reason: '`SO_ERROR` reports a reset only once it was noticed',
    excuses: ({ call, is, option, python, ours }) =>
      call === 'getsockopt' && is !== 'udp' && option === 'SO_ERROR' && !isZero(python) && isZero(ours),
  },
  {
    reason: '`fileno()` is −1 until the socket is bound, listens or is connected',
    harmless: true,
    excuses: ({ call, ours }) => call === 'fileno' && ours === 'false',
  },
  {
    reason: '`fileno()` is −1 until the socket is bound, listens or is connected',
    excuses: ({ call, ours }) => call === 'fromfd' && ours === 'EBADF',
  },
  {
    reason: '`dup()`, `detach()`, `fromfd()` and `setInheritable(true)` need koffi and Linux',
    excuses: ({ call, is, ours }) =>
      (call === 'detach' && ours === 'EBUSY') ||
      (['dup', 'detach'].includes(call) && is !== 'udp' && ours === 'ENOTSUP'),
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
      before.some(({ call: done }) => done.startsWith('connect') || done === 'listen' || done === 'socketpair'),
  },
  {
    reason: 'A refused `connect()` keeps no port.',
    excuses: ({ call, is, python, ours, before }) =>
      is === 'tcp' &&
      before.some((step) => step.call.startsWith('connect')) &&
      ((call === 'getsockname' && /"port \d+"/.test(python) && /",0[,\]]/.test(ours)) ||
        (call === 'bind' && python === 'EINVAL')),
  },
  {
    reason: 'With a time limit, Python leaves a socket that was refused half connected',
    excuses: ({ call, is, python, ours, own }) =>
      is === 'tcp' &&
      own.some((step) => step.call === 'settimeout') &&
      own.some((step) => step.call.startsWith('connect')) &&
      ((RECEIVES.includes(call) && isEnd(python) && ours === 'ENOTCONN') ||
        (call === 'connect' && python === 'ECONNABORTED') ||
        (call === 'connect_ex' && python === '103') ||
        (call === 'listen' && python === 'EINVAL' && ours === 'null') ||
        (call === 'getsockname' && /^\["(0\.0\.0\.0|::)"/.test(ours))),
  },
  {
    reason: "The end of the output is sent in the event loop's next turn",
    excuses: ({ call, is, python, ours, before }) =>
      is !== 'udp' &&
      isHurried(before) &&
      ((['ENOTCONN', 'EPIPE', 'ECONNRESET'].includes(python) && isValue(ours)) ||
        call === 'select' ||
        ([...RECEIVES, ...READS].includes(call) && isEnd(python) && (ours === 'EAGAIN' || ours === 'null'))),
  },
  {
    reason: 'A receive that finds what Node has read does not ask the kernel for more.',
    excuses: ({ call, is, python, ours, before }) =>
      is !== 'kernel' &&
      [...RECEIVES, ...READS].includes(call) &&
      before.at(-1)?.ours?.turns !== undefined &&
      ((is === 'udp' && python === 'ECONNREFUSED' && isValue(ours)) ||
        (is !== 'udp' && lengthIn(ours) > 0 && lengthIn(python) > lengthIn(ours))),
  },
  {
    reason: 'Each socket has its own time limit, also a copy.',
    excuses: ({ python, ours, before }) =>
      before.some(({ call }) => call === 'dup' || call === 'fromfd') &&
      before.some(({ call }) => call === 'settimeout' || call === 'setblocking') &&
      [python, ours].some((word) => WAITS.includes(word)),
  },
  {
    reason: '`shutdown(SHUT_RD)` does not stop the peer from sending.',
    excuses: ({ call, is, python, others }) =>
      is === 'unix' && [...SENDS, ...WRITES].includes(call) && python === 'EPIPE' && wasShut(others, 0),
  },
  {
    reason: '`shutdown()` before there is a connection does nothing.',
    excuses: ({ call, is, python, before }) =>
      is === 'unix' &&
      before.some((_, at) => isShutEarly(before, at)) &&
      ((SENDS.includes(call) && python === 'EPIPE') ||
        (RECEIVES.includes(call) && isEnd(python)) ||
        (call === 'accept' && python === 'EINVAL') ||
        (call === 'connect' && python === 'ECONNREFUSED') ||
        (call === 'connect_ex' && python === '111')),
  },
  {
    reason: 'Bytes that were read ahead and never received do not reset a Unix peer.',
    excuses: ({ call, is, python, ours, before }) =>
      is === 'unix' &&
      python === 'ECONNRESET' &&
      before.some((step, at) => step.call === 'close' || isMadeAgain(before, at)) &&
      (before.some((step) => [...RECEIVES, 'exchange'].includes(step.call)) || hasUnaccepted(before)) &&
      ((RECEIVES.includes(call) && !ours.includes('Error') && !/^E[A-Z]+$/.test(ours)) ||
        (SENDS.includes(call) && ours === 'EPIPE')),
  },
  {
    reason: 'A reset after the end of a Unix stream is not reported.',
    excuses: ({ call, is, python, ours, others }) =>
      is === 'unix' &&
      python === 'ECONNRESET' &&
      [...RECEIVES, ...READS].includes(call) &&
      (isEnd(ours) || ours === '[]') &&
      wasShut(others, 1),
  },
  {
    reason: '`sendfile()` copies what it sends.',
    excuses: ({ call, args, is, python, ours }) =>
      is === 'unix' && call === 'exchange' && args[0] === 'sendfile' && python === 'blocks' && isValue(ours),
  },
  {
    reason: '`IPV6_V6ONLY` is the value that was set.',
    harmless: true,
    excuses: ({ call, option, python, ours }) =>
      call === 'getsockopt' && option === 'IPV6_V6ONLY' && isOne(python) && isZero(ours),
  },
];

/** The entry of the table that excuses a difference, if any. */
export function excuseOf(difference: Difference): Excuse | undefined {
  const facts = factsOf(difference);
  return facts === undefined ? undefined : EXCUSES.find((excuse) => excuse.excuses(facts));
}

/**
 * An abstract name, or an empty one, for which Linux chooses a name: the address of a socket without a name is empty.
 */
function isAbstractName(value: Value | undefined): boolean {
  if (value === '') return true;
  if (typeof value !== 'object' || value === null) return false;
  return 'address' in value || ('bytes' in value && (value.bytes === '' || value.bytes.startsWith('00')));
}

/** How many bytes a receive gives by its result in a word: a number, bytes in hexadecimal, or a tuple that begins so. */
function lengthIn(word: string): number {
  const [, count, bytes = ''] = /^\[?(?:(\d+)|\{"bytes":"(\w*)"\})/.exec(word) ?? [];
  return count === undefined ? bytes.length / 2 : Number(count);
}

/** Whether a word is the error of a look-up, whose numbers are negative. */
const isLookup = (word: string): boolean => /^-\d+$/.test(word);

/** A bad scope id, which Python's C code takes for another number. */
const isWrapped = (scopeid: Value | undefined): boolean =>
  typeof scopeid === 'number' && (scopeid < 0 || scopeid > 0xffff_ffff);

/** Whether a step makes a socket in a place that had one, which is then closed. */
const isMadeAgain = (steps: Program, at: number): boolean =>
  placesOf(steps[at]).some((place) => steps.slice(0, at).some((step) => placesOf(step).includes(place)));

/** Whether more connections were made than accepted, as far as the calls show. */
const hasUnaccepted = (steps: Program): boolean =>
  steps.filter(({ call }) => call.startsWith('connect')).length > steps.filter(({ call }) => call === 'accept').length;

/** The places into which a step puts sockets. */
function placesOf(step: Step | undefined): readonly (number | undefined)[] {
  if (step === undefined) return [];
  const { call, on, into } = step;
  if (call === 'socket') return [on];
  if (call === 'socketpair') return [on, into];
  return ['accept', 'dup', 'detach', 'fromfd'].includes(call) ? [into] : [];
}

/** Whether a step shuts down a socket that the program has made and not yet connected. */
function isShutEarly(steps: Program, at: number): boolean {
  const shut = steps[at];
  if (shut?.call !== 'shutdown') return false;
  const last = steps
    .slice(0, at)
    .findLast(
      ({ call, on, into }) =>
        (call === 'accept' && into === shut.on) || (on === shut.on && /^(socket|connect)/.test(call)),
    );
  return last?.call === 'socket';
}

/** The steps on a socket; where the program has copied one, also those on all others. */
const ofCopies = (own: Program, before: Program): Program =>
  before.some(({ call }) => ['dup', 'detach', 'fromfd'].includes(call)) ? before : own;

/** Whether a socket is connected, or listens, after a shutdown() that it has refused. */
const isUsedAgain = (steps: Program, failed: Program): boolean =>
  failed.some(
    (shut) =>
      shut.call === 'shutdown' &&
      steps.slice(steps.indexOf(shut)).some(({ call, on }) => on === shut.on && /^(connect|listen)/.test(call)),
  );

/**
 * Whether calls follow within few turns after a shutdown(), or after bytes that were sent to a socket that is shut
 * down.
 */
function isHurried(steps: Program): boolean {
  const shuts = steps.filter(({ call }) => call === 'shutdown');
  return shuts.length > 0 && [...shuts, steps.at(-1)].some((step) => step?.ours?.turns !== undefined);
}

const isPlain = (value: Value): boolean => typeof value === 'number' || typeof value === 'boolean';

function isGroup(value: Value): boolean {
  return typeof value === 'object' && value !== null && 'group' in value;
}

function isTuple(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

function isConnecting({ call }: Step): boolean {
  return ['connect', 'connect_ex', 'accept'].includes(call);
}
