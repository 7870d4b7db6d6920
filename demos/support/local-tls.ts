import * as ssl from '../../lib/ssl/index.ts';
import { Authority } from './authority.ts';
import { TemporaryFolder } from './temporary.ts';

/** What a demo needs to speak TLS on this machine. */
export interface LocalTLS {
  /** The context of the server, which has a certificate for `localhost`. */
  readonly context: ssl.SSLContext;
  /** The file that clients have to trust. */
  readonly cafile: string;
}

/** Makes an authority, and a server's context with its certificate. */
export async function localTLS(name: string): Promise<LocalTLS> {
  const authority = await Authority.create(`${name}, only here and today`);
  const folder = new TemporaryFolder();
  const certificate = await authority.issue([
    { type: 'dns', value: 'localhost' },
    { type: 'ip', value: '127.0.0.1' },
    { type: 'ip', value: '::1' },
  ]);
  const context = ssl.createDefaultContext(ssl.Purpose.CLIENT_AUTH);
  // OpenSSL takes keys from files alone. It has read this one when the call returns.
  context.loadCertChain(folder.write('server.pem', certificate));
  folder.remove('server.pem');
  return { context, cafile: folder.write('ca.pem', authority.pem) };
}
