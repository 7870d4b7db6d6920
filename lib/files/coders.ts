import type { Codec } from './codecs.ts';
import { refuseText, type ErrorHandler } from './error-handlers.ts';

const NOTHING = Buffer.alloc(0);

/**
 * Reads the start of a stream: its encoding, and the length of its mark, which is not text; `undefined` if it needs
 * more bytes.
 */
export type Beginning = (start: Buffer, final: boolean) => { readonly codec: Codec; readonly skip: number } | undefined;

/** Turns the bytes of a stream into text, piece by piece, wherever the pieces begin and end. */
export class Decoder {
  readonly #handler: ErrorHandler;
  readonly #beginning: Beginning | undefined;
  #codec: Codec | undefined;
  /** The beginning of a character, or of a mark, whose end has not come yet. */
  #rest: Buffer = NOTHING;

  /**
   * @param handler - handles bytes that are not a character.
   * @param codec - the encoding, or a function that finds it.
   */
  constructor(handler: ErrorHandler, codec: Codec | Beginning) {
    this.#handler = handler;
    if (typeof codec === 'function') this.#beginning = codec;
    else this.#codec = codec;
  }

  /**
   * The text of the bytes that came before and are not decoded yet, and of these.
   *
   * @param chunk - the bytes that come next.
   * @param final - whether they are the last ones.
   * @throws RangeError from the error handler; the bytes are lost then, as in Python.
   */
  decode(chunk: Buffer, final: boolean): string {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (this.#codec === undefined) {
      const found = this.#beginning?.(bytes, final);
      if (found === undefined) {
        this.#rest = Buffer.from(bytes);
        return '';
      }
      this.#codec = found.codec;
      bytes = bytes.subarray(found.skip);
    }
    return this.#decode(this.#codec, bytes, final);
  }

  #decode(codec: Codec, bytes: Buffer, final: boolean): string {
    const tail = codec.tail(bytes);
    const end = bytes.length - tail;
    const whole = final && tail > 0 ? undefined : codec.whole(tail === 0 ? bytes : bytes.subarray(0, end));
    if (whole === undefined) return this.#mend(codec, bytes, final);
    // A copy, so that the few bytes do not keep the chunk alive.
    this.#rest = tail === 0 ? NOTHING : Buffer.from(bytes.subarray(end));
    return whole;
  }

  /** Decodes character by character, because some bytes are not a character. */
  #mend(codec: Codec, bytes: Buffer, final: boolean): string {
    let text = '';
    let good = 0;
    let at = 0;
    while (at < bytes.length) {
      const step = codec.step(bytes, at, final);
      if (step === 0) break;
      if (typeof step === 'number') {
        at += step;
        continue;
      }
      text += codec.textOf(bytes.subarray(good, at));
      const flaw = { codec: codec.name, bytes, start: at, end: at + step.length, reason: step.reason };
      const mended = this.#handler.decode(flaw);
      text += mended.text;
      at = mended.resume;
      good = at;
    }
    this.#rest = Buffer.from(bytes.subarray(at));
    return text + codec.textOf(bytes.subarray(good, at));
  }
}

/** Turns text into the bytes of a stream. */
export class Encoder {
  readonly #handler: ErrorHandler;
  readonly #codec: Codec;
  #mark: Buffer | undefined;

  /**
   * @param handler - handles characters that the encoding does not have.
   * @param codec - the encoding.
   * @param mark - the bytes at the beginning of the stream.
   */
  constructor(handler: ErrorHandler, codec: Codec, mark?: Buffer) {
    this.#handler = handler;
    this.#codec = codec;
    this.#mark = mark;
  }

  /** The mark at the beginning of the stream, until it is taken. */
  get mark(): Buffer | undefined {
    return this.#mark;
  }

  /** Takes the mark, which the caller then writes. */
  takeMark(): Buffer | undefined {
    const mark = this.#mark;
    this.#mark = undefined;
    return mark;
  }

  /**
   * The bytes of a text, without the mark.
   *
   * @throws RangeError from the error handler.
   */
  encode(text: string): Buffer {
    return this.#codec.encode(text) ?? this.#mend(text);
  }

  /** Encodes character by character, because one of them cannot be encoded. */
  #mend(text: string): Buffer {
    const { unit, reason } = this.#codec;
    const pieces: Buffer[] = [];
    const characters = Array.from(text);
    const encoded = characters.map((character) => this.#codec.encode(character));
    for (let at = 0; at < characters.length;) {
      const bytes = encoded[at];
      if (bytes !== undefined) {
        pieces.push(bytes);
        at += 1;
        continue;
      }
      let end = at + 1;
      while (unit === 1 && end < characters.length && encoded[end] === undefined) end += 1;
      const flaw = { codec: this.#codec.name, characters: characters.slice(at, end), position: at, reason, unit };
      const instead = this.#handler.encode(flaw);
      pieces.push((typeof instead === 'string' ? this.#codec.encode(instead) : instead) ?? refuseText(flaw));
      at = end;
    }
    return Buffer.concat(pieces);
  }
}
