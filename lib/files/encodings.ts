import { typeError } from '../common/arguments.ts';
import { raised } from '../common/stack.ts';
import { ascii, charmap, charmapOf, cp1252, latin1, utf16be, utf16le, utf8, type Codec } from './codecs.ts';
import { Decoder, Encoder } from './coders.ts';
import { errorHandler, type ErrorHandler } from './error-handlers.ts';

const BOM = '\ufeff';

/** The encoding of a name. */
interface Encoding {
  decoder(handler: ErrorHandler): Decoder;
  encoder(handler: ErrorHandler): Encoder;
}

const plain = (codec: () => Codec): Encoding => ({
  decoder: (handler) => new Decoder(handler, codec()),
  encoder: (handler) => new Encoder(handler, codec()),
});

/** UTF-8 that begins with a mark; the mark may be missing in what is read. */
const utf8sig: Encoding = {
  decoder: (handler) =>
    new Decoder(handler, (start, final) => {
      const mark = Buffer.from(BOM);
      if (start.length < mark.length && mark.subarray(0, start.length).equals(start)) {
        // If nothing comes after the beginning of a mark, Python reads it as an empty text.
        return final ? { codec: utf8, skip: start.length } : undefined;
      }
      return { codec: utf8, skip: start.subarray(0, mark.length).equals(mark) ? mark.length : 0 };
    }),
  encoder: (handler) => new Encoder(handler, utf8, utf8.encode(BOM)),
};

/**
 * UTF-16 that begins with a mark, which says what order its bytes are in. It is written without one, as CPython writes
 * it to a socket: its TextIOWrapper writes marks to what it can seek in.
 */
const utf16: Encoding = {
  decoder: (handler) =>
    new Decoder(handler, (start, final) => {
      if (start.length < 2) return final ? { codec: utf16le, skip: 0 } : undefined;
      const mark = start.readUInt16LE(0);
      if (mark === 0xfeff) return { codec: utf16le, skip: 2 };
      if (mark === 0xfffe) return { codec: utf16be, skip: 2 };
      throw raised(new RangeError('UTF-16 stream does not start with BOM'));
    }),
  encoder: (handler) => new Encoder(handler, utf16le),
};

/**
 * The encodings with one byte per character on which Python and Node's TextDecoder agree in every version, by Python's
 * name and its aliases. (They do not agree on cp874, cp1253, cp1255 and KOI8-U.)
 */
const CHARMAPS: readonly (readonly [label: string, ...names: string[]])[] = [
  ...[1250, 1251, 1254, 1256, 1257, 1258].map((page) => {
    return [`windows-${page}`, `cp${page}`, `windows_${page}`] as const;
  }),
  ...[2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15].map((part) => {
    return [`iso-8859-${part}`, `iso8859_${part}`, `iso_8859_${part}`] as const;
  }),
  ['koi8-r', 'koi8_r'],
  ['ibm866', 'cp866', 'ibm866', '866'],
  ['macintosh', 'mac_roman', 'macroman', 'macintosh'],
];

/** Makes a table when it is first needed. */
function once(make: () => Codec): () => Codec {
  let codec: Codec | undefined;
  return () => (codec ??= make());
}

function named(encoding: Encoding, names: readonly string[]): [string, Encoding][] {
  return names.map((name) => [name, encoding]);
}

/** Python's names and aliases (Lib/encodings/aliases.py), as {@link normalized} writes them. */
const ENCODINGS: ReadonlyMap<string, Encoding> = new Map([
  ...named(
    plain(() => utf8),
    ['utf_8', 'utf8', 'u8', 'utf', 'cp65001'],
  ),
  ...named(utf8sig, ['utf_8_sig', 'utf8_sig']),
  ...named(
    plain(() => ascii),
    ['ascii', '646', 'us_ascii', 'us', 'iso646_us', 'ansi_x3.4_1968', 'cp367', 'ibm367'],
  ),
  ...named(
    plain(() => latin1),
    [...['latin_1', 'latin1', 'latin', 'l1', 'iso8859_1', 'iso_8859_1', 'iso8859', '8859', 'cp819', 'ibm819']],
  ),
  ...named(utf16, ['utf_16', 'utf16', 'u16']),
  ...named(
    plain(() => utf16le),
    ['utf_16_le', 'utf_16le', 'unicodelittleunmarked'],
  ),
  ...named(
    plain(() => utf16be),
    ['utf_16_be', 'utf_16be', 'unicodebigunmarked'],
  ),
  ...named(plain(once(() => charmap(cp1252()))), ['cp1252', '1252', 'windows_1252']),
  ...CHARMAPS.flatMap(([label, ...names]) =>
    named(plain(once(() => charmap(charmapOf(label, label.startsWith('windows'))))), names),
  ),
]);

/** A name as Python looks it up: case, and the characters between letters and digits, make no difference. */
function normalized(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '_')
    .replace(/^_|_$/g, '');
}

/** How a file turns text into bytes, and bytes into text. */
export interface Coding {
  /** A new decoder, for one stream. */
  decoder(): Decoder;
  /** A new encoder, for one stream. */
  encoder(): Encoder;
}

/**
 * The encoding of a name, with an error handler.
 *
 * @throws TypeError if a name is not a string; RangeError if the encoding (Python: LookupError) or the error handler
 * does not exist.
 */
export function lookup(encoding: unknown, errors: unknown): Coding {
  if (typeof encoding !== 'string') throw typeError('encoding must be a string or null', encoding);
  const found = ENCODINGS.get(normalized(encoding));
  if (found === undefined) throw raised(new RangeError(`unknown encoding: ${encoding}`));
  const handler = errorHandler(errors);
  return { decoder: () => found.decoder(handler), encoder: () => found.encoder(handler) };
}
