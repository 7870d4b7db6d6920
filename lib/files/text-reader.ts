import { countCharacters, skipCharacters } from './characters.ts';
import type { Decoder } from './coders.ts';
import { raised } from '../common/stack.ts';
import { CLOSED, type FileCore, type ReadsAhead } from './file-core.ts';
import { Lock } from './lock.ts';
import { lineEnd, UniversalNewlines, type LineEnd, type Newline } from './newlines.ts';
import type { ReadBuffer } from './read-buffer.ts';

/** How many bytes are decoded at a time, as in Python. */
const CHUNK = 8192;

/**
 * Reads bytes through a buffer, and turns them into text. Concurrent calls are served one after the other, in their
 * order. The text of a call that ends early is read by the next one.
 */
export class TextReader implements ReadsAhead {
  readonly #core: FileCore;
  readonly #buffer: ReadBuffer;
  readonly #decoder: Decoder;
  readonly #universal: UniversalNewlines | undefined;
  readonly #newline: Newline;
  readonly #lineEnd: LineEnd;
  readonly #lock = new Lock();
  /** The text that was decoded last; the part before `#position` is read. */
  #text = '';
  #position = 0;

  constructor(core: FileCore, buffer: ReadBuffer, decoder: Decoder, newline: Newline) {
    this.#core = core;
    this.#buffer = buffer;
    this.#decoder = decoder;
    this.#newline = newline;
    if (newline === null || newline === '') this.#universal = new UniversalNewlines(newline === null);
    this.#lineEnd = lineEnd(newline);
    core.reader = this;
  }

  takeReadAhead(): Buffer {
    if (this.#position < this.#text.length) {
      throw raised(new RangeError('text that a file has read ahead cannot be given back as bytes'));
    }
    return this.#buffer.takeReadAhead();
  }

  /** The newlines that were read so far. */
  get newlines(): string | readonly string[] | null {
    return this.#universal?.seen ?? null;
  }

  /** A line if it has arrived already and no call waits. */
  tryLine(): string | undefined {
    return this.#lock.free && !this.#core.isClosed ? this.#lineThatIsThere() : undefined;
  }

  /** Reads `wanted` characters; fewer only at the end of the stream. */
  read(wanted: number, signal: AbortSignal | undefined): Promise<string> {
    return this.#core.inTurn(this.#lock, signal, CLOSED, () =>
      wanted === Infinity ? this.#readAll(signal) : this.#read(wanted, signal),
    );
  }

  /** Reads a line, at most `limit` characters of it. */
  readLine(limit: number, signal: AbortSignal | undefined): Promise<string> {
    return this.#core.inTurn(this.#lock, signal, CLOSED, () => this.#readLine(limit, signal));
  }

  /** Reads lines, until they have more than `enough` characters. */
  readLines(enough: number, signal: AbortSignal | undefined): Promise<string[]> {
    return this.#core.inTurn(this.#lock, signal, CLOSED, async () => {
      const lines: string[] = [];
      try {
        for (let length = 0; length <= enough;) {
          const line = this.#lineThatIsThere() ?? (await this.#readLine(Infinity, signal));
          if (line === '') break;
          lines.push(line);
          length += enough === Infinity ? 0 : countCharacters(line);
        }
      } catch (error) {
        this.#giveBack(lines);
        throw error;
      }
      return lines;
    });
  }

  #take(end: number): string {
    const text = this.#text.slice(this.#position, end);
    this.#position = end;
    return text;
  }

  /** The line in the decoded text, or with bytes that the socket has; without a whole line, nothing is taken. */
  #lineThatIsThere(): string | undefined {
    for (;;) {
      const end = this.#lineEnd(this.#text, this.#position);
      if (end !== -1) return this.#take(end);
      if (!this.#tryFill()) return undefined;
    }
  }

  #tryFill(): boolean {
    const chunk = this.#buffer.tryRead1(CHUNK);
    return chunk !== undefined && chunk.length > 0 && this.#append(chunk, false);
  }

  /** Decodes the bytes of one call, after the text that is left; false at the end, or if the call would wait. */
  async #fill(signal: AbortSignal | undefined): Promise<boolean> {
    for (;;) {
      const chunk = await this.#buffer.read1(CHUNK, signal);
      if (chunk === null) return false;
      const final = chunk.length === 0;
      if (this.#append(chunk, final)) return true;
      if (final) return false;
    }
  }

  /** Decodes bytes after the text that is left; returns whether they contain any text. */
  #append(chunk: Buffer, final: boolean): boolean {
    const text = this.#decode(chunk, final);
    if (text === '') return false;
    this.#text = this.#text.slice(this.#position) + text;
    this.#position = 0;
    return true;
  }

  #decode(chunk: Buffer, final: boolean): string {
    const text = this.#decoder.decode(chunk, final);
    return this.#universal === undefined ? text : this.#universal.translate(text, final);
  }

  async #readAll(signal: AbortSignal | undefined): Promise<string> {
    const bytes = await this.#buffer.read(Infinity, signal);
    const text = bytes === null ? '' : this.#decode(bytes, true);
    return this.#take(this.#text.length) + text;
  }

  async #read(wanted: number, signal: AbortSignal | undefined): Promise<string> {
    const pieces: string[] = [];
    try {
      for (let left = wanted; left > 0;) {
        if (this.#position === this.#text.length && !(await this.#fill(signal))) break;
        const piece = this.#take(skipCharacters(this.#text, this.#position, left));
        pieces.push(piece);
        left -= countCharacters(piece);
      }
    } catch (error) {
      this.#giveBack(pieces);
      throw error;
    }
    return pieces.join('');
  }

  async #readLine(limit: number, signal: AbortSignal | undefined): Promise<string> {
    const pieces: string[] = [];
    try {
      for (let left = limit; left > 0;) {
        const end = this.#lineEnd(this.#text, this.#position);
        const rest = end === -1 ? this.#text.length : end;
        const stop = left === Infinity ? rest : Math.min(rest, skipCharacters(this.#text, this.#position, left));
        // The first half of a newline stays, so that the second finds it.
        const half = stop === rest && end === -1 && this.#newline === '\r\n' && this.#text.endsWith('\r') ? 1 : 0;
        const piece = this.#take(Math.max(this.#position, stop - half));
        pieces.push(piece);
        left -= left === Infinity ? 0 : countCharacters(piece);
        if (stop === end || left === 0) break;
        if (!(await this.#fill(signal))) {
          pieces.push(this.#take(this.#text.length));
          break;
        }
      }
    } catch (error) {
      this.#giveBack(pieces);
      throw error;
    }
    return pieces.join('');
  }

  /** Puts the text that a failed call has taken back in front. */
  #giveBack(pieces: readonly string[]): void {
    this.#text = pieces.join('') + this.#text.slice(this.#position);
    this.#position = 0;
  }
}
