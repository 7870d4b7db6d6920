import { isValue, type Excuse } from './facts.ts';
import { TEXT_FILE } from './kinds.ts';
import type { Program, Value } from './program.ts';

export const READS = ['read', 'read1', 'readinto', 'readinto1', 'readline', 'readlines', 'peek'];
const isText = (mode: string | undefined): boolean => mode !== undefined && !mode.includes('b');

/** The number of bytes of a result; results give it only for short ones. */
const bytesIn = (word: string): number => (/^\{"bytes":"(.*)"\}$/.exec(word)?.[1]?.length ?? 0) / 2;

/** The latest time limit; a new socket has none. */
function limitOf(own: Program): Value | undefined {
  const last = own.findLast(({ call }) => call === 'settimeout' || call === 'setblocking');
  const limit = last?.args?.[0];
  return last?.call === 'setblocking' && limit === false ? 0 : limit;
}

/** The differences of files and of `sendfile()`. */
export const fileExcuses: readonly Excuse[] = [
  {
    reason: '`sendfile()` checks its arguments and its socket first.',
    excuses: ({ call, args, python, ours }) =>
      call === 'sendfile' &&
      ((python === '0' && ['EPIPE', 'ENOTCONN', 'EBADF', 'RangeError'].includes(ours)) ||
        (python === 'RangeError' && (ours === 'EBADF' || ours === '0')) ||
        (python === 'EINVAL' && ours === 'RangeError' && Number(args[1]) < 0) ||
        ours === 'TypeError'),
  },
  {
    reason: '`sendfile()` raises the first error.',
    excuses: ({ call, python, ours }) => call === 'sendfile' && python === 'EPIPE' && ours === 'ECONNRESET',
  },
  {
    reason: '`makefile()` refuses unknown arguments at once.',
    excuses: ({ call, args, python, ours }) =>
      call === 'makefile' &&
      ((ours === 'TypeError' && typeof args[0] !== 'string') ||
        (python === '"a file"' && ours === 'RangeError' && JSON.stringify(args[1]).includes('"errors"'))),
  },
  {
    reason: 'What a file has read is not lost when a call fails',
    excuses: ({ call, mode, python, ours, own, failed }) =>
      mode !== undefined &&
      [...READS, 'newlines'].includes(call) &&
      (isValue(ours) || ours === 'RangeError') &&
      ((python === 'OSError' && own.some((step) => step.call === 'settimeout')) ||
        failed.some((step) => step.on >= TEXT_FILE && READS.includes(step.call))),
  },
  {
    reason: 'A file that reads and writes reads like one that only reads.',
    excuses: ({ call, args, mode, own, python, ours, before }) =>
      mode === 'rwb' &&
      READS.includes(call) &&
      ((limitOf(own) === 0 && python === 'OSError' && isValue(ours)) ||
        (call === 'readline' && Number(args[0]) >= 0 && bytesIn(python) > Number(args[0])) ||
        (ours === 'RangeError' && before.some((step) => step.call === 'close'))),
  },
  {
    reason: '`readinto1()` gives what is in the buffer.',
    excuses: ({ call, mode, ours }) => mode?.startsWith('r') === true && call === 'readinto1' && /^[1-9]/.test(ours),
  },
  {
    reason: 'Writing to a text file leaves what was read ahead.',
    excuses: ({ call, mode, ours, before }) =>
      isText(mode) &&
      mode?.includes('w') === true &&
      [...READS, 'newlines'].includes(call) &&
      (isValue(ours) || ours === 'RangeError') &&
      before.some((step) => step.call === 'write' || step.call === 'writelines'),
  },
  {
    reason: 'Text that has not arrived yet is not taken for the end of the stream.',
    excuses: ({ call, mode, ours, own }) => isText(mode) && READS.includes(call) && isValue(ours) && limitOf(own) === 0,
  },
];
