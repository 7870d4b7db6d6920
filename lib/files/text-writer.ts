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

  /** The bytes of a text, with the newlines that the file has. */
  encode(text: string): Buffer {
    const translated = this.#newline === '\r' || this.#newline === '\r\n' ? text.replaceAll('\n', this.#newline) : text;
    return this.#encoder.encode(translated);
  }

  /** Whether the bytes could be put into the buffer at once, and that is all there is to do. */
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

  /** The pieces, the first of all after the mark; it is taken once it is the call's turn. */
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

/** Checks what is to be written to a file of text. */
export function checkText(text: unknown): string {
  if (typeof text === 'string') return text;
  throw typeError('write() argument must be a string', text);
}
