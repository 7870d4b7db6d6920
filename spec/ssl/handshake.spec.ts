import { describe, expect, it } from '@jest/globals';
import * as ssl from '../../lib/ssl/index.ts';
import { deserted, listening, own, pair, tcp } from '../support/pairs.ts';
import { thrown } from '../support/thrown.ts';
import { certificateFile, clientContext, keyFile, serverContext, VERSIONS } from '../support/tls-contexts.ts';
import { handshakes, tlsPair } from '../support/tls.ts';

describe.each(VERSIONS)('a handshake of %s', (name, version) => {
  it('tells both sides what was agreed on', async () => {
    const [client, server] = await tlsPair({ version });
    for (const one of [client, server]) {
      expect(one.version()).toBe(name);
      expect(one.cipher()).toEqual(client.cipher());
      expect(one.compression()).toBeNull();
      expect(one.sessionReused).toBe(false);
    }
    expect(client.cipher()?.[1]).toBe(name);
    expect(client.cipher()?.[2]).toBeGreaterThanOrEqual(128);
    expect([client.serverSide, server.serverSide]).toEqual([false, true]);
    expect([client.serverHostname, server.serverHostname]).toEqual(['localhost', null]);
  });

  it('tells nothing before it is done', async () => {
    const [ours] = await pair();
    const wrap = { serverHostname: 'localhost', doHandshakeOnConnect: false };
    const client = own(await clientContext({ version }).wrapSocket(ours, wrap));
    expect([client.version(), client.cipher(), client.sharedCiphers(), client.compression()]).toEqual(
      Array(4).fill(null),
    );
    expect([client.selectedAlpnProtocol(), client.getChannelBinding()]).toEqual([null, null]);
    expect(client.sessionReused).toBe(false);
    expect(client.pending()).toBe(0);
    expect(() => client.getpeercert()).toThrow(new RangeError('handshake not done yet'));
  });

  it("agrees on the server's favourite of the protocols that both have", async () => {
    const [client, server] = await tlsPair({
      client: clientContext({ version, alpn: ['http/1.1', 'h2', 'x'] }),
      server: serverContext({ version, alpn: ['y', 'h2', 'http/1.1'] }),
    });
    expect([client.selectedAlpnProtocol(), server.selectedAlpnProtocol()]).toEqual(['h2', 'h2']);
  });

  it.each([
    ['has others', ['h2'], ['spdy/1']],
    ['has none', ['h2'], undefined],
    ['offers none', undefined, ['h2']],
  ])('goes on without a protocol where one side %s', async (_what, ours, theirs) => {
    const [client, server] = await tlsPair({
      client: clientContext({ version, ...(ours && { alpn: ours }) }),
      server: serverContext({ version, ...(theirs && { alpn: theirs }) }),
    });
    expect([client.selectedAlpnProtocol(), server.selectedAlpnProtocol()]).toEqual([null, null]);
    await client.sendall('x');
    expect(String(await server.recv(1))).toBe('x');
  });

  it("shows the certificate of the server, and the client's where it is asked for", async () => {
    const server = serverContext({ version, authority: 'ca' });
    server.verifyMode = ssl.CERT_REQUIRED;
    const [client, accepted] = await tlsPair({ client: clientContext({ version, certificate: 'client' }), server });
    expect(client.getpeercert()).toMatchObject({
      subject: [[['commonName', 'server']]],
      issuer: [[['commonName', 'await-socket tests']]],
      subjectAltName: [
        ['DNS', 'localhost'],
        ['IP Address', '127.0.0.1'],
        ['IP Address', '0:0:0:0:0:0:0:1'],
      ],
    });
    expect(accepted.getpeercert()).toMatchObject({ subject: [[['commonName', 'client']]] });
    expect(accepted.getpeercert(true)?.subarray(0, 2)).toEqual(Buffer.from([0x30, 0x82]));
  });

  it('shows no fields of a certificate that was not verified, and none of a client that has none', async () => {
    const client = clientContext({ version });
    client.checkHostname = false;
    client.verifyMode = ssl.CERT_NONE;
    const [ours, theirs] = await tlsPair({ client, server: serverContext({ version, certificate: 'untrusted' }) });
    expect(ours.getpeercert()).toEqual({});
    expect(ours.getpeercert(true)?.length).toBeGreaterThan(100);
    expect([theirs.getpeercert(), theirs.getpeercert(true)]).toEqual([null, null]);
  });

  it('goes on without a certificate that is optional', async () => {
    const server = serverContext({ version, authority: 'ca' });
    server.verifyMode = ssl.CERT_OPTIONAL;
    const [, accepted] = await tlsPair({ client: clientContext({ version }), server });
    expect(accepted.getpeercert()).toBeNull();
  });

  it('lists the ciphers that both sides have', async () => {
    const client = clientContext({ version });
    if (name === 'TLSv1.2') client.setCiphers('ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256');
    const [ours, theirs] = await tlsPair({ client, server: serverContext({ version }) });
    expect(ours.sharedCiphers()).toBeNull();
    const shared = theirs.sharedCiphers() ?? [];
    expect(shared.map(([cipher]) => cipher)).toContain(theirs.cipher()?.[0]);
    if (name === 'TLSv1.2') {
      expect(shared).toEqual([
        ['ECDHE-ECDSA-AES256-GCM-SHA384', 'TLSv1.2', 256],
        ['ECDHE-ECDSA-AES128-GCM-SHA256', 'TLSv1.2', 128],
      ]);
    }
  });

  it('gives both sides the same channel binding, another for each connection', async () => {
    const bindings = new Set<string | undefined>();
    for (let round = 0; round < 2; round += 1) {
      const [client, server] = await tlsPair({ version });
      expect(client.getChannelBinding()?.length).toBeGreaterThanOrEqual(12);
      expect(server.getChannelBinding('tls-unique')).toEqual(client.getChannelBinding());
      bindings.add(client.getChannelBinding()?.toString('hex'));
    }
    expect(bindings.size).toBe(2);
  });

  it('resumes a session', async () => {
    const [client, server] = [clientContext({ version }), serverContext({ version })];
    const [first, firstServer] = await tlsPair({ client, server });
    await firstServer.sendall('after the tickets');
    await first.recv(100);
    const { session } = first;
    expect(session).toBeInstanceOf(ssl.SSLSession);
    expect(session?.hasTicket).toBe(true);

    const [second, secondServer] = await tlsPair({ client, server, clientWrap: { session } });
    expect([second.sessionReused, secondServer.sessionReused]).toEqual([true, true]);
    expect(second.getChannelBinding()).toEqual(secondServer.getChannelBinding());
    // The server does not show its certificate again.
    expect(second.getpeercert()).toEqual(first.getpeercert());
    expect(second.getpeercert()).toMatchObject({ subject: [[['commonName', 'server']]] });
    expect(client.sessionStats()).toMatchObject({ connect: 2, connectGood: 2, hits: 1 });
    expect(server.sessionStats()).toMatchObject({ accept: 2, acceptGood: 2, hits: 1 });
  });

  it("shows a client's certificate again where a session is resumed", async () => {
    const client = clientContext({ version, certificate: 'client' });
    const server = serverContext({ version, authority: 'ca' });
    server.verifyMode = ssl.CERT_REQUIRED;
    const [first, firstServer] = await tlsPair({ client, server });
    await firstServer.sendall('x');
    await first.recv(1);
    const [, second] = await tlsPair({ client, server, clientWrap: { session: first.session } });
    expect(second.sessionReused).toBe(true);
    expect(second.getpeercert()).toMatchObject({ subject: [[['commonName', 'client']]] });
  });

  it('begins anew where the server does not know the session', async () => {
    const client = clientContext({ version });
    const [first, firstServer] = await tlsPair({ client, server: serverContext({ version }) });
    await firstServer.sendall('x');
    await first.recv(1);
    const { session } = first;
    const [second] = await tlsPair({ client, server: serverContext({ version }), clientWrap: { session } });
    expect(second.sessionReused).toBe(false);
  });
});

describe('versions', () => {
  it('are the newest that both sides have', async () => {
    const [client] = await tlsPair();
    expect(client.version()).toBe('TLSv1.3');
    const older = serverContext();
    older.maximumVersion = ssl.TLSVersion.TLSv1_2;
    const [other] = await tlsPair({ server: older });
    expect(other.version()).toBe('TLSv1.2');
  });

  it.each([
    ['newer', ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2],
    ['older', ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3],
  ])('that are %s on the side of the client fail on both sides', async (_what, ours, theirs) => {
    const [client, server] = await handshakes({
      client: clientContext({ version: ours }),
      server: serverContext({ version: theirs }),
    });
    expect(client).toMatchObject({
      reason: { name: 'SSLError', errno: 1, library: 'SSL', reason: 'TLSV1_ALERT_PROTOCOL_VERSION' },
    });
    expect(server).toMatchObject({
      reason: { name: 'SSLError', errno: 1, library: 'SSL', reason: 'UNSUPPORTED_PROTOCOL' },
    });
  });
});

describe('the function for SNI', () => {
  const elsewhere = (): ssl.SSLContext => serverContext({ certificate: 'other-name' });

  it('gets the connection, the name as it was sent, and the context', async () => {
    const server = serverContext();
    const seen: unknown[] = [];
    server.sniCallback = (one, name, context) => {
      seen.push(one, name, context === server, one.context === server);
    };
    const [, accepted] = await tlsPair({ server });
    expect(seen).toEqual([accepted, 'localhost', true, true]);
  });

  it('gets null from a client that names no host', async () => {
    const server = serverContext();
    const names: unknown[] = [];
    server.sniCallback = (_, name) => void names.push(name);
    const client = clientContext();
    client.checkHostname = false;
    await tlsPair({ server, client, clientWrap: { serverHostname: null } });
    await tlsPair({ server, client, clientWrap: { serverHostname: '127.0.0.1' } });
    expect(names).toEqual([null, null]);
  });

  it('chooses another context, with its certificate', async () => {
    const server = serverContext();
    const other = elsewhere();
    server.sniCallback = (one, name) => {
      if (name === 'elsewhere.test') one.context = other;
    };
    const [client, accepted] = await tlsPair({ server, clientWrap: { serverHostname: 'elsewhere.test' } });
    expect(client.getpeercert()).toMatchObject({ subjectAltName: [['DNS', 'elsewhere.test']] });
    expect(accepted.context).toBe(other);
    const [plain] = await tlsPair({ server });
    expect(plain.getpeercert()).toMatchObject({ subject: [[['commonName', 'server']]] });
  });

  it.each([
    ['the number of an alert', () => ssl.ALERT_DESCRIPTION_ACCESS_DENIED, 'TLSV1_ALERT_ACCESS_DENIED'],
    ['another number of an alert', () => ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME, 'TLSV1_UNRECOGNIZED_NAME'],
    ['an error', () => thrownHere(), 'SSLV3_ALERT_HANDSHAKE_FAILURE'],
  ])('ends the handshake with %s', async (_what, answer, reason) => {
    const server = serverContext();
    server.sniCallback = answer;
    const [client, accepted] = await handshakes({ server });
    expect(client).toMatchObject({ reason: { name: 'SSLError', library: 'SSL', reason } });
    expect(accepted).toMatchObject({ reason: { name: 'SSLError', library: 'SSL', reason: 'CALLBACK_FAILED' } });
  });

  it('that throws is the cause of the error', async () => {
    const server = serverContext();
    server.sniCallback = thrownHere;
    const [, accepted] = await handshakes({ server });
    expect(accepted).toMatchObject({ reason: { cause: new Error('from the function for SNI') } });
  });

  it('ends the handshake with internal_error where its answer is neither', async () => {
    const server = serverContext();
    Reflect.set(server, 'sniCallback', () => 'ok');
    const [client, accepted] = await handshakes({ server });
    expect(client).toMatchObject({ reason: { name: 'SSLError', reason: 'TLSV1_ALERT_INTERNAL_ERROR' } });
    expect(accepted).toMatchObject({
      reason: { cause: { name: 'TypeError', message: expect.stringMatching("'ok'") } },
    });
  });

  function thrownHere(): never {
    throw new Error('from the function for SNI');
  }
});

describe('sessions', () => {
  it('are set before the handshake, by a client, for the context that they are of', async () => {
    const client = clientContext();
    const [first, server] = await tlsPair({ client });
    await server.sendall('x');
    await first.recv(1);
    const { session } = first;
    expect(thrown(() => (first.session = session))).toEqual(new RangeError('Cannot set session after handshake.'));
    expect(thrown(() => (server.session = session))).toEqual(
      new RangeError('Cannot set session for server-side SSLSocket.'),
    );
    const wrap = { serverHostname: 'localhost', doHandshakeOnConnect: false };
    const [ours] = await pair();
    const other = own(await clientContext().wrapSocket(ours, wrap));
    expect(thrown(() => (other.session = session))).toMatchObject({
      name: 'RangeError',
      message: expect.stringMatching(/^Session refers to a different SSLContext/i),
    });
  });

  it('belong to clients', async () => {
    const context = new ssl.SSLContext(ssl.PROTOCOL_TLS);
    context.loadVerifyLocations(certificateFile('ca'));
    context.loadCertChain(certificateFile('server'), keyFile('server'));
    const [client, server] = await tlsPair({ client: context, server: context });
    await server.sendall('x');
    await client.recv(1);
    const options = { serverSide: true, session: client.session };
    const text = 'session can only be specified in client mode';
    const [one] = await pair();
    await expect(context.wrapSocket(one, options)).rejects.toThrow(text);
    expect(thrown(() => context.wrapBio(new ssl.MemoryBIO(), new ssl.MemoryBIO(), options))).toMatchObject({
      name: 'RangeError',
      message: expect.stringMatching(`^${text}`),
    });
  });
});

describe('a listener with TLS', () => {
  it('accepts connections with TLS, whose handshake is done', async () => {
    const server = serverContext();
    const listener = own(await server.wrapSocket(listening(), { serverSide: true }));
    expect(listener).toBeInstanceOf(ssl.SSLSocket);
    const client = own(await clientContext().wrapSocket(tcp(), { serverHostname: 'localhost' }));
    const [[conn, address]] = await Promise.all([listener.accept(), client.connect(listener.getsockname())]);
    own(conn);
    expect(conn).toBeInstanceOf(ssl.SSLSocket);
    expect(address).toEqual(client.getsockname());
    expect([conn.version(), client.version()]).toEqual(['TLSv1.3', 'TLSv1.3']);
    await conn.sendall('hello');
    expect(String(await client.recv(100))).toBe('hello');
  });

  it('closes a client whose handshake fails, and accepts the next', async () => {
    const listener = own(await serverContext().wrapSocket(listening(), { serverSide: true }));
    const stranger = tcp();
    const failing = listener.accept();
    await stranger.connect(listener.getsockname());
    await stranger.sendall('GET / HTTP/1.1\r\n\r\n');
    await expect(failing).rejects.toMatchObject({ name: 'SSLError', reason: 'HTTP_REQUEST' });
    const client = own(await clientContext().wrapSocket(tcp(), { serverHostname: 'localhost' }));
    const [[conn]] = await Promise.all([listener.accept(), client.connect(listener.getsockname())]);
    own(conn);
    expect(conn.version()).toBe('TLSv1.3');
  });

  it('that is not there is an error number of connectEx()', async () => {
    const [host, port] = deserted();
    const client = own(await clientContext().wrapSocket(tcp(), { serverHostname: 'localhost' }));
    await expect(client.connectEx([host, port])).resolves.toBe(111);
    expect(client.version()).toBeNull();
  });

  it('leaves the handshake to the program where it is told to', async () => {
    const wrap = { serverSide: true, doHandshakeOnConnect: false };
    const listener = own(await serverContext().wrapSocket(listening(), wrap));
    const client = own(await clientContext().wrapSocket(tcp(), { serverHostname: 'localhost' }));
    const connecting = client.connect(listener.getsockname());
    const [conn] = await listener.accept();
    own(conn);
    expect(conn.version()).toBeNull();
    await Promise.all([conn.doHandshake(), connecting]);
    expect(conn.version()).toBe('TLSv1.3');
  });

  it('is connected to by connectEx() too', async () => {
    const listener = own(await serverContext().wrapSocket(listening(), { serverSide: true }));
    const client = own(await clientContext().wrapSocket(tcp(), { serverHostname: 'localhost' }));
    const [errno, [conn]] = await Promise.all([client.connectEx(listener.getsockname()), listener.accept()]);
    own(conn);
    expect([errno, client.version()]).toEqual([0, 'TLSv1.3']);
  });
});
