import { X509Certificate } from 'node:crypto';
import { typeError } from '../common/arguments.ts';
import { elementsOf, expectTag, integerOf, MalformedDer, partsOf, Tag, type Element } from './der.ts';

/** The place of the id. After it and the key come fields with a tag each (OpenSSL's ssl_asn1.c). */
const ID = 3;
const TIME = 0xa1;
const TIMEOUT = 0xa2;
const PEER = 0xa3;
const LIFETIME_HINT = 0xa9;
const TICKET = 0xaa;

/**
 * What late releases of Node 22, 24 and 26 put before a session, with the name of the server after it: they use a session for no
 * other name (lib/internal/tls/wrap.js, wrapSessionState).
 */
const WRAPPER = Buffer.from('\0nodejs:tls:session:1\0');

/** The bytes of a session; set by the class, which alone can read its private field. */
let bytesOf: (session: SSLSession) => Buffer;

/**
 * A session of TLS, by which a client's next connection to the same server is cheaper. `SSLSocket.session` gives it, and
 * takes it for the next connection.
 *
 * @remarks Differs from Python in that two objects are compared by {@link equals}.
 *
 * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSession
 */
export class SSLSession {
  readonly #bytes: Buffer;
  readonly #id: Buffer;
  /** When it began, in seconds since 1970. */
  readonly time: number;
  /** For how many seconds it can be used. */
  readonly timeout: number;
  /** For how many seconds the server keeps the ticket, as it says; 0 where it says nothing. */
  readonly ticketLifetimeHint: number;
  /** Whether it has a ticket, with which the server need not remember it. */
  readonly hasTicket: boolean;

  static {
    bytesOf = (session) => session.#bytes;
  }

  /**
   * @internal
   * @param bytes - the session as the event 'session' of Node's TLSSocket gives it.
   */
  constructor(bytes: Buffer) {
    const { id, time, timeout, ticketLifetimeHint, hasTicket } = fieldsOf(bytes);
    this.#bytes = bytes;
    this.#id = id;
    this.time = time;
    this.timeout = timeout;
    this.ticketLifetimeHint = ticketLifetimeHint;
    this.hasTicket = hasTicket;
  }

  /** The number of the session, which the server has chosen, or OpenSSL has made of the ticket. */
  get id(): Buffer {
    return Buffer.from(this.#id);
  }

  /**
   * Whether another object is the same session.
   *
   * @param other - any value.
   * @returns `true` if it is a session with the same {@link id}.
   */
  equals(other: unknown): boolean {
    return other instanceof SSLSession && other.#id.equals(this.#id);
  }
}

/** The session as Node takes it for another connection. */
export function bytesOfSession(session: SSLSession): Buffer {
  return bytesOf(session);
}

/** The certificate that the peer had shown; `undefined` for none. */
export function certificateOfSession(bytes: Buffer): X509Certificate | undefined {
  const { certificate } = fieldsOf(bytes);
  return certificate === undefined ? undefined : new X509Certificate(certificate);
}

interface Fields extends Pick<SSLSession, 'time' | 'timeout' | 'ticketLifetimeHint' | 'hasTicket'> {
  readonly id: Buffer;
  /** DER. */
  readonly certificate: Buffer | undefined;
}

function fieldsOf(bytes: Buffer): Fields {
  try {
    const [sequence] = elementsOf(unwrapped(bytes));
    const elements = partsOf(sequence, Tag.SEQUENCE);
    const tagged = new Map(elements.slice(ID + 1).map((element) => [element.tag, element]));
    // What is 0 or empty is left out.
    const inside = (tag: number): Element | undefined => {
      const element = tagged.get(tag);
      return element === undefined ? undefined : partsOf(element, tag)[0];
    };
    const number = (tag: number): number => (tagged.has(tag) ? Number(integerOf(inside(tag))) : 0);
    return {
      id: expectTag(elements[ID], Tag.OCTET_STRING).contents,
      certificate: tagged.get(PEER)?.contents,
      time: number(TIME),
      timeout: number(TIMEOUT),
      ticketLifetimeHint: number(LIFETIME_HINT),
      hasTicket: (inside(TICKET)?.contents.length ?? 0) > 0,
    };
  } catch (error) {
    if (error instanceof MalformedDer) throw typeError('no TLS session', bytes);
    throw error;
  }
}

/** The session as OpenSSL writes it. */
function unwrapped(bytes: Buffer): Buffer {
  if (!bytes.subarray(0, WRAPPER.length).equals(WRAPPER)) return bytes;
  const afterName = WRAPPER.length + 2;
  if (bytes.length < afterName) throw new MalformedDer('the bytes end before the name of the server');
  return bytes.subarray(afterName + bytes.readUInt16BE(WRAPPER.length));
}
