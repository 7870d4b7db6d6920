export * from './constants.ts';
export { ProxyProtocolError } from './errors.ts';
export type { ProxyHeader, ProxySsl, ProxyTlv } from './header.ts';
export { makeProxyHeader, type MakeProxyHeaderOptions } from './make.ts';
export { readProxyHeader, type ReadProxyHeaderOptions } from './read.ts';
export type { TrustedPeers } from './trusted.ts';
