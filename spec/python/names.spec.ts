import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { OSError } from '../../lib/common/errors.ts';
import * as hosts from '../../lib/names/hosts.ts';
import * as inet from '../../lib/names/inet.ts';
import * as interfaces from '../../lib/names/interfaces.ts';
import { getnameinfo } from '../../lib/names/nameinfo.ts';
import { getaddrinfo } from '../../lib/names/resolver.ts';
import * as services from '../../lib/names/services.ts';
import { hasPython, python } from '../support/python.ts';

/** Our functions under Python's names. */
const FUNCTIONS: Readonly<Record<string, (...args: never[]) => unknown>> = {
  getaddrinfo,
  getfqdn: hosts.getfqdn,
  gethostbyaddr: hosts.gethostbyaddr,
  gethostbyname: hosts.gethostbyname,
  gethostbyname_ex: hosts.gethostbynameEx,
  gethostname: hosts.gethostname,
  getnameinfo,
  getprotobyname: services.getprotobyname,
  getservbyname: services.getservbyname,
  getservbyport: services.getservbyport,
  htonl: inet.htonl,
  htons: inet.htons,
  if_indextoname: interfaces.ifIndextoname,
  if_nameindex: interfaces.ifNameindex,
  if_nametoindex: interfaces.ifNametoindex,
  inet_aton: inet.inetAton,
  inet_ntoa: inet.inetNtoa,
  inet_ntop: inet.inetNtop,
  inet_pton: inet.inetPton,
  ntohl: inet.ntohl,
  ntohs: inet.ntohs,
};

type Call = readonly [name: string, ...args: readonly unknown[]];

/**
 * Makes the calls and prints the outcome of each: a value, or the kind of an error, and the text of an OSError. The
 * texts of ValueError and OverflowError change between versions of Python; ours name the argument as TypeScript does.
 */
const PROGRAM = `
import json, socket, sys

def decode(value):
    if isinstance(value, dict):
        return bytes.fromhex(value['bytes'])
    return tuple(map(decode, value)) if isinstance(value, list) else value

def encode(value):
    return {'bytes': value.hex()} if isinstance(value, bytes) else value

def outcome(name, *args):
    try:
        return {'value': getattr(socket, name)(*map(decode, args))}
    except OSError as error:
        errno, text = error.args if len(error.args) == 2 else (None, *error.args)
        return {'error': type(error).__name__, 'errno': errno, 'text': text}
    except (ValueError, OverflowError):
        return {'error': 'RangeError'}
    except TypeError:
        return {'error': 'TypeError'}

json.dump([outcome(*call) for call in json.load(sys.stdin)], sys.stdout, default=encode)
`;

function encode(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') };
  return Array.isArray(value) ? value.map(encode) : value;
}

/** The outcome of a call. */
interface Outcome {
  readonly value?: unknown;
  readonly error?: string;
  readonly errno?: number | null;
  readonly text?: string | undefined;
}

function areOutcomes(value: unknown): value is Outcome[] {
  return Array.isArray(value);
}

/** Without aliases, which Node does not give. */
function withoutAliases([name]: Call, outcome: Outcome): Outcome {
  const { value } = outcome;
  const hasAliases = Array.isArray(value) && (name === 'gethostbyaddr' || name === 'gethostbyname_ex');
  return hasAliases ? { value: value.with(1, []) } : outcome;
}

/** Python's outcomes of the calls. */
function theirs(calls: readonly Call[]): Outcome[] {
  const outcomes = python(PROGRAM, calls.map(encode));
  if (!areOutcomes(outcomes)) throw new TypeError('a list of outcomes was expected');
  return outcomes.map((outcome, index) => withoutAliases(calls[index] ?? fail(), outcome));
}

/** Our outcome of a call, in the same form. */
async function ours([name, ...args]: Call): Promise<Outcome> {
  try {
    const result: unknown = await Reflect.apply(FUNCTIONS[name] ?? fail, undefined, args);
    return { value: encode(result) };
  } catch (error) {
    if (error instanceof OSError) {
      return { error: error.name, errno: error.errno, text: error.strerror.replace(/ \(received .*\)$/, '') };
    }
    if (error instanceof TypeError) return { error: 'TypeError' };
    if (!(error instanceof RangeError)) throw error;
    return { error: 'RangeError' };
  }
}

function fail(): never {
  throw new Error('no such function');
}

async function compare(calls: readonly Call[]): Promise<void> {
  const expected = theirs(calls);
  const differences: unknown[] = [];
  for (const [index, call] of calls.entries()) {
    // Through JSON as well: an array that Node made is not of Jest's realm.
    const actual: unknown = JSON.parse(JSON.stringify(await ours(call)));
    if (!isDeepStrictEqual(actual, expected[index])) differences.push({ call, actual, expected: expected[index] });
  }
  expect(differences.slice(0, 10)).toEqual([]);
}

/** All combinations of one item of each list. */
function grid(...lists: readonly (readonly unknown[])[]): unknown[][] {
  return lists.reduce<unknown[][]>((rows, list) => rows.flatMap((row) => list.map((item) => [...row, item])), [[]]);
}

const calls = (name: string, ...lists: readonly (readonly unknown[])[]): Call[] =>
  grid(...lists).map((args): Call => [name, ...args]);

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

const ODD_NUMBERS = [
  0,
  1,
  5,
  0x1234,
  0xffff,
  0x1_0000,
  -1,
  0x7fff_ffff,
  0x8000_0000,
  0xffff_ffff,
  2 ** 32,
  1.5,
  null,
  'x',
  true,
];

const list = (...lines: readonly string[]): string[] => lines.join('|').split('|');

const INET4_TEXTS = list(
  '|0|00|0x0|09|1|256|127.1|0x7f.1|0X7F.0x1|010.0.0.1|08.0.0.1|0x|0x.1|0xg|1.|.1|1..2|1.2.3.4|1.2.3.4.|1.2.3.4.5|1.256',
  '1.16777215|1.16777216|1.2.65535|1.2.65536|1.2.3.255|1.2.3.256|1.2.3.0377|1.2.3.0400|4294967295|4294967296|0xffffffff',
  '0x100000000|99999999999999999999|0000000000000000000000000000001|255.255.255.255|-1|+1| 1|1 2|1.2.3.4 x|1.2.3.4\tx',
  '1.2.3.4\n|1.2.3.4\vx|1.2.3.4\fx|1.2.3.4x|1.2.3.4\u00a0x|01.2.3.4|1.2.3.04|1.2.3.1000|1.2.3.4\0|é',
);

const INET6_TEXTS = list(
  '::|::1|1::|:|:::|:1|1:|1:::2|::1::|1:2:3:4:5:6:7:8|1:2:3:4:5:6:7|1:2:3:4:5:6:7::|::2:3:4:5:6:7:8|1::2:3:4:5:6:7:8',
  '1:2:3:4:5:6:7:8::|1:2:3:4:5:6:7:8:9|1:2:3:4:5:6::8|1:2:3:4:5:6::7:8|12345::|0001::|00001::|g::|::aBcD|::1.2.3.4',
  '::ffff:1.2.3.4|1::1.2.3.4|1:2:3:4:5:6:1.2.3.4|1:2:3:4:5:6:7:1.2.3.4|1:2:3:4:5:1.2.3.4|::1.2.3|::1.2.3.256|::01.2.3.4',
  '::1.2.3.4:5|1.2.3.4::|::1%lo|fe80::1%1| ::1|::1 |::1\0|::0.0.0.0',
);

const HOSTS = [
  ...list(
    '|*|127.0.0.1|127.1|4294967295|::1|::ffff:1.2.3.4|::ffff:1.2.3.4%1|::1%1|::1%lo|::1%|fe80::1%lo|fe80::1%1|fe80::1%99',
  ),
  ...list('fe80::1%4294967296|ff01::1%lo|ff02::1%lo|fe80::1%nope|１２７.0.0.1|a..b|é..b|.|127.0.0.1 '),
  ...['a'.repeat(64), 'é'.repeat(64), bytes('127.0.0.1'), null, 5],
];

const PORTS = [
  ...[null, 0, 80, -1, 65536, 2 ** 31, 2 ** 32 + 80, 80 - 2 ** 32, 1.5, true, [], bytes('http')],
  ...list('|*|80| 80|+80|80 |-1|-|  |0x50|080|99999|99999999999999999999999|-4294967296|http|www|domain|tftp|nope|é'),
];

const FAMILIES = [0, 1, 2, 10, 999];
const TYPES = [0, 1, 2, 3, 5, 6, 99, 2049];
const PROTOS = [0, 6, 17, 33, 99, 132, 136, 255];
const FLAGS = [0, 1, 2, 4, 8, 16, 24, 32, 64, 1024, 1028, 0x3c0, 1 << 20, -1];

// The flag prevents look-ups: no query leaves this machine.
const NUMERIC = FLAGS.map((flags) => flags | 4);

(hasPython ? describe : describe.skip)('the same as the real Python', () => {
  test('byte order', async () => {
    await compare(['htons', 'ntohs', 'htonl', 'ntohl'].flatMap((name) => calls(name, ODD_NUMBERS)));
  });

  test('inet_aton and inet_pton', async () => {
    const texts = [...INET4_TEXTS, ...INET6_TEXTS, 5, null];
    await compare([...calls('inet_aton', texts), ...calls('inet_pton', [2, 10, 0, 999, 'x', 1.5], texts)]);
  });

  test('inet_ntoa and inet_ntop', async () => {
    const packed = [bytes(''), bytes('123'), bytes('1234'), bytes('12345'), bytes('1'.repeat(16)), '1234', 5, null];
    await compare([...calls('inet_ntoa', packed), ...calls('inet_ntop', [2, 10, 0, 999, 'x', 1.5], packed)]);
  });

  test('random addresses', async () => {
    const text = fc.oneof(
      fc.ipV4(),
      fc.ipV4Extended(),
      fc.ipV6(),
      fc.string({ unit: fc.constantFrom('0', '1', '7', '8', 'a', 'f', 'x', '.', ':', '%'), maxLength: 24 }),
      fc
        .array(fc.constantFrom('0', '1', 'ff', 'abcd', '', '1.2.3.4'), { maxLength: 9 })
        .map((groups) => groups.join(':')),
    );
    const group = fc.oneof(fc.constant('0000'), fc.constantFrom('0001', 'ffff', '0a00'));
    const packed = fc.array(group, { minLength: 8, maxLength: 8 }).map((groups) => Buffer.from(groups.join(''), 'hex'));
    const texts = fc.sample(text, 500);
    await compare([
      ...calls('inet_aton', texts),
      ...calls('inet_pton', [2, 10], texts),
      ...calls('inet_ntop', [10], fc.sample(packed, 500)),
      ...calls('getaddrinfo', texts, [80], [0, 2, 10], [1], [0], [4, 12]),
    ]);
  });

  test('interfaces', async () => {
    await compare([
      ['if_nameindex'],
      ...calls('if_nametoindex', ['lo', bytes('lo'), 'nope', '', 'lo\0', 'é', 5, null]),
      ...calls('if_indextoname', [0, 1, 2, 3, 4, 99, -1, 0xffff_ffff, 1.5, null, 'x', true]),
    ]);
  });

  test('services and protocols', async () => {
    const names = ['http', 'www', 'domain', 'tftp', 'sink', 'HTTP', '', '80', 'nope', 'a\0', 'é', 5, null];
    const protos = ['tcp', 'udp', 'TCP', '', 'nope', 'tcp\0', 5, null];
    const ports = [...ODD_NUMBERS, 53, 69, 80, 514, 64738];
    await compare([
      ...calls('getservbyname', names),
      ...calls('getservbyname', names, protos),
      ...calls('getservbyport', ports),
      ...calls('getservbyport', ports, protos),
      ...calls('getprotobyname', [...list('tcp|TCP|Tcp|ip|IP|udp|ipv6-icmp|sctp||6|nope|a\0'), 5, null]),
    ]);
  });

  test('services at many ports', async () => {
    const ports = Array.from({ length: 0x1_0000 }, (_, port) => port);
    await compare(
      calls(
        'getservbyport',
        ports.filter((port) => port <= 1024 || port % 61 === 0),
        ['tcp', 'udp', 'sctp'],
      ),
    );
  });

  test('getaddrinfo of every host with every flag', async () => {
    await compare(calls('getaddrinfo', HOSTS, [null, 80, 'http', 'nope'], FAMILIES, [0, 1], [0], NUMERIC));
  });

  test('getaddrinfo of every port', async () => {
    await compare(
      calls('getaddrinfo', [null, '127.0.0.1', '*', 5], PORTS, [0, 10, 999], [0, 2, 3], [0, 17], [0, 2, 1024]),
    );
  });

  test('getaddrinfo of every type and protocol', async () => {
    const ports = [null, 80, 'http', 'domain', 'tftp', 'nope', -1];
    await compare(calls('getaddrinfo', ['127.0.0.1', '::1', null], ports, [0, 2], TYPES, PROTOS, [0, 1024]));
  });

  test('getaddrinfo of arguments of wrong types', async () => {
    await compare(
      calls('getaddrinfo', ['127.0.0.1', 5], [80, 1.5], [2, 'x', 1.5, 2 ** 31], [1, null], [0, 'x'], [0, 2 ** 40]),
    );
  });

  test('localhost', async () => {
    const names = ['localhost', 'LocalHost', bytes('localhost')];
    await compare([
      ...calls('getaddrinfo', names, [80, 'domain', 'nope'], [2], [0, 1], [0], [0, 1, 4]),
      ...calls('gethostbyname', names),
      ['gethostbyname_ex', 'localhost'],
    ]);
  });

  test('gethostby… of hosts that need no look-up', async () => {
    const names = [
      ...list('127.0.0.1|127.1|0.0.0.0|::1|::|fe80::1%lo|::1%lo|*|a..b|é..b|a\0b|１２７.1'),
      ...['a'.repeat(64), bytes('127.0.0.1'), bytes('\xff'), bytes('a\0b'), 5, null],
    ];
    await compare([
      ...calls('gethostbyname', [...list('|<broadcast>|255.255.255.255|::ffff:1.2.3.4'), ...names]),
      ...calls('gethostbyname_ex', names),
      ...calls('gethostbyaddr', [...list('|127.0.0.1|127.1|localhost|::1%lo|*|a..b|a\0b'), bytes('\xff'), 5, null]),
      ...calls('getfqdn', ['::1%lo', '*', 'a..b']),
      ['gethostname'],
    ]);
  });

  test('getnameinfo without a look-up', async () => {
    const inet4 = [
      [80],
      [-1],
      [0],
      [514],
      [64738],
      [65536],
      [2 ** 31],
      ['http'],
      [1.5],
      [null],
      [],
      [80, 0],
      [80, 0, 0, 0],
    ];
    const inet6 = [[80], [80, 5], [80, 2 ** 20], [80, -1], [80, 'x'], [80, 0, 1], [80, 0, 99], ['x', 'x', 'x']];
    const addresses = [
      ...inet4.map((fields) => ['127.0.0.1', ...fields]),
      ...grid(['::1', 'fe80::1', 'ff01::1', 'ff02::1'], inet6).map(([host, fields]) => [host, fields].flat()),
      ...grid([...list('127.1|fe80::1%lo|localhost||*|a..b|a\0b'), bytes('127.0.0.1'), 5, null], [80, -1]),
      ...[[], 'x', 5, null],
    ];
    const flags = [1, 3, 9, 17, 19, 33, 65, 129, 257, 1025, -1, 2 ** 31, 'x', 1.5, null];
    await compare([
      ...calls('getnameinfo', addresses, flags),
      ...calls('getnameinfo', [['127.0.0.1', 80]], [0, 4, 8, 16]),
    ]);
  });
});
