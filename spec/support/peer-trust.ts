import { PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER } from '../../lib/ssl/constants.ts';
import { settingsOf } from '../../lib/ssl/context-settings.ts';
import { SSLContext } from '../../lib/ssl/classes.ts';
import { handshake } from './handshake.ts';

/**
 * Prints what a client whose context has loaded nothing says against the certificate in its arguments. To be run with
 * `NODE_EXTRA_CA_CERTS`, whose authorities Node trusts wherever a program names none.
 */
async function main([certfile = '', keyfile = '']: readonly string[]): Promise<void> {
  const [server, client] = [new SSLContext(PROTOCOL_TLS_SERVER), new SSLContext(PROTOCOL_TLS_CLIENT)];
  server.loadCertChain(certfile, keyfile);
  const { refusal } = await handshake(settingsOf(server).secureContext(), settingsOf(client).secureContext());
  console.log(refusal);
}

void main(process.argv.slice(2));
