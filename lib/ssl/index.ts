export * from './constants.ts';
export { SSLContext, SSLSocket, type SniCallback, type SniSocket, type WrapOptions } from './context.ts';
export {
  CertificateError,
  NotImplementedError,
  SSLCertVerificationError,
  SSLEOFError,
  SSLError,
  SSLSyscallError,
  SSLWantReadError,
  SSLWantWriteError,
  SSLZeroReturnError,
  type SSLErrorDetails,
} from './errors.ts';
export { MemoryBIO } from './memory-bio.ts';
export { SSLSession } from './session.ts';
export type { CertificateDict } from './certificates.ts';
export type { Cipher, CipherTuple } from './ciphers.ts';
export { OPENSSL_VERSION, OPENSSL_VERSION_INFO, OPENSSL_VERSION_NUMBER } from './version.ts';
