import { bytesOf, rangeError, size, typeError } from '../common/arguments.ts';
import { checkOptions, checkSignal, isOptions, signalOf, type WaitOptions } from '../common/call-options.ts';
import { AF_UNIX, SOCK_DGRAM } from '../common/constants.ts';
import { incomplete, overrun } from '../common/read-errors.ts';
import type { Failure } from '../transports/failure.ts';
import type { Stream } from '../transports/stream.ts';
import { settled } from '../waiting/gate.ts';
import { coreOf, refused, type Core } from './core.ts';
import { openStream } from './stream.ts';
import { OwnFailure, perform, type Operation } from './wait.ts';

/** The bytes that a search looks for; several are tried at the same time. */
export type Separator = string | Uint8Array | readonly (string | Uint8Array)[];

/** How to search for a separator. */
export interface SearchOptions extends WaitOptions {
  /** How many bytes there may be before the separator; 65,536 where it is left out. */
  readonly limit?: number | undefined;
}

/** asyncio's limit. */
const DEFAULT_LIMIT = 65_536;

/** Receives exactly `n` bytes. */
export function recvExactly(socket: unknown, n: unknown, options: unknown): Promise<Buffer> {
  try {
    const core = coreOf(socket, 'recvExactly');
    const count = size(n, 'n', 'recvExactly size can not be less than zero');
    const signal = signalOf(options, 'recvExactly');
    if (count === 0) return settled(Buffer.alloc(0));
    const stream = streamOf(core);
    return perform(core, 'recv', stream.readers, new ReadingExactly(stream, count), signal);
  } catch (error) {
    return refused(error, 'recvExactly');
  }
}

/** Receives bytes up to a separator. */
export function recvUntil(socket: unknown, separator: unknown, options: unknown): Promise<Buffer> {
  try {
    const core = coreOf(socket, 'recvUntil');
    const separators = separatorsOf(separator);
    const given = checkOptions(options, ['limit', 'signal'], 'recvUntil');
    const search = { separators, limit: limitOf(given.limit) };
    const signal = checkSignal(given.signal, 'recvUntil');
    const stream = streamOf(core);
    return perform(core, 'recv', stream.readers, new Searching(stream, search), signal);
  } catch (error) {
    return refused(error, 'recvUntil');
  }
}

/** Receives a line. */
export function recvLine(socket: unknown, limit: unknown, options?: unknown): Promise<Buffer> {
  try {
    if (options === undefined && isOptions(limit)) return recvLine(socket, undefined, limit);
    const core = coreOf(socket, 'recvLine');
    const search = { separators: NEWLINE, limit: limitOf(limit) };
    const signal = signalOf(options, 'recvLine');
    const stream = streamOf(core);
    return perform(core, 'recv', stream.readers, new SearchingLine(stream, search), signal);
  } catch (error) {
    return refused(error, 'recvLine');
  }
}

function streamOf(core: Core): Stream {
  if (core.type !== SOCK_DGRAM) return openStream(core, 'recv', core.family === AF_UNIX ? 'EINVAL' : 'ENOTCONN');
  core.checkOpen('recv');
  throw core.error('ENOTSUP', 'recv');
}

/** What {@link recvExactly} does. */
class ReadingExactly implements Operation<Buffer> {
  readonly #stream: Stream;
  readonly #count: number;

  constructor(stream: Stream, count: number) {
    this.#stream = stream;
    this.#count = count;
  }

  attempt(): Buffer | Failure | undefined {
    const stream = this.#stream;
    if (stream.unreadLength >= this.#count) return stream.takeOut(this.#count);
    stream.expect(this.#count);
    const more = stream.more();
    return more === false ? endedEarly(stream, this.#count) : more;
  }
}

function endedEarly(stream: Stream, expected: number | null): OwnFailure {
  const partial = stream.takeOut(stream.unreadLength);
  return new OwnFailure(() => incomplete(partial, expected));
}

/** What a search looks for. */
interface Search {
  /** The shortest first. */
  readonly separators: readonly Buffer[];
  readonly limit: number;
}

/** A separator in the queue. */
interface Found {
  readonly start: number;
  readonly end: number;
}

/** How far several separators are searched for at a time: one that never comes must not cost a search of the whole queue. */
const STEP = 4096;

/** What {@link recvUntil} does. */
class Searching implements Operation<Buffer> {
  protected readonly stream: Stream;
  readonly #separators: readonly Buffer[];
  readonly #limit: number;
  /** No separator ends within so many bytes: what was searched once is not searched again. */
  #searched = 0;

  constructor(stream: Stream, { separators, limit }: Search) {
    this.stream = stream;
    this.#separators = separators;
    this.#limit = limit;
  }

  attempt(): Buffer | Failure | undefined {
    const { stream } = this;
    const length = stream.unreadLength;
    const found = this.#find(length);
    if (found !== undefined) {
      if (found.start <= this.#limit) return stream.takeOut(found.end);
      return new OwnFailure(() => overrun(true, found.start));
    }
    const consumed = length + 1 - (this.#separators.at(-1)?.length ?? 0);
    if (consumed > this.#limit) return new OwnFailure(() => overrun(false, consumed));
    const more = stream.more();
    return more === false ? this.ended() : more;
  }

  /** What the call gives where the stream ends without a separator. */
  protected ended(): Buffer | Failure {
    return endedEarly(this.stream, null);
  }

  /** The separator that ends first. */
  #find(length: number): Found | undefined {
    const step = this.#separators.length === 1 ? length : STEP;
    while (this.#searched < length) {
      const end = Math.min(length, this.#searched + step);
      const found = this.#findUpTo(end);
      if (found !== undefined) return found;
      this.#searched = end;
    }
    return undefined;
  }

  #findUpTo(end: number): Found | undefined {
    let found: Found | undefined;
    for (const separator of this.#separators) {
      const from = Math.max(0, this.#searched + 1 - separator.length);
      const start = this.stream.indexOf(separator, from, found === undefined ? end : found.end - 1);
      if (start !== -1) found = { start, end: start + separator.length };
    }
    return found;
  }
}

/** What {@link recvLine} does: the last line may have no newline. */
class SearchingLine extends Searching {
  protected override ended(): Buffer {
    return this.stream.takeOut(this.stream.unreadLength);
  }
}

const NEWLINE: readonly Buffer[] = [Buffer.from('\n')];

/** The separators, the shortest first, in memory that the caller cannot change while the call waits. */
function separatorsOf(given: unknown): readonly Buffer[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  const separators = list.map((one) => {
    if (typeof one !== 'string' && !(one instanceof Uint8Array)) {
      throw typeError('separator must be a string, bytes, or an array of these', given);
    }
    return Buffer.from(bytesOf(one));
  });
  separators.sort((one, other) => one.length - other.length);
  const [shortest] = separators;
  if (shortest === undefined) throw rangeError('Separator should contain at least one element', given);
  if (shortest.length === 0) throw rangeError('Separator should be at least one-byte string', given);
  return separators;
}

function limitOf(limit: unknown): number {
  return limit === undefined ? DEFAULT_LIMIT : size(limit, 'limit', 'limit must not be negative');
}
