import { once } from 'node:events';
import net from 'node:net';
import { Duplex } from 'node:stream';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { plainAlert, sealAlert, type AlertProtection } from '../../lib/ssl/alerts.ts';
import { ciphersOf, type Cipher } from '../../lib/ssl/ciphers.ts';
import { APPLICATION_DATA, CHANGE_CIPHER_SPEC, RecordSplitter } from '../../lib/ssl/records.ts';
import { readServerHello, type ServerHello } from '../../lib/ssl/server-hello.ts';
import { CertificateFolder, hasOpenSSL } from '../support/certificates.ts';
import { own } from '../support/pairs.ts';
import { hasPython } from '../support/python.ts';
import { startPython } from '../support/python-child.ts';

const UNKNOWN_CA = 48;
/** The constants of OpenSSL that Node has no name for. */
const SSL_OP_NO_ENCRYPT_THEN_MAC = 1 << 19;

const folder = hasOpenSSL ? new CertificateFolder() : undefined;
const files = { rsa: { key: '', cert: '' }, ecdsa: { key: '', cert: '' } };

beforeAll(() => {
  if (folder === undefined) return;
  folder.authority('rsa', '/CN=localhost', 'rsa:2048');
  folder.authority('ecdsa', '/CN=localhost');
  for (const name of ['rsa', 'ecdsa'] as const) {
    files[name] = { key: folder.text(`${name}.key`), cert: folder.text(`${name}.pem`) };
  }
});
afterAll(() => folder?.remove());

/** What an end of TLS writes to, and reads from. */
class Wire extends Duplex {
  /** The ServerHello, from whichever side it came. */
  serverHello: ServerHello | undefined;
  /** Where what is written goes, record by record. */
  out: (record: Buffer) => void = () => undefined;
  readonly #written = new RecordSplitter();

  override _read(): void {
    // What arrives is pushed.
  }

  override _write(chunk: Buffer, _: string, callback: () => void): void {
    this.#written.push(chunk);
    for (let record = this.#written.next(); record !== undefined; record = this.#written.next()) {
      this.serverHello ??= readServerHello(record);
      this.out(Buffer.from(record));
    }
    this.#written.keep();
    callback();
  }

  /** What the other side has sent. */
  receive(record: Buffer): void {
    this.serverHello ??= readServerHello(record);
    this.push(record);
  }
}

function keylogOf(end: tls.TLSSocket): Buffer[] {
  const lines: Buffer[] = [];
  end.on('keylog', (line: Buffer) => lines.push(line));
  return lines;
}

function sealed(protection: Omit<AlertProtection, 'serverHello'>, serverHello: ServerHello | undefined): Buffer {
  if (serverHello === undefined) throw new Error('there was no ServerHello');
  const alert = sealAlert(UNKNOWN_CA, { ...protection, serverHello });
  if (alert === undefined) throw new Error('the alert could not be sealed');
  return alert;
}

/** Sends an alert after a handshake and one record of data in memory, and gives what the receiver says of it. */
async function reportOf(cipher: Cipher, sender: 'client' | 'server', secureOptions = 0): Promise<string> {
  const is13 = cipher.protocol === 'TLSv1.3';
  const versions = { minVersion: is13 ? 'TLSv1.3' : 'TLSv1.2', maxVersion: is13 ? 'TLSv1.3' : 'TLSv1.2' } as const;
  const psk = Buffer.alloc(16, 7);
  const isPsk = cipher.kea.endsWith('psk');
  // A name of TLS 1.3 alone leaves the list of the older versions empty, which is an error.
  const common = { ciphers: `${cipher.name}${is13 ? ':AES128-SHA' : ''}:@SECLEVEL=0`, ...versions, secureOptions };
  const wires = { client: new Wire(), server: new Wire() };
  // In a tick of its own, as from a network: an end does not expect input while it writes.
  wires.client.out = (record) => process.nextTick(() => wires.server.receive(record));
  wires.server.out = (record) => process.nextTick(() => wires.client.receive(record));
  // A TLSSocket of a server is silent about errors after its handshake unless a tls.Server has made it.
  const listener = tls.createServer({
    ...common,
    ...files[cipher.auth === 'auth-ecdsa' ? 'ecdsa' : 'rsa'],
    ...(isPsk ? { pskCallback: () => psk } : {}),
  });
  const keylog: Buffer[] = [];
  if (sender === 'server') listener.on('keylog', (line: Buffer) => keylog.push(line));
  const accepted = once(listener, 'secureConnection');
  listener.emit('connection', wires.server);
  const client = tls.connect({
    ...common,
    socket: wires.client,
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
    ...(isPsk ? { pskCallback: () => ({ psk, identity: 'we' }) } : {}),
  });
  if (sender === 'client') client.on('keylog', (line: Buffer) => keylog.push(line));
  const [server] = (await accepted) as [tls.TLSSocket];
  const ends = { client, server };
  const receiver = sender === 'client' ? 'server' : 'client';
  const arrived = once(ends[receiver], 'data');
  ends[sender].write('.');
  await arrived;
  // The Finished of TLS 1.2 has its number, and each of a server's two tickets of TLS 1.3.
  const before = !is13 ? 1 : sender === 'server' ? 2 : 0;
  const alert = sealed({ keylog, sender, phase: 'application', sequence: before + 1 }, wires[sender].serverHello);
  const failed = once(ends[receiver], 'error');
  wires[receiver].receive(alert);
  const [error] = (await failed) as [Error];
  client.destroy();
  server.destroy();
  return /SSL alert number \d+/.exec(error.message)?.[0] ?? error.message;
}

const unlessMissing = hasOpenSSL ? it : it.skip;

/** Suites of Node that differ in how they seal, one of each kind; not those with Diffie-Hellman on numbers, which is slow. */
const suites = new Map(
  ciphersOf(
    'ALL:eNULL:TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256:TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256',
  )
    .filter(({ kea, auth }) => !kea.startsWith('kx-dhe') && auth !== 'auth-dss')
    .map((cipher) => {
      const { protocol, symmetric, digest, name } = cipher;
      const kind = [protocol === 'TLSv1.3', symmetric, digest, name.endsWith('SHA384'), /CCM_?8/.test(name)];
      return [kind.join(' '), cipher] as const;
    }),
);

async function wrongReports(of: readonly Cipher[], sender: 'client' | 'server', secureOptions = 0): Promise<string[]> {
  const wrong: string[] = [];
  for (const cipher of of) {
    const report = await reportOf(cipher, sender, secureOptions);
    if (report !== `SSL alert number ${UNKNOWN_CA}`) wrong.push(`${cipher.name}: ${report}`);
  }
  return wrong;
}

describe('sealAlert', () => {
  unlessMissing.each(['client', 'server'] as const)(
    'seals an alert of the %s with each kind of suite',
    async (sender) => {
      expect(suites.size).toBeGreaterThan(25);
      expect(await wrongReports([...suites.values()], sender)).toEqual([]);
    },
  );

  unlessMissing('seals with CBC where the peer does not encrypt before it authenticates', async () => {
    const cbc = [...suites.values()].filter(({ symmetric }) => symmetric?.endsWith('cbc'));
    expect(cbc.length).toBeGreaterThan(8);
    expect(await wrongReports(cbc, 'client', SSL_OP_NO_ENCRYPT_THEN_MAC)).toEqual([]);
  });

  it('takes the last secret of a key log', () => {
    const serverHello = { version: 0x0304, random: Buffer.alloc(32), cipherId: 0x1301, encryptsThenMacs: false };
    const line = (byte: string) => `CLIENT_TRAFFIC_SECRET_0 ${'00'.repeat(32)} ${byte.repeat(32)}\n`;
    const seal = (keylog: string[]) =>
      sealAlert(40, { serverHello, keylog, sender: 'client', phase: 'application', sequence: 0 });
    expect(seal([line('01'), line('02')])).toEqual(seal([line('02')]));
    expect(seal([line('01'), line('02')])).not.toEqual(seal([line('01')]));
  });

  it('gives nothing where it cannot seal', () => {
    const serverHello = { version: 0x0303, random: Buffer.alloc(32), cipherId: 0x1301, encryptsThenMacs: false };
    const rest = { sender: 'client', phase: 'handshake', sequence: 0 } as const;
    const lines = [`CLIENT_RANDOM ${'00'.repeat(32)} ${'01'.repeat(48)}`];
    expect(sealAlert(40, { ...rest, serverHello, keylog: lines })).toBeInstanceOf(Buffer);
    expect(sealAlert(40, { ...rest, serverHello, keylog: [] })).toBeUndefined();
    expect(sealAlert(40, { ...rest, serverHello: { ...serverHello, version: 0x0304 }, keylog: lines })).toBeUndefined();
    expect(sealAlert(40, { ...rest, serverHello: { ...serverHello, version: 0x0302 }, keylog: lines })).toBeUndefined();
    expect(sealAlert(40, { ...rest, serverHello: { ...serverHello, cipherId: 5 }, keylog: lines })).toBeUndefined();
  });
});

describe('plainAlert', () => {
  it('is fatal, but for the two that only end a connection', () => {
    expect(plainAlert(UNKNOWN_CA)).toEqual(Buffer.of(21, 3, 3, 0, 2, 2, UNKNOWN_CA));
    expect(plainAlert(0)).toEqual(Buffer.of(21, 3, 3, 0, 2, 1, 0));
    expect(plainAlert(90)).toEqual(Buffer.of(21, 3, 3, 0, 2, 1, 90));
  });
});

const PYTHON_SERVER = `
import ssl
certificate, key, curve = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
if curve:
    context.set_ecdh_curve(curve)
listener = create_server(('127.0.0.1', 0))
tell(listener.getsockname()[1])
conn, _ = listener.accept()
step = 'handshake'
try:
    conn = context.wrap_socket(conn, server_side=True)
    step = 'recv'
    tell([step, repr(conn.recv(1))])
except ssl.SSLError as error:
    tell([step, error.reason])
`;

const PYTHON_CLIENT = `
import ssl
certificate, key, port = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
context.load_cert_chain(certificate, key)
step = 'handshake'
try:
    conn = context.wrap_socket(create_connection(('127.0.0.1', int(port))))
    step = 'recv'
    tell([step, repr(conn.recv(1))])
except ssl.SSLError as error:
    tell([step, error.reason])
`;

/** A wire over a connection of TCP. */
function wireOver(socket: net.Socket): Wire {
  const wire = new Wire();
  wire.out = (record) => void socket.write(record);
  const incoming = new RecordSplitter();
  socket.on('data', (chunk: Buffer) => {
    incoming.push(chunk);
    for (let record = incoming.next(); record !== undefined; record = incoming.next())
      wire.receive(Buffer.from(record));
    incoming.keep();
  });
  socket.on('error', () => undefined);
  own({ [Symbol.dispose]: () => void socket.destroy() });
  return wire;
}

const paths = (): [string, string] => [folder?.file('ecdsa.pem') ?? '', folder?.file('ecdsa.key') ?? ''];

/** A client of Node's that has begun a handshake with a Python server, and what Python reports. */
async function refusingClient(version: tls.SecureVersion, curve = '') {
  const python = startPython(PYTHON_SERVER, [...paths(), curve]);
  const socket = net.connect({ host: '127.0.0.1', port: Number(await python.tells()) });
  await once(socket, 'connect');
  const wire = wireOver(socket);
  const client = tls.connect({
    socket: wire,
    rejectUnauthorized: false,
    minVersion: version,
    maxVersion: version,
    ...(curve === '' ? {} : { ecdhCurve: 'prime256v1:secp521r1' }),
  });
  return { python, socket, wire, client, keylog: keylogOf(client) };
}

/** A server of Node's that asks for a certificate, with a Python client, and what Python reports. */
async function refusingServer(version: tls.SecureVersion) {
  const listener = net.createServer().listen(0, '127.0.0.1');
  own({ [Symbol.dispose]: () => void listener.close() });
  await once(listener, 'listening');
  const { port } = listener.address() as net.AddressInfo;
  const python = startPython(PYTHON_CLIENT, [...paths(), port]);
  const [socket] = (await once(listener, 'connection')) as [net.Socket];
  const wire = wireOver(socket);
  const server = new tls.TLSSocket(wire, {
    isServer: true,
    requestCert: true,
    rejectUnauthorized: false,
    secureContext: tls.createSecureContext({ ...files.ecdsa, minVersion: version, maxVersion: version }),
  });
  server.on('error', () => undefined);
  return { python, socket, wire, server, keylog: keylogOf(server) };
}

(hasPython && hasOpenSSL ? describe : describe.skip)('Python reports the alert', () => {
  it.each([
    ['', ''],
    [' after the server asked for another ClientHello', 'secp521r1'],
  ])('of a client of TLS 1.3 that refuses a certificate%s', async (_, curve) => {
    const { python, socket, wire, client, keylog } = await refusingClient('TLSv1.3', curve);
    // The second flight of the client, which OpenSSL makes before Node looks at the certificate.
    const isFirstFlight = (record: Buffer) => record[0] !== APPLICATION_DATA;
    wire.out = (record) => {
      if (isFirstFlight(record)) socket.write(record);
    };
    await once(client, 'secureConnect');
    expect(client.authorizationError).toBeTruthy();
    socket.write(sealed({ keylog, sender: 'client', phase: 'handshake', sequence: 0 }, wire.serverHello));
    expect(await python.tells()).toEqual(['handshake', 'TLSV1_ALERT_UNKNOWN_CA']);
  });

  it('of a client of TLS 1.3 that refuses after its Finished', async () => {
    const { python, socket, wire, client, keylog } = await refusingClient('TLSv1.3');
    await once(client, 'secureConnect');
    socket.write(sealed({ keylog, sender: 'client', phase: 'application', sequence: 0 }, wire.serverHello));
    expect(await python.tells()).toEqual(['recv', 'TLSV1_ALERT_UNKNOWN_CA']);
  });

  it('of a client of TLS 1.2 that refuses a certificate after its Finished', async () => {
    const { python, socket, wire, client, keylog } = await refusingClient('TLSv1.2');
    await once(client, 'secureConnect');
    socket.write(sealed({ keylog, sender: 'client', phase: 'handshake', sequence: 1 }, wire.serverHello));
    expect(await python.tells()).toEqual(['recv', 'TLSV1_ALERT_UNKNOWN_CA']);
  });

  it('of a client of TLS 1.2 that refuses before its second flight', async () => {
    const { python, socket, wire } = await refusingClient('TLSv1.2');
    await new Promise<void>((resolve) => {
      wire.out = (record) => {
        if (record[0] === CHANGE_CIPHER_SPEC) resolve();
      };
    });
    socket.write(plainAlert(UNKNOWN_CA));
    expect(await python.tells()).toEqual(['handshake', 'TLSV1_ALERT_UNKNOWN_CA']);
  });

  it('of a server of TLS 1.3 that refuses a certificate, instead of its tickets', async () => {
    const { python, socket, wire, server, keylog } = await refusingServer('TLSv1.3');
    const receive = wire.receive.bind(wire);
    wire.receive = (record) => {
      // The first record of a client that is encrypted begins its second flight, which the tickets follow.
      if (record[0] === APPLICATION_DATA) wire.out = () => undefined;
      receive(record);
    };
    await once(server, 'secure');
    socket.write(sealed({ keylog, sender: 'server', phase: 'application', sequence: 0 }, wire.serverHello));
    expect(await python.tells()).toEqual(['recv', 'TLSV1_ALERT_UNKNOWN_CA']);
  });

  it('of a server of TLS 1.2 that refuses a certificate, instead of its Finished', async () => {
    const { python, socket, wire, server } = await refusingServer('TLSv1.2');
    const receive = wire.receive.bind(wire);
    wire.receive = (record) => {
      if (record[0] === CHANGE_CIPHER_SPEC) wire.out = () => undefined;
      receive(record);
    };
    await once(server, 'secure');
    socket.write(plainAlert(UNKNOWN_CA));
    expect(await python.tells()).toEqual(['handshake', 'TLSV1_ALERT_UNKNOWN_CA']);
  });
});
