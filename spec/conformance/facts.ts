import { inspect } from 'node:util';
import type { Program, Result, Step, Value } from './program.ts';

/** A step with different results, and what is needed to judge the difference. */
export interface Difference {
  readonly program: Program;
  readonly index: number;
  /** The results of the steps before it. */
  readonly earlier: readonly Result[];
  readonly python: Result | undefined;
  readonly ours: Result | undefined;
}

/** A difference that is known and documented. */
export interface Excuse {
  /** The first words of the paragraph of docs/differences.md that gives the reason. */
  readonly reason: string;
  /** Whether the rest of the program is still compared, because nothing follows from the difference. */
  readonly harmless?: true;
  excuses(facts: Facts): boolean;
}

/** The facts of a difference that the table uses. */
export interface Facts {
  readonly call: string;
  readonly args: readonly Value[];
  /** The option of setsockopt() and getsockopt(), by name. */
  readonly option: string;
  /** The kind of the socket: its family and type. */
  readonly is: 'tcp' | 'unix' | 'udp' | 'kernel';
  /** The mode of the file that the call is on, if it is on one. */
  readonly mode: string | undefined;
  /** Python's result in a word: the error, such as 'TimeoutError' or 'ENOTCONN', or the value as JSON. */
  readonly python: string;
  readonly ours: string;
  /** Steps before this one. */
  readonly before: Program;
  /** The steps on the same socket (or on the socket of the file) since it was made, and the steps on others. */
  readonly own: Program;
  /** The steps on the same socket that gave a value. */
  readonly done: Program;
  readonly others: Program;
  /** All steps before this one that gave an error. */
  readonly failed: Program;
}

const ERRNO: Readonly<Record<number, string>> = {
  2: 'ENOENT',
  9: 'EBADF',
  11: 'EAGAIN',
  14: 'EFAULT',
  16: 'EBUSY',
  19: 'ENODEV',
  22: 'EINVAL',
  32: 'EPIPE',
  88: 'ENOTSOCK',
  89: 'EDESTADDRREQ',
  90: 'EMSGSIZE',
  92: 'ENOPROTOOPT',
  93: 'EPROTONOSUPPORT',
  95: 'ENOTSUP',
  98: 'EADDRINUSE',
  99: 'EADDRNOTAVAIL',
  103: 'ECONNABORTED',
  104: 'ECONNRESET',
  106: 'EISCONN',
  107: 'ENOTCONN',
  111: 'ECONNREFUSED',
  114: 'EALREADY',
  115: 'EINPROGRESS',
};

export const RECEIVES = ['recv', 'recv_into', 'recvfrom', 'recvfrom_into', 'recvmsg', 'recvmsg_into'];
export const SENDS = ['send', 'sendall', 'sendto', 'sendmsg', 'sendfile'];

export const isZero = (word: string): boolean => word === '0' || /^\{"bytes":"0*"\}$/.test(word);
export const isOne = (word: string): boolean => word === '1' || /^\{"bytes":"010*"\}$/.test(word);

/** Whether a word stands for a value, not for an error or a call that blocks. */
export const isValue = (word: string): boolean => /^([[{"\d-]|null|true|false)/.test(word);

/** Whether a word is the result of receiving at the end of the stream. */
export const isEnd = (word: string): boolean => /^(0|\{"bytes":""\}|\[(0|\{"bytes":""\}),.*\])$/.test(word);

/** Whether a socket was shut down in a direction: 0 for receiving, 1 for sending. */
export const wasShut = (steps: Program, direction: 0 | 1): boolean =>
  steps.some(
    ({ call, args = [] }) =>
      call === 'shutdown' && [direction, 2, direction === 0 ? '' : 'SHUT_WR'].includes(how(args[0])),
  );

function how(value: Value | undefined): string | number {
  return typeof value === 'number' ? value : nameOf(value);
}

/** The facts of a difference. */
export function factsOf({ program, index, earlier, python, ours }: Difference): Facts | undefined {
  const step = program[index];
  if (step === undefined) return undefined;
  const before = program.slice(0, index);
  const isDone = (at: number): boolean => hasValue(earlier[at]);
  const makefile = before.findLastIndex(({ call, into }, at) => call === 'makefile' && into === step.on && isDone(at));
  const maker = before[makefile];
  const on = maker?.on ?? step.on;
  const isOwn = (one: Step): boolean => one.on === on || one.into === on;
  const isMaking = (one: Step, at: number): boolean => makes(one, on) && isDone(at);
  // A file keeps its socket, even if the place has another socket by now.
  const made = (maker === undefined ? before : before.slice(0, makefile)).findLastIndex(isMaking);
  const next = before.findIndex((one, at) => at > made && isMaking(one, at));
  const isOwnAt = (one: Step, at: number): boolean => isOwn(one) && at > made && (next === -1 || at < next);
  return {
    call: step.call,
    args: step.args ?? [],
    option: nameOf(step.args?.[1]),
    is: kindOf(before),
    mode: maker === undefined ? undefined : modeOf(maker.args?.[0]),
    python: inWords(python),
    ours: inWords(ours),
    before,
    own: before.filter(isOwnAt),
    done: before.filter((one, at) => isOwnAt(one, at) && isDone(at)),
    others: before.filter((one) => !isOwn(one)),
    failed: before.filter((_, at) => isFailure(earlier[at])),
  };
}

/** Whether a step puts a socket into a place, if it succeeds. */
const makes = ({ call, on, into }: Step, place: number): boolean =>
  (['socket', 'socketpair'].includes(call) && on === place) || (MAKES_INTO.includes(call) && into === place);

/** The calls that put a socket into a place of their own. */
const MAKES_INTO = ['accept', 'socketpair', 'dup', 'detach', 'fromfd'];

const hasValue = (result: Result | undefined): boolean => typeof result === 'object' && 'value' in result;

const isFailure = (result: Result | undefined): boolean => typeof result === 'object' && 'error' in result;

const modeOf = (value: Value | undefined): string => (typeof value === 'string' ? value : 'r');

/** The kind of a program's sockets; it has only one kind. */
function kindOf(program: Program): Facts['is'] {
  const maker = inspect(program.find((step) => step.call.startsWith('socket'))?.args);
  if (maker.includes('AF_UNIX') && !maker.includes('SOCK_STREAM')) return 'kernel';
  if (maker.includes('SOCK_DGRAM')) return 'udp';
  return maker.includes('AF_UNIX') ? 'unix' : 'tcp';
}

/** The name of a constant, or `undefined`. */
export function nameOf(value: Value | undefined): string {
  return typeof value === 'object' && value !== null && 'name' in value ? value.name : '';
}

function inWords(result: Result | undefined): string {
  if (result === undefined || typeof result === 'string') return String(result);
  if ('value' in result) return JSON.stringify(result.value);
  const { error, errno } = result;
  return errno === null ? error : (ERRNO[errno] ?? String(errno));
}

/** A difference in one line, which is equal for programs that show the same difference. */
export function signatureOf(difference: Difference): string {
  const facts = factsOf(difference);
  return `${facts?.is} ${facts?.call}: ${inWords(difference.python)} / ${inWords(difference.ours)}`;
}
