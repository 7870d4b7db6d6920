import { Fields, Malformed } from './fields.ts';
import { HANDSHAKE, RECORD_HEADER } from './records.ts';

/** What a client offers in its first message (RFC 8446, section 4.1.2). */
export interface ClientHello {
  /** The version in the message itself: that of TLS 1.2, 0x0303, from every client of TLS 1.2 or 1.3. */
  readonly legacyVersion: number;
  /** The 32 bytes by which a key log names the connection. */
  readonly random: Buffer;
  /** The numbers of the cipher suites, the preferred one first, with those that only signal something. */
  readonly cipherIds: readonly number[];
  /** The host name that the client asks for; `undefined` where it names none. */
  readonly serverName: string | undefined;
  /** The application protocols that it speaks, the preferred one first; each byte is one character. */
  readonly alpnProtocols: readonly string[];
  /** The versions of TLS that it lists, the preferred one first; none from a client that knows TLS 1.2 or less. */
  readonly supportedVersions: readonly number[];
}

const CLIENT_HELLO = 1;
const MESSAGE_HEADER = 4;

/** The longest ClientHello that OpenSSL takes (its CLIENT_HELLO_MAX_LENGTH). */
const MAX_MESSAGE = 131_396;

/** Extensions (RFC 8446, section 4.2; RFC 7301). */
const SERVER_NAME = 0;
const ALPN = 16;
const SUPPORTED_VERSIONS = 43;

/** The one type of name that SNI has (RFC 6066, section 3). */
const HOST_NAME = 0;

/**
 * Finds the ClientHello in the first records of a connection, of which it may fill several. One instance reads one message.
 */
export class ClientHelloReader {
  /** Memory of which `#length` bytes are what has come of the message. */
  #memory = Buffer.alloc(0);
  #length = 0;
  #result: ClientHello | 'other' | undefined;

  /**
   * Takes the next record, header included.
   *
   * @returns the message once it is whole, `undefined` before; `'other'` where the connection begins with something else,
   * or with a ClientHello that is malformed: OpenSSL says best what is wrong with it.
   */
  push(record: Buffer): ClientHello | 'other' | undefined {
    this.#result ??= this.#read(record);
    return this.#result;
  }

  #read(record: Buffer): ClientHello | 'other' | undefined {
    // A record of a handshake without a byte of one is an error (RFC 8446, section 5.1).
    if (record[0] !== HANDSHAKE || record.length <= RECORD_HEADER) return 'other';
    this.#append(record.subarray(RECORD_HEADER));
    if (this.#memory[0] !== CLIENT_HELLO) return 'other';
    if (this.#length < MESSAGE_HEADER) return undefined;
    const length = this.#memory.readUIntBE(1, 3);
    if (length > MAX_MESSAGE) return 'other';
    if (this.#length < MESSAGE_HEADER + length) return undefined;
    const body = this.#memory.subarray(MESSAGE_HEADER, MESSAGE_HEADER + length);
    this.#memory = Buffer.alloc(0);
    try {
      return parse(new Fields(body));
    } catch (error) {
      if (error instanceof Malformed) return 'other';
      throw error;
    }
  }

  /** Doubles the memory where it is too small: a peer may send a record for each byte. */
  #append(bytes: Buffer): void {
    const needed = this.#length + bytes.length;
    if (needed > this.#memory.length) {
      const memory = Buffer.alloc(Math.max(needed, 2 * this.#length));
      memory.set(this.#memory.subarray(0, this.#length));
      this.#memory = memory;
    }
    this.#memory.set(bytes, this.#length);
    this.#length = needed;
  }
}

function parse(fields: Fields): ClientHello {
  const legacyVersion = fields.number(2);
  const random = Buffer.from(fields.take(32));
  fields.vector(1); // the session's id
  const cipherIds = fields.list(2, (item) => item.number(2));
  fields.vector(1); // the methods of compression
  // A client of SSL 3 or TLS 1.0 may have no list of extensions at all.
  const extensions = new Map(fields.isAtEnd ? [] : fields.list(2, (item) => [item.number(2), item.vector(2)] as const));
  if (!fields.isAtEnd) throw new Malformed();
  return {
    legacyVersion,
    random,
    cipherIds,
    serverName: serverName(extensions.get(SERVER_NAME)),
    alpnProtocols: inExtension(extensions.get(ALPN), 2, (item) => item.vector(1).toString('latin1')),
    supportedVersions: inExtension(extensions.get(SUPPORTED_VERSIONS), 1, (item) => item.number(2)),
  };
}

/** The items of an extension that is one list. */
function inExtension<T>(extension: Buffer | undefined, sizeOfLength: number, item: (fields: Fields) => T): T[] {
  if (extension === undefined) return [];
  const fields = new Fields(extension);
  const items = fields.list(sizeOfLength, item);
  if (!fields.isAtEnd) throw new Malformed();
  return items;
}

function serverName(extension: Buffer | undefined): string | undefined {
  const names = inExtension(extension, 2, (item) => ({
    type: item.number(1),
    name: item.vector(2).toString('latin1'),
  }));
  return names.find(({ type }) => type === HOST_NAME)?.name;
}
