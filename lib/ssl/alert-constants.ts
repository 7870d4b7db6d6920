/** The alerts of TLS by their numbers (RFC 8446, 6). */

/** Alert: the sender sends nothing more. */
export const ALERT_DESCRIPTION_CLOSE_NOTIFY = 0;
/** Alert: a message was not in its place. */
export const ALERT_DESCRIPTION_UNEXPECTED_MESSAGE = 10;
/** Alert: a record could not be authenticated. */
export const ALERT_DESCRIPTION_BAD_RECORD_MAC = 20;
/** Alert: a record was too long. */
export const ALERT_DESCRIPTION_RECORD_OVERFLOW = 22;
/** Alert: a record could not be decompressed. */
export const ALERT_DESCRIPTION_DECOMPRESSION_FAILURE = 30;
/** Alert: the two sides have no set of parameters in common. */
export const ALERT_DESCRIPTION_HANDSHAKE_FAILURE = 40;
/** Alert: a certificate was corrupt. */
export const ALERT_DESCRIPTION_BAD_CERTIFICATE = 42;
/** Alert: a certificate was of a kind that is not supported. */
export const ALERT_DESCRIPTION_UNSUPPORTED_CERTIFICATE = 43;
/** Alert: a certificate was revoked by its signer. */
export const ALERT_DESCRIPTION_CERTIFICATE_REVOKED = 44;
/** Alert: a certificate is not valid now. */
export const ALERT_DESCRIPTION_CERTIFICATE_EXPIRED = 45;
/** Alert: a certificate was refused for another reason. */
export const ALERT_DESCRIPTION_CERTIFICATE_UNKNOWN = 46;
/** Alert: a field of the handshake was inconsistent. */
export const ALERT_DESCRIPTION_ILLEGAL_PARAMETER = 47;
/** Alert: the issuer of a certificate is not trusted. */
export const ALERT_DESCRIPTION_UNKNOWN_CA = 48;
/** Alert: the certificate is valid, but its owner may not connect. */
export const ALERT_DESCRIPTION_ACCESS_DENIED = 49;
/** Alert: a message could not be decoded. */
export const ALERT_DESCRIPTION_DECODE_ERROR = 50;
/** Alert: a cryptographic operation of the handshake failed. */
export const ALERT_DESCRIPTION_DECRYPT_ERROR = 51;
/** Alert: the peer's version of the protocol is not supported. */
export const ALERT_DESCRIPTION_PROTOCOL_VERSION = 70;
/** Alert: the server wants more secure parameters. */
export const ALERT_DESCRIPTION_INSUFFICIENT_SECURITY = 71;
/** Alert: an error that has nothing to do with the peer. */
export const ALERT_DESCRIPTION_INTERNAL_ERROR = 80;
/** Alert: the sender gives up the handshake. */
export const ALERT_DESCRIPTION_USER_CANCELLED = 90;
/** Alert: the sender does not renegotiate. */
export const ALERT_DESCRIPTION_NO_RENEGOTIATION = 100;
/** Alert: an extension was not asked for. */
export const ALERT_DESCRIPTION_UNSUPPORTED_EXTENSION = 110;
/** Alert: a certificate could not be fetched from its address. */
export const ALERT_DESCRIPTION_CERTIFICATE_UNOBTAINABLE = 111;
/** Alert: the server does not know the name of the host. */
export const ALERT_DESCRIPTION_UNRECOGNIZED_NAME = 112;
/** Alert: the OCSP response is invalid. */
export const ALERT_DESCRIPTION_BAD_CERTIFICATE_STATUS_RESPONSE = 113;
/** Alert: the hash of a certificate does not match. */
export const ALERT_DESCRIPTION_BAD_CERTIFICATE_HASH_VALUE = 114;
/** Alert: the server does not know the identity of the pre-shared key. */
export const ALERT_DESCRIPTION_UNKNOWN_PSK_IDENTITY = 115;

/** All the alerts that Python has a name for. */
export const AlertDescription = Object.freeze({
  ALERT_DESCRIPTION_CLOSE_NOTIFY,
  ALERT_DESCRIPTION_UNEXPECTED_MESSAGE,
  ALERT_DESCRIPTION_BAD_RECORD_MAC,
  ALERT_DESCRIPTION_RECORD_OVERFLOW,
  ALERT_DESCRIPTION_DECOMPRESSION_FAILURE,
  ALERT_DESCRIPTION_HANDSHAKE_FAILURE,
  ALERT_DESCRIPTION_BAD_CERTIFICATE,
  ALERT_DESCRIPTION_UNSUPPORTED_CERTIFICATE,
  ALERT_DESCRIPTION_CERTIFICATE_REVOKED,
  ALERT_DESCRIPTION_CERTIFICATE_EXPIRED,
  ALERT_DESCRIPTION_CERTIFICATE_UNKNOWN,
  ALERT_DESCRIPTION_ILLEGAL_PARAMETER,
  ALERT_DESCRIPTION_UNKNOWN_CA,
  ALERT_DESCRIPTION_ACCESS_DENIED,
  ALERT_DESCRIPTION_DECODE_ERROR,
  ALERT_DESCRIPTION_DECRYPT_ERROR,
  ALERT_DESCRIPTION_PROTOCOL_VERSION,
  ALERT_DESCRIPTION_INSUFFICIENT_SECURITY,
  ALERT_DESCRIPTION_INTERNAL_ERROR,
  ALERT_DESCRIPTION_USER_CANCELLED,
  ALERT_DESCRIPTION_NO_RENEGOTIATION,
  ALERT_DESCRIPTION_UNSUPPORTED_EXTENSION,
  ALERT_DESCRIPTION_CERTIFICATE_UNOBTAINABLE,
  ALERT_DESCRIPTION_UNRECOGNIZED_NAME,
  ALERT_DESCRIPTION_BAD_CERTIFICATE_STATUS_RESPONSE,
  ALERT_DESCRIPTION_BAD_CERTIFICATE_HASH_VALUE,
  ALERT_DESCRIPTION_UNKNOWN_PSK_IDENTITY,
});
