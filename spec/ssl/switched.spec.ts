import { describe, expect, it } from '@jest/globals';
import * as ssl from '../../lib/ssl/index.ts';
import { handshakes, tlsPair } from '../support/tls.ts';
import { certificateFile, clientContext, serverContext, VERSIONS } from '../support/tls-contexts.ts';

/** A server's context that goes on with another one, which asks no client for a certificate. */
function switching(version?: number): ssl.SSLContext {
  const context = serverContext({ version });
  context.sniCallback = (sock) => {
    sock.context = serverContext();
  };
  return context;
}

describe('a server whose function for SNI chooses another context', () => {
  it.each(VERSIONS)('still asks for the certificate that the first one requires: %s', async (_name, version) => {
    const server = switching(version);
    server.verifyMode = ssl.CERT_REQUIRED;
    server.loadVerifyLocations(certificateFile('ca'));
    const [, accepted] = await handshakes({ server, client: clientContext({ version }) });
    expect(accepted).toMatchObject({ status: 'rejected', reason: { reason: 'PEER_DID_NOT_RETURN_A_CERTIFICATE' } });
  });

  it.each(VERSIONS)('keeps to the versions of the first one: %s', async (name, version) => {
    const [client] = await tlsPair({ server: switching(version), client: clientContext() });
    expect(client.version()).toBe(name);
  });
});
