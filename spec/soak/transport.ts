import * as socket from '../../lib/index.ts';
import type * as ssl from '../../lib/ssl/index.ts';
import { clientContext, serverContext } from '../support/tls-contexts.ts';

export const TRANSPORTS = ['TCP', 'TLS'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** Contexts are made once: each takes a while. */
let contexts: { readonly client: ssl.SSLContext; readonly server: ssl.SSLContext } | undefined;

function tls(): { readonly client: ssl.SSLContext; readonly server: ssl.SSLContext } {
  return (contexts ??= { client: clientContext(), server: serverContext() });
}

/** A listener of this machine; over TLS it does the handshakes. */
export async function listener(transport: Transport): Promise<socket.Socket> {
  const plain = socket.createServer(['127.0.0.1', 0], { backlog: socket.SOMAXCONN });
  return transport === 'TCP' ? plain : await tls().server.wrapSocket(plain, { serverSide: true });
}

/** A client's connection. */
export async function connected(transport: Transport, port: number): Promise<socket.Socket> {
  const sock = await socket.createConnection(['127.0.0.1', port]);
  return transport === 'TCP' ? sock : await secured(sock, 'client');
}

/** Wraps an end without TLS; an end that cannot be wrapped is closed. */
export async function secured(raw: socket.Socket, side: 'client' | 'server'): Promise<ssl.SSLSocket> {
  try {
    const options = { suppressRaggedEofs: false };
    return await (side === 'client'
      ? tls().client.wrapSocket(raw, { serverHostname: 'localhost', ...options })
      : tls().server.wrapSocket(raw, { serverSide: true, ...options }));
  } catch (error) {
    raw.close();
    throw error;
  }
}

/** The name of an error of the library, or `undefined`: each failure has to be an OSError. */
export function nameOf(error: unknown): string | undefined {
  return error instanceof socket.OSError ? (error.code ?? error.name) : undefined;
}
