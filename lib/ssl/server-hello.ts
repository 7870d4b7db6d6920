import { Fields, Malformed } from './fields.ts';
import { HANDSHAKE, RECORD_HEADER } from './records.ts';

/** What a server has chosen (RFC 8446, section 4.1.3). */
export interface ServerHello {
  /** The version of the protocol: 0x0304 is TLS 1.3. */
  readonly version: number;
  /** The 32 bytes that go into the keys of TLS 1.2. */
  readonly random: Buffer;
  /** The number of the cipher suite. */
  readonly cipherId: number;
  /** Whether a record is authenticated as it is encrypted, with the CBC suites of TLS 1.2 (RFC 7366). */
  readonly encryptsThenMacs: boolean;
}

const SERVER_HELLO = 2;

/** Extensions (RFC 7366; RFC 8446, section 4.2.1). */
const ENCRYPT_THEN_MAC = 22;
const SUPPORTED_VERSIONS = 43;

/**
 * Reads the ServerHello that a record begins with, `undefined` where it does not begin with a whole one. A server that asks
 * for another ClientHello (TLS 1.3) has chosen too: its version and its cipher suite stay.
 *
 * @param record - a server's first record of the handshake, header included.
 */
export function readServerHello(record: Buffer): ServerHello | undefined {
  if (record[0] !== HANDSHAKE) return undefined;
  try {
    const message = new Fields(record.subarray(RECORD_HEADER));
    if (message.number(1) !== SERVER_HELLO) return undefined;
    return parse(new Fields(message.vector(3)));
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

function parse(fields: Fields): ServerHello {
  const legacyVersion = fields.number(2);
  const random = Buffer.from(fields.take(32));
  fields.vector(1); // the session's id
  const cipherId = fields.number(2);
  fields.number(1); // the method of compression
  const extensions = new Map(fields.isAtEnd ? [] : fields.list(2, (item) => [item.number(2), item.vector(2)] as const));
  const chosen = extensions.get(SUPPORTED_VERSIONS);
  return {
    version: chosen === undefined ? legacyVersion : new Fields(chosen).number(2),
    random,
    cipherId,
    encryptsThenMacs: extensions.has(ENCRYPT_THEN_MAC),
  };
}
