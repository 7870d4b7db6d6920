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

function verifyCodeOf(error: unknown): number | undefined {
  if (error instanceof ssl.SSLCertVerificationError) return error.verifyCode;
  throw error;
}

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
    const [, port] = listener.getsockname();
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

  (hasPython ? it : it.skip)('gives what Python gives, and raises what it raises', async () => {
    const certificates = ['server', 'other-name', 'expired', 'untrusted', 'self-signed'] as const;
    const authorities = [null, 'ca', 'other-ca'] as const;
    const cases = certificates.flatMap((name) => authorities.map((authority) => ({ name, authority })));
    const here: unknown[] = [];
    for (const { name, authority } of cases) {
      const { port, outcome } = await serve(name);
      const caCerts = authority === null ? null : certificateFile(authority);
      const asked = ssl.getServerCertificate(['127.0.0.1', port], { caCerts });
      here.push(await asked.catch(verifyCodeOf));
      expect(await outcome).toBe(typeof here.at(-1) === 'string');
    }
    const files = cases.map(({ name, authority }) => [
      certificateFile(name),
      keyFile(name),
      authority === null ? null : certificateFile(authority),
    ]);
    expect(here).toEqual(python(ASK, files));
  });
});

/** Asks servers of its own, one for each certificate and key; the authorities are the third file. */
const ASK = `
import json, socket, ssl, sys, threading

def serve(listener, context):
    try:
        with context.wrap_socket(listener.accept()[0], server_side=True) as conn:
            conn.recv(1)
    except OSError:
        pass

def ask(certificate, key, ca):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(('127.0.0.1', 0)) as listener:
        server = threading.Thread(target=serve, args=(listener, context))
        server.start()
        try:
            return ssl.get_server_certificate(listener.getsockname(), ca_certs=ca)
        except ssl.SSLCertVerificationError as error:
            return error.verify_code
        finally:
            server.join()

print(json.dumps([ask(*files) for files in json.load(sys.stdin)]))
`;
