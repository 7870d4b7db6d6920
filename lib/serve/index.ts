export {
  serve,
  type Acceptor,
  type Handler,
  type HandlerContext,
  type ProxiedServeOptions,
  type ServeOptions,
} from './connections.ts';
export { serveDatagrams, type DatagramContext, type DatagramHandler, type ServeDatagramsOptions } from './datagrams.ts';
export type { CommonOptions } from './options.ts';
export type { ProxyHeader, ProxySsl, ProxyTlv } from '../proxy-protocol/header.ts';
export type { TrustedPeers } from '../proxy-protocol/trusted.ts';
export type { Server } from './server.ts';
