import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DERCertToPEMCert } from '../../lib/ssl/pem.ts';
import { strictRefusal } from '../../lib/ssl/strict.ts';
import { CertificateFolder, hasOpenSSL } from '../support/certificates.ts';

const folder = new CertificateFolder();

/** The extensions of an authority that is as it should be. */
const AUTHORITY = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign', 'subjectKeyIdentifier=hash'];
const ISSUED = ['authorityKeyIdentifier=keyid'];
const MIDDLE = [...AUTHORITY, ...ISSUED];
const LEAF = ['subjectAltName=DNS:localhost', 'subjectKeyIdentifier=hash', ...ISSUED];

/** Some extensions with one of them replaced, or taken away. */
function but(extensions: readonly string[], name: string, value?: string): string[] {
  const rest = extensions.filter((one) => !one.startsWith(`${name}=`));
  return value === undefined ? rest : [...rest, `${name}=${value}`];
}

interface Certificates {
  readonly root?: readonly string[];
  readonly middle?: readonly string[];
  readonly leaf?: readonly string[];
  readonly subject?: string;
}

const cases: Readonly<Record<string, Certificates>> = {
  'all as it should be': {},
  'a leaf without authorityKeyIdentifier': { leaf: but(LEAF, 'authorityKeyIdentifier') },
  'a leaf that names its issuer alone': { leaf: but(LEAF, 'authorityKeyIdentifier', 'issuer:always') },
  'a leaf without subjectKeyIdentifier': { leaf: but(LEAF, 'subjectKeyIdentifier') },
  'a leaf that may sign': { leaf: [...LEAF, 'keyUsage=keyCertSign'] },
  'a leaf that may sign lists': { leaf: [...LEAF, 'keyUsage=cRLSign'] },
  'a leaf that is an authority by its type': { leaf: [...LEAF, 'nsCertType=sslCA,server'] },
  'a leaf with a path length': { leaf: [...LEAF, 'basicConstraints=CA:FALSE,pathlen:1'] },
  'a leaf without extensions': { leaf: [] },
  'a leaf without subject': { subject: '/' },
  'a leaf without subject, its names critical': {
    subject: '/',
    leaf: but(LEAF, 'subjectAltName', 'critical,DNS:localhost'),
  },
  'a leaf without any name': { subject: '/', leaf: but(LEAF, 'subjectAltName') },
  'a leaf without subject that may sign lists': { subject: '/', leaf: [...LEAF, 'keyUsage=cRLSign'] },
  'a leaf with an empty list of names': { leaf: but(LEAF, 'subjectAltName', 'DER:3000') },
  'an authority whose basicConstraints are not critical': { middle: but(MIDDLE, 'basicConstraints', 'CA:TRUE') },
  'an authority without keyUsage': { middle: but(MIDDLE, 'keyUsage') },
  'an authority without keyUsage, with a path length': {
    middle: but(but(MIDDLE, 'keyUsage'), 'basicConstraints', 'critical,CA:TRUE,pathlen:0'),
  },
  'an authority with a path length': { middle: but(MIDDLE, 'basicConstraints', 'critical,CA:TRUE,pathlen:0') },
  'an authority without subjectKeyIdentifier': { middle: but(MIDDLE, 'subjectKeyIdentifier'), leaf: but(LEAF, 'a') },
  'an authority without authorityKeyIdentifier': { middle: but(MIDDLE, 'authorityKeyIdentifier') },
  'a root without keyUsage': { root: but(AUTHORITY, 'keyUsage') },
  'a root whose basicConstraints are not critical': { root: but(AUTHORITY, 'basicConstraints', 'CA:TRUE') },
  'a root without subjectKeyIdentifier': {
    root: but(AUTHORITY, 'subjectKeyIdentifier'),
    middle: but(MIDDLE, 'authorityKeyIdentifier'),
  },
  'a root that states nothing': { root: but(AUTHORITY, 'basicConstraints') },
};

/** Makes a key, and a certificate that an authority signs, or that signs itself. */
function make(name: string, issuer: string | undefined, extensions: readonly string[], subject = `/CN=${name}`): void {
  const key = 'ec -pkeyopt ec_paramgen_curve:P-256';
  folder.openssl(`req -newkey ${key} -nodes -keyout ${name}.key -out ${name}.csr -subj ${subject}`);
  folder.write('extensions', `${extensions.join('\n')}\n`);
  const signer = issuer === undefined ? `-signkey ${name}.key` : `-CA ${issuer}.pem -CAkey ${issuer}.key -set_serial 5`;
  folder.openssl(`x509 -req -in ${name}.csr ${signer} -out ${name}.pem -days 3650 -extfile extensions`);
}

/** What `openssl verify` says against a chain; `undefined` for nothing. */
function theirs(trusted: string, leaf: string): number | undefined {
  const chain = ['-CAfile', folder.file(trusted), '-untrusted', folder.file('middle.pem'), folder.file(leaf)];
  const { stdout, stderr } = spawnSync('openssl', ['verify', '-x509_strict', ...chain], { encoding: 'utf8' });
  const code = /error (\d+) at/.exec(`${stdout}${stderr}`)?.[1];
  return code === undefined ? undefined : Number(code);
}

const chainOf = (...names: string[]): Buffer[] =>
  names.map((name) => new X509Certificate(folder.bytes(`${name}.pem`)).raw);

/** The reasons were other ones in other versions. */
const isOpenSSL3 = /^OpenSSL 3\.[0-5]\./.test(spawnSync('openssl', ['version'], { encoding: 'utf8' }).stdout);

(hasOpenSSL && isOpenSSL3 ? describe : describe.skip)(
  'strictRefusal() says what `openssl verify -x509_strict` says',
  () => {
    beforeAll(() => make('root', undefined, AUTHORITY));

    afterAll(() => folder.remove());

    const codes = new Set<number | undefined>();

    it.each(Object.entries(cases))(
      'of %s',
      (_, { root = AUTHORITY, middle = MIDDLE, leaf = LEAF, subject = '/CN=leaf' }) => {
        make('root', undefined, root);
        make('middle', 'root', middle);
        make('leaf', 'middle', leaf, subject);
        const code = theirs('root.pem', 'leaf.pem');
        codes.add(code);
        expect(strictRefusal(chainOf('leaf', 'middle', 'root'))).toBe(code);
      },
    );

    it('of an authority whose issuer has no name', () => {
      make('root', undefined, AUTHORITY, '/');
      make('middle', 'root', MIDDLE);
      make('leaf', 'middle', LEAF);
      expect(strictRefusal(chainOf('leaf', 'middle', 'root'))).toBe(theirs('root.pem', 'leaf.pem'));
    });

    it.each([
      ['a version that has no extensions', Buffer.of(0xa0, 3, 2, 1, 2), 4, 1],
      ['two algorithms of its signature', Buffer.from('06082a8648ce3d040302', 'hex'), 9, 3],
    ])('of a leaf with %s', (_, bytes, place, value) => {
      make('root', undefined, AUTHORITY);
      make('middle', 'root', MIDDLE);
      make('leaf', 'middle', LEAF);
      const { raw } = new X509Certificate(folder.bytes('leaf.pem'));
      raw[raw.indexOf(bytes) + place] = value;
      folder.write('leaf.pem', DERCertToPEMCert(raw));
      const code = theirs('root.pem', 'leaf.pem');
      codes.add(code);
      expect(strictRefusal(chainOf('leaf', 'middle', 'root'))).toBe(code);
    });

    it('of many reasons', () => {
      expect(codes.size).toBeGreaterThan(9);
    });

    it.each([
      ['a leaf that has signed itself', LEAF],
      ['a leaf that states nothing', []],
      ['an authority', but(AUTHORITY, 'basicConstraints', 'CA:TRUE')],
      ['what may sign, and states nothing', ['keyUsage=keyCertSign']],
    ])('of %s and is trusted by itself', (_, extensions) => {
      make('own', undefined, extensions);
      expect(strictRefusal(chainOf('own'))).toBe(theirs('own.pem', 'own.pem'));
    });
  },
);
