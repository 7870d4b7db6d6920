import { beforeAll, describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import * as ssl from '../../lib/ssl/index.ts';
import { own, pair, tcp } from '../support/pairs.ts';
import { hasPython, python } from '../support/python.ts';
import { certificateFile, clientContext, keyFile, serverContext } from '../support/tls-contexts.ts';

/** The state of the socket that a method is called on; `server` is as fresh, and `gone` was done before it was closed. */
type State = 'unconnected' | 'fresh' | 'server' | 'done' | 'closed' | 'gone';

/** A method that is called, by Python's names. */
interface Case {
  readonly subject: State;
  readonly method: string;
  readonly given: readonly unknown[];
}

/** Marks what JSON has no word for. */
const bytes = (length: number): unknown => ({ bytes: length });

const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

const REFUSED: readonly (readonly [method: string, ...given: unknown[]])[] = [
  ['recvfrom', 1],
  ['recvfrom_into', bytes(1), 1],
  ['sendto', 'x', ['127.0.0.1', 1]],
  ['sendto', 'x', 0, ['127.0.0.1', 1]],
  ['recvmsg', 1],
  ['recvmsg_into', [bytes(1)]],
  ['sendmsg', ['x']],
  ['recv', 1, 2],
  ['recv_into', bytes(1), 1, 2],
  ['send', 'x', 2],
  ['sendall', 'x', 2],
];

const ASKED: readonly (readonly [method: string, ...given: unknown[]])[] = [
  ['getpeercert'],
  ['version'],
  ['cipher'],
  ['selected_alpn_protocol'],
  ['compression'],
  ['pending'],
  ['get_channel_binding', 'y'],
];

const CASES: readonly Case[] = (
  [
    ...REFUSED.map((step) => ['fresh', ...step]),
    ...REFUSED.map((step) => ['done', ...step]),
    ...REFUSED.filter(([method]) => method.includes('msg')).map((step) => ['unconnected', ...step]),
    ...ASKED.map((step) => ['fresh', ...step]),
    ...ASKED.filter(([method]) => method !== 'get_channel_binding').map((step) => ['unconnected', ...step]),
    ['unconnected', 'do_handshake'],
    ['unconnected', 'recv', 1],
    ['unconnected', 'send', 'x'],
    ['unconnected', 'sendall', 'x'],
    ['unconnected', 'read'],
    ['unconnected', 'write', 'x'],
    ['unconnected', 'unwrap'],
    ['unconnected', 'shutdown', 1],
    ['fresh', 'unwrap'],
    ['fresh', 'connect', ['127.0.0.1', 1]],
    ['fresh', 'connect_ex', ['127.0.0.1', 1]],
    ['fresh', 'accept'],
    ['done', 'connect', ['127.0.0.1', 1]],
    ['server', 'connect', ['127.0.0.1', 1]],
    ['closed', 'do_handshake'],
    ['closed', 'recv', 1],
    ['closed', 'send', 'x'],
    ['closed', 'unwrap'],
    ['closed', 'version'],
    ['closed', 'cipher'],
    ['closed', 'pending'],
    ['closed', 'shutdown', 1],
    ['gone', 'version'],
    ['gone', 'cipher'],
    ['gone', 'selected_alpn_protocol'],
    ['gone', 'shared_ciphers'],
    ['gone', 'get_channel_binding'],
    ['gone', 'recv', 1],
    ['gone', 'unwrap'],
  ] as const
).map(([subject, method, ...given]) => ({ subject, method, given }) as Case);

/** How a socket is wrapped, by Python's names of the options. */
interface WrapCase {
  readonly context: 'client' | 'server';
  readonly sock: 'tcp' | 'udp' | 'pair' | 'closed' | 'nonblocking';
  readonly options: Readonly<Record<string, unknown>>;
}

const WRAPS: readonly WrapCase[] = [
  { context: 'server', sock: 'tcp', options: { server_side: true, server_hostname: 'localhost' } },
  { context: 'client', sock: 'tcp', options: {} },
  { context: 'client', sock: 'pair', options: {} },
  { context: 'client', sock: 'udp', options: { server_hostname: 'localhost' } },
  { context: 'server', sock: 'pair', options: {} },
  { context: 'client', sock: 'pair', options: { server_side: true } },
  { context: 'client', sock: 'nonblocking', options: { server_hostname: 'localhost' } },
  { context: 'client', sock: 'closed', options: { server_hostname: 'localhost' } },
];

/** What became of a step: a value, or an error's class, its bases, number and text. */
type Outcome = { readonly value: unknown } | { readonly error: readonly [name: string, text: string] };

const PROGRAM = `
import json, re, socket, ssl, sys
given = json.load(sys.stdin)
kept = []
def context(kind):
    if kind == 'client':
        return ssl.create_default_context(cafile=given['ca'])
    one = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    one.load_cert_chain(*given['server'])
    return one
def pair():
    a, b = socket.socketpair()
    kept.append(b)
    return a
def subject(kind):
    if kind == 'unconnected':
        return context('client').wrap_socket(socket.socket(), server_hostname='localhost')
    if kind == 'server':
        return context('server').wrap_socket(pair(), server_side=True, do_handshake_on_connect=False)
    if kind in ('done', 'gone'):
        a, b = socket.socketpair()
        a.setblocking(False)
        b.setblocking(False)
        one = context('client').wrap_socket(a, server_hostname='localhost', do_handshake_on_connect=False)
        other = context('server').wrap_socket(b, server_side=True, do_handshake_on_connect=False)
        for end in (one, other, one, other):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                pass
        kept.append(other)
        if kind == 'gone':
            one.close()
        return one
    one = context('client').wrap_socket(pair(), server_hostname='localhost', do_handshake_on_connect=False)
    if kind == 'closed':
        one.close()
    return one
def value(one):
    if isinstance(one, dict):
        return bytearray(one['bytes'])
    if isinstance(one, list):
        return tuple(value(each) for each in one)
    return one.encode() if one == 'x' else one
def text(error):
    return re.sub(r' \\(_ssl.c:\\d+\\)', '', str(error))
def outcome(call):
    try:
        return {'value': call()}
    except Exception as error:
        return {'error': [type(error).__name__, text(error)]}
def step(case):
    one = subject(case['subject'])
    return outcome(lambda: getattr(one, case['method'])(*[value(each) for each in case['given']]))
def wrap(case):
    sock = pair() if case['sock'] != 'udp' else socket.socket(type=socket.SOCK_DGRAM)
    if case['sock'] == 'tcp':
        sock = socket.socket()
    if case['sock'] == 'nonblocking':
        sock.setblocking(False)
    if case['sock'] == 'closed':
        sock.close()
    return outcome(lambda: context(case['context']).wrap_socket(sock, **case['options']) and None)
print(json.dumps([[step(case) for case in given['cases']], [wrap(case) for case in given['wraps']]]))
`;

async function subject(kind: State): Promise<ssl.SSLSocket> {
  const later = { serverHostname: 'localhost', doHandshakeOnConnect: false };
  if (kind === 'unconnected') return own(await clientContext().wrapSocket(tcp(), later));
  const [ours, theirs] = await pair();
  if (kind === 'server') {
    return own(await serverContext().wrapSocket(ours, { serverSide: true, doHandshakeOnConnect: false }));
  }
  const one = own(await clientContext().wrapSocket(ours, later));
  if (kind === 'done' || kind === 'gone') {
    const [other] = await Promise.all([serverContext().wrapSocket(theirs, { serverSide: true }), one.doHandshake()]);
    own(other);
  }
  if (kind === 'closed' || kind === 'gone') one.close();
  return one;
}

function valueOf(given: unknown): unknown {
  if (Array.isArray(given)) return given.map(valueOf);
  if (typeof given === 'object' && given !== null && 'bytes' in given) return new Uint8Array(Number(given.bytes));
  return given;
}

async function outcomeOf(call: () => unknown): Promise<Outcome> {
  try {
    return { value: (await call()) ?? null };
  } catch (error) {
    const { name, message } = error as Error;
    return { error: [name, message] };
  }
}

/** Python's classes by our names. */
const CLASSES: Readonly<Record<string, string>> = { ValueError: 'RangeError' };

/** Python's text with our names, as a beginning: ours go on with the value, or with the call and the address. */
function expected({ error: [name, text] }: { readonly error: readonly [string, string] }): unknown {
  const ours = text
    .replace("<class 'ssl.SSLSocket'>", 'SSLSocket')
    .replace(/\b[a-z]+(_[a-z]+)+\b/g, camel)
    // We name the system's call.
    .replace('calls to recvInto()', 'calls to recv()')
    .replace('calls to sendall()', 'calls to send()')
    .replace(/fd=.*/, '')
    .replace(/^'y' /, '');
  return [CLASSES[name] ?? name, ours];
}

(hasPython ? describe : describe.skip)('as in Python', () => {
  let answers: readonly [readonly Outcome[], readonly Outcome[]];

  beforeAll(() => {
    answers = python(PROGRAM, {
      ca: certificateFile('ca'),
      server: [certificateFile('server'), keyFile('server')],
      cases: CASES,
      wraps: WRAPS,
    }) as typeof answers;
  });

  function check(theirs: Outcome | undefined, ours: Outcome): void {
    if (theirs !== undefined && 'error' in theirs && 'error' in ours) {
      const [name, text] = expected(theirs) as [string, string];
      expect([ours.error[0], ours.error[1].slice(0, text.length)]).toEqual([name, text]);
    } else {
      expect(ours).toEqual(theirs);
    }
  }

  it.each(CASES.map((one, index) => [one.subject, one.method, JSON.stringify(one.given), index] as const))(
    'a socket that is %s: %s(%s)',
    async (kind, method, _given, index) => {
      const one = await subject(kind);
      const { given = [] } = CASES[index] ?? {};
      const callable: unknown = Reflect.get(one, camel(method));
      if (typeof callable !== 'function') throw new TypeError(method);
      check(answers[0][index], await outcomeOf(() => Reflect.apply(callable, one, given.map(valueOf)) as unknown));
    },
  );

  it.each(WRAPS.map((one, index) => [one.context, one.sock, JSON.stringify(one.options), index] as const))(
    'the context of a %s wraps %s with %s',
    async (context, sock, _options, index) => {
      let one: socket.Socket = own(
        socket.socket(socket.AF_INET, sock === 'udp' ? socket.SOCK_DGRAM : socket.SOCK_STREAM),
      );
      if (sock !== 'udp' && sock !== 'tcp') [one] = await pair();
      if (sock === 'nonblocking') one.setblocking(false);
      if (sock === 'closed') one.close();
      const options = Object.fromEntries(
        Object.entries(WRAPS[index]?.options ?? {}).map(([name, value]) => [camel(name), value]),
      );
      const make = context === 'client' ? clientContext : serverContext;
      check(answers[1][index], await outcomeOf(() => make().wrapSocket(one, options)));
      // What was refused has begun nothing.
      if (sock !== 'closed' && sock !== 'tcp') expect(one.toString()).not.toContain('[closed]');
    },
  );
});

describe('wrapSocket()', () => {
  it.each([
    ['no socket', 5, {}, TypeError, /socket/],
    ['an option of an unknown name', undefined, { serverhostname: 'x' }, TypeError, /serverhostname/],
    [
      'a name that is no string',
      undefined,
      { serverHostname: 5 },
      TypeError,
      /serverHostname must be a string or null/,
    ],
    ['a name with a null character', undefined, { serverHostname: 'a\0b' }, TypeError, /null character/],
    ['an empty name', undefined, { serverHostname: '' }, RangeError, /''/],
    ['a name that begins with a dot', undefined, { serverHostname: '.x' }, RangeError, /'\.x'/],
    ['a label that is too long', undefined, { serverHostname: 'a'.repeat(64) }, RangeError, /label/],
    ['a number for a boolean', undefined, { serverHostname: 'x', serverSide: 1 }, TypeError, /serverSide/],
    ['no session', undefined, { serverHostname: 'localhost', session: 5 }, TypeError, /SSLSession/],
  ])('refuses %s, and leaves the socket as it is', async (_what, sock, options, errorClass, text) => {
    const [one] = await pair();
    const wrapping: unknown = Reflect.apply(clientContext().wrapSocket.bind(clientContext()), undefined, [
      sock ?? one,
      options,
    ]);
    await expect(wrapping).rejects.toThrow(errorClass);
    await expect(wrapping).rejects.toThrow(text);
    expect(one.fileno()).toBeGreaterThan(0);
  });

  it('leaves the socket as detach() does', async () => {
    const [one] = await pair();
    const wrapped = own(
      await clientContext().wrapSocket(one, { serverHostname: 'localhost', doHandshakeOnConnect: false }),
    );
    expect(one.fileno()).toBe(-1);
    expect(wrapped.fileno()).toBeGreaterThan(0);
    await expect(one.recv(1)).rejects.toMatchObject({ code: 'EBADF' });
    expect(String(wrapped)).toMatch(/^<ssl\.SSLSocket fd=\d+, family=2, type=1, proto=0, laddr=.*, raddr=.*>$/);
  });

  it('keeps the time limit', async () => {
    const one = tcp();
    one.settimeout(7);
    expect(own(await clientContext().wrapSocket(one, { serverHostname: 'localhost' })).gettimeout()).toBe(7);
  });

  it('is the only way to an SSLSocket', () => {
    expect(() => new ssl.SSLSocket()).toThrow(TypeError);
  });
});
