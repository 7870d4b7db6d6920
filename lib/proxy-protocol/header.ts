import type { Address } from '../common/addresses.ts';

/** What a PROXY header says. */
export interface ProxyHeader {
  /** 1 for a line of text, 2 for the binary form. */
  readonly version: 1 | 2;
  /**
   * `'PROXY'` for a client's connection; `'LOCAL'` for one that the proxy has made for itself, such as a health check,
   * and for a client of HAProxy's that has no IP address. It is served like any other, under its own address.
   */
  readonly command: 'PROXY' | 'LOCAL';
  /** `AF_INET`, `AF_INET6`, `AF_UNIX`, or `AF_UNSPEC` where no addresses are given. */
  readonly family: number;
  /** `SOCK_STREAM`, `SOCK_DGRAM`, or 0 where no addresses are given. */
  readonly type: number;
  /** The client's address; `null` where it is not given: then that of the connection is the best that is known. */
  readonly source: Address | null;
  /** The address that the client has connected to; `null` where it is not given. */
  readonly destination: Address | null;
  /** All further values of version 2, in their order, with those of unknown types. */
  readonly tlvs: readonly ProxyTlv[];
  /** The protocol that TLS has agreed on, such as `'h2'`; `null` where it is not given. */
  readonly alpn: string | null;
  /** The name of the host that the client wants; `null` where it is not given. */
  readonly authority: string | null;
  /** What the proxy calls this connection; `null` where it is not given. */
  readonly uniqueId: Buffer | null;
  /** The name of the proxy's network namespace; `null` where it is not given. */
  readonly netns: string | null;
  /** What is known of the client's TLS; `null` where it is not given. */
  readonly ssl: ProxySsl | null;
}

/** A further value of a header: type, length, value. */
export interface ProxyTlv {
  /** The type, such as `PP2_TYPE_ALPN`. */
  readonly type: number;
  /** The value. */
  readonly value: Buffer;
}

/** What a header says of the TLS between the client and the proxy. */
export interface ProxySsl {
  /** Bits: `PP2_CLIENT_SSL`, `PP2_CLIENT_CERT_CONN`, `PP2_CLIENT_CERT_SESS`. */
  readonly client: number;
  /**
   * OpenSSL's number for why the client's certificate was refused. It is 0, too, for a client without a certificate, and
   * without TLS: {@link isVerified} is what tells.
   */
  readonly verify: number;
  /** Whether the client has TLS and a certificate, and the proxy has accepted it. */
  readonly isVerified: boolean;
  /** The version, such as `'TLSv1.3'`; `null` where it is not given. */
  readonly version: string | null;
  /** The common name in the client's certificate; `null` where it is not given. */
  readonly cn: string | null;
  /** The name of the cipher; `null` where it is not given. */
  readonly cipher: string | null;
  /** The algorithm that signed the proxy's certificate; `null` where it is not given. */
  readonly sigAlg: string | null;
  /** The algorithm of the key of the proxy's certificate; `null` where it is not given. */
  readonly keyAlg: string | null;
  /** All values within, in their order, with those of unknown types. */
  readonly tlvs: readonly ProxyTlv[];
}
