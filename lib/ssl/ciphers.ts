import { Duplex } from 'node:stream';
import { connect, createSecureContext } from 'node:tls';
import { CIPHER_ROWS, type CipherRow } from './cipher-table.ts';
import { ClientHelloReader } from './client-hello.ts';
import { RecordSplitter } from './records.ts';
import { OPENSSL_VERSION_INFO } from './version.ts';

/**
 * A cipher suite, as `SSLContext.getCiphers` describes it.
 *
 * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext.get_ciphers
 */
export interface Cipher {
  /** OpenSSL's number of the suite: the two bytes that TLS has for it, after 0x0300. */
  readonly id: number;
  /** OpenSSL's name: `'ECDHE-RSA-AES256-GCM-SHA384'`. */
  readonly name: string;
  /** The first version of the protocol that has the suite: `'TLSv1.2'`. */
  readonly protocol: string;
  /** The line that `openssl ciphers -v` prints. */
  readonly description: string;
  /** How strong the suite is. */
  readonly strengthBits: number;
  /** How long the key of the symmetric cipher is. */
  readonly algBits: number;
  /** Whether one algorithm encrypts and authenticates. */
  readonly aead: boolean;
  /** The symmetric cipher: `'aes-256-gcm'`; `null` where nothing is encrypted. */
  readonly symmetric: string | null;
  /** The hash that authenticates: `'sha384'`; `null` with {@link aead}. */
  readonly digest: string | null;
  /** How keys are exchanged: `'kx-ecdhe'`. */
  readonly kea: string;
  /** How the server is authenticated: `'auth-rsa'`. */
  readonly auth: string;
}

/** Name, protocol and strength of a cipher suite, as `SSLSocket.cipher` and `SSLSocket.sharedCiphers` give them. */
export type CipherTuple = readonly [name: string, protocol: string, bits: number];

const KEY_EXCHANGES: Readonly<Record<string, string>> = {
  DH: 'dhe',
  DHEPSK: 'dhe-psk',
  ECDH: 'ecdhe',
  ECDHEPSK: 'ecdhe-psk',
  RSAPSK: 'rsa-psk',
};

/** Ciphers whose name in the description is not that of the algorithm; `%` stands for the bits. */
const ALGORITHMS: Readonly<Record<string, string>> = {
  AES: 'aes-%-cbc',
  AESCCM: 'aes-%-ccm',
  AESCCM8: 'aes-%-ccm',
  AESGCM: 'aes-%-gcm',
  ARIAGCM: 'aria-%-gcm',
  Camellia: 'camellia-%-cbc',
  'CHACHA20/POLY1305': 'chacha20-poly1305',
};

/** Since OpenSSL 3.2 a suite whose tag has 8 bytes is no stronger than that: level 1 of security refuses it. */
const [major, minor] = OPENSSL_VERSION_INFO;
const STRENGTH_OF_CCM8 = major > 3 || (major === 3 && minor >= 2) ? 64 : undefined;

function cipherOf(row: CipherRow): Cipher {
  const { id, name, version, keyExchange, authentication, encryption, mac } = row;
  const [, algorithm = '', bits = '0'] = /^(.*)\((\d+)\)$/.exec(encryption) ?? [];
  const columns = [
    name.padEnd(30),
    version.padEnd(7),
    `Kx=${keyExchange.padEnd(8)}`,
    `Au=${authentication.padEnd(5)}`,
    `Enc=${encryption.padEnd(22)}`,
    `Mac=${mac.padEnd(4)}`,
  ];
  return Object.freeze({
    id: 0x0300_0000 | id,
    name,
    protocol: version === 'TLSv1' ? 'TLSv1.0' : version,
    description: columns.join(' '),
    strengthBits: (algorithm === 'AESCCM8' ? STRENGTH_OF_CCM8 : undefined) ?? Number(bits),
    algBits: Number(bits),
    aead: mac === 'AEAD',
    symmetric: ALGORITHMS[algorithm]?.replace('%', bits) ?? null,
    digest: mac === 'AEAD' ? null : mac.toLowerCase(),
    kea: `kx-${KEY_EXCHANGES[keyExchange] ?? keyExchange.toLowerCase()}`,
    auth: authentication === 'None' ? 'auth-null' : `auth-${authentication.toLowerCase()}`,
  });
}

const ciphersById = new Map(CIPHER_ROWS.map((row) => [row.id, cipherOf(row)]));
const ciphersByName = new Map([...ciphersById.values()].map((cipher) => [cipher.name, cipher]));

/** The cipher suite with a number of TLS; `undefined` for those that OpenSSL lacks, and for signals. */
export function cipherById(id: number): Cipher | undefined {
  return ciphersById.get(id);
}

/** The cipher suite with OpenSSL's name, as Node's `getCipher().name` gives it. */
export function cipherByName(name: string): Cipher | undefined {
  return ciphersByName.get(name);
}

/** A cipher suite as Python's tuple. */
export function cipherTuple({ name, protocol, strengthBits }: Cipher): CipherTuple {
  return [name, protocol, strengthBits];
}

/**
 * The cipher suites that a cipher string chooses, the preferred one first.
 *
 * Node tells nowhere which those are. A client says it in its first message, so one is made that is connected to nothing.
 *
 * @remarks Differs from Python in that the suites of SRP are absent: Node offers none.
 *
 * @param ciphers - as for `tls.createSecureContext`: OpenSSL's format, together with names of suites of TLS 1.3.
 * @throws Node's error where no suite is left.
 */
export function ciphersOf(ciphers: string): Cipher[] {
  return cipherIdsOffered(ciphers).flatMap((id) => cipherById(id) ?? []);
}

function cipherIdsOffered(ciphers: string): readonly number[] {
  // A client does not offer what its versions or its level of security exclude; Python's list has it.
  const secureContext = createSecureContext({
    ciphers: `${ciphers}:@SECLEVEL=0`,
    // Every suite belongs to one of the two, which a program may have set otherwise.
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ca: [],
  });
  const splitter = new RecordSplitter();
  const nowhere = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _, callback) => {
      splitter.push(chunk);
      callback();
    },
  });
  // Suites of pre-shared keys are offered only where there may be a key.
  const client = connect({ socket: nowhere, secureContext, pskCallback: () => null });
  client.on('error', () => undefined);
  // The message is written before connect() returns.
  client.destroy();
  const reader = new ClientHelloReader();
  for (let record = splitter.next(); record !== undefined; record = splitter.next()) {
    const hello = reader.push(record);
    if (typeof hello === 'object') return hello.cipherIds;
  }
  throw new Error("Node's client wrote no ClientHello");
}
