import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import * as ssl from '../../lib/ssl/index.ts';
import { pair, reset } from '../support/pairs.ts';
import { tlsPair } from '../support/tls.ts';
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
