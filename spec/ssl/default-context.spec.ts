import { spawnSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Purpose, PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER } from '../../lib/ssl/constants.ts';
import { settingsOf } from '../../lib/ssl/context-settings.ts';
import { trustedBy } from '../../lib/ssl/context-trust.ts';
import { SSLContext } from '../../lib/ssl/classes.ts';
import { createDefaultContext } from '../../lib/ssl/default-context.ts';
import { CertificateFolder, hasOpenSSL } from '../support/certificates.ts';
import { hasPython } from '../support/python.ts';
import { thrown } from '../support/thrown.ts';

const { SERVER_AUTH, CLIENT_AUTH } = Purpose;
const folder = new CertificateFolder();

/** What Python has added to its default contexts in 3.13. */
const FLAGS_OF_3_13 = 0x20 | 0x8_0000;

beforeAll(() => {
  if (hasOpenSSL) folder.authority('ca');
  if (hasOpenSSL) folder.authority('other');
});

afterAll(() => folder.remove());

const VARIABLES = ['SSL_CERT_FILE', 'SSL_CERT_DIR', 'SSLKEYLOGFILE'];
let environment: (string | undefined)[] = [];

beforeEach(() => {
  environment = VARIABLES.map((name) => process.env[name]);
  for (const name of VARIABLES) Reflect.deleteProperty(process.env, name);
});

afterEach(() => {
  for (const [index, name] of VARIABLES.entries()) {
    const value = environment[index];
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
});

/** What a context is, in Python's words. */
function described(context: SSLContext): unknown {
  const { protocol, checkHostname, verifyMode, verifyFlags, options, minimumVersion, maximumVersion } = context;
  const stats = context.certStoreStats();
  return { protocol, checkHostname, verifyMode, verifyFlags, options, minimumVersion, maximumVersion, stats };
}

const PYTHON = `
import json, ssl, sys
purpose = getattr(ssl.Purpose, sys.argv[1])
context = ssl.create_default_context(purpose)
json.dump({
    'protocol': context.protocol,
    'checkHostname': context.check_hostname,
    'verifyMode': context.verify_mode,
    'verifyFlags': context.verify_flags | int(sys.argv[2]),
    'options': context.options,
    'minimumVersion': context.minimum_version,
    'maximumVersion': context.maximum_version,
    'stats': {'x509Ca' if name == 'x509_ca' else name: count for name, count in context.cert_store_stats().items()},
}, sys.stdout)
`;

(hasPython ? describe : describe.skip)('createDefaultContext() does as Python 3.13 does', () => {
  it.each([
    ['SERVER_AUTH', SERVER_AUTH],
    ['CLIENT_AUTH', CLIENT_AUTH],
  ] as const)('for %s', (name, purpose) => {
    const { stdout } = spawnSync('python3', ['-c', PYTHON, name, String(FLAGS_OF_3_13)], { encoding: 'utf8' });
    expect(described(createDefaultContext(purpose))).toEqual(JSON.parse(stdout));
  });
});

(hasOpenSSL ? describe : describe.skip)('createDefaultContext()', () => {
  it('takes the purpose by its place and by its name', () => {
    for (const make of [
      () => createDefaultContext(CLIENT_AUTH),
      () => createDefaultContext({ purpose: CLIENT_AUTH }),
    ]) {
      expect(make().protocol).toBe(PROTOCOL_TLS_SERVER);
    }
    expect(createDefaultContext({ cadata: folder.text('ca.pem') }).protocol).toBe(PROTOCOL_TLS_CLIENT);
  });

  it('trusts what it is given, and then nothing else', () => {
    for (const options of [{ cafile: folder.file('ca.pem') }, { cadata: folder.text('ca.pem') }]) {
      expect(createDefaultContext(options).certStoreStats().x509).toBe(1);
      expect(createDefaultContext(SERVER_AUTH, options).certStoreStats().x509).toBe(1);
    }
  });

  it('trusts what the environment names, and passes over what is missing', () => {
    process.env.SSL_CERT_FILE = folder.file('ca.pem');
    process.env.SSL_CERT_DIR = folder.path;
    expect(createDefaultContext({ cafile: '', cadata: Buffer.of() }).certStoreStats().x509).toBe(1);
    expect(trustedBy(settingsOf(createDefaultContext()).trust).length).toBe(1);
    folder.openssl('rehash .');
    expect(trustedBy(settingsOf(createDefaultContext()).trust).length).toBe(2);
    process.env.SSL_CERT_FILE = folder.file('missing');
    expect(createDefaultContext().certStoreStats().x509).toBe(0);
    expect(createDefaultContext(CLIENT_AUTH).certStoreStats().x509).toBe(0);
  });

  it('writes secrets to the file of SSLKEYLOGFILE', () => {
    process.env.SSLKEYLOGFILE = folder.file('keys.log');
    expect(createDefaultContext().keylogFilename).toBe(folder.file('keys.log'));
    process.env.SSLKEYLOGFILE = '';
    expect(createDefaultContext().keylogFilename).toBeNull();
    process.env.SSLKEYLOGFILE = folder.file('no/such');
    expect(thrown(() => createDefaultContext())).toMatchObject({ name: 'FileNotFoundError' });
  });

  it('refuses other purposes and other options, at the line that calls it', () => {
    const make = (...given: unknown[]): unknown => Reflect.apply(createDefaultContext, undefined, given);
    for (const given of [
      [5],
      [{ purpose: 5 }],
      [{ ca: 'x' }],
      [SERVER_AUTH, { ca: 'x' }],
      [SERVER_AUTH, 5],
      [null],
      [{}, {}],
    ]) {
      const error = thrown(() => make(...given));
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toMatchObject({ stack: expect.stringMatching(/^[^\n]*\n {4}at [^\n]*context\.spec/) });
    }
    expect(() => new SSLContext().loadDefaultCerts({ ...SERVER_AUTH })).toThrow(TypeError);
  });
});
