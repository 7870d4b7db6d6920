import { describe, expect, it } from '@jest/globals';
import * as ssl from '../../lib/ssl/index.ts';
import { listening, own, portOf, tcp } from '../support/pairs.ts';
import { hasPython } from '../support/python.ts';
import { startPython } from '../support/python-child.ts';
import {
  certificateFile,
  clientContext,
  isDocumentedAlone,
  keyFile,
  serverContext,
  VERSIONS,
  type CertificateName,
} from '../support/tls-contexts.ts';
import { handshakes } from '../support/tls.ts';

/** Why a certificate is refused, and what the alert tells the peer. */
interface Refusal {
  readonly certificate: CertificateName | undefined;
  readonly verifyCode?: number;
  readonly verifyMessage?: string;
  /** OpenSSL's name of the alert; by the version where they differ. */
  readonly alert: string | Readonly<Record<string, string>>;
}

const EXPIRED = { verifyCode: 10, verifyMessage: 'certificate has expired', alert: 'SSLV3_ALERT_CERTIFICATE_EXPIRED' };
const SELF_SIGNED = { verifyCode: 18, verifyMessage: 'self-signed certificate', alert: 'TLSV1_ALERT_UNKNOWN_CA' };
const UNTRUSTED = {
  verifyCode: 20,
  verifyMessage: 'unable to get local issuer certificate',
  alert: 'TLSV1_ALERT_UNKNOWN_CA',
};

const SERVERS: readonly Refusal[] = [
  {
    certificate: 'other-name',
    verifyCode: 62,
    verifyMessage: "Hostname mismatch, certificate is not valid for 'localhost'.",
    alert: 'SSLV3_ALERT_BAD_CERTIFICATE',
  },
  { certificate: 'expired', ...EXPIRED },
  { certificate: 'self-signed', ...SELF_SIGNED },
  { certificate: 'untrusted', ...UNTRUSTED },
];

const CLIENTS: readonly Refusal[] = [
  { certificate: 'expired-client', ...EXPIRED },
  { certificate: 'self-signed-client', ...SELF_SIGNED },
  { certificate: 'untrusted-client', ...UNTRUSTED },
  {
    certificate: undefined,
    alert: { 'TLSv1.2': 'SSLV3_ALERT_HANDSHAKE_FAILURE', 'TLSv1.3': 'TLSV13_ALERT_CERTIFICATE_REQUIRED' },
  },
];

const titled = (refusals: readonly Refusal[]): (readonly [string, Refusal])[] =>
  refusals.map((one) => [one.certificate ?? 'none', one]);

const alertOf = ({ alert }: Refusal, version: string): string | undefined =>
  typeof alert === 'string' ? alert : alert[version];

const errorFor = ({ certificate, verifyCode, verifyMessage }: Refusal): object =>
  certificate === undefined
    ? { name: 'SSLError', library: 'SSL', reason: 'PEER_DID_NOT_RETURN_A_CERTIFICATE' }
    : { name: 'SSLCertVerificationError', reason: 'CERTIFICATE_VERIFY_FAILED', verifyCode, verifyMessage };

/** The context of a server that wants a certificate of its clients. */
function demanding(version: number): ssl.SSLContext {
  const context = serverContext({ version, authority: 'ca' });
  context.verifyMode = ssl.CERT_REQUIRED;
  return context;
}

/** What a side is told: by the handshake, or by the first receive after it. */
async function toldTo(result: PromiseSettledResult<ssl.SSLSocket>): Promise<unknown> {
  if (result.status === 'rejected') return result.reason;
  return await result.value.recv(1).then(
    (bytes) => `received ${bytes.length} bytes`,
    (error: unknown) => error,
  );
}

describe.each(VERSIONS)('a certificate that is refused with %s', (name, version) => {
  it.each(titled(SERVERS))('of a server: %s', async (_title, refusal) => {
    const { certificate } = refusal;
    const [client, server] = await handshakes({
      client: clientContext({ version }),
      server: serverContext({ version, certificate }),
    });
    expect(client).toMatchObject({ status: 'rejected', reason: errorFor(refusal) });
    expect(await toldTo(server)).toMatchObject({ name: 'SSLError', library: 'SSL', reason: alertOf(refusal, name) });
  });

  it.each(titled(CLIENTS))('of a client: %s', async (_title, refusal) => {
    const { certificate } = refusal;
    const [client, server] = await handshakes({
      client: clientContext({ version, certificate }),
      server: demanding(version),
    });
    expect(server).toMatchObject({ status: 'rejected', reason: errorFor(refusal) });
    expect(await toldTo(client)).toMatchObject({ name: 'SSLError', library: 'SSL', reason: alertOf(refusal, name) });
  });

  it('is believed where the program does not verify it', async () => {
    const client = clientContext({ version });
    client.checkHostname = false;
    client.verifyMode = ssl.CERT_NONE;
    const [ours] = await handshakes({ client, server: serverContext({ version, certificate: 'self-signed' }) });
    expect(ours.status).toBe('fulfilled');
  });

  it('of a client that need not have one is refused all the same', async () => {
    const server = demanding(version);
    server.verifyMode = ssl.CERT_OPTIONAL;
    const [, theirs] = await handshakes({
      client: clientContext({ version, certificate: 'untrusted-client' }),
      server,
    });
    expect(theirs).toMatchObject({ status: 'rejected', reason: { verifyCode: 20 } });
  });
});

const TELL = `
import ssl
def outcome(call):
    try:
        call()
        return None
    except ssl.SSLError as error:
        return [type(error).__name__, error.library, error.reason]
version = ssl.TLSVersion[sys.argv[2].replace('.', '_')]
`;

(hasPython ? describe : describe.skip).each(VERSIONS)("Python's peer with %s", (name, version) => {
  it.each(titled(SERVERS))("is told why its server's certificate is refused: %s", async (_title, refusal) => {
    const { certificate = 'server' } = refusal;
    const child = startPython(
      `${TELL}
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.minimum_version = context.maximum_version = version
context.load_cert_chain(*sys.argv[3:5])
listener = create_server(('127.0.0.1', 0))
tell(listener.getsockname()[1])
conn = listener.accept()[0]
made = []
shaken = outcome(lambda: made.append(context.wrap_socket(conn, server_side=True)))
tell([shaken, made and outcome(lambda: made[0].recv(1))])
`,
      ['-', name, certificateFile(certificate), keyFile(certificate)],
    );
    const port = Number(await child.tells());
    const client = own(await clientContext().wrapSocket(tcp(), { serverHostname: 'localhost' }));
    await expect(client.connect(['127.0.0.1', port])).rejects.toMatchObject(errorFor(refusal));
    const told = ['SSLError', 'SSL', alertOf(refusal, name)];
    expect(await child.tells()).toEqual(name === 'TLSv1.2' && isDocumentedAlone ? [null, told] : [told, []]);
  });

  it.each(titled(CLIENTS))("is told why its client's certificate is refused: %s", async (_title, refusal) => {
    const listener = own(await demanding(version).wrapSocket(listening(), { serverSide: true }));
    const { certificate } = refusal;
    const files = certificate === undefined ? [] : [certificateFile(certificate), keyFile(certificate)];
    const child = startPython(
      `${TELL}
context = ssl.create_default_context(cafile=sys.argv[3])
context.maximum_version = version
if len(sys.argv) > 5:
    context.load_cert_chain(*sys.argv[5:7])
def meet():
    conn = context.wrap_socket(create_connection(('127.0.0.1', int(sys.argv[4]))), server_hostname='localhost')
    conn.recv(1)
tell(outcome(meet))
`,
      ['-', name, certificateFile('ca'), portOf(listener), ...files],
    );
    await expect(listener.accept()).rejects.toMatchObject(errorFor(refusal));
    expect(await child.tells()).toEqual(['SSLError', 'SSL', alertOf(refusal, name)]);
  });
});
