export * from './constants.ts';
export { certTimeToSeconds } from './certificate-times.ts';
export {
  SSLContext,
  SSLObject,
  SSLSocket,
  type CertChainOptions,
  type SniCallback,
  type SniSocket,
  type SSLConnection,
  type SSLListener,
  type VerifyLocations,
  type WrapBioOptions,
  type WrapOptions,
} from './classes.ts';
export type { Password } from './context-chain.ts';
export type { FilePath } from './context-files.ts';
export type { SessionStats } from './context-stats.ts';
export type { CertStoreStats } from './context-store.ts';
export type { CaData } from './context-trust.ts';
export { createDefaultContext, type DefaultContextOptions } from './default-context.ts';
export { getDefaultVerifyPaths, type DefaultVerifyPaths } from './default-paths.ts';
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
export { getServerCertificate, type ServerCertificateOptions } from './server-certificate.ts';
export { SSLSession } from './session.ts';
export type { CertificateDict } from './certificates.ts';
export type { Cipher, CipherTuple } from './ciphers.ts';
export { OPENSSL_VERSION, OPENSSL_VERSION_INFO, OPENSSL_VERSION_NUMBER } from './version.ts';
export { DERCertToPEMCert, PEMCertToDERCert } from './pem.ts';
export { getProtocolName } from './protocol-names.ts';
export { RAND_add, RAND_bytes, RAND_status } from './random.ts';
export type { VersionInfo } from './version.ts';
export type { AlternativeName, Attribute, AttributeValue, DistinguishedName } from './x509-names.ts';
