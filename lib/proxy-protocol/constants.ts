/**
 * The numbers of the PROXY protocol, by their names in its specification.
 *
 * @see https://www.haproxy.org/download/2.6/doc/proxy-protocol.txt
 */

/** The type of a TLV: the protocol that TLS has agreed on, such as `h2`. */
export const PP2_TYPE_ALPN = 0x01;
/** The type of a TLV: the name of the host that the client wants, such as that of SNI. */
export const PP2_TYPE_AUTHORITY = 0x02;
/** The type of a TLV: the checksum of the header. */
export const PP2_TYPE_CRC32C = 0x03;
/** The type of a TLV that only fills room. */
export const PP2_TYPE_NOOP = 0x04;
/** The type of a TLV: what the proxy calls this connection. */
export const PP2_TYPE_UNIQUE_ID = 0x05;
/** The type of a TLV: what is known of the client's TLS. */
export const PP2_TYPE_SSL = 0x20;
/** The type of a TLV in that of TLS: the version, such as `TLSv1.3`. */
export const PP2_SUBTYPE_SSL_VERSION = 0x21;
/** The type of a TLV in that of TLS: the common name in the client's certificate. */
export const PP2_SUBTYPE_SSL_CN = 0x22;
/** The type of a TLV in that of TLS: the name of the cipher. */
export const PP2_SUBTYPE_SSL_CIPHER = 0x23;
/** The type of a TLV in that of TLS: the algorithm that signed the certificate of the proxy. */
export const PP2_SUBTYPE_SSL_SIG_ALG = 0x24;
/** The type of a TLV in that of TLS: the algorithm of the key of that certificate. */
export const PP2_SUBTYPE_SSL_KEY_ALG = 0x25;
/** The type of a TLV: the name of the proxy's network namespace. */
export const PP2_TYPE_NETNS = 0x30;

/** A bit of {@link ProxySsl.client}: the client speaks TLS to the proxy. */
export const PP2_CLIENT_SSL = 0x01;
/** A bit of {@link ProxySsl.client}: the client has shown a certificate in this connection. */
export const PP2_CLIENT_CERT_CONN = 0x02;
/** A bit of {@link ProxySsl.client}: the client has shown a certificate in this TLS session. */
export const PP2_CLIENT_CERT_SESS = 0x04;
