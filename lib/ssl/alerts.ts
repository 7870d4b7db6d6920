import { createCipheriv, createHmac, randomBytes, type CipherCCMTypes } from 'node:crypto';
import { cipherById, type Cipher } from './ciphers.ts';
import { ALERT, APPLICATION_DATA, RECORD_HEADER } from './records.ts';
import type { ServerHello } from './server-hello.ts';

/**
 * Alerts for Node's TLS, which sends none when it refuses a certificate: it destroys the connection. The keys are those
 * that the event 'keylog' tells.
 */

/** What a record is sealed with. */
export interface AlertProtection {
  /** What the server has chosen. */
  readonly serverHello: ServerHello;
  /** The lines of the connection's key log so far. */
  readonly keylog: Iterable<string | Buffer>;
  /** Who sends the record. */
  readonly sender: 'client' | 'server';
  /** TLS 1.3: whether the sender uses the keys of the handshake, or has sent its Finished and uses those of the application. */
  readonly phase: 'handshake' | 'application';
  /**
   * How many records the sender has sealed with these keys before. In TLS 1.2 the Finished is the first one. In TLS 1.3
   * each phase counts from 0.
   */
  readonly sequence: number;
}

const TLS_1_2 = 0x0303;
const TLS_1_3 = 0x0304;

const WARNING = 1;
const FATAL = 2;
/** The alerts that are no errors: close_notify and user_canceled (RFC 8446, section 6.1). */
const CLOSURES = [0, 90];

/** An alert, as it is sent where nothing is encrypted yet. */
export function plainAlert(description: number): Buffer {
  return Buffer.concat([headerOf(ALERT, 2), contentOf(description)]);
}

/**
 * An alert, as it is sent where records are encrypted.
 *
 * @returns `undefined` where it cannot be made: the key log does not have the secret, or the connection has TLS 1.1 or less.
 */
export function sealAlert(description: number, protection: AlertProtection): Buffer | undefined {
  return sealRecord({ type: ALERT, content: contentOf(description) }, protection);
}

/** What is in a record. */
export interface Plaintext {
  readonly type: number;
  readonly content: Buffer;
}

/**
 * A record of any type, as it is sent where records are encrypted.
 *
 * @returns `undefined` where it cannot be made, as with {@link sealAlert}.
 */
export function sealRecord(plaintext: Plaintext, protection: AlertProtection): Buffer | undefined {
  const { serverHello } = protection;
  const cipher = cipherById(serverHello.cipherId);
  if (cipher === undefined) return undefined;
  if (serverHello.version === TLS_1_3) return sealed13(plaintext, cipher, protection);
  return serverHello.version === TLS_1_2 ? sealed12(plaintext, cipher, protection) : undefined;
}

function contentOf(description: number): Buffer {
  return Buffer.of(CLOSURES.includes(description) ? WARNING : FATAL, description);
}

/** The header of a record, which both TLS 1.2 and 1.3 give the version of TLS 1.2. */
function headerOf(type: number, length: number): Buffer {
  const header = Buffer.alloc(RECORD_HEADER);
  header[0] = type;
  header.writeUInt16BE(TLS_1_2, 1);
  header.writeUInt16BE(length, 3);
  return header;
}

/** RFC 8446, section 5.2. */
function sealed13(
  { type, content }: Plaintext,
  cipher: Cipher,
  { keylog, sender, phase, sequence }: AlertProtection,
): Buffer | undefined {
  const label = `${sender.toUpperCase()}_${phase === 'handshake' ? 'HANDSHAKE_TRAFFIC_SECRET' : 'TRAFFIC_SECRET_0'}`;
  const secret = secretOf(keylog, label);
  if (secret === undefined) return undefined;
  const hash = hashOf(cipher);
  const key = expandLabel(hash, secret, 'key', cipher.algBits / 8);
  const nonce = xor(expandLabel(hash, secret, 'iv', NONCE), sequenceBytes(sequence));
  const inner = Buffer.concat([content, Buffer.of(type)]);
  const header = headerOf(APPLICATION_DATA, inner.length + tagLength(cipher));
  return Buffer.concat([header, encrypt(cipher, key, nonce, header, inner)]);
}

/** RFC 5246, section 6.2.3. */
function sealed12(
  { type, content }: Plaintext,
  cipher: Cipher,
  { keylog, sender, sequence, serverHello }: AlertProtection,
): Buffer | undefined {
  const line = findLine(keylog, 'CLIENT_RANDOM');
  if (line === undefined) return undefined;
  const { macKey, key, iv } = keysOf(cipher, line.secret, Buffer.concat([serverHello.random, line.random]), sender);
  const number = sequenceBytes(sequence);
  const authenticated = (length: number) => Buffer.concat([number, headerOf(type, length)]);
  const record = (fragment: Buffer) => Buffer.concat([headerOf(type, fragment.length), fragment]);
  if (cipher.aead) {
    const isExplicit = iv.length < NONCE;
    const nonce = isExplicit ? Buffer.concat([iv, number]) : xor(iv, number);
    const ciphertext = encrypt(cipher, key, nonce, authenticated(content.length), content);
    return record(isExplicit ? Buffer.concat([number, ciphertext]) : ciphertext);
  }
  const mac = (bytes: Buffer) =>
    createHmac(cipher.digest ?? '', macKey)
      .update(authenticated(bytes.length))
      .update(bytes)
      .digest();
  // A suite without a cipher has nothing to do with the order of the two (RFC 7366, section 3).
  if (cipher.symmetric === null) return record(Buffer.concat([content, mac(content)]));
  if (!serverHello.encryptsThenMacs)
    return record(encryptCbc(cipher.symmetric, key, Buffer.concat([content, mac(content)])));
  const ciphertext = encryptCbc(cipher.symmetric, key, content);
  return record(Buffer.concat([ciphertext, mac(ciphertext)]));
}

interface Keys {
  readonly macKey: Buffer;
  readonly key: Buffer;
  readonly iv: Buffer;
}

const MAC_LENGTHS: Readonly<Record<string, number>> = { md5: 16, sha1: 20, sha256: 32, sha384: 48 };

/** RFC 5246, section 6.3. */
function keysOf(cipher: Cipher, masterSecret: Buffer, randoms: Buffer, sender: 'client' | 'server'): Keys {
  // GCM and CCM send the rest of the nonce with each record (RFC 5288, section 3); CBC sends all of its vector.
  const ivLength = !cipher.aead ? 0 : isChaCha(cipher) ? NONCE : NONCE - 8;
  const macLength = cipher.digest === null ? 0 : (MAC_LENGTHS[cipher.digest] ?? 0);
  const keyLength = cipher.algBits / 8;
  const total = 2 * (macLength + keyLength + ivLength);
  const block = prf(hashOf(cipher), masterSecret, Buffer.concat([Buffer.from('key expansion'), randoms]), total);
  let at = 0;
  const next = (length: number): Buffer => {
    const start = sender === 'client' ? at : at + length;
    at += 2 * length;
    return block.subarray(start, start + length);
  };
  return { macKey: next(macLength), key: next(keyLength), iv: next(ivLength) };
}

/** Bytes of a nonce of all AEAD ciphers of TLS. */
const NONCE = 12;
const CBC_BLOCK = 16;

function isChaCha(cipher: Cipher): boolean {
  return cipher.symmetric === 'chacha20-poly1305';
}

function tagLength(cipher: Cipher): number {
  return /CCM_?8/.test(cipher.name) ? 8 : 16;
}

function encrypt(cipher: Cipher, key: Buffer, nonce: Buffer, additional: Buffer, text: Buffer): Buffer {
  // All AEAD ciphers take what CCM needs. Node's types have one signature for each, and leave out ARIA.
  const algorithm = (cipher.symmetric ?? '') as CipherCCMTypes;
  const encryption = createCipheriv(algorithm, key, nonce, { authTagLength: tagLength(cipher) });
  encryption.setAAD(additional, { plaintextLength: text.length });
  return Buffer.concat([encryption.update(text), encryption.final(), encryption.getAuthTag()]);
}

function encryptCbc(algorithm: string, key: Buffer, text: Buffer): Buffer {
  const iv = randomBytes(CBC_BLOCK);
  // Each byte of the padding says how many others there are.
  const padding = CBC_BLOCK - (text.length % CBC_BLOCK);
  const encryption = createCipheriv(algorithm, key, iv).setAutoPadding(false);
  return Buffer.concat([
    iv,
    encryption.update(text),
    encryption.update(Buffer.alloc(padding, padding - 1)),
    encryption.final(),
  ]);
}

/** The hash that makes keys. In TLS 1.2 each suite has SHA-256 that does not name a longer one (RFC 5246, section 5). */
function hashOf(cipher: Cipher): string {
  return cipher.name.endsWith('SHA384') ? 'sha384' : 'sha256';
}

/** HKDF-Expand-Label of no context (RFC 8446, section 7.1): no key of TLS is longer than one block of it. */
function expandLabel(hash: string, secret: Buffer, label: string, length: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`);
  const info = Buffer.concat([Buffer.of(0, length, name.length), name, Buffer.of(0, 1)]);
  return createHmac(hash, secret).update(info).digest().subarray(0, length);
}

/** P_hash (RFC 5246, section 5). */
function prf(hash: string, secret: Buffer, seed: Buffer, length: number): Buffer {
  const hmac = (bytes: Buffer) => createHmac(hash, secret).update(bytes).digest();
  const blocks: Buffer[] = [];
  for (let a = hmac(seed), made = 0; made < length; a = hmac(a)) {
    const block = hmac(Buffer.concat([a, seed]));
    blocks.push(block);
    made += block.length;
  }
  return Buffer.concat(blocks).subarray(0, length);
}

function sequenceBytes(sequence: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(sequence));
  return bytes;
}

/** A nonce of which the last bytes are combined with the record's number. */
function xor(iv: Buffer, number: Buffer): Buffer {
  const offset = iv.length - number.length;
  return Buffer.from(iv.map((byte, index) => byte ^ (number[index - offset] ?? 0)));
}

function secretOf(keylog: Iterable<string | Buffer>, label: string): Buffer | undefined {
  return findLine(keylog, label)?.secret;
}

/** The last line with a label: `LABEL <client's random> <secret>`, both in hexadecimal. */
function findLine(keylog: Iterable<string | Buffer>, label: string): { random: Buffer; secret: Buffer } | undefined {
  const line = [...keylog].map((item) => item.toString().trim().split(' ')).findLast(([name]) => name === label);
  if (line === undefined) return undefined;
  const bytes = (index: number): Buffer => Buffer.from(line[index] ?? '', 'hex');
  return { random: bytes(1), secret: bytes(2) };
}
