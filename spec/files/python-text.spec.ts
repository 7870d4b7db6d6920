import { describe, test } from '@jest/globals';
import { hasPython } from '../support/python.ts';
import {
  chunkings,
  compare,
  latin1,
  NEWLINES,
  READS,
  repeat,
  TEXTS,
  utf16,
  type Call,
  type Job,
} from '../support/python-files.ts';

(hasPython ? describe : describe.skip)('the same as the real Python: text', () => {
  test.each(NEWLINES)('text with newline %j', async (newline) => {
    const jobs = TEXTS.flatMap((text) =>
      [
        ['utf-8', latin1(text)],
        ['utf-16', utf16(`\ufeff${text}`)],
      ].flatMap(([encoding = '', bytes = '']) =>
        chunkings(bytes).flatMap((arrivals) =>
          READS.map((calls): Job => ({
            mode: 'r',
            options: { newline, encoding },
            arrivals,
            calls: [...calls, ['newlines'], ['encoding'], ['errors']],
          })),
        ),
      ),
    );
    await compare(jobs);
  });

  test('marks of the order of bytes, whole, cut and absent', async () => {
    const begun = ['', '\xef', '\xef\xbb', '\xef\xbb\xbf', '\xef\xbb\xbfa\xc3\xa9\n', '\xef\xbba', 'ab', 'a\n'];
    const ordered = ['\xff', '\xff\xfe', '\xff\xfea\x00\n\x00', '\xfe\xff', '\xfe\xff\x00a\x00\n', 'a\x00', '\x00a'];
    const texts = [...begun.map((text) => ['utf-8-sig', text]), ...ordered.map((text) => ['utf-16', text])];
    await compare(
      texts.flatMap(([encoding = '', bytes = '']) =>
        chunkings(bytes).flatMap((arrivals) =>
          ['strict', 'replace'].map((errors): Job => ({
            mode: 'r',
            options: { encoding, errors },
            arrivals,
            calls: [['read', 1], ['readline'], ['read']],
          })),
        ),
      ),
    );
  });

  test('bytes that cannot be decoded', async () => {
    const flawed = [
      '\xff',
      'a\xc3',
      'a\xc3\x28',
      '\xe2\x82',
      '\xe2\x82\x28b',
      '\xe2\x28\xa1',
      '\xf0\x9f\x98',
      '\xf0\x28\x8c\xbc',
      '\xf0\x90\x28\xbc',
      '\xed\xa0\x80x',
      '\xc0\x80',
      '\xe0\x80\x80',
      '\xf4\x90\x80\x80',
      '\x80\x81é',
      'ok\n\xfe\n',
      '\x00\xd8',
      '\x00\xdca\x00',
      '\x00\xd8a\x00',
      '\x00\xd8\x00\xd8',
      '\xd8\x00\x00a',
      '\xef\xbb',
      'a\x00b',
    ];
    const encodings = ['utf-8', 'ascii', 'utf-16-le', 'utf-16-be', 'cp1252'];
    const handlers = ['strict', 'ignore', 'replace', 'backslashreplace', 'surrogateescape'];
    await compare(
      flawed.flatMap((bytes) =>
        chunkings(bytes).flatMap((arrivals) =>
          encodings.flatMap((encoding) =>
            handlers.flatMap((errors) =>
              [
                [['read']],
                repeat(['read', 1], 6),
                // After an error Python has lost the text before the bytes that it could not decode.
                repeat(['readline'], errors === 'strict' ? 1 : 3),
              ].map((calls): Job => ({
                mode: 'r',
                options: { encoding, errors },
                arrivals,
                calls: calls as Call[],
              })),
            ),
          ),
        ),
      ),
    );
  });

  test('every byte of every encoding of one byte a character', async () => {
    const names = [
      ...[1250, 1251, 1252, 1254, 1256, 1257, 1258, 866].map((page) => `cp${page}`),
      ...[1, 2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15].map((part) => `ISO-8859-${part}`),
      ...['koi8-r', 'mac-roman', 'macroman', 'latin1', 'l1', 'us-ascii', ' ASCII ', 'UTF8', 'U8', 'utf_16le'],
    ];
    const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
    await compare(
      names.flatMap((encoding) => [
        {
          mode: 'r',
          options: { encoding, errors: 'replace', newline: '' },
          arrivals: [bytes.join('')],
          calls: [['read']],
        },
        ...bytes
          .slice(128)
          .map((byte): Job => ({ mode: 'r', options: { encoding }, arrivals: [byte], calls: [['read']] })),
        {
          mode: 'w',
          options: { encoding, errors: 'replace' },
          arrivals: [],
          calls: [['write', String.fromCharCode(...Array.from({ length: 0x600 }, (_, point) => point))], ['flush']],
        },
        {
          mode: 'w',
          options: { encoding, errors: 'backslashreplace' },
          arrivals: [],
          calls: [['write', '–—‘’€™\u2030\u20aa\u0e01\u0411\ufb01Ω'], ['flush']],
        },
      ]),
    );
  });

  test('what is written', async () => {
    const texts = [
      '',
      'a',
      'é€😀',
      'a\nb\r\nc\r',
      '\n',
      '\ud800',
      'x\ud800\ud801y',
      '\udc80',
      '\udc80\udcffz',
      'é\udc80',
      'aé€b😀',
    ];
    const encodings = ['utf-8', 'utf-8-sig', 'ascii', 'latin-1', 'utf-16', 'utf-16-le', 'utf-16-be', 'cp1252'];
    const handlers = ['strict', 'ignore', 'replace', 'backslashreplace', 'surrogateescape'];
    // After a first write that fails, Python leaves out the byte order mark.
    const first = (encoding: string): Call[] => (encoding === 'utf-8-sig' ? [['write', '1']] : []);
    const jobs = texts.flatMap((text) =>
      encodings.flatMap((encoding) =>
        handlers.map((errors): Job => ({
          mode: 'w',
          options: { encoding, errors },
          arrivals: [],
          calls: [...first(encoding), ['write', text], ['writelines', ['1', text]], ['flush'], ['newlines']],
        })),
      ),
    );
    const newlines = NEWLINES.map((newline): Job => ({
      mode: 'w',
      options: { newline },
      arrivals: [],
      calls: [['write', 'a\nb\r\nc\rd\n\n'], ['writelines', ['\n', 'x\r']], ['flush']],
    }));
    await compare([...jobs, ...newlines]);
  });
});
