import { describe, expect, it } from '@jest/globals';
import { AF_INET, AF_INET6, IPPROTO_TCP, SOCK_STREAM } from '../../lib/common/constants.ts';
import * as constants from '../../lib/common/constants.ts';
import { OSError } from '../../lib/common/errors.ts';
import { checkQuery, checkSetting, Options } from '../../lib/options/options.ts';
import { hasPython, python } from '../support/python.ts';

/** A value as JSON, for both sides: a number, `null` with its length, or bytes by their numbers. */
type Value = number | boolean | { readonly null: number } | { readonly bytes: readonly number[] };

/** Sets an option of a fresh socket, if there is a value, and gets it. */
interface Case {
  readonly family: number;
  readonly level: number;
  readonly optname: number;
  readonly value?: Value;
  readonly buflen?: number;
}

const inet: [level: number, optname: number][] = [
  [constants.SOL_SOCKET, constants.SO_REUSEADDR],
  [constants.SOL_SOCKET, constants.SO_REUSEPORT],
  [constants.SOL_SOCKET, constants.SO_KEEPALIVE],
  [constants.SOL_SOCKET, constants.SO_LINGER],
  [constants.SOL_SOCKET, constants.SO_TYPE],
  [constants.SOL_SOCKET, constants.SO_DOMAIN],
  [constants.SOL_SOCKET, constants.SO_PROTOCOL],
  [constants.SOL_SOCKET, constants.SO_ACCEPTCONN],
  [constants.SOL_SOCKET, constants.SO_ERROR],
  [constants.IPPROTO_TCP, constants.TCP_NODELAY],
  [constants.IPPROTO_TCP, constants.TCP_KEEPIDLE],
  [constants.IPPROTO_TCP, constants.TCP_KEEPINTVL],
  [constants.IPPROTO_TCP, constants.TCP_KEEPCNT],
  [constants.IPPROTO_IP, constants.IP_TOS],
];
const inet6: [level: number, optname: number][] = [
  [constants.SOL_SOCKET, constants.SO_KEEPALIVE],
  [constants.SOL_SOCKET, constants.SO_DOMAIN],
  [constants.IPPROTO_TCP, constants.TCP_KEEPIDLE],
  [constants.IPPROTO_IPV6, constants.IPV6_V6ONLY],
  [constants.IPPROTO_IPV6, constants.IPV6_TCLASS],
];
const options = [
  ...inet.map(([level, optname]) => ({ family: AF_INET, level, optname })),
  ...inet6.map(([level, optname]) => ({ family: AF_INET6, level, optname })),
];

const numbers: Value[] = [
  -2,
  -1,
  0,
  1,
  2,
  16,
  127,
  128,
  255,
  256,
  508,
  32767,
  32768,
  2 ** 31 - 1,
  -(2 ** 31),
  true,
  false,
];
const lengths = [0, 3, 4, 7, 8, 16, -1].map((length) => ({ null: length }));
const bytes = [[], [1], [1, 2, 3], [1, 0, 0, 0], [0, 0, 0, 0], [0, 1, 0, 0], [1, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0]];
const values = [...numbers, ...lengths, ...bytes.map((numbers) => ({ bytes: numbers }))];

const strange = [AF_INET, AF_INET6].flatMap((family) => [
  ...[-1, 2, constants.SOL_SOCKET, constants.IPPROTO_TCP, constants.IPPROTO_IP, constants.IPPROTO_IPV6, 132, 12345].map(
    (level) => ({ family, level, optname: 12345 }),
  ),
  { family: AF_INET, level: constants.IPPROTO_IPV6, optname: constants.IPV6_V6ONLY },
]);

/** Where this library differs from Linux. */
function differs({ family, level, value }: Case): boolean {
  // Only at this level Linux takes a null pointer for 0.
  return level === constants.IPPROTO_IPV6 && family === AF_INET6 && typeof value === 'object' && 'null' in value;
}

const source = `
import json, socket, sys
def attempt(call):
    try:
        return call()
    except OSError as error:
        return ['OSError', error.errno]
    except TypeError:
        return ['TypeError']
    except (ValueError, OverflowError):
        return ['RangeError']
def arguments(value):
    if isinstance(value, dict):
        return (None, value['null']) if 'null' in value else (bytes(value['bytes']),)
    return (value,)
def outcome(case):
    with socket.socket(case['family']) as s:
        # In this library it is on from the start.
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        outcomes = []
        if 'value' in case:
            outcomes.append(attempt(lambda: s.setsockopt(case['level'], case['optname'], *arguments(case['value']))))
        got = attempt(lambda: s.getsockopt(case['level'], case['optname'], case.get('buflen', 0)))
        outcomes.append(list(got) if isinstance(got, bytes) else got)
        return outcomes
print(json.dumps([outcome(case) for case in json.load(sys.stdin)]))`;

function attempt(call: () => unknown): unknown {
  try {
    return call() ?? null;
  } catch (error) {
    if (error instanceof OSError) return ['OSError', error.errno];
    return [error instanceof TypeError ? 'TypeError' : 'RangeError'];
  }
}

function outcome({ family, level, optname, value, buflen }: Case): unknown[] {
  const facts = {
    family,
    type: SOCK_STREAM,
    proto: IPPROTO_TCP,
    isListening: () => false,
    isBound: () => false,
    takeError: () => 0,
  };
  const options = new Options(facts, {
    keepAliveInterval: true,
    typeOfService: true,
    reusePort: true,
    reuseDatagramPort: true,
  });
  const outcomes: unknown[] = [];
  if (value !== undefined) {
    const [given, optlen] =
      typeof value !== 'object' ? [value] : 'null' in value ? [null, value.null] : [Buffer.from(value.bytes)];
    outcomes.push(attempt(() => options.set(checkSetting(level, optname, given, optlen))));
  }
  const got = attempt(() => options.get(checkQuery(level, optname, buflen ?? 0)));
  outcomes.push(Buffer.isBuffer(got) ? [...got] : got);
  return outcomes;
}

function compare(cases: Case[]): void {
  const same = cases.filter((one) => !differs(one));
  const expected = python(source, same) as unknown[];
  expect(same.map((one) => [one, outcome(one)])).toEqual(same.map((one, index) => [one, expected[index]]));
}

(hasPython ? describe : describe.skip)('options against Python', () => {
  it('have the same initial values', () => {
    compare(options);
  });

  it('take, change and refuse the same values', () => {
    compare(options.flatMap((option) => values.map((value) => ({ ...option, value }))));
  });

  it('have the same bytes', () => {
    const buflens = [1, 2, 3, 4, 5, 8, 9, 1024, 1025, -1];
    const set = [
      { family: AF_INET, level: constants.SOL_SOCKET, optname: constants.SO_TYPE },
      { family: AF_INET, level: constants.SOL_SOCKET, optname: constants.SO_KEEPALIVE, value: 1 },
      {
        family: AF_INET,
        level: constants.SOL_SOCKET,
        optname: constants.SO_LINGER,
        value: { bytes: [1, 0, 0, 0, 0, 0, 0, 0] },
      },
      { family: AF_INET, level: constants.IPPROTO_TCP, optname: constants.TCP_KEEPIDLE, value: 0x1234 },
      { family: AF_INET, level: constants.IPPROTO_IP, optname: constants.IP_TOS, value: 0x20 },
      { family: AF_INET6, level: constants.IPPROTO_IPV6, optname: constants.IPV6_TCLASS, value: 0x20 },
    ];
    compare(set.flatMap((one) => buflens.map((buflen) => ({ ...one, buflen }))));
  });

  it('of `struct linger` are the same, as far as Node supports them', () => {
    const structures = [
      [0, 0, 0, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 7, 0, 0, 0],
      [1, 0, 0, 0, 0, 0, 0, 0],
      [2, 0, 0, 0, 0, 0, 0, 0, 9],
      [255, 255, 255, 255, 0, 0, 0, 0],
    ];
    const option = { family: AF_INET, level: constants.SOL_SOCKET, optname: constants.SO_LINGER, buflen: 8 };
    compare(structures.map((bytes) => ({ ...option, value: { bytes } })));
  });

  it('that do not exist have the same errors', () => {
    compare(strange.flatMap((one) => [one, { ...one, value: 1 }]));
  });
});
