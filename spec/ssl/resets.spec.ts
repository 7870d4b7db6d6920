import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import * as ssl from '../../lib/ssl/index.ts';
import { own, pair, reset } from '../support/pairs.ts';
import { tlsPair, type TlsChoices } from '../support/tls.ts';
import { clientContext, serverContext, VERSIONS } from '../support/tls-contexts.ts';

describe('a handshake', () => {
  it('takes what the peer sent before it', async () => {
    const [client, server] = await pair();
    await server.sendall('HELLO\r\n');
    await client.recv(1, socket.MSG_PEEK);
    const shaking = clientContext().wrapSocket(client, { serverHostname: 'localhost' });
    await expect(shaking).rejects.toMatchObject({ name: 'SSLError', reason: 'WRONG_VERSION_NUMBER' });
  });

  it.each(['client', 'server'] as const)('tells a reset from an end: %s', async (end) => {
    const [client, server] = await pair();
    const [own, peer] = end === 'client' ? [client, server] : [server, client];
    const shaking =
      end === 'client'
        ? clientContext().wrapSocket(own, { serverHostname: 'localhost' })
        : serverContext().wrapSocket(own, { serverSide: true });
    // The first bytes of a record.
    await peer.sendall(Buffer.from('160301', 'hex'));
    reset(peer);
    await expect(shaking).rejects.toMatchObject({ name: 'ConnectionResetError', code: 'ECONNRESET' });
  });
});

describe('a connection that has ended before it is wrapped', () => {
  const wrap = { serverHostname: 'localhost' };

  it('fails in its handshake', async () => {
    const [one, other] = await pair();
    other.shutdown(socket.SHUT_WR);
    await expect(one.recv(1)).resolves.toHaveLength(0);
    await expect(clientContext().wrapSocket(one, wrap)).rejects.toMatchObject({ name: 'SSLEOFError' });
  });

  it('fails in its handshake after a reset that a call has raised, too', async () => {
    const [one, other] = await pair();
    reset(other);
    await expect(one.recv(1)).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(clientContext().wrapSocket(one, wrap)).rejects.toMatchObject({ name: 'SSLEOFError' });
  });
});

/** What Python raises where a connection was cut. */
const CUT = { name: 'SSLEOFError', reason: 'UNEXPECTED_EOF_WHILE_READING' };

const later = { doHandshakeOnConnect: false };

/** A server whose client goes in the middle of its first record. */
async function cutServer(suppressRaggedEofs: boolean): Promise<ssl.SSLSocket> {
  const [client, server] = await pair();
  const wrapped = own(await serverContext().wrapSocket(server, { serverSide: true, ...later, suppressRaggedEofs }));
  await client.sendall(Buffer.from('160301', 'hex'));
  client.close();
  return wrapped;
}

/** A client that is yet to do its handshake, with a server. */
async function shakers(choices: TlsChoices): Promise<readonly [client: ssl.SSLSocket, server: ssl.SSLSocket]> {
  return await tlsPair({
    ...choices,
    clientWrap: { ...later, suppressRaggedEofs: false },
    serverWrap: { ...later },
  });
}

describe('a handshake that was cut', () => {
  it('gives a receive the end, and is an error of what needs the handshake', async () => {
    const server = await cutServer(true);
    await expect(server.recv(10)).resolves.toEqual(Buffer.alloc(0));
    await expect(server.send('')).rejects.toMatchObject(CUT);
    await expect(server.doHandshake()).rejects.toMatchObject(CUT);
    await expect(server.recv(10)).resolves.toEqual(Buffer.alloc(0));
  });

  it('is the error of a send that began it, and not of the next receive', async () => {
    const server = await cutServer(true);
    await expect(server.sendall('x')).rejects.toMatchObject(CUT);
    await expect(server.recv(10)).resolves.toEqual(Buffer.alloc(0));
  });

  it('is an error of each receive where cuts count as errors', async () => {
    const server = await cutServer(false);
    await expect(server.sendall('x')).rejects.toMatchObject(CUT);
    await expect(server.recv(10)).rejects.toMatchObject(CUT);
    await expect(server.recv(10)).rejects.toMatchObject(CUT);
  });
});

describe.each(VERSIONS)('a handshake of %s that failed, where cuts count as errors', (_name, version) => {
  it('has no clean end where this side has refused the peer', async () => {
    const [client, server] = await shakers({ server: serverContext({ version, certificate: 'untrusted' }) });
    const [refused] = await Promise.allSettled([client.doHandshake(), server.doHandshake()]);
    expect(refused).toMatchObject({ reason: expect.any(ssl.SSLCertVerificationError) });
    await expect(client.recv(1)).rejects.toThrow(ssl.SSLCertVerificationError);
    await expect(client.recv(1)).rejects.toMatchObject(CUT);
  });

  it('has one where the peer has sent an alert', async () => {
    const server = serverContext({ version });
    server.sniCallback = () => ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME;
    const [client, other] = await shakers({ server });
    const refused = expect(client.doHandshake()).rejects.toMatchObject({ reason: 'TLSV1_UNRECOGNIZED_NAME' });
    await expect(other.doHandshake()).rejects.toMatchObject({ reason: 'CALLBACK_FAILED' });
    await refused;
    await expect(client.recv(1)).rejects.toMatchObject({ reason: 'TLSV1_UNRECOGNIZED_NAME' });
    await expect(client.recv(1)).resolves.toEqual(Buffer.alloc(0));
  });
});

describe.each(VERSIONS)('a connection of %s that the peer has cut', (name, version) => {
  it('never has a clean end where cuts count as errors', async () => {
    const [client, server] = await tlsPair({ version, clientWrap: { suppressRaggedEofs: false } });
    reset(server);
    await expect(client.recv(1)).rejects.toMatchObject({ name: 'ConnectionResetError' });
    await expect(client.recv(1)).rejects.toMatchObject({ name: 'SSLEOFError' });
  });

  it('keeps what was agreed on after an alert', async () => {
    const client = clientContext({ version });
    client.checkHostname = false;
    client.verifyMode = ssl.CERT_NONE;
    const [ours, theirs] = await tlsPair({ version, client });
    reset(theirs);
    await expect(ours.recv(1)).rejects.toMatchObject({ name: 'ConnectionResetError' });
    expect([ours.version(), ours.getpeercert()]).toEqual([name, {}]);
  });
});

describe.each(VERSIONS)('unwrap() of %s', (_name, version) => {
  it('raises ConnectionResetError where the peer has reset the connection', async () => {
    const [client, server] = await tlsPair({ version });
    reset(server);
    await expect(client.unwrap()).rejects.toMatchObject({ name: 'ConnectionResetError' });
  });
});
