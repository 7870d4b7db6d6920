import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import * as ssl from '../../lib/ssl/index.ts';
import { own } from '../support/pairs.ts';
import { hasPython, python } from '../support/python.ts';
import { certificateFile, keyFile, serverContext, type CertificateName } from '../support/tls-contexts.ts';

/** A server that does one handshake; its port, and whether that has succeeded. */
async function serve(certificate: CertificateName): Promise<{ port: number; outcome: Promise<boolean> }> {
  const listener = own(socket.createServer(['127.0.0.1', 0]));
  const server = own(await serverContext({ certificate }).wrapSocket(listener, { serverSide: true }));
  const outcome = server.accept().then(
    ([conn]) => {
      conn.close();
      return true;
    },
    () => false,
  );
  const [, port] = server.getsockname() as socket.Inet4Address;
  return { port, outcome };
}

/** The certificate of a file, whose text may have more. */
const pemOf = (name: CertificateName): string =>
  ssl.DERCertToPEMCert(ssl.PEMCertToDERCert(readFileSync(certificateFile(name), 'latin1').trim()));

describe('getServerCertificate()', () => {
  it.each(['server', 'expired', 'self-signed', 'other-name'] as const)(
    'gives the certificate %s unverified',
    async (name) => {
      const { port, outcome } = await serve(name);
      expect(await ssl.getServerCertificate(['127.0.0.1', port])).toBe(pemOf(name));
      expect(await outcome).toBe(true);
    },
  );

  it('verifies it by the authorities of a file, and leaves the host name out', async () => {
    const caCerts = certificateFile('ca');
    const first = await serve('other-name');
    expect(await ssl.getServerCertificate(['127.0.0.1', first.port], { caCerts })).toBe(pemOf('other-name'));
    expect(await first.outcome).toBe(true);
    const second = await serve('untrusted');
    const refused = ssl.getServerCertificate(['127.0.0.1', second.port], { caCerts, timeout: 5 });
    await expect(refused).rejects.toMatchObject({ name: 'SSLCertVerificationError', verifyCode: 20 });
    expect(await second.outcome).toBe(false);
  });

  it('takes its arguments in their places, too', async () => {
    const { port, outcome } = await serve('server');
    const pem = await ssl.getServerCertificate(['127.0.0.1', port], ssl.PROTOCOL_TLS, certificateFile('ca'), 5);
    expect(pem).toBe(pemOf('server'));
    expect(await outcome).toBe(true);
  });

  it('ends at its time limit where the server does no handshake', async () => {
    const listener = own(socket.createServer(['127.0.0.1', 0]));
    const [, port] = listener.getsockname() as socket.Inet4Address;
    const waiting = ssl.getServerCertificate(['127.0.0.1', port], { timeout: 0.2 });
    await expect(waiting).rejects.toThrow(socket.TimeoutError);
  });

  it('checks its arguments before it connects', async () => {
    // Nothing listens here: a connection would be refused.
    const address = ['127.0.0.1', 1] as const;
    const wrong: readonly (readonly [unknown[], unknown])[] = [
      [['127.0.0.1'], TypeError],
      [[['127.0.0.1']], TypeError],
      [[address, { timeout: -1 }], RangeError],
      [[address, { sslVersion: 77 }], RangeError],
      [[address, { sslVersion: ssl.PROTOCOL_TLS_SERVER }], ssl.SSLError],
      [[address, { caCerts: 5 }], TypeError],
      [[address, { caCerts: keyFile('server') }], ssl.SSLError],
      [[address, { caCerts: '/nowhere' }], socket.FileNotFoundError],
      [[address, { other: 1 }], TypeError],
    ];
    for (const [given, expected] of wrong) {
      await expect(Reflect.apply(ssl.getServerCertificate, undefined, given)).rejects.toThrow(expected);
    }
    await expect(ssl.getServerCertificate(address)).rejects.toThrow(socket.ConnectionRefusedError);
  });

  (hasPython ? it : it.skip)('gives what Python gives', async () => {
    const { port, outcome } = await serve('server');
    const ours = await ssl.getServerCertificate(['127.0.0.1', port]);
    expect(await outcome).toBe(true);
    const der = ssl.PEMCertToDERCert(ours).toString('hex');
    const theirs = python(
      'import json, ssl, sys; print(json.dumps(ssl.DER_cert_to_PEM_cert(bytes.fromhex(json.load(sys.stdin)))))',
      der,
    );
    expect(theirs).toBe(ours);
  });
});
