export { serve, type Handler, type HandlerContext, type Listener, type ServeOptions } from './connections.ts';
export { serveDatagrams, type DatagramHandler, type ServeDatagramsOptions } from './datagrams.ts';
export type { CommonOptions } from './options.ts';
export type { Server } from './server.ts';
