import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OSError } from '../../lib/index.ts';
import { SSLContext } from '../../lib/ssl/classes.ts';
import { SSLError } from '../../lib/ssl/errors.ts';
import { CertificateFolder, hasOpenSSL } from '../support/certificates.ts';
import { hasPython, python } from '../support/python.ts';

/** An argument that JSON has no word for, or that is made of files. */
type Special =
  | { readonly file: string }
  | { readonly text: string }
  | { readonly bytes: readonly string[]; readonly after?: readonly number[] }
  | { readonly gives: unknown };

/** A method that is called, or an attribute that is set, and what it is given. */
type Step = readonly [name: string, ...given: unknown[]];

/** What is done to a context of a protocol, and which attributes and methods are asked afterwards. */
interface Case {
  readonly protocol: unknown;
  readonly steps: readonly Step[];
  readonly ask: readonly string[];
}

const TLS = 2;
const CLIENT = 16;
const SERVER = 17;
const file = (name: string): Special => ({ file: name });
const text = (name: string): Special => ({ text: name });
const bytes = (...names: string[]): Special => ({ bytes: names });
const chain = (...given: unknown[]): Case => ({ protocol: SERVER, steps: [['loadCertChain', ...given]], ask: [] });
const trust = (...given: unknown[]): Case => ({
  protocol: SERVER,
  steps: [['loadVerifyLocations', ...given]],
  ask: ['certStoreStats', 'getCaCerts'],
});
const set = (name: string, value: unknown, protocol: unknown = CLIENT): Case => ({
  protocol,
  steps: [[name, value]],
  ask: ['verifyMode', 'checkHostname', name],
});
const call = (name: string, value: unknown, ask: readonly string[] = []): Case => ({
  protocol: SERVER,
  steps: [[name, value]],
  ask,
});

const ATTRIBUTES = [
  ...['protocol', 'checkHostname', 'verifyMode', 'verifyFlags', 'options', 'minimumVersion', 'maximumVersion'],
  ...['securityLevel', 'numTickets', 'hostnameChecksCommonName', 'postHandshakeAuth', 'sniCallback', 'keylogFilename'],
  ...['certStoreStats', 'getCaCerts', 'sessionStats', 'getCiphers'],
];

const VALUES = [-3, -2, -1, 0, 1, 2, 3, 0x300, 0x301, 0x302, 0x303, 0x304, 0x305, 2 ** 31, 'x', null, 1.5, true];

/** What stands in a block of PEM that should hold the parameters of Diffie and Hellman. */
const ODD_GROUPS = {
  empty: [],
  'of-another-tag': [0x31, 3, 2, 1, 5],
  'without-number': [0x30, 2, 4, 0],
  'with-empty-number': [0x30, 2, 2, 0],
  'with-long-length': [0x30, 0x85, 0, 0, 0, 0, 1, 2],
  'with-cut-length': [0x30, 0x82, 1],
  'without-length': [0x30],
  'longer-than-the-file': [0x30, 0x20, 2, 1, 5],
  'of-five-bits': [0x30, 6, 2, 1, 23, 2, 1, 2],
};

const cases: readonly Case[] = [
  ...[TLS, 3, 4, 5, CLIENT, SERVER].map((protocol) => ({ protocol, steps: [], ask: ATTRIBUTES })),
  ...[0, 1, 6, 99, -1, 'x', 1.5].map((protocol) => ({ protocol, steps: [], ask: [] })),
  ...[CLIENT, SERVER].flatMap((protocol) =>
    VALUES.filter((value) => value !== 2 ** 31).map((value) => set('verifyMode', value, protocol)),
  ),
  ...[0, 1, '', null, false, true].flatMap((value) => [
    set('checkHostname', value),
    set('checkHostname', value, SERVER),
    set('hostnameChecksCommonName', value),
    set('postHandshakeAuth', value),
  ]),
  {
    protocol: CLIENT,
    steps: [
      ['checkHostname', false],
      ['verifyMode', 0],
      ['checkHostname', true],
    ],
    ask: ['verifyMode'],
  },
  ...VALUES.flatMap((value) => [
    set('minimumVersion', value),
    set('maximumVersion', value),
    set('minimumVersion', value, 5),
  ]),
  { protocol: TLS, steps: [['minimumVersion', 0x300]], ask: ['options'] },
  ...[0, 1, 4, 0x20, 0x8020, 0x8_0000, 'x', 1.5].map((value) => set('verifyFlags', value)),
  ...[0, -1, 2 ** 31, 0x2000_0000, 'x', 1.5].map((value) => set('options', value)),
  ...[CLIENT, SERVER].flatMap((protocol) => [-1, 2, 'x'].map((value) => set('numTickets', value, protocol))),
  ...[CLIENT, SERVER].flatMap((protocol) => [null, 5].map((value) => set('sniCallback', value, protocol))),
  ...[null, 5].map((value) => call('setServernameCallback', value)),
  ...[null, 5, 'nul\0', file('no/such'), file('.'), file('keys.log')].map((value) => call('keylogFilename', value)),

  chain(file('leaf.pem'), file('leaf.key')),
  chain(file('both.pem')),
  chain(file('key-first.pem')),
  chain(file('leaf.pem')),
  chain(file('leaf.key')),
  chain(file('none')),
  chain(file('leaf.pem'), file('none')),
  chain(file('.')),
  chain(file('leaf.pem'), file('.')),
  chain(file('junk')),
  chain(file('leaf.pem'), file('junk')),
  chain(file('empty')),
  chain(file('leaf.der'), file('leaf.key')),
  chain(file('ca.pem'), file('leaf.key')),
  chain(file('leaf.pem'), file('other.key')),
  chain(file('leaf.pem'), file('rsa.key')),
  chain(file('rsa.pem'), file('rsa.key')),
  chain(file('weak.pem'), file('weak.key')),
  chain(file('not-a-certificate.pem'), file('leaf.key')),
  chain(file('not-base64.pem'), file('leaf.key')),
  chain(file('chain-not-base64.pem'), file('leaf.key')),
  chain(file('chain.pem'), file('leaf.key')),
  chain(file('chain-cut.pem'), file('leaf.key')),
  chain(file('chain-not-a-certificate.pem'), file('leaf.key')),
  chain(file('cut.pem'), file('leaf.key')),
  chain(file('leaf.pem'), file('cut.key')),
  chain(5),
  chain(null),
  chain(file('leaf.pem'), 5),
  chain('nul\0'),
  ...['legacy.key', 'encrypted.key'].flatMap((key) =>
    [
      ...['pw', 'wrong', '', 5, 'x'.repeat(1024), 'x'.repeat(1025)],
      ...['pw', 'wrong', 5, 'x'.repeat(1025)].map((gives) => ({ gives })),
    ].map((password) => chain(file('leaf.pem'), file(key), password)),
  ),
  chain(file('leaf.pem'), file('leaf.key'), 'not needed'),
  chain(file('leaf.pem'), file('leaf.key'), { gives: 5 }),
  {
    protocol: SERVER,
    steps: [
      ['setCiphers', 'DEFAULT:@SECLEVEL=0'],
      ['loadCertChain', file('weak.pem'), file('weak.key')],
    ],
    ask: ['securityLevel'],
  },

  trust(),
  trust(null, null, null),
  ...['ca.pem', 'chain.pem', 'both.pem', 'list.pem', 'two.pem', 'ca.der', 'leaf.key', 'junk', 'empty', 'none', '.'].map(
    (name) => trust(file(name)),
  ),
  ...['first-version.pem', 'signs.pem', 'signs-not.pem', 'netscape.pem', 'netscape-client.pem'].map((name) =>
    trust(file(name)),
  ),
  trust(file('not-a-certificate.pem')),
  trust(file('not-base64.pem')),
  trust(file('crlf.pem')),
  trust(5),
  trust('nul\0'),
  trust(null, file('none')),
  trust(null, file('.')),
  trust(null, 5),
  trust(file('ca.pem'), file('none')),
  trust(file('none'), file('.')),
  ...['ca.pem', 'two.pem', 'chain.pem', 'crlf.pem', 'junk', 'empty', 'leaf.key', 'list-and-ca.pem', 'mid-line.pem'].map(
    (name) => trust(null, null, text(name)),
  ),
  ...['not-a-certificate.pem', 'not-base64.pem', 'chain-not-base64.pem', 'chain-not-a-certificate.pem'].map((name) =>
    trust(null, null, text(name)),
  ),
  ...['chain-cut.pem', 'cut.pem', 'x509.pem', 'trusted.pem', 'one-line.pem'].map((name) =>
    trust(null, null, text(name)),
  ),
  trust(null, null, 'é'),
  trust(null, null, 5),
  trust(null, null, [1]),
  trust(null, null, bytes('ca.der')),
  trust(null, null, bytes('ca.der', 'ca.der', 'leaf.der')),
  trust(null, null, bytes('junk')),
  trust(null, null, bytes()),
  trust(null, null, bytes('ca.der', 'junk')),
  trust(null, null, bytes('ca.pem')),
  ...[
    [0x30],
    [0x30, 0x82],
    [0x30, 0x82, 1],
    [0x30, 0x82, 1, 1],
    [0x30, 0x82, 1, 1, 1],
    [0x30, 3, 2, 1, 5],
    [10],
    [10, 10],
  ].map((after) => trust(null, null, { bytes: ['ca.der'], after })),

  ...['ALL', 'junk', '', 'AES128-SHA', 'ECDHE+AESGCM', '@SECLEVEL=5', 'ALL:@SECLEVEL=0', 'DEFAULT@SECLEVEL=1'].map(
    (value) => call('setCiphers', value, ['securityLevel']),
  ),
  ...['TLS_AES_128_GCM_SHA256', 'TLS_AES_128_GCM_SHA256:AES128-SHA', 'junk:AES128-SHA', 'a\0b', 5, null, 'aNULL'].map(
    (value) => call('setCiphers', value, ['securityLevel']),
  ),
  ...['DEFAULT:!ALL', 'AES128-SHA,AES256-SHA', 'AES128-SHA AES256-SHA', '@SECLEVEL=9', 'DEFAULT:@FOO', 'é'].map(
    (value) => call('setCiphers', value, ['securityLevel']),
  ),
  call('setCiphers', 'TLS_AES_128_CCM_SHA256:AES128-SHA', ['getCiphers']),
  ...[[], ['h2', 'http/1.1'], 'h2', [''], ['a'.repeat(255)], ['a'.repeat(256)], ['é'], [5], 5, null].map((value) =>
    call('setAlpnProtocols', value),
  ),
  ...['prime256v1', 'secp384r1', 'X25519', 'junk', 'P-256', 5, '', 'prime256v1:secp384r1', 'secp112r1', 'ed25519'].map(
    (value) => call('setEcdhCurve', value),
  ),
  ...[file('dh.pem'), file('weak-dh.pem'), file('none'), file('junk'), file('.'), file('ca.pem'), 5, null].map(
    (value) => call('loadDhParams', value),
  ),
  ...Object.keys(ODD_GROUPS).map((name) => call('loadDhParams', file(`dh-${name}`))),
];

const PYTHON = `
import base64, json, os, re, ssl, sys, warnings

warnings.simplefilter('ignore')
task = json.load(sys.stdin)
os.chdir(task['folder'])

def snake(name):
    return re.sub('[A-Z]', lambda letter: '_' + letter[0].lower(), name)

def camel(name):
    return re.sub('_(.)', lambda letter: letter[1].upper(), name)

def made(value):
    if not isinstance(value, dict):
        return value
    if 'file' in value:
        return os.path.join(task['folder'], value['file'])
    if 'text' in value:
        return open(value['text'], newline='', encoding='latin1').read()
    if 'bytes' in value:
        return b''.join(open(name, 'rb').read() for name in value['bytes']) + bytes(value.get('after', []))
    return lambda: value['gives']

def done(context, name, given):
    attribute = getattr(context, snake(name))
    if callable(attribute):
        return attribute(*map(made, given))
    setattr(context, snake(name), made(given[0]))

def asked(context, name):
    value = getattr(context, snake(name))
    if callable(value):
        value = value()
    if name == 'getCiphers':
        return [cipher['name'] for cipher in value]
    return {camel(key): item for key, item in value.items()} if isinstance(value, dict) else value

def run(case):
    try:
        context = ssl.SSLContext(case['protocol'])
        for name, *given in case['steps']:
            done(context, name, given)
        return {'gives': {name: asked(context, name) for name in case['ask']}}
    except OSError as error:
        text = error.args[0] if isinstance(error, ssl.SSLError) and len(error.args) == 1 else error.strerror
        names = {'library': getattr(error, 'library', None), 'reason': getattr(error, 'reason', None)}
        return {'raises': type(error).__name__, 'errno': error.errno, 'text': re.sub(r' \\(_ssl.*', '', text), **names}
    except Exception as error:
        known = {ValueError: 'RangeError', OverflowError: 'RangeError', UnicodeEncodeError: 'RangeError'}
        return {'raises': known.get(type(error), type(error).__name__)}

json.dump([run(case) for case in task['cases']], sys.stdout)
`;

const folder = new CertificateFolder();

function made(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  if ('file' in value) return folder.file(String(value.file));
  if ('text' in value) return folder.text(String(value.text));
  if ('bytes' in value && Array.isArray(value.bytes)) {
    const after = 'after' in value && Array.isArray(value.after) ? value.after : [];
    return Buffer.concat([...value.bytes.map((name) => folder.bytes(String(name))), Buffer.from(after)]);
  }
  return () => ('gives' in value ? value.gives : undefined);
}

function done(context: SSLContext, [name, ...given]: Step): void {
  const attribute: unknown = Reflect.get(context, name);
  if (typeof attribute === 'function') Reflect.apply(attribute, context, given.map(made));
  else Reflect.set(context, name, made(given[0]));
}

function asked(context: SSLContext, name: string): unknown {
  const attribute: unknown = Reflect.get(context, name);
  const value: unknown = typeof attribute === 'function' ? Reflect.apply(attribute, context, []) : attribute;
  return name === 'getCiphers' ? context.getCiphers().map((cipher) => cipher.name) : value;
}

function run({ protocol, steps, ask }: Case): unknown {
  try {
    const context: unknown = Reflect.construct(SSLContext, [protocol]);
    if (!(context instanceof SSLContext)) throw new Error('a context was expected');
    for (const step of steps) done(context, step);
    return { gives: Object.fromEntries(ask.map((name) => [name, asked(context, name)])) };
  } catch (error) {
    if (error instanceof OSError) {
      const { name, errno, strerror } = error;
      const { library, reason } = error instanceof SSLError ? error : { library: null, reason: null };
      return { raises: name, errno, text: strerror, library, reason };
    }
    if (error instanceof Error) return { raises: error.name };
    throw error;
  }
}

/** What a case is, as the test's name. */
const shown = ({ protocol, steps }: Case): string => JSON.stringify([protocol, ...steps]).slice(0, 110);

(hasPython && hasOpenSSL ? describe : describe.skip)('SSLContext does as Python does', () => {
  let theirs: readonly unknown[] = [];

  beforeAll(() => {
    folder.authority('ca');
    folder.authority('weak', '/CN=weak', 'rsa:1024');
    folder.authority('other');
    folder.leaf('leaf', 'ca');
    folder.leaf('rsa', 'ca', 'rsa:2048');
    folder.revoke('list', 'ca');
    folder.openssl('ec -in leaf.key -aes128 -passout pass:pw -out legacy.key');
    folder.openssl('pkcs8 -topk8 -in leaf.key -passout pass:pw -out encrypted.key');
    for (const name of ['ca', 'leaf']) folder.openssl(`x509 -in ${name}.pem -outform DER -out ${name}.der`);
    folder.openssl('genpkey -genparam -algorithm DH -pkeyopt group:ffdhe2048 -out dh.pem');
    folder.openssl('x509 -req -in leaf.csr -signkey leaf.key -out first-version.pem');
    const extensions = {
      signs: 'keyUsage=critical,keyCertSign',
      'signs-not': 'keyUsage=digitalSignature',
      netscape: 'nsCertType=sslCA',
      'netscape-client': 'nsCertType=client',
    };
    for (const [name, extension] of Object.entries(extensions)) {
      folder.write('extensions', `${extension}\n`);
      folder.openssl(`x509 -req -in leaf.csr -signkey leaf.key -out ${name}.pem -extfile extensions`);
    }
    folder.openssl('dhparam -dsaparam -out weak-dh.pem 1024');
    const [ca, leaf, key, list] = ['ca.pem', 'leaf.pem', 'leaf.key', 'list.pem'].map((name) => folder.text(name));
    const block = (content: string): string => `-----BEGIN CERTIFICATE-----\n${content}\n-----END CERTIFICATE-----\n`;
    const files: Record<string, string> = {
      'both.pem': `${leaf}${key}`,
      'key-first.pem': `${key}${leaf}`,
      'chain.pem': `text\n${leaf}text\n${ca}text\n`,
      'two.pem': `${ca}${ca}`,
      'list-and-ca.pem': `${list}${ca}`,
      'mid-line.pem': `text${ca}`,
      'crlf.pem': String(ca).replaceAll('\n', '\r\n'),
      'one-line.pem': block(String(ca).split('\n').slice(1, -2).join('')),
      'not-a-certificate.pem': block('AAAA'),
      'not-base64.pem': block('!!!!'),
      'chain-not-a-certificate.pem': `${leaf}${block('AAAA')}`,
      'chain-not-base64.pem': `${leaf}${block('!!!!')}`,
      'chain-cut.pem': `${leaf}-----BEGIN CERTIFICATE-----\nAAAA\n`,
      'cut.pem': String(ca).replace('-----END CERTIFICATE-----', ''),
      'x509.pem': String(ca).replaceAll(' CERTIFICATE', ' X509 CERTIFICATE'),
      'trusted.pem': String(ca).replaceAll(' CERTIFICATE', ' TRUSTED CERTIFICATE'),
      'cut.key': String(key).slice(0, 100),
      junk: 'junk',
      empty: '',
    };
    for (const [name, content] of Object.entries(files)) folder.write(name, content);
    for (const [name, der] of Object.entries(ODD_GROUPS)) {
      const base64 = Buffer.from(der).toString('base64');
      folder.write(`dh-${name}`, `-----BEGIN DH PARAMETERS-----\n${base64}\n-----END DH PARAMETERS-----\n`);
    }
    const answer = python(PYTHON, { folder: folder.path, cases });
    if (!Array.isArray(answer)) throw new Error('a list was expected');
    theirs = answer;
  });

  afterAll(() => folder.remove());

  it.each(cases.map((one, index) => [shown(one), one, index] as const))('%s', (_, one, index) => {
    expect(run(one)).toEqual(theirs[index]);
  });
});
