import fc from 'fast-check';
import { BYTES_FILE, call, connects, oneOf, place, step, TEXT_FILE, type Call, type Kind } from './kinds.ts';
import type { Program, Step, Value } from './program.ts';

/** Lines with all kinds of ends, a letter of several bytes, and one that is cut off. */
const LINES = ['ab\ncd\r\nef\rgh', 'é€😀\n\n', 'no end', '\r', '\n', 'x\r\ny\r'];
const bytesOf = (text: string): Value => ({ bytes: Buffer.from(text).toString('hex') });

/** Bytes that files have to split; the last are not UTF-8. */
const lines = oneOf(...LINES.map(bytesOf), { bytes: 'e282' }, { bytes: 'ff0a' });

const buffering = fc.option(oneOf(-1, 1, 2, 5, 8192), { nil: undefined });
const newline = fc.option(oneOf(null, '', '\n', '\r', '\r\n'), { nil: undefined });

/** A step that makes a file of each sort. */
function makefile(on: number): fc.Arbitrary<Step> {
  const text = fc
    // With smaller buffers, a text file of Python's sends later: it has a second buffer of 8192 bytes.
    .tuple(fc.constantFrom('r', 'r', 'w', 'rw'), fc.option(oneOf(-1, 8192), { nil: undefined }), newline)
    .map(([mode, size, end]): Step => {
      const keywords = { encoding: 'utf-8', ...defined('buffering', size), ...defined('newline', end) };
      return { on, call: 'makefile', args: [mode, { keywords }], into: TEXT_FILE };
    });
  const bytes = fc
    .tuple(fc.constantFrom('rb', 'rb', 'wb', 'rwb'), fc.oneof(buffering, oneOf(0)))
    .map(([mode, size]): Step => {
      return { on, call: 'makefile', args: [mode, { keywords: defined('buffering', size) }], into: BYTES_FILE };
    });
  const odd = oneOf('x', '', 'rr', 'rwx', null, 1, 'b').map((mode): Step => ({
    on,
    call: 'makefile',
    args: [mode, { keywords: { encoding: 'ascii' } }],
    into: TEXT_FILE,
  }));
  return fc.oneof({ weight: 10, arbitrary: text }, { weight: 10, arbitrary: bytes }, { weight: 1, arbitrary: odd });
}

function defined(name: string, value: Value | undefined): Record<string, Value> {
  return value === undefined ? {} : { [name]: value };
}

const size = oneOf(-1, 0, 1, 2, 3, 3, 10, 10, 9000);
const room = oneOf(0, 1, 3, 10, 9000).map((n): Value => ({ room: Number(n) }));

const common = [
  call(6, 'readline'),
  // Not 0: for 0 a text file of Python's waits and reads ahead, and a write-only file returns nothing.
  call(2, 'readline', oneOf(-1, 1, 2, 3, 10, 9000)),
  call(2, 'readlines'),
  call(2, 'readlines', oneOf(0, 3, -1)),
  call(2, 'read'),
  call(6, 'read', size),
  call(5, 'flush'),
  call(2, 'close'),
  call(1, 'readable'),
  call(1, 'writable'),
  call(1, 'seekable'),
  call(1, 'isatty'),
  call(1, 'closed'),
  call(1, 'fileno'),
];
const textCalls: fc.Arbitrary<Call> = fc.oneof(
  ...common,
  call(8, 'write', oneOf(...LINES, 'x'.repeat(9000), '')),
  call(1, 'writelines', oneOf({ list: ['ab\n', 'cd\r\n'] })),
  call(1, 'newlines'),
);
const bytesCalls: fc.Arbitrary<Call> = fc.oneof(
  ...common,
  call(8, 'write', fc.oneof(lines, oneOf({ fill: 9000 }, { fill: 20_000 }, { fill: 3 }, { bytes: '' }))),
  call(1, 'writelines', oneOf({ list: [{ fill: 3 }, { fill: 9000 }] })),
  call(3, 'readinto', room),
  call(2, 'read1', size),
  call(1, 'read1'),
  call(2, 'readinto1', room),
  call(2, 'peek', oneOf(0, 1, 10)),
);

/** Calls on files, and those calls on their sockets that concern files. */
export const fileSteps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: textCalls.map(([name, ...args]) => step(TEXT_FILE, name, ...args)) },
  { weight: 20, arbitrary: bytesCalls.map(([name, ...args]) => step(BYTES_FILE, name, ...args)) },
  { weight: 6, arbitrary: fc.tuple(place, lines).map(([on, data]) => step(on, 'send', data)) },
  { weight: 4, arbitrary: place.chain(makefile) },
);

/** A connection with unreceived data, and a file of each sort at one end. */
export function filesOf(kind: Kind): fc.Arbitrary<Program> {
  return fc
    .tuple(
      fc.constantFrom<Value>(0.05, 0.05, 0, null),
      fc.array(lines, { maxLength: 3 }),
      fc.constantFrom<Program>([], [step(1, 'shutdown', 1)], [step(1, 'close')]),
      makefile(2),
      makefile(2),
    )
    .map(([limit, sent, end, one, two]): Program => [
      ...connects(kind),
      step(0, 'close'),
      step(2, 'settimeout', limit),
      one,
      two,
      ...sent.map((data) => step(1, 'send', data)),
      ...end,
    ]);
}
