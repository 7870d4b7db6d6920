import { typeError } from '../common/arguments.ts';
import type { Encoder } from './coders.ts';
import type { Newline } from './newlines.ts';
import type { WriteBuffer } from './write-buffer.ts';

/** Turns text into bytes, and writes them through a buffer. */
export class TextWriter {
  readonly #buffer: WriteBuffer;
  readonly #encoder: Encoder;
  readonly #newline: Newline;
  readonly #lineBuffering: boolean;

  constructor(buffer: WriteBuffer, encoder: Encoder, newline: Newline, lineBuffering: boolean) {
    this.#buffer = buffer;
    this.#encoder = encoder;
    this.#newline = newline;
    this.#lineBuffering = lineBuffering;
  }

  /** The bytes of a text, with the file's newlines. */
  encode(text: string): Buffer {
    const translated = this.#newline === '\r' || this.#newline === '\r\n' ? text.replaceAll('\n', this.#newline) : text;
    return this.#encoder.encode(translated);
  }

  /** Puts the bytes into the buffer, if they fit and nothing has to be sent; returns whether it did. */
  keep(text: string, bytes: Buffer): boolean {
    const { mark } = this.#encoder;
    if (this.#isFlush(text) || !this.#buffer.keep(mark === undefined ? bytes : Buffer.concat([mark, bytes]))) {
      return false;
    }
    this.#encoder.takeMark();
    return true;
  }

  /** Writes the bytes of a text. */
  async write(text: string, bytes: Buffer, signal: AbortSignal | undefined): Promise<void> {
    await this.#buffer.writeLines(this.#marked([bytes]), signal);
    if (this.#isFlush(text)) await this.#buffer.flush(signal);
  }

  /** Writes each of several texts. */
  async writeLines(lines: Iterable<string>, signal: AbortSignal | undefined): Promise<void> {
    let flushes = false;
    const encoded = function* (writer: TextWriter): Generator<Buffer, void> {
      for (const line of lines) {
        flushes ||= writer.#isFlush(checkText(line));
        yield writer.encode(line);
      }
    };
    await this.#buffer.writeLines(this.#marked(encoded(this)), signal);
    if (flushes) await this.#buffer.flush(signal);
  }

  /** The pieces, after the mark if that was not written yet; the mark is taken when the call's turn has come. */
  *#marked(pieces: Iterable<Buffer>): Generator<Buffer, void> {
    for (const piece of pieces) {
      const mark = this.#encoder.takeMark();
      yield mark === undefined ? piece : Buffer.concat([mark, piece]);
    }
  }

  #isFlush(text: string): boolean {
    return this.#lineBuffering && /[\r\n]/.test(text);
  }
}

/** Checks that the argument is text. */
export function checkText(text: unknown): string {
  if (typeof text === 'string') return text;
  throw typeError('write() argument must be a string', text);
}
