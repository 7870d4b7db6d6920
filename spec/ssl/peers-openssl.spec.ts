import { describe, expect, it } from '@jest/globals';
import { SHUT_WR } from '../../lib/index.ts';
import * as ssl from '../../lib/ssl/index.ts';
import { listening, own, portOf, tcp } from '../support/pairs.ts';
import { reservedPort } from '../support/ports.ts';
import { hasProgram, OtherProgram } from '../support/programs.ts';
import {
  certificateFile,
  clientContext,
  isDocumentedAlone,
  keyFile,
  serverContext,
  VERSIONS,
  type CertificateName,
} from '../support/tls-contexts.ts';

const files = (name: CertificateName): string[] => ['-cert', certificateFile(name), '-key', keyFile(name)];
const CA = ['-CAfile', certificateFile('ca')];

/** Certificates that are refused: why, and the alert that says so. */
const REFUSED: readonly (readonly [certificate: CertificateName, verifyCode: number, alert: number, reason: string])[] =
  [
    ['other-name', 62, 42, 'SSLV3_ALERT_BAD_CERTIFICATE'],
    ['expired', 10, 45, 'SSLV3_ALERT_CERTIFICATE_EXPIRED'],
    ['self-signed', 18, 48, 'TLSV1_ALERT_UNKNOWN_CA'],
    ['untrusted', 20, 48, 'TLSV1_ALERT_UNKNOWN_CA'],
  ];

/** Certificates of clients that are refused, or none: the alert that says so, by the version. */
const REFUSED_CLIENTS: readonly (readonly [
  certificate: CertificateName | undefined,
  reason: string,
  alerts: Readonly<Record<string, number>>,
])[] = [
  ['expired-client', 'CERTIFICATE_VERIFY_FAILED', { 'TLSv1.2': 45, 'TLSv1.3': 45 }],
  ['self-signed-client', 'CERTIFICATE_VERIFY_FAILED', { 'TLSv1.2': 48, 'TLSv1.3': 48 }],
  ['untrusted-client', 'CERTIFICATE_VERIFY_FAILED', { 'TLSv1.2': 48, 'TLSv1.3': 48 }],
  [undefined, 'PEER_DID_NOT_RETURN_A_CERTIFICATE', { 'TLSv1.2': 40, 'TLSv1.3': 116 }],
];

const describeWithOpenSSL = hasProgram('openssl') ? describe : describe.skip;

describeWithOpenSSL.each(VERSIONS.map(([name]) => name))('openssl s_server with %s', (name) => {
  const flag = `-${name.toLowerCase().replace('v', '').replace('.', '_')}`;

  /** A server that sends each line back in reverse. */
  async function server(...args: string[]): Promise<{ program: OtherProgram; port: number }> {
    const port = reservedPort();
    const program = new OtherProgram('openssl', ['s_server', '-accept', `127.0.0.1:${port}`, '-rev', flag, ...args]);
    own({ [Symbol.dispose]: () => void program[Symbol.asyncDispose]() });
    await program.tells(/ACCEPT/);
    return { program, port };
  }

  async function connect(port: number, context: ssl.SSLContext): Promise<ssl.SSLSocket> {
    const one = own(await context.wrapSocket(tcp(), { serverHostname: 'localhost' }));
    await one.connect(['127.0.0.1', port]);
    return one;
  }

  it('answers our client', async () => {
    const { port } = await server(...files('server'));
    const client = await connect(port, clientContext());
    expect(client.version()).toBe(name);
    await client.sendall('hello\n');
    expect(String(await client.recv(100))).toBe('olleh\n');
  });

  it('agrees on a protocol with our client', async () => {
    const { port } = await server(...files('server'), '-alpn', 'h2,x');
    const client = await connect(port, clientContext({ alpn: ['x', 'h2'] }));
    expect(client.selectedAlpnProtocol()).toBe('h2');
  });

  it("believes our client's certificate", async () => {
    const { program, port } = await server(...files('server'), ...CA, '-Verify', '1', '-verify_return_error');
    const client = await connect(port, clientContext({ certificate: 'client' }));
    await client.sendall('hello\n');
    expect(String(await client.recv(100))).toBe('olleh\n');
    await program.tells(/CN = client/);
  });

  it.each(REFUSED_CLIENTS)("refuses our client's certificate %s", async (certificate, _reason, alerts) => {
    const { port } = await server(...files('server'), ...CA, '-Verify', '1', '-verify_return_error');
    const refused = async (): Promise<void> => {
      const client = await connect(port, clientContext(certificate && { certificate }));
      // A client of TLS 1.3 learns of it after the handshake.
      await client.recv(1);
    };
    const error: unknown = await refused().then(
      () => 'not refused',
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ name: 'SSLError', library: 'SSL', reason: REASONS[alerts[name] ?? 0] });
  });

  it.each(REFUSED)('is refused with the certificate %s, and told why', async (certificate, verifyCode, alert) => {
    const { program, port } = await server(...files(certificate));
    await expect(connect(port, clientContext())).rejects.toMatchObject({
      name: 'SSLCertVerificationError',
      reason: 'CERTIFICATE_VERIFY_FAILED',
      verifyCode,
    });
    // After the handshake it passes over alerts.
    if (name === 'TLSv1.2' && isDocumentedAlone) return;
    await program.tells(new RegExp(`SSL alert number ${alert}\\b`));
  });

  it('resumes a session with our client', async () => {
    const { port } = await server(...files('server'));
    const context = clientContext();
    const first = await connect(port, context);
    await first.sendall('hello\n');
    expect(String(await first.recv(100))).toBe('olleh\n');
    const { session } = first;
    // It serves one client at a time.
    first.close();
    const second = own(await context.wrapSocket(tcp(), { serverHostname: 'localhost', session }));
    await second.connect(['127.0.0.1', port]);
    expect(second.sessionReused).toBe(true);
    await second.sendall('again\n');
    expect(String(await second.recv(100))).toBe('niaga\n');
  });
});

/** OpenSSL's names of alerts that were received, by their numbers. */
const REASONS: Readonly<Record<number, string>> = {
  40: 'SSLV3_ALERT_HANDSHAKE_FAILURE',
  45: 'SSLV3_ALERT_CERTIFICATE_EXPIRED',
  48: 'TLSV1_ALERT_UNKNOWN_CA',
  116: 'TLSV13_ALERT_CERTIFICATE_REQUIRED',
};

describeWithOpenSSL.each(VERSIONS)('openssl s_client with %s', (name, version) => {
  const flag = `-${name.toLowerCase().replace('v', '').replace('.', '_')}`;

  /** Our server, and a client of it. */
  async function meet(context: ssl.SSLContext, ...args: string[]): Promise<[Promise<ssl.SSLSocket>, OtherProgram]> {
    const listener = own(await context.wrapSocket(listening(), { serverSide: true }));
    const where = ['-connect', `127.0.0.1:${portOf(listener)}`, '-servername', 'localhost'];
    const trust = [...CA, '-verify_hostname', 'localhost', '-verify_return_error'];
    const program = new OtherProgram('openssl', ['s_client', ...where, ...trust, flag, ...args]);
    own({ [Symbol.dispose]: () => void program[Symbol.asyncDispose]() });
    const accepting = listener.accept().then(([conn]) => own(conn));
    accepting.catch(() => undefined);
    return [accepting, program];
  }

  it('talks to our server', async () => {
    const [accepting, program] = await meet(serverContext({ version }), '-quiet');
    const conn = await accepting;
    expect(conn.version()).toBe(name);
    program.type('hello\n');
    expect(String(await conn.recv(100))).toBe('hello\n');
    await conn.sendall('from the server\n');
    await program.tells(/from the server/);
    conn.shutdown(SHUT_WR);
    expect(await program.ended).toBe(0);
    expect(await conn.recv(1)).toHaveLength(0);
  });

  it("shows a client's certificate", async () => {
    const context = serverContext({ version, authority: 'ca' });
    context.verifyMode = ssl.CERT_REQUIRED;
    const [accepting] = await meet(context, '-quiet', ...files('client'));
    expect((await accepting).getpeercert()).toMatchObject({ subject: [[['commonName', 'client']]] });
  });

  it.each(REFUSED_CLIENTS)('is refused with the certificate %s, and told why', async (certificate, reason, alerts) => {
    const context = serverContext({ version, authority: 'ca' });
    context.verifyMode = ssl.CERT_REQUIRED;
    const [accepting, program] = await meet(context, ...(certificate === undefined ? [] : files(certificate)));
    await expect(accepting).rejects.toMatchObject({ library: 'SSL', reason });
    await program.tells(new RegExp(`SSL alert number ${alerts[name] ?? 0}\\b`));
  });

  it.each(REFUSED)(
    "refuses our server's certificate %s, and we learn why",
    async (certificate, _code, _alert, reason) => {
      const [accepting] = await meet(serverContext({ version, certificate }));
      await expect(accepting).rejects.toMatchObject({ name: 'SSLError', library: 'SSL', reason });
    },
  );
});
