import { typeError } from '../common/arguments.ts';
import { raised } from '../common/stack.ts';

/**
 * The error handlers of Python's `codecs`, with its texts, for bytes that are not a character, and for characters that
 * an encoding does not have. `RangeError` stands for `UnicodeDecodeError` and `UnicodeEncodeError`.
 */

/** What is wrong with the bytes from `start` to `end`. */
export interface DecodingError {
  readonly codec: string;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly reason: string;
}

/** The replacement of flawed bytes, and the offset where decoding goes on. */
export interface Mended {
  readonly text: string;
  readonly resume: number;
}

/** What is wrong with characters; `position` and `end` count characters from the start of the text. */
export interface EncodingError {
  readonly codec: string;
  readonly characters: readonly string[];
  readonly position: number;
  readonly reason: string;
  /** How many bytes make a unit of the encoding. */
  readonly unit: number;
}

/** One way to go on after a flaw. */
export interface ErrorHandler {
  decode(flaw: DecodingError): Mended;
  /** The text to encode in place of the characters, or its bytes. */
  encode(flaw: EncodingError): string | Buffer;
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/** Python's escape for a character. */
function escaped(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  if (point < 0x100) return `\\x${hex(point, 2)}`;
  return point < 0x1_0000 ? `\\u${hex(point, 4)}` : `\\U${hex(point, 8)}`;
}

function refuseBytes({ codec, bytes, start, end, reason }: DecodingError): never {
  const where =
    end - start === 1
      ? `byte 0x${hex(bytes[start] ?? 0, 2)} in position ${start}`
      : `bytes in position ${start}-${end - 1}`;
  throw raised(new RangeError(`'${codec}' codec can't decode ${where}: ${reason}`));
}

/** Raises the error of 'strict'. */
export function refuseText({ codec, characters, position, reason }: EncodingError): never {
  const [first = ''] = characters;
  const where =
    characters.length === 1
      ? `character '${escaped(first)}' in position ${position}`
      : `characters in position ${position}-${position + characters.length - 1}`;
  throw raised(new RangeError(`'${codec}' codec can't encode ${where}: ${reason}`));
}

/** A byte that is not a character becomes U+DC80 to U+DCFF, and the other way round (PEP 383). */
const ESCAPE = 0xdc00;

const surrogateescape: ErrorHandler = {
  decode(flaw) {
    let resume = flaw.start;
    let text = '';
    for (; resume < flaw.end; resume += 1) {
      const byte = flaw.bytes[resume] ?? 0;
      if (byte < 0x80) break;
      text += String.fromCharCode(ESCAPE + byte);
    }
    return resume === flaw.start ? refuseBytes(flaw) : { text, resume };
  },
  encode(flaw) {
    const points = flaw.characters.map((character) => character.charCodeAt(0));
    if (points.some((point) => point < ESCAPE + 0x80 || point > ESCAPE + 0xff)) return refuseText(flaw);
    return points.length % flaw.unit === 0 ? Buffer.from(points.map((point) => point - ESCAPE)) : refuseText(flaw);
  },
};

const HANDLERS: ReadonlyMap<string, ErrorHandler> = new Map<string, ErrorHandler>([
  ['strict', { decode: refuseBytes, encode: refuseText }],
  ['ignore', { decode: ({ end }) => ({ text: '', resume: end }), encode: () => '' }],
  [
    'replace',
    {
      decode: ({ end }) => ({ text: '\ufffd', resume: end }),
      encode: ({ characters }) => '?'.repeat(characters.length),
    },
  ],
  [
    'backslashreplace',
    {
      decode: ({ bytes, start, end }) => ({
        text: Array.from(bytes.subarray(start, end), (byte) => `\\x${hex(byte, 2)}`).join(''),
        resume: end,
      }),
      encode: ({ characters }) => characters.map(escaped).join(''),
    },
  ],
  ['surrogateescape', surrogateescape],
]);

/** The error handler of a name. */
export function errorHandler(name: unknown): ErrorHandler {
  if (typeof name !== 'string') throw typeError('errors must be a string or null', name);
  const handler = HANDLERS.get(name);
  if (handler !== undefined) return handler;
  throw raised(new RangeError(`unknown error handler name '${name}' (there are ${[...HANDLERS.keys()].join(', ')})`));
}
