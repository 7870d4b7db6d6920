import type { Socket } from '../../lib/index.ts';
import type { SSLContext, SSLSocket, WrapOptions } from '../../lib/ssl/index.ts';
import { own, pair } from './pairs.ts';
import { clientContext, serverContext } from './tls-contexts.ts';

/** The two contexts of a connection, the two ends without TLS, and how they are wrapped. */
export interface TlsChoices {
  readonly version?: number | undefined;
  readonly client?: SSLContext | undefined;
  readonly server?: SSLContext | undefined;
  readonly raw?: (() => Promise<readonly [Socket, Socket]>) | undefined;
  readonly clientWrap?: WrapOptions | undefined;
  readonly serverWrap?: WrapOptions | undefined;
}

/** Wraps both ends of a connection at once, and gives what each attempt has come to. */
export async function handshakes({
  version,
  client = clientContext({ version }),
  server = serverContext({ version }),
  raw = pair,
  clientWrap,
  serverWrap,
}: TlsChoices): Promise<[client: PromiseSettledResult<SSLSocket>, server: PromiseSettledResult<SSLSocket>]> {
  const [ours, theirs] = await raw();
  return await Promise.allSettled([
    client.wrapSocket(ours, { serverHostname: 'localhost', ...clientWrap }).then(own),
    server.wrapSocket(theirs, { serverSide: true, ...serverWrap }).then(own),
  ]);
}

/** Both ends of a connection with TLS, each wrapped by us; they are closed at the end of the test. */
export async function tlsPair(choices: TlsChoices = {}): Promise<[client: SSLSocket, server: SSLSocket]> {
  const [client, server] = await handshakes(choices);
  return [valueOf(client), valueOf(server)];
}

/**
 * The same, where the client has received its session tickets: Linux resets a connection that is closed with unread
 * bytes.
 */
export async function quietTlsPair(): Promise<[client: SSLSocket, server: SSLSocket]> {
  const [client, server] = await tlsPair();
  await server.sendall('x');
  await client.recv(1);
  return [client, server];
}

function valueOf<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}
