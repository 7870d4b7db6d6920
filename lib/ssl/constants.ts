/**
 * The constants of Python's `ssl` module, with the values that they have on Linux with OpenSSL 3. What a constant means
 * is in Python's manual under https://docs.python.org/3/library/ssl.html#constants. That a constant is here does not say
 * that Node can honour it: see docs/python-ssl.md.
 */

export { SO_TYPE, SOCK_STREAM, SOL_SOCKET } from '../common/constants.ts';
export * from './alert-constants.ts';
export * from './error-constants.ts';

// What a context asks of the peer's certificate.
/** Verify mode: the peer's certificate is not verified; a server asks for none. */
export const CERT_NONE = 0;
/** Verify mode: a server asks for a certificate, and verifies the one that it is sent; a client does as for `CERT_REQUIRED`. */
export const CERT_OPTIONAL = 1;
/** Verify mode: the peer must send a certificate, and it must be valid. */
export const CERT_REQUIRED = 2;
/** What a context's `verifyMode` takes. */
export const VerifyMode = Object.freeze({ CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED });

// Protocols of a context.
/** Protocol: any version of TLS, as client or as server. Python deprecates it. */
export const PROTOCOL_TLS = 2;
/** The old name of `PROTOCOL_TLS`. */
export const PROTOCOL_SSLv23 = 2;
/** Protocol: any version of TLS, as client; certificates are verified. */
export const PROTOCOL_TLS_CLIENT = 16;
/** Protocol: any version of TLS, as server. */
export const PROTOCOL_TLS_SERVER = 17;
/** Protocol: TLS 1.0 alone. Python deprecates it. */
export const PROTOCOL_TLSv1 = 3;
/** Protocol: TLS 1.1 alone. Python deprecates it. */
export const PROTOCOL_TLSv1_1 = 4;
/** Protocol: TLS 1.2 alone. Python deprecates it. */
export const PROTOCOL_TLSv1_2 = 5;

/** Versions of TLS, as numbers of the protocol; the first and the last stand for what OpenSSL supports. */
export const TLSVersion = Object.freeze({
  MINIMUM_SUPPORTED: -2,
  SSLv3: 768,
  TLSv1: 769,
  TLSv1_1: 770,
  TLSv1_2: 771,
  TLSv1_3: 772,
  MAXIMUM_SUPPORTED: -1,
});

// Options of a context.
/** Option: workarounds for faults of other implementations. */
export const OP_ALL = 2147483728;
/** Option: no SSL 2, which OpenSSL 3 does not have. */
export const OP_NO_SSLv2 = 0;
/** Option: no SSL 3. */
export const OP_NO_SSLv3 = 33554432;
/** Option: no TLS 1.0. */
export const OP_NO_TLSv1 = 67108864;
/** Option: no TLS 1.1. */
export const OP_NO_TLSv1_1 = 268435456;
/** Option: no TLS 1.2. */
export const OP_NO_TLSv1_2 = 134217728;
/** Option: no TLS 1.3. */
export const OP_NO_TLSv1_3 = 536870912;
/** Option: no renegotiation in TLS 1.2 and below. */
export const OP_NO_RENEGOTIATION = 1073741824;
/** Option: the server's order of ciphers counts, and not the client's. */
export const OP_CIPHER_SERVER_PREFERENCE = 4194304;
/** Option: a new DH key for each session, which OpenSSL 3 always makes. */
export const OP_SINGLE_DH_USE = 0;
/** Option: a new ECDH key for each session, which OpenSSL 3 always makes. */
export const OP_SINGLE_ECDH_USE = 0;
/** Option: no compression of records. */
export const OP_NO_COMPRESSION = 131072;
/** Option: no session tickets. */
export const OP_NO_TICKET = 16384;
/** Option: a handshake of TLS 1.3 that looks more like one of TLS 1.2. */
export const OP_ENABLE_MIDDLEBOX_COMPAT = 1048576;
/** Option: an end without `close_notify` counts as one with it. */
export const OP_IGNORE_UNEXPECTED_EOF = 128;
/** Option: the kernel encrypts and decrypts. */
export const OP_ENABLE_KTLS = 8;
/** Option: a client talks to servers that lack secure renegotiation. */
export const OP_LEGACY_SERVER_CONNECT = 4;

/** What a context's `options` is made of. */
export const Options = Object.freeze({
  OP_ALL,
  OP_NO_SSLv2,
  OP_NO_SSLv3,
  OP_NO_TLSv1,
  OP_NO_TLSv1_1,
  OP_NO_TLSv1_2,
  OP_NO_TLSv1_3,
  OP_NO_RENEGOTIATION,
  OP_CIPHER_SERVER_PREFERENCE,
  OP_SINGLE_DH_USE,
  OP_SINGLE_ECDH_USE,
  OP_NO_COMPRESSION,
  OP_NO_TICKET,
  OP_ENABLE_MIDDLEBOX_COMPAT,
  OP_IGNORE_UNEXPECTED_EOF,
  OP_ENABLE_KTLS,
  OP_LEGACY_SERVER_CONNECT,
});

// Flags for the verification of certificates.
/** Verify flag: none; revocation lists are not looked at. */
export const VERIFY_DEFAULT = 0;
/** Verify flag: the peer's certificate is looked up in its issuer's revocation list. */
export const VERIFY_CRL_CHECK_LEAF = 4;
/** Verify flag: each certificate of the chain is looked up in its issuer's revocation list. */
export const VERIFY_CRL_CHECK_CHAIN = 12;
/** Verify flag: certificates must keep to RFC 5280. */
export const VERIFY_X509_STRICT = 32;
/** Verify flag: proxy certificates are allowed. */
export const VERIFY_ALLOW_PROXY_CERTS = 64;
/** Verify flag: trusted certificates come before those that the peer sends. */
export const VERIFY_X509_TRUSTED_FIRST = 32768;
/** Verify flag: a chain may end in a trusted certificate that is no root. */
export const VERIFY_X509_PARTIAL_CHAIN = 524288;

/** What a context's `verifyFlags` is made of. */
export const VerifyFlags = Object.freeze({
  VERIFY_DEFAULT,
  VERIFY_CRL_CHECK_LEAF,
  VERIFY_CRL_CHECK_CHAIN,
  VERIFY_X509_STRICT,
  VERIFY_ALLOW_PROXY_CERTS,
  VERIFY_X509_TRUSTED_FIRST,
  VERIFY_X509_PARTIAL_CHAIN,
});

/** A purpose of certificates: one of the two that {@link Purpose} has. */
export interface ExtendedKeyUsage {
  /** OpenSSL's number of the object. */
  readonly nid: number;
  /** OpenSSL's short name, such as `'serverAuth'`. */
  readonly shortname: string;
  /** OpenSSL's long name, such as `'TLS Web Server Authentication'`. */
  readonly longname: string;
  /** The object identifier, such as `'1.3.6.1.5.5.7.3.1'`. */
  readonly oid: string;
}

function extendedKeyUsage(nid: number, shortname: string, longname: string, oid: string): ExtendedKeyUsage {
  return Object.freeze({ nid, shortname, longname, oid });
}

/** What `createDefaultContext()` makes a context for. */
export const Purpose = Object.freeze({
  /** To authenticate servers: for the context of a client. */
  SERVER_AUTH: extendedKeyUsage(129, 'serverAuth', 'TLS Web Server Authentication', '1.3.6.1.5.5.7.3.1'),
  /** To authenticate clients: for the context of a server. */
  CLIENT_AUTH: extendedKeyUsage(130, 'clientAuth', 'TLS Web Client Authentication', '1.3.6.1.5.5.7.3.2'),
});

// What this module can do.
/** Whether this module has ALPN, by which both sides agree on a protocol. */
export const HAS_ALPN = true;
/** Whether this module has key exchange over elliptic curves. */
export const HAS_ECDH = true;
/** Whether host names can be looked for in the alternative names alone, and never in the common name. */
export const HAS_NEVER_CHECK_COMMON_NAME = true;
/** Whether this module has NPN, which came before ALPN. */
export const HAS_NPN = false;
/** Whether this module has pre-shared keys. */
export const HAS_PSK = false;
/** Whether this module has SNI, by which a client names the host that it wants. */
export const HAS_SNI = true;
/** Whether this module has SSL 2. */
export const HAS_SSLv2 = false;
/** Whether this module has SSL 3. */
export const HAS_SSLv3 = false;
/** Whether this module has TLS 1.0. */
export const HAS_TLSv1 = true;
/** Whether this module has TLS 1.1. */
export const HAS_TLSv1_1 = true;
/** Whether this module has TLS 1.2. */
export const HAS_TLSv1_2 = true;
/** Whether this module has TLS 1.3. */
export const HAS_TLSv1_3 = true;

/** The kinds that `getChannelBinding()` knows. */
export const CHANNEL_BINDING_TYPES: readonly string[] = Object.freeze(['tls-unique']);

/** The first line of a certificate in PEM. */
export const PEM_HEADER = '-----BEGIN CERTIFICATE-----';
/** The last line of a certificate in PEM. */
export const PEM_FOOTER = '-----END CERTIFICATE-----';
