import { isDeepStrictEqual } from 'node:util';
import { expect } from '@jest/globals';
import { BlockingIOError, OSError } from '../../lib/common/errors.ts';
import { makefile, type FileOptions } from '../../lib/files/makefile.ts';
import { MemorySource, type Arrival } from './memory-source.ts';
import { python } from './python.ts';

/** A call to a file, by Python's name. */
export type Call = readonly [name: string, ...args: readonly unknown[]];

/** A file, what its socket receives, and the calls that are made on the file, under Python's names. */
export interface Job {
  readonly mode: string;
  readonly options: FileOptions;
  /** Bytes as Latin 1, or `!block` and `!timeout`. */
  readonly arrivals: readonly string[];
  /** How many bytes each send takes. */
  readonly takes?: readonly (number | 'block' | 'timeout')[];
  readonly calls: readonly Call[];
}

/**
 * Makes the file with socket.makefile() over a scripted socket, so that the chunks are the same on both sides, and
 * prints the outcome of each call.
 */
const PYTHON = String.raw`
import errno, io, json, socket, sys

class Scripted:
    def __init__(self, arrivals, takes):
        self._io_refs = 0
        self.arrivals = list(arrivals)
        self.takes = list(takes)
        self.sent = []

    def fail(self, kind):
        raise TimeoutError('timed out') if kind == 'timeout' else BlockingIOError(errno.EAGAIN, 'no')

    def recv_into(self, buffer):
        if not self.arrivals or not len(buffer): return 0
        first = self.arrivals.pop(0)
        if first in ('!block', '!timeout'): self.fail(first[1:])
        data = first.encode('latin-1')
        size = min(len(data), len(buffer))
        buffer[:size] = data[:size]
        if size < len(data): self.arrivals.insert(0, data[size:].decode('latin-1'))
        return size

    def send(self, data):
        data = bytes(data)
        take = self.takes.pop(0) if self.takes else len(data)
        if isinstance(take, str): self.fail(take)
        self.sent.append(data[:take])
        return min(take, len(data))

    def fileno(self): return 7
    def _decref_socketios(self): self._io_refs -= 1

def encode(value):
    if isinstance(value, (bytes, bytearray)): return {'bytes': bytes(value).decode('latin-1')}
    if isinstance(value, (list, tuple)): return [encode(item) for item in value]
    return value

def decode(value):
    if isinstance(value, dict): return value['bytes'].encode('latin-1')
    if isinstance(value, list): return [decode(item) for item in value]
    return value

KINDS = [(io.UnsupportedOperation, 'UnsupportedOperation'), (BlockingIOError, 'BlockingIOError'), (TimeoutError, 'TimeoutError'),
         (OSError, 'OSError'), (ValueError, 'RangeError'), (LookupError, 'RangeError'), (TypeError, 'TypeError')]

def outcome(action):
    try: return {'value': encode(action())}
    except Exception as error:
        kind = next((name for cls, name in KINDS if isinstance(error, cls)), None)
        if kind is None: raise
        if kind == 'TypeError': return {'error': kind}
        if kind == 'BlockingIOError': return {'error': kind, 'written': error.characters_written}
        return {'error': kind, 'text': str(error)}

def call(file, name, args):
    if name == 'list': return list(file)
    if name in ('readinto', 'readinto1') and isinstance(args[0], int):
        memory = bytearray(args[0])
        count = getattr(file, name)(memory)
        return [count, memory[:count or 0]]
    attribute = getattr(file, name, None)
    return attribute(*[decode(arg) for arg in args]) if callable(attribute) else attribute

def run(job):
    source = Scripted(job['arrivals'], job.get('takes', []))
    options = dict(job['options'])
    file = None
    def make():
        nonlocal file
        file = socket.socket.makefile(source, job['mode'], options.pop('buffering', None), **options)
    outcomes = [outcome(make)]
    if file is not None:
        for name, *args in job['calls']: outcomes.append(outcome(lambda: call(file, name, args)))
    sent = b''.join(source.sent).decode('latin-1')
    try: file and file.close()
    except OSError: pass
    return {'outcomes': outcomes, 'sent': sent, 'files': source._io_refs if file is not None else 0}

json.dump([run(job) for job in json.load(sys.stdin)], sys.stdout)
`;

interface Outcome {
  readonly value?: unknown;
  readonly error?: string;
  readonly text?: string | undefined;
  readonly written?: number;
}

interface Result {
  readonly outcomes: readonly Outcome[];
  readonly sent: string;
  readonly files: number;
}

function encode(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return { bytes: Buffer.from(value as Uint8Array).toString('latin1') };
  return Array.isArray(value) ? value.map(encode) : (value ?? null);
}

function decode(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decode);
  return value !== null && typeof value === 'object' && 'bytes' in value
    ? Buffer.from(String(value.bytes), 'latin1')
    : value;
}

async function outcome(action: () => unknown, text: string | undefined): Promise<Outcome> {
  try {
    return { value: encode(await action()) };
  } catch (error) {
    if (error instanceof TypeError) return { error: 'TypeError' };
    if (error instanceof BlockingIOError && error.charactersWritten !== undefined) {
      return { error: 'BlockingIOError', written: error.charactersWritten };
    }
    if (error instanceof OSError) return { error: error.name, text: error.message };
    if (!(error instanceof RangeError)) throw error;
    return { error: 'RangeError', text: text !== undefined && error.message.startsWith(text) ? text : error.message };
  }
}

const camel = (name: string): string => name.replace(/_./g, (part) => part.slice(1).toUpperCase());

async function call(file: object, name: string, args: readonly unknown[]): Promise<unknown> {
  if (name === 'list') {
    const lines: unknown[] = [];
    for await (const line of file as AsyncIterable<unknown>) lines.push(line);
    return lines;
  }
  const [size] = args;
  const fills = name.startsWith('readinto') && typeof size === 'number';
  const memory = fills ? Buffer.alloc(size) : undefined;
  const member: unknown = Reflect.get(file, camel(name));
  if (typeof member !== 'function') return member;
  const result: unknown = await Reflect.apply(member, file, memory === undefined ? args.map(decode) : [memory]);
  return memory === undefined ? result : [result, memory.subarray(0, Number(result))];
}

async function run(
  { mode, options, arrivals, takes = [], calls }: Job,
  expected: Result,
  answersAtOnce: boolean,
): Promise<Result> {
  const chunks = arrivals.map((text): Arrival => {
    if (text === '!block' || text === '!timeout') return text === '!block' ? 'block' : 'timeout';
    return Buffer.from(text, 'latin1');
  });
  const source = new MemorySource(chunks, { answersAtOnce });
  source.takes.push(...takes);
  let file: ReturnType<typeof makefile<string, number>> | undefined;
  const make = (): null => {
    file = makefile<string, number>(source, mode, options as FileOptions<number>);
    return null;
  };
  const outcomes = [await outcome(make, expected.outcomes[0]?.text)];
  if (file !== undefined) {
    const made = file;
    for (const [index, [name, ...args]] of calls.entries()) {
      outcomes.push(await outcome(() => call(made, name, args), expected.outcomes[index + 1]?.text));
    }
  }
  const sent = Buffer.concat(source.sent).toString('latin1');
  await file?.close().catch(() => undefined);
  return { outcomes, sent, files: source.files };
}

/** Does the jobs with Python's files and with ours, and expects equal outcomes. */
export async function compare(jobs: readonly Job[]): Promise<void> {
  const expected = python(PYTHON, jobs) as readonly Result[];
  const differences: unknown[] = [];
  for (const [index, job] of jobs.entries()) {
    const theirs = expected[index];
    if (theirs === undefined) throw new Error('Python gave too few results');
    for (const answersAtOnce of [false, true]) {
      const ours: unknown = JSON.parse(JSON.stringify(await run(job, theirs, answersAtOnce)));
      if (isDeepStrictEqual(ours, theirs)) continue;
      differences.push([job, answersAtOnce, ours, theirs].map((part) => JSON.stringify(part)));
    }
  }
  expect(differences.slice(0, 5)).toEqual([]);
  expect(expected.length).toBe(jobs.length);
}

/** Bytes, or a text as UTF-8, in the form that jobs use. */
export const latin1 = (bytes: Uint8Array | string): string => Buffer.from(bytes as Uint8Array).toString('latin1');

/** The bytes whole, one by one, and in chunks of three. */
export const chunkings = (bytes: string): string[][] => [
  bytes === '' ? [] : [bytes],
  Array.from(bytes),
  bytes.match(/[^]{1,3}/g) ?? [],
];

/** A call made so many times. */
export const repeat = (call: Call, times: number): Call[] => Array.from({ length: times }, () => call);

/** The calls that read a whole stream. */
export const READS: readonly (readonly Call[])[] = [
  [['read']],
  [['read', 3], ['read', 0], ['read']],
  repeat(['read', 1], 12),
  repeat(['readline'], 8),
  repeat(['readline', 2], 12),
  [['readline', 0], ['readline', 1], ['read', 2], ['readline'], ['readlines']],
  [['readlines']],
  [
    ['readlines', 4],
    ['readlines', 0],
    ['readlines', null],
  ],
  [['readline'], ['list']],
  [['list'], ['read'], ['readline'], ['read', 5]],
];

/** Texts with all kinds of line ends. */
export const TEXTS = [
  '',
  'a',
  '\n',
  '\r',
  '\r\n',
  'ab\ncd\r\nef\rgh',
  'é€😀\r\n\r\n\n\r\r\n',
  '\r\r\r\n\n\n',
  'x\r\ny\r',
  'no end',
  '\n\r',
];

/** All line ends. */
export const NEWLINES = [null, '', '\n', '\r', '\r\n'] as const;

/** A text as UTF-16, in the form that jobs use. */
export const utf16 = (text: string): string => latin1(Buffer.from(text, 'utf16le'));
