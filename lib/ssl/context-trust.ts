import { X509Certificate } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { types } from 'node:util';
import { bytesOf, typeError } from '../common/arguments.ts';
import { raised } from '../common/stack.ts';
import { asn1LibError, nestedError, opensslReason, pemLibError, plainError } from './context-errors.ts';
import { getDefaultVerifyPaths } from './default-paths.ts';
import { checkPath, readText } from './context-files.ts';
import { isCertificate, pemBlocks, toPem, type PemBlock } from './context-pem.ts';

/** Certificates in memory: PEM in a string, or DER in bytes. */
export type CaData = string | ArrayBufferView | ArrayBuffer;

/** What a context takes for true: OpenSSL's `X509_STORE`. It never changes; what is added makes another one. */
export interface Trust {
  /** The certificates by their bytes in base64, in the order of loading. */
  readonly certificates: ReadonlyMap<string, X509Certificate>;
  /** The lists of revoked certificates, in PEM. */
  readonly crls: ReadonlySet<string>;
  /** Folders of certificates whose names are their hashes (`capath`): paths, each byte a character. */
  readonly folders: readonly string[];
}

export const NO_TRUST: Trust = { certificates: new Map(), crls: new Set(), folders: [] };

interface Found {
  readonly certificates: readonly X509Certificate[];
  readonly crls?: readonly string[];
}

function add(trust: Trust, { certificates, crls = [] }: Found): Trust {
  return {
    ...trust,
    certificates: new Map([
      ...trust.certificates,
      ...certificates.map((certificate) => [certificate.raw.toString('base64'), certificate] as const),
    ]),
    crls: new Set([...trust.crls, ...crls]),
  };
}

/** Python's `load_verify_locations`. */
export function loadLocations(trust: Trust, cafile: unknown, capath: unknown, cadata: unknown): Trust {
  if (isAbsent(cafile) && isAbsent(capath) && isAbsent(cadata)) {
    throw raised(new TypeError('cafile, capath and cadata cannot be all omitted'));
  }
  const file = isAbsent(cafile) ? undefined : checkPath(cafile, 'cafile should be a valid filesystem path');
  const folder = isAbsent(capath) ? undefined : checkPath(capath, 'capath should be a valid filesystem path');
  let next = trust;
  if (!isAbsent(cadata)) next = add(next, { certificates: certificatesOf(cadata) });
  if (file !== undefined) next = add(next, contentsOf(readText(file), next));
  return folder === undefined ? next : addFolders(next, folder);
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

/** Adds folders, whose names a colon separates, as X509_LOOKUP_hash_dir(3) has it. */
function addFolders(trust: Trust, names: Buffer): Trust {
  const folders = new Set([...trust.folders, ...names.toString('latin1').split(':')]);
  folders.delete('');
  return { ...trust, folders: [...folders] };
}

/** Python's `set_default_verify_paths`: a file and a folder, as far as they are there. */
export function withDefaults(trust: Trust): Trust {
  const { opensslCafile, opensslCafileEnv, opensslCapath, opensslCapathEnv } = getDefaultVerifyPaths();
  const cafile = process.env[opensslCafileEnv] ?? opensslCafile;
  const capath = process.env[opensslCapathEnv] ?? opensslCapath;
  const next = addFolders(trust, checkPath(capath, 'capath'));
  try {
    return add(next, contentsOf(readText(checkPath(cafile, 'cafile')), next));
  } catch {
    // SSL_CTX_set_default_verify_paths(3) passes over a file that is missing or has no certificates.
    return next;
  }
}

/** The certificates and lists of a file; other blocks, such as keys, are passed over. */
function contentsOf(text: string, known: Trust): Found {
  const certificates: X509Certificate[] = [];
  const crls: string[] = [];
  for (const block of pemBlocks(text)) {
    if (isCertificate(block))
      certificates.push(loaded(block, known) ?? certificateOf(block) ?? refuse(pemLibError('X509')));
    else if (block.label === 'X509 CRL') crls.push(crlOf(block) ?? refuse(pemLibError('X509')));
  }
  if (certificates.length + crls.length === 0) throw opensslReason('NO_CERTIFICATE_OR_CRL_FOUND');
  return { certificates, crls };
}

/** To read a certificate takes long; those of a folder are often in a file that was loaded already. */
function loaded({ content }: PemBlock, { certificates }: Trust): X509Certificate | undefined {
  return typeof content === 'string' ? undefined : certificates.get(content.toString('base64'));
}

function refuse(error: Error): never {
  throw error;
}

function certificateOf({ content }: PemBlock): X509Certificate | undefined {
  return typeof content === 'string' ? undefined : parsed(content);
}

/** A certificate of its bytes in DER; what follows it is passed over. */
function parsed(der: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}

function crlOf({ content }: PemBlock): string | undefined {
  if (typeof content === 'string') return undefined;
  const crl = toPem('X509 CRL', content);
  try {
    createSecureContext({ ca: [], crl });
    return crl;
  } catch {
    return undefined;
  }
}

/** The certificates of `cadata`: PEM in a string, or one after the other in DER. */
function certificatesOf(cadata: unknown): readonly X509Certificate[] {
  const text = 'cadata should be an ASCII string or a bytes-like object';
  if (typeof cadata === 'string') {
    // eslint-disable-next-line no-control-regex -- ASCII begins with the control characters.
    if (!/^[\x00-\x7f]*$/.test(cadata)) throw typeError(text, cadata);
    if (cadata === '') throw raised(new RangeError('Empty certificate data'));
    return certificatesOfPem(cadata);
  }
  if (!ArrayBuffer.isView(cadata) && !types.isArrayBuffer(cadata)) throw typeError(text, cadata);
  const bytes = bytesOf(cadata);
  if (bytes.length === 0) throw raised(new RangeError('Empty certificate data'));
  return certificatesOfDer(bytes);
}

/** Of what TRUSTED CERTIFICATE says besides, `cadata` knows nothing, and passes it over. */
function certificatesOfPem(text: string): readonly X509Certificate[] {
  const certificates: X509Certificate[] = [];
  for (const block of pemBlocks(text)) {
    if (!isCertificate(block) || block.label === 'TRUSTED CERTIFICATE') continue;
    const certificate = certificateOf(block);
    if (certificate === undefined) {
      if (certificates.length === 0) break;
      throw typeof block.content === 'string' ? opensslReason(block.content) : asn1LibError();
    }
    certificates.push(certificate);
  }
  if (certificates.length === 0) throw plainError(0, 'no start line: cadata does not contain a certificate');
  return certificates;
}

function certificatesOfDer(bytes: Buffer): readonly X509Certificate[] {
  const certificates: X509Certificate[] = [];
  for (let rest = bytes; rest.length > 0;) {
    const end = endOfElement(rest);
    // OpenSSL takes such a header for the end of the data.
    if (end === undefined && certificates.length > 0) break;
    if (end === undefined || end > rest.length) {
      throw certificates.length === 0 ? noCertificate() : opensslReason('NOT_ENOUGH_DATA');
    }
    const certificate = parsed(rest.subarray(0, end));
    if (certificate === undefined) throw certificates.length === 0 ? noCertificate() : nestedError();
    certificates.push(certificate);
    rest = rest.subarray(end);
  }
  return certificates;
}

const noCertificate = (): Error => plainError(0, 'not enough data: cadata does not contain a certificate');

/** Where the first element of DER ends; `undefined` where its header is cut, or a long one is all of it. */
function endOfElement(bytes: Buffer): number | undefined {
  const first = bytes[1];
  if (first === undefined) return undefined;
  if (first < 0x80) return 2 + first;
  const count = first & 0x7f;
  if (count > 4) return Infinity;
  return bytes.length <= 2 + count ? undefined : 2 + count + bytes.readUIntBE(2, count);
}

/** The files of a folder that OpenSSL looks at: `5ad8a5d6.0` is a certificate, `5ad8a5d6.r0` a list. */
const HASHED = /^[0-9a-f]{8}\.r?\d+$/;

/** All of it, with what is in the folders by now. OpenSSL passes over files that it cannot read or understand. */
export function withFolders(trust: Trust): Trust {
  let next = trust;
  for (const folder of trust.folders) {
    for (const name of namesIn(folder)) {
      try {
        next = add(next, contentsOf(readText(Buffer.from(`${folder}/${name}`, 'latin1')), next));
      } catch {
        // As above.
      }
    }
  }
  return next;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(Buffer.from(folder, 'latin1')).filter((name) => HASHED.test(name));
  } catch {
    return [];
  }
}

/** The certificates that it trusts. */
export function trustedBy(trust: Trust): readonly X509Certificate[] {
  return [...withFolders(trust).certificates.values()];
}
