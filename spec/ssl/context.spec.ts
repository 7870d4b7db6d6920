import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CERT_NONE,
  CERT_REQUIRED,
  OP_CIPHER_SERVER_PREFERENCE,
  OP_NO_TLSv1_3,
  OP_ALL,
  PROTOCOL_TLS_CLIENT,
  PROTOCOL_TLS_SERVER,
  PROTOCOL_TLSv1_2,
  Purpose,
  TLSVersion,
  VERIFY_CRL_CHECK_LEAF,
  VERIFY_X509_PARTIAL_CHAIN,
} from '../../lib/ssl/constants.ts';
import { settingsOf } from '../../lib/ssl/context-settings.ts';
import { trustedBy } from '../../lib/ssl/context-trust.ts';
import { SSLContext } from '../../lib/ssl/classes.ts';
import { NotImplementedError } from '../../lib/ssl/errors.ts';
import { CertificateFolder, hasOpenSSL } from '../support/certificates.ts';
import { handshake, type Handshake } from '../support/handshake.ts';
import { thrown } from '../support/thrown.ts';

const folder = new CertificateFolder();
const describeWithOpenSSL = hasOpenSSL ? describe : describe.skip;

beforeAll(() => {
  if (!hasOpenSSL) return;
  folder.authority('ca');
  folder.authority('other');
  folder.leaf('leaf', 'ca');
  folder.leaf('rsa', 'ca', 'rsa:2048');
  folder.revoke('none-revoked', 'ca');
  folder.revoke('all-revoked', 'ca', [7]);
  folder.openssl('genpkey -genparam -algorithm DH -pkeyopt group:ffdhe2048 -out dh.pem');
});

afterAll(() => folder.remove());

function server(name = 'leaf'): SSLContext {
  const context = new SSLContext(PROTOCOL_TLS_SERVER);
  context.loadCertChain(folder.file(`${name}.pem`), folder.file(`${name}.key`));
  return context;
}

function client(trusted: string | undefined = 'ca'): SSLContext {
  const context = new SSLContext(PROTOCOL_TLS_CLIENT);
  if (trusted !== '') context.loadVerifyLocations(folder.file(`${trusted}.pem`));
  return context;
}

async function shake(accepting: SSLContext, connecting: SSLContext, session?: Buffer): Promise<Handshake> {
  return await handshake(settingsOf(accepting).secureContext(), settingsOf(connecting).secureContext(), session);
}

/** Changes a context, and gives it. */
function changed(context: SSLContext, change: (context: SSLContext) => void): SSLContext {
  change(context);
  return context;
}

describeWithOpenSSL('the settings of a context reach the handshake', () => {
  it('a chain that leads to what is trusted is accepted, another one is not', async () => {
    expect(await shake(server(), client())).toMatchObject({ refusal: null, protocol: 'TLSv1.3' });
    expect(await shake(server(), client('other'))).toMatchObject({ refusal: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  });

  it('a context that has loaded nothing trusts no authority of Node', () => {
    const program = [require.resolve('ts-node/dist/bin'), join(__dirname, '..', 'support', 'peer-trust.ts')];
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [...program, folder.file('leaf.pem'), folder.file('leaf.key')],
      {
        env: { ...process.env, NODE_EXTRA_CA_CERTS: folder.file('ca.pem') },
        encoding: 'utf8',
      },
    );
    expect({ stdout, stderr }).toEqual({ stdout: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE\n', stderr: '' });
  });

  it('certificates come from memory as from files', async () => {
    const text = new SSLContext(PROTOCOL_TLS_CLIENT);
    text.loadVerifyLocations({ cadata: folder.text('ca.pem') });
    expect(await shake(server(), text)).toMatchObject({ refusal: null });
    const bytes = new SSLContext(PROTOCOL_TLS_CLIENT);
    bytes.loadVerifyLocations({ cadata: text.getCaCerts(true)[0] ?? null });
    expect(await shake(server(), bytes)).toMatchObject({ refusal: null });
  });

  it('one of several folders has the certificate, under the hash of its subject', async () => {
    const hashed = new CertificateFolder();
    try {
      hashed.write('ca.pem', folder.text('ca.pem'));
      hashed.write('junk.0', 'junk');
      hashed.write('0123abcd.0', 'junk');
      hashed.openssl('rehash .');
      const context = client('');
      context.loadVerifyLocations(null, `${hashed.file('missing')}:${hashed.path}`);
      expect(context.certStoreStats()).toEqual({ x509: 0, x509Ca: 0, crl: 0 });
      expect(trustedBy(settingsOf(context).trust).map(({ subject }) => subject)).toEqual(['CN=ca']);
      expect(await shake(server(), context)).toMatchObject({ refusal: null });
    } finally {
      hashed.remove();
    }
  });

  it('a trusted leaf is enough with VERIFY_X509_PARTIAL_CHAIN', async () => {
    expect(await shake(server(), client('leaf'))).toMatchObject({ refusal: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
    const partial = changed(client('leaf'), (context) => (context.verifyFlags |= VERIFY_X509_PARTIAL_CHAIN));
    expect(await shake(server(), partial)).toMatchObject({ refusal: null });
  });

  it.each([
    ['none-revoked', null],
    ['all-revoked', 'CERT_REVOKED'],
    ['ca', 'UNABLE_TO_GET_CRL'],
  ])('with VERIFY_CRL_CHECK_LEAF and the list %s the refusal is %s', async (list, refusal) => {
    const context = client();
    context.loadVerifyLocations(folder.file(`${list}.pem`));
    expect(await shake(server(), context)).toMatchObject({ refusal: null });
    context.verifyFlags |= VERIFY_CRL_CHECK_LEAF;
    expect(await shake(server(), context)).toMatchObject({ refusal });
  });

  it('one chain for each type of key is loaded, and the ciphers choose', async () => {
    const both = changed(server(), (context) => context.loadCertChain(folder.file('rsa.pem'), folder.file('rsa.key')));
    const choosing = (ciphers: string): SSLContext =>
      changed(client(), (context) => {
        context.maximumVersion = TLSVersion.TLSv1_2;
        context.setCiphers(ciphers);
      });
    expect(await shake(both, choosing('aRSA'))).toMatchObject({ refusal: null, keyType: 'rsa' });
    expect(await shake(both, choosing('aECDSA'))).toMatchObject({ refusal: null, keyType: 'ec' });
  });

  it('a later chain of the same type takes the place of the first', async () => {
    const replaced = changed(server(), (context) => {
      context.loadCertChain(folder.file('other.pem'), folder.file('other.key'));
    });
    expect(await shake(replaced, client())).toMatchObject({ refusal: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  });

  it.each([
    ['minimumVersion', TLSVersion.TLSv1_3, 'TLSv1.3'],
    ['maximumVersion', TLSVersion.TLSv1_2, 'TLSv1.2'],
  ] as const)('with %s = %i TLS is %s', async (name, version, protocol) => {
    const context = changed(client(), (one) => (one[name] = version));
    expect(await shake(server(), context)).toMatchObject({ protocol });
  });

  it('a newest version below the oldest one leaves none, and so does SSL 3.0', async () => {
    const crossed = changed(client(), (context) => (context.maximumVersion = TLSVersion.TLSv1_1));
    const none = changed(client(), (context) => {
      context.minimumVersion = TLSVersion.SSLv3;
      context.maximumVersion = TLSVersion.SSLv3;
    });
    for (const context of [crossed, none]) {
      expect((await shake(server(), context)).failure).toMatch('no protocols available');
    }
  });

  it('TLS 1.1 is agreed on where the level of security lets it be', async () => {
    const old = (context: SSLContext): SSLContext =>
      changed(context, (one) => {
        one.setCiphers('DEFAULT:@SECLEVEL=0');
        one.minimumVersion = TLSVersion.TLSv1_1;
        one.maximumVersion = TLSVersion.TLSv1_1;
      });
    expect(await shake(old(server()), old(client()))).toMatchObject({ protocol: 'TLSv1.1' });
  });

  it('an option is set by |= and taken away by &=', async () => {
    const context = client();
    context.options |= OP_NO_TLSv1_3;
    expect(await shake(server(), context)).toMatchObject({ protocol: 'TLSv1.2' });
    context.options &= ~OP_NO_TLSv1_3;
    expect(await shake(server(), context)).toMatchObject({ protocol: 'TLSv1.3' });
    expect(context.options).toBeGreaterThan(OP_ALL);
  });

  it('ciphers choose in TLS 1.2, and leave TLS 1.3 alone', async () => {
    const context = changed(client(), (one) => one.setCiphers('ECDHE-ECDSA-AES128-SHA256:TLS_AES_128_GCM_SHA256'));
    expect(await shake(server(), context)).toMatchObject({ cipher: 'TLS_AES_256_GCM_SHA384' });
    context.maximumVersion = TLSVersion.TLSv1_2;
    expect(await shake(server(), context)).toMatchObject({ cipher: 'ECDHE-ECDSA-AES128-SHA256' });
  });

  it("the server's order of ciphers counts, unless OP_CIPHER_SERVER_PREFERENCE is taken away", async () => {
    const [first, second] = ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384'];
    const accepting = changed(server(), (one) => one.setCiphers(`${first}:${second}`));
    const connecting = changed(client(), (one) => {
      one.setCiphers(`${second}:${first}`);
      one.maximumVersion = TLSVersion.TLSv1_2;
    });
    expect(await shake(accepting, connecting)).toMatchObject({ cipher: first });
    accepting.options &= ~OP_CIPHER_SERVER_PREFERENCE;
    expect(await shake(accepting, connecting)).toMatchObject({ cipher: second });
  });

  it('a protocol of one version is that version', async () => {
    const context = new SSLContext(PROTOCOL_TLSv1_2);
    expect(await shake(server(), context)).toMatchObject({ protocol: 'TLSv1.2' });
  });

  it('a session is resumed after the context of the server was changed', async () => {
    const accepting = server();
    const connecting = changed(client(), (one) => (one.maximumVersion = TLSVersion.TLSv1_2));
    const { session, isResumed } = await shake(accepting, connecting);
    expect(isResumed).toBe(false);
    accepting.setAlpnProtocols(['h2']);
    expect(await shake(accepting, connecting, session)).toMatchObject({ isResumed: true });
    expect(await shake(server(), connecting, session)).toMatchObject({ isResumed: false });
  });

  it('the group of setEcdhCurve() is the one that is agreed on', async () => {
    const context = changed(server(), (one) => one.setEcdhCurve('secp384r1'));
    expect(await shake(context, client())).toMatchObject({ group: 'secp384r1' });
  });

  it('the parameters of loadDhParams() let DHE be agreed on', async () => {
    const old = (context: SSLContext): SSLContext =>
      changed(context, (one) => {
        one.setCiphers('DHE-RSA-AES128-GCM-SHA256');
        one.maximumVersion = TLSVersion.TLSv1_2;
      });
    const accepting = old(server('rsa'));
    expect((await shake(accepting, old(client()))).failure).toMatch('no shared cipher');
    accepting.loadDhParams(folder.file('dh.pem'));
    expect(await shake(accepting, old(client()))).toMatchObject({ cipher: 'DHE-RSA-AES128-GCM-SHA256' });
  });
});

describeWithOpenSSL('a context', () => {
  it('has settings that stay what they were for those who have them', () => {
    const context = client();
    const before = settingsOf(context);
    context.checkHostname = false;
    context.verifyMode = CERT_NONE;
    expect([before.checkHostname, before.verifyMode]).toEqual([true, CERT_REQUIRED]);
    expect(settingsOf(context)).toMatchObject({ checkHostname: false, verifyMode: CERT_NONE });
    expect(before.secureContext()).toBe(before.secureContext());
    expect(settingsOf(context).ticketKeys).toBe(before.ticketKeys);
  });

  it('is not changed by a call that fails', () => {
    const context = server();
    const before = settingsOf(context);
    for (const call of [
      () => context.loadCertChain(folder.file('leaf.pem'), folder.file('other.key')),
      () => context.loadVerifyLocations(folder.file('missing'), null, folder.text('ca.pem')),
      () => context.setCiphers('junk'),
      () => (context.minimumVersion = 5),
    ]) {
      thrown(call);
      expect(settingsOf(context)).toBe(before);
    }
  });

  it('takes a password as bytes, and asks no terminal for one', () => {
    const context = new SSLContext(PROTOCOL_TLS_SERVER);
    folder.openssl('pkcs8 -topk8 -in leaf.key -passout pass:word -out locked.key');
    const [leaf, locked] = [folder.file('leaf.pem'), folder.file('locked.key')];
    context.loadCertChain(leaf, locked, Buffer.from('word'));
    expect(() => context.loadCertChain(leaf, locked)).toThrow('PEM lib');
    expect(() => context.loadCertChain(leaf, locked, null)).toThrow('PEM lib');
  });

  it('trusts for servers where loadDefaultCerts() is not told for whom', () => {
    const [one, other] = [new SSLContext(PROTOCOL_TLS_CLIENT), new SSLContext(PROTOCOL_TLS_CLIENT)];
    one.loadDefaultCerts();
    other.loadDefaultCerts(Purpose.SERVER_AUTH);
    expect(one.certStoreStats()).toEqual(other.certStoreStats());
    const wrong: unknown = thrown(() => void Reflect.apply(one.loadDefaultCerts.bind(one), undefined, ['all']));
    expect(wrong).toMatchObject({ name: 'TypeError', message: expect.stringMatching("'all'") });
  });

  it('takes keyfile, password and the like as options', () => {
    const context = new SSLContext(PROTOCOL_TLS_SERVER);
    folder.openssl('pkcs8 -topk8 -in leaf.key -passout pass:secret -out secret.key');
    context.loadCertChain(folder.file('leaf.pem'), { keyfile: folder.file('secret.key'), password: 'secret' });
    context.loadVerifyLocations(folder.file('ca.pem'), { cadata: folder.text('other.pem') });
    context.loadVerifyLocations(pathToFileURL(folder.file('leaf.pem')));
    expect(context.certStoreStats()).toEqual({ x509: 3, x509Ca: 2, crl: 0 });
    const wrong = Reflect.get(context, 'loadVerifyLocations') as (...given: unknown[]) => void;
    for (const given of [[{ ca: 'a' }], ['a', { cafile: 'b' }], [{ cafile: 'a' }, 'b'], ['a', 'b', 'c', 'd']]) {
      expect(() => Reflect.apply(wrong, context, given)).toThrow(TypeError);
    }
  });

  it('names the line that calls it in what it throws, and that sets an attribute', () => {
    const context = client();
    const errors = [
      thrown(() => context.loadCertChain('/no/such/file')),
      thrown(() => (context.verifyMode = CERT_NONE)),
      thrown(() => new SSLContext(99)),
    ];
    for (const error of errors)
      expect(error).toMatchObject({ stack: expect.stringMatching(/^[^\n]*\n {4}at [^\n]*context\.spec/) });
  });

  it('refuses what Node cannot do', () => {
    const context = server();
    context.numTickets = 2;
    expect(() => (context.numTickets = 0)).toThrow(NotImplementedError);
    expect(context.numTickets).toBe(2);
    expect(() => context.setPskClientCallback(() => null)).toThrow(NotImplementedError);
    expect(() => context.setPskServerCallback(() => null)).toThrow(NotImplementedError);
  });

  it('opens the file of keylogFilename at once, appends to it, and closes it for another one', () => {
    const context = client();
    const [first, second] = [folder.file('first.log'), folder.file('second.log')];
    context.keylogFilename = first;
    const { keyLog } = settingsOf(context);
    keyLog.write(Buffer.from('a\n'));
    context.keylogFilename = second;
    keyLog.write(Buffer.from('b\n'));
    context.keylogFilename = first;
    keyLog.write(Buffer.from('c\n'));
    context.keylogFilename = null;
    keyLog.write(Buffer.from('d\n'));
    const header = '# TLS secrets log file, generated by OpenSSL / Python\n';
    expect([first, second].map((name) => readFileSync(name, 'latin1'))).toEqual([`${header}a\nc\n`, `${header}b\n`]);
    expect(context.keylogFilename).toBeNull();
  });

  it('gives what it was given as sniCallback', () => {
    const context = server();
    const callback = (): null => null;
    context.setServernameCallback(callback);
    expect(context.sniCallback).toBe(callback);
    context.sniCallback = null;
    expect(settingsOf(context).sniCallback).toBeNull();
  });
});
