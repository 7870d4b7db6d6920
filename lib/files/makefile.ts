import { integer, typeError } from '../common/arguments.ts';
import { checkOptions, takeOptions } from '../common/call-options.ts';
import { BufferedFile, DEFAULT_BUFFER_SIZE } from './buffered-file.ts';
import { BufferedPair } from './buffered-pair.ts';
import { BufferedReader } from './buffered-reader.ts';
import { BufferedWriter } from './buffered-writer.ts';
import { showFileCallers } from './callers.ts';
import { lookup, type Coding } from './encodings.ts';
import { FileCore, type FileSource } from './file-core.ts';
import { IOBase } from './io-base.ts';
import { checkNewline, type Newline } from './newlines.ts';
import { RawFile } from './raw-file.ts';
import { ReadBuffer } from './read-buffer.ts';
import { TextFile } from './text-file.ts';
import { TextReader } from './text-reader.ts';
import { TextWriter } from './text-writer.ts';
import { WriteBuffer } from './write-buffer.ts';

import { raised } from '../common/stack.ts';

export { BufferedPair, BufferedReader, BufferedWriter, RawFile, TextFile };
export { DEFAULT_BUFFER_SIZE } from './buffered-file.ts';
export { UnsupportedOperation } from './unsupported.ts';
export type { FileSource } from './file-core.ts';
export type { Memory } from './memory.ts';
export type { Newline } from './newlines.ts';

showFileCallers([IOBase, RawFile, BufferedFile, BufferedReader, BufferedWriter, BufferedPair, TextFile]);

/** How {@link makefile} makes a file. */
export interface FileOptions<Buffering extends number | null | undefined = number | null | undefined> {
  /**
   * How many bytes a buffer holds; 8192 where it is left out, `null` or negative. 0 means no buffer, in a binary mode
   * only. In a text mode, 1 means 8192 and a flush at each newline.
   */
  readonly buffering?: Buffering;
  /** The encoding of text by Python's name or alias; `'utf-8'` where it is left out or `null`. */
  readonly encoding?: string | null | undefined;
  /**
   * How to handle text that cannot be decoded or encoded: `'strict'` (the default, also for `null`), `'ignore'`,
   * `'replace'`, `'backslashreplace'` or `'surrogateescape'`.
   */
  readonly errors?: string | null | undefined;
  /** The end of a line of text; `null` where it is left out. */
  readonly newline?: Newline | undefined;
}

/** The class of the file that a mode and `buffering` make. */
export type FileOf<Mode extends string, Buffering> = string extends Mode
  ? AnyFile
  : Mode extends `${string}b${string}`
    ? Buffering extends 0
      ? RawFile
      : (number extends Buffering ? RawFile : never) | BufferedOf<Mode>
    : TextFile;

/** Any of the classes of files. */
export type AnyFile = RawFile | BufferedReader | BufferedWriter | BufferedPair | TextFile;

/** The class of a file with a buffer. */
type BufferedOf<Mode extends string> = Mode extends `${string}w${string}`
  ? Mode extends `${string}r${string}`
    ? BufferedPair
    : BufferedWriter
  : BufferedReader;

/**
 * Makes a file that reads from a socket and writes to it.
 *
 * @param source - the socket.
 * @param mode - of `r`, `w` and `b`: `'r'`, `'w'` and `'rw'` make a {@link TextFile}, `'rb'` a {@link BufferedReader},
 * `'wb'` a {@link BufferedWriter}, `'rwb'` a {@link BufferedPair}, and each binary mode with `buffering: 0` a {@link
 * RawFile}.
 * @param options - see {@link FileOptions}.
 * @returns the file. The socket stays open until the file is closed.
 * @throws TypeError for options of a wrong type; RangeError for another mode, text without a buffer, an encoding or
 * error handler that does not exist, and an invalid `newline`.
 * @see https://docs.python.org/3/library/socket.html#socket.socket.makefile
 *
 * @remarks Differs from Python in the default encoding, which in Python is the locale's; in the encodings that Node
 * cannot write; and in that `buffering: 1` makes text line-buffered, as in the manual. (CPython makes a buffer of one
 * byte, and does not flush at newlines.)
 */
export function makefile<const Mode extends string = 'r', Buffering extends number | null | undefined = undefined>(
  source: FileSource,
  mode?: Mode,
  options?: FileOptions<Buffering>,
): FileOf<Mode, Buffering>;
export function makefile(source: FileSource, ...given: readonly unknown[]): AnyFile;
export function makefile(source: FileSource, ...given: readonly unknown[]): AnyFile {
  const { mode, options } = makefileArguments(given);
  if (!/^[rwb]*$/.test(mode)) throw raised(new RangeError(`invalid mode '${mode}' (only r, w, b allowed)`));
  const writing = mode.includes('w');
  const reading = mode.includes('r') || !writing;
  const binary = mode.includes('b');
  const buffering = integer(options.buffering ?? -1, 'buffering');
  if (buffering === 0 && !binary) throw raised(new RangeError('unbuffered streams must be binary'));
  const format = binary ? undefined : textFormat(options);
  const core = new FileCore(source, reading ? (writing ? 'rwb' : 'rb') : 'wb');
  const raw = new RawFile(core);
  if (buffering === 0) return raw;
  const lineBuffering = !binary && buffering === 1;
  const size = buffering < 0 || lineBuffering ? DEFAULT_BUFFER_SIZE : buffering;
  const { buffer, input, output } = bufferedFile(core, raw, size);
  if (format === undefined) return buffer;
  const { encoding, errors, coding, newline } = format;
  const reader = input && new TextReader(core, input, coding.decoder(), newline);
  const writer = output && new TextWriter(output, coding.encoder(), newline, lineBuffering);
  return new TextFile(core, buffer, reader, writer, { mode, encoding, errors, lineBuffering });
}

/** A file of bytes, and what it reads and writes through. */
interface Buffered {
  readonly buffer: BufferedReader | BufferedWriter | BufferedPair;
  readonly input?: ReadBuffer;
  readonly output?: WriteBuffer;
}

function bufferedFile(core: FileCore, raw: RawFile, size: number): Buffered {
  if (core.mode === 'wb') {
    const output = new WriteBuffer(core, size);
    return { buffer: new BufferedWriter(core, raw, output), output };
  }
  const input = new ReadBuffer(core, size);
  const reader = new BufferedReader(core, raw, input);
  if (core.mode === 'rb') return { buffer: reader, input };
  const output = new WriteBuffer(core, size);
  const writer = new BufferedWriter(core, raw, output);
  return { buffer: new BufferedPair(core, raw, reader, writer), input, output };
}

const OPTIONS = ['buffering', 'encoding', 'errors', 'newline'] as const;

type GivenOptions = Partial<Record<(typeof OPTIONS)[number], unknown>>;

/** The arguments of makefile(): `(mode, buffering, options)`, each of which may be left out. */
function makefileArguments(given: readonly unknown[]): { readonly mode: string; readonly options: GivenOptions } {
  const { values, options } = takeOptions(given, 2, 'makefile');
  const [mode = 'r', buffering] = values;
  if (typeof mode !== 'string') throw typeError('mode must be a string', mode);
  const named = checkOptions(options, OPTIONS, 'makefile');
  if (buffering === undefined) return { mode, options: named };
  if (named.buffering === undefined) return { mode, options: { ...named, buffering } };
  throw typeError('makefile() got buffering twice', [buffering, named.buffering]);
}

interface TextOptions {
  readonly encoding: string;
  readonly errors: string;
  readonly coding: Coding;
  readonly newline: Newline;
}

function textFormat(options: GivenOptions): TextOptions {
  const encoding = textOption(options.encoding ?? 'utf-8', 'encoding');
  const errors = textOption(options.errors ?? 'strict', 'errors');
  return { encoding, errors, coding: lookup(encoding, errors), newline: checkNewline(options.newline ?? null) };
}

function textOption(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw typeError(`${name} must be a string or null`, value);
}
