import { size } from '../common/arguments.ts';
import { checkOptions, checkSignal, isOptions, signalOf } from '../common/call-options.ts';
import { AF_UNIX, SOCK_STREAM } from '../common/constants.ts';
import { incomplete, overrun } from '../common/read-errors.ts';
import { limitOf, separatorsOf } from '../common/separators.ts';
import { Search } from '../queues/search.ts';
import type { Failure } from '../transports/failure.ts';
import type { ByteSource } from '../transports/source.ts';
import { bytesFromBuffer, settled } from '../waiting/gate.ts';
import { coreOf, refused, type Core } from './core.ts';
import { openStream } from './stream.ts';
import { OwnFailure, perform, type Operation } from './wait.ts';

/** Receives exactly `n` bytes. */
export function recvExactly(socket: unknown, n: unknown, options: unknown): Promise<Buffer> {
  try {
    const core = coreOf(socket, 'recvExactly');
    const count = size(n, 'n', 'recvExactly size can not be less than zero');
    const signal = signalOf(options, 'recvExactly');
    if (count === 0) return settled(Buffer.alloc(0));
    const stream = streamOf(core);
    if (signal === undefined && stream.readers.length === 0 && stream.unread.length >= count) {
      return bytesFromBuffer(stream.takeOut(count));
    }
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
    const search = new Search(separators, limitOf(given.limit));
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
    if (limit !== undefined && options === undefined && isOptions(limit)) return recvLine(socket, undefined, limit);
    const core = coreOf(socket, 'recvLine');
    const most = limitOf(limit);
    const signal = signalOf(options, 'recvLine');
    const stream = streamOf(core);
    if (signal === undefined && stream.readers.length === 0) {
      const line = stream.takeThrough(NEWLINE, most);
      if (line !== undefined) return bytesFromBuffer(line);
    }
    const search = new Search(NEWLINES, most);
    return perform(core, 'recv', stream.readers, new SearchingLine(stream, search), signal);
  } catch (error) {
    return refused(error, 'recvLine');
  }
}

function streamOf(core: Core): ByteSource {
  if (core.state.kind === 'kernel' && core.type === SOCK_STREAM) return core.state.socket.bytes;
  if (core.type === SOCK_STREAM) return openStream(core, 'recv', core.family === AF_UNIX ? 'EINVAL' : 'ENOTCONN');
  core.checkOpen('recv');
  throw core.error('ENOTSUP', 'recv');
}

/** What {@link recvExactly} does. */
class ReadingExactly implements Operation<Buffer> {
  readonly #stream: ByteSource;
  readonly #count: number;

  constructor(stream: ByteSource, count: number) {
    this.#stream = stream;
    this.#count = count;
  }

  attempt(): Buffer | Failure | undefined {
    const stream = this.#stream;
    for (;;) {
      if (stream.unread.length >= this.#count) return stream.takeOut(this.#count);
      stream.expect(this.#count);
      const more = stream.more();
      if (more !== true) return more === false ? endedEarly(stream, this.#count) : more;
    }
  }
}

function endedEarly(stream: ByteSource, expected: number | null): OwnFailure {
  const partial = stream.takeOut(stream.unread.length);
  return new OwnFailure(() => incomplete(partial, expected));
}

/** What {@link recvUntil} does. */
class Searching implements Operation<Buffer> {
  protected readonly stream: ByteSource;
  readonly #search: Search;

  constructor(stream: ByteSource, search: Search) {
    this.stream = stream;
    this.#search = search;
  }

  attempt(): Buffer | Failure | undefined {
    const { stream } = this;
    if (stream.isShared) this.#search.restart();
    for (;;) {
      const end = this.#search.in(stream.unread);
      if (typeof end === 'number') return stream.takeOut(end);
      if (end !== undefined) return new OwnFailure(() => overrun(end.isFound, end.consumed));
      const more = stream.more();
      if (more !== true) return more === false ? this.ended() : more;
    }
  }

  /** What the call gives where the stream ends without a separator. */
  protected ended(): Buffer | Failure {
    return endedEarly(this.stream, null);
  }
}

/** What {@link recvLine} does: the last line may have no newline. */
class SearchingLine extends Searching {
  protected override ended(): Buffer {
    return this.stream.takeOut(this.stream.unread.length);
  }
}

const NEWLINE = 0x0a;
const NEWLINES: readonly Buffer[] = [Buffer.of(NEWLINE)];
