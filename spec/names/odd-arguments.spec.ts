import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { hasPython, python } from '../support/python.ts';

/** The same argument in Python and in JavaScript. */
type Value = readonly [python: string, value: unknown];

const NUMBERS: readonly Value[] = [
  ['0', 0],
  ['-1', -1],
  ['True', true],
  ['65535', 65_535],
  ['65536', 65_536],
  ['2**31 - 25', 2 ** 31 - 25],
  ['2**31 - 24', 2 ** 31 - 24],
  ['2**31 - 17', 2 ** 31 - 17],
  ['2**31 - 16', 2 ** 31 - 16],
  ['2**31', 2 ** 31],
  ['2**32 - 1', 2 ** 32 - 1],
  ['2**32', 2 ** 32],
  ['2**64', 2 ** 64],
  ['2**70', 2 ** 70],
  ['-2**31', -(2 ** 31)],
  ['-2**70', -(2 ** 70)],
  ['1.5', 1.5],
  ['float("nan")', NaN],
  ['float("inf")', Infinity],
  ['"1"', '1'],
  ['None', null],
  ['[]', []],
  ['object()', Symbol('object')],
];

const TEXTS: readonly Value[] = [
  ['""', ''],
  ['"\\0"', '\0'],
  ['"x\\0"', 'x\0'],
  ['"\\ud800"', '\ud800'],
  ['"\\udcff"', '\udcff'],
  ['"a\\udc80"', 'a\udc80'],
  ['"x" * 5000', 'x'.repeat(5000)],
  ['" "', ' '],
  ['1', 1],
  ['None', null],
  ['[]', []],
  ['object()', Symbol('object')],
];

const BYTES: readonly Value[] = [
  ['b""', Buffer.alloc(0)],
  ['b"\\0"', Buffer.of(0)],
  ['b"\\xff"', Buffer.of(0xff)],
  ['bytearray(4)', new Uint8Array(4)],
  ['bytes(16)', Buffer.alloc(16)],
];

const AF_INET: Value = ['socket.AF_INET', socket.AF_INET];

/** Each call in Python and here, with the arguments before and after the odd one. */
const CALLS: readonly (readonly [
  python: string,
  name: keyof typeof socket,
  values: readonly Value[],
  front?: Value,
])[] = [
  ['htons', 'htons', NUMBERS],
  ['ntohs', 'ntohs', NUMBERS],
  ['htonl', 'htonl', NUMBERS],
  ['ntohl', 'ntohl', NUMBERS],
  ['CMSG_LEN', 'CMSG_LEN', NUMBERS],
  ['CMSG_SPACE', 'CMSG_SPACE', NUMBERS],
  ['if_indextoname', 'ifIndextoname', NUMBERS.filter(([, value]) => value !== true)],
  ['getservbyport', 'getservbyport', NUMBERS.filter(([, value]) => value !== true)],
  ['inet_ntop', 'inetNtop', BYTES, AF_INET],
  ['inet_ntoa', 'inetNtoa', [...BYTES, ...TEXTS]],
  ['inet_aton', 'inetAton', [...TEXTS, ...BYTES]],
  ['inet_pton', 'inetPton', [...TEXTS, ...BYTES], AF_INET],
  ['getservbyname', 'getservbyname', [...TEXTS, ...BYTES]],
  ['getservbyname', 'getservbyname', [...TEXTS, ...BYTES], ['"http"', 'http']],
  ['getprotobyname', 'getprotobyname', [...TEXTS, ...BYTES]],
  ['if_nametoindex', 'ifNametoindex', [...TEXTS, ...BYTES.filter(([, value]) => Buffer.isBuffer(value))]],
  ['socketpair', 'socketpair', NUMBERS.filter(([, value]) => value !== true && value !== null)],
  ['socketpair', 'socketpair', NUMBERS.filter(([, value]) => value !== true && value !== 0), ['socket.AF_UNIX', 1]],
];

/** The kinds of errors here for those of Python. */
const KINDS: Readonly<Record<string, string>> = {
  ValueError: 'RangeError',
  OverflowError: 'RangeError',
  UnicodeError: 'RangeError',
  UnicodeEncodeError: 'RangeError',
};

const PYTHON = `
import json, socket, sys
def outcome(call, arguments):
    try:
        result = getattr(socket, call)(*(eval(argument) for argument in arguments))
        return list(result) if isinstance(result, bytes) else result
    except OSError as error:
        return [type(error).__name__, error.errno]
    except Exception as error:
        return type(error).__name__
json.dump([outcome(call, arguments) for call, arguments in json.load(sys.stdin)], sys.stdout)
`;

async function outcome(name: string, given: readonly unknown[]): Promise<unknown> {
  const call: unknown = Reflect.get(socket, name);
  if (typeof call !== 'function') throw new TypeError(`${name} is no function`);
  try {
    const result: unknown = await Reflect.apply(call, undefined, given);
    return Buffer.isBuffer(result) ? [...result] : result;
  } catch (error) {
    if (error instanceof socket.OSError) return [error.name, error.errno];
    return error instanceof Error ? error.name : error;
  }
}

(hasPython ? describe : describe.skip)('odd arguments have the same results as in Python', () => {
  it.each(CALLS)('to %s()', async (...[call, name, values, front]: (typeof CALLS)[number]) => {
    const given = values.map((value) => (front === undefined ? [value] : [front, value]));
    const sources = given.map((all) => all.map(([source]) => source));
    const answers = python(
      PYTHON,
      sources.map((source) => [call, source]),
    ) as unknown[];
    const expected = answers.map((answer) => (typeof answer === 'string' ? (KINDS[answer] ?? answer) : answer));
    const actual: unknown[] = [];
    for (const all of given)
      actual.push(
        await outcome(
          name,
          all.map(([, value]) => value),
        ),
      );
    const told = (outcomes: readonly unknown[]): unknown[] => sources.map((source, at) => [...source, outcomes[at]]);
    expect(told(actual)).toEqual(told(expected));
  });
});
