import { integer, received } from './arguments.ts';
import { checkOptions, takeOptions } from './call-options.ts';
import { DEFAULT_BUFFER_SIZE } from './files/buffered-file.ts';
import { BufferedPair } from './files/buffered-pair.ts';
import { BufferedReader } from './files/buffered-reader.ts';
import { BufferedWriter } from './files/buffered-writer.ts';
import { lookup } from './files/encodings.ts';
import type { FileSource } from './files/io-base.ts';
import { checkNewline, type Newline } from './files/newlines.ts';
import { RawFile } from './files/raw-file.ts';
import { TextFile } from './files/text-file.ts';

export { BufferedPair, BufferedReader, BufferedWriter, RawFile, TextFile };
export { DEFAULT_BUFFER_SIZE } from './files/buffered-file.ts';
export { UnsupportedOperation } from './files/unsupported.ts';
export type { FileSource, Memory } from './files/io-base.ts';
export type { Newline } from './files/newlines.ts';

/** How {@link makefile} makes a file. */
export interface FileOptions<Buffering extends number | null | undefined = number | null | undefined> {
  /**
   * How many bytes a buffer holds; 8192 where it is left out, `null` or negative. 0 for none, in a binary mode only. 1
   * in a text mode is for 8192 and a flush at each newline.
   */
  readonly buffering?: Buffering;
  /** The encoding of text by Python's name or alias; `'utf-8'` where it is left out or `null`. */
  readonly encoding?: string | null | undefined;
  /**
   * What becomes of what cannot be decoded or encoded: `'strict'`, which it is where this is left out or `null`,
   * `'ignore'`, `'replace'`, `'backslashreplace'` or `'surrogateescape'`.
   */
  readonly errors?: string | null | undefined;
  /** What ends a line of text; `null` where it is left out. */
  readonly newline?: Newline | undefined;
}

/** The class of the file that a mode and `buffering` make. */
export type FileOf<Mode extends string, Buffering> = string extends Mode
  ? AnyFile
  : Mode extends `${string}b${string}`
    ? Buffering extends 0
      ? RawFile
      : (number extends Buffering ? RawFile : never) | Buffered<Mode>
    : TextFile;

/** Any of the classes of files. */
export type AnyFile = RawFile | BufferedReader | BufferedWriter | BufferedPair | TextFile;

/** The class of a file with a buffer. */
type Buffered<Mode extends string> = Mode extends `${string}w${string}`
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
 * error handler that there is not, and what cannot end a line.
 * @see https://docs.python.org/3/library/socket.html#socket.socket.makefile
 *
 * @remarks Differs from Python in the default encoding, which there is the locale's; in the encodings that Node cannot write;
 * and in that `buffering: 1` makes text line-buffered, as the manual has it. (CPython makes a buffer of one byte, and
 * flushes at no newline.)
 */
export function makefile<const Mode extends string = 'r', Buffering extends number | null | undefined = undefined>(
  source: FileSource,
  mode?: Mode,
  options?: FileOptions<Buffering>,
): FileOf<Mode, Buffering>;
export function makefile(source: FileSource, ...given: readonly unknown[]): AnyFile;
export function makefile(source: FileSource, ...given: readonly unknown[]): AnyFile {
  const { mode, options } = makefileArguments(given);
  if (!/^[rwb]*$/.test(mode)) throw new RangeError(`invalid mode '${mode}' (only r, w, b allowed)`);
  const writing = mode.includes('w');
  const reading = mode.includes('r') || !writing;
  const binary = mode.includes('b');
  const buffering = integer(options.buffering ?? -1, 'buffering');
  if (buffering === 0 && !binary) throw new RangeError('unbuffered streams must be binary');
  const format = binary ? undefined : textFormat(mode, buffering, options);
  const raw = new RawFile(source, reading ? (writing ? 'rwb' : 'rb') : 'wb');
  if (buffering === 0) return raw;
  const size = buffering < 0 || format?.lineBuffering === true ? DEFAULT_BUFFER_SIZE : buffering;
  const Buffered = reading ? (writing ? BufferedPair : BufferedReader) : BufferedWriter;
  const buffer = new Buffered(raw, size);
  return format === undefined ? buffer : new TextFile(buffer, format);
}

const OPTIONS = ['buffering', 'encoding', 'errors', 'newline'] as const;

type GivenOptions = Partial<Record<(typeof OPTIONS)[number], unknown>>;

/** The arguments of makefile(): `(mode, buffering, options)`, each of which may be left out. */
function makefileArguments(given: readonly unknown[]): { readonly mode: string; readonly options: GivenOptions } {
  const { values, options } = takeOptions(given, 2, 'makefile');
  const [mode = 'r', buffering] = values;
  if (typeof mode !== 'string') throw new TypeError(`mode must be a string ${received(mode)}`);
  const named = checkOptions(options, OPTIONS, 'makefile');
  if (buffering === undefined) return { mode, options: named };
  if (named.buffering === undefined) return { mode, options: { ...named, buffering } };
  throw new TypeError(`makefile() got buffering twice ${received([buffering, named.buffering])}`);
}

function textFormat(mode: string, buffering: number, options: GivenOptions): ConstructorParameters<typeof TextFile>[1] {
  const encoding = textOption(options.encoding ?? 'utf-8', 'encoding');
  const errors = textOption(options.errors ?? 'strict', 'errors');
  const coding = lookup(encoding, errors);
  const newline = checkNewline(options.newline ?? null);
  return { mode, encoding, errors, coding, newline, lineBuffering: buffering === 1 };
}

function textOption(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`${name} must be a string or null ${received(value)}`);
}
