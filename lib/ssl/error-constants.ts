/** The numbers of SSLError and its subclasses: what OpenSSL's `SSL_get_error()` gives, and two of Python's own. */

/** Error number: TLS itself failed, as when a certificate is refused. */
export const SSL_ERROR_SSL = 1;
/** Error number: the call needs more bytes from the peer. */
export const SSL_ERROR_WANT_READ = 2;
/** Error number: the call has bytes to send that cannot go out now. */
export const SSL_ERROR_WANT_WRITE = 3;
/** Error number: a certificate is still to be found. */
export const SSL_ERROR_WANT_X509_LOOKUP = 4;
/** Error number: a call to the system failed. */
export const SSL_ERROR_SYSCALL = 5;
/** Error number: the peer has sent `close_notify`. */
export const SSL_ERROR_ZERO_RETURN = 6;
/** Error number: the connection is still to be made. */
export const SSL_ERROR_WANT_CONNECT = 7;
/** Error number: the connection ended without `close_notify`. */
export const SSL_ERROR_EOF = 8;
/** Error number: OpenSSL gave a number that Python does not know. */
export const SSL_ERROR_INVALID_ERROR_CODE = 10;

/** All the numbers of errors. */
export const SSLErrorNumber = Object.freeze({
  SSL_ERROR_SSL,
  SSL_ERROR_WANT_READ,
  SSL_ERROR_WANT_WRITE,
  SSL_ERROR_WANT_X509_LOOKUP,
  SSL_ERROR_SYSCALL,
  SSL_ERROR_ZERO_RETURN,
  SSL_ERROR_WANT_CONNECT,
  SSL_ERROR_EOF,
  SSL_ERROR_INVALID_ERROR_CODE,
});
