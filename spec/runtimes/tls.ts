import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Socket } from '../../lib/index.ts';
import type { MemoryBIO, SSLContext, SSLObject, SSLSocket, WrapOptions } from '../../lib/ssl/index.ts';
import { behaviour, pair, PATIENCE, rest, text, type Behaviour, type Scene } from './scene.ts';

/** The versions that every behaviour is tried with, by their numbers. */
const VERSIONS = [
  ['TLSv1.2', 0x0303],
  ['TLSv1.3', 0x0304],
] as const;

function row(what: string, run: (scene: Scene, version: number, name: string) => Promise<void>): Behaviour {
  return behaviour(`TLS: ${what}`, async (scene) => {
    for (const [name, version] of VERSIONS) await run(scene, version, name);
  });
}

export const tlsSockets: readonly Behaviour[] = [
  row('a handshake; bytes both ways', async (scene, version, name) => {
    const [client, server] = await secured(scene, { version });
    assert.equal(client.version(), name);
    assert.equal(server.version(), client.version());
    await client.sendall('question');
    assert.equal(await text(server), 'question');
    await server.sendall('answer');
    assert.equal(await text(client), 'answer');
  }),
  row('1 MiB both ways', async (scene, version) => {
    const [client, server] = await secured(scene, { version });
    const bytes = Buffer.alloc(1024 * 1024, 'tls');
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      const sending = from.sendall(bytes);
      assert.deepEqual(await to.recvExactly(bytes.length), bytes);
      await sending;
    }
  }),
  row("a client refuses a server's certificate, and the server learns why", async (scene, version) => {
    const [client, server] = await wrapped(scene, { version, chain: 'untrusted' });
    assert.equal(errorOf(client), 'SSLCertVerificationError CERTIFICATE_VERIFY_FAILED');
    assert.equal(errorOf(server), 'SSLError TLSV1_ALERT_UNKNOWN_CA');
  }),
  row("a server refuses a client's certificate", async (scene, version) => {
    const [, server] = await wrapped(scene, { version, asks: 'untrusted-client' });
    assert.equal(errorOf(server), 'SSLCertVerificationError CERTIFICATE_VERIFY_FAILED');
  }),
  row("getpeercert() on both sides, and the client's certificate", async (scene, version) => {
    const [client, server] = await secured(scene, { version, asks: 'client' });
    for (const [one, expected] of [
      [client, 'server'],
      [server, 'client'],
    ] as const) {
      assert.deepEqual(one.getpeercert()?.subject, [[['commonName', expected]]]);
    }
  }),
  row('ALPN, and a function for the name of the host', async (scene, version) => {
    const names: (string | null)[] = [];
    const [client, server] = await secured(scene, {
      version,
      prepare(client, server) {
        client.setAlpnProtocols(['x', 'http/1.1']);
        server.setAlpnProtocols(['http/1.1']);
        server.sniCallback = (_sock, name) => void names.push(name);
      },
    });
    assert.deepEqual([client.selectedAlpnProtocol(), server.selectedAlpnProtocol()], ['http/1.1', 'http/1.1']);
    assert.deepEqual(names, ['localhost']);
  }),
  row('a session is resumed', async (scene, version) => {
    const contexts = contextsOf(scene, { version });
    const [first, other] = await secured(scene, { contexts });
    await other.sendall('with tickets');
    await text(first);
    const [second] = await secured(scene, { contexts, clientWrap: { session: first.session } });
    assert.equal(second.sessionReused, true);
  }),
  row('close_notify is told from a cut', async (scene, version) => {
    const clientWrap = { suppressRaggedEofs: false };
    const [client, server] = await secured(scene, { version, clientWrap });
    await server.sendall('all');
    server.shutdown(scene.socket.SHUT_WR);
    assert.equal(String(await rest(client)), 'all');
    const [second, cut] = await secured(scene, { version, clientWrap });
    cut.close();
    await assert.rejects(second.recv(1), { name: 'SSLEOFError' });
  }),
  row('unwrap() on both sides goes on in plain text', async (scene, version) => {
    const [client, server] = await secured(scene, { version });
    const [one, other] = await Promise.all([client.unwrap(), server.unwrap()]);
    scene.own(one);
    scene.own(other);
    await one.sendall('plain');
    assert.equal(await text(other), 'plain');
  }),
  row('a handshake in memory', inMemory),
];

type Contexts = readonly [client: SSLContext, server: SSLContext];

/** What a connection is made with. */
interface Choices {
  readonly version?: number;
  /** The server's certificate. */
  readonly chain?: string;
  /** The certificate of the client, which the server asks for. */
  readonly asks?: string;
  readonly prepare?: (client: SSLContext, server: SSLContext) => void;
  readonly contexts?: Contexts;
  readonly clientWrap?: WrapOptions;
}

function contextsOf({ ssl, certificates }: Scene, { version, chain = 'server', asks, prepare }: Choices): Contexts {
  const file = (name: string): string => join(certificates, name);
  const client = new ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT);
  const server = new ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER);
  client.loadVerifyLocations(file('ca.pem'));
  server.loadCertChain(file(`${chain}.pem`), file(`${chain}.key`));
  if (asks !== undefined) {
    client.loadCertChain(file(`${asks}.pem`), file(`${asks}.key`));
    server.loadVerifyLocations(file('ca.pem'));
    server.verifyMode = ssl.CERT_REQUIRED;
  }
  for (const context of version === undefined ? [] : [client, server]) {
    context.maximumVersion = version ?? 0;
    context.minimumVersion = version ?? 0;
  }
  prepare?.(client, server);
  return [client, server];
}

/** What the handshakes of both sides have come to. */
async function wrapped(
  scene: Scene,
  choices: Choices,
): Promise<readonly [client: PromiseSettledResult<SSLSocket>, server: PromiseSettledResult<SSLSocket>]> {
  const [client, server] = choices.contexts ?? contextsOf(scene, choices);
  const [one, other] = await pair(scene);
  const keep = (sock: SSLSocket): SSLSocket => scene.own(limited(sock));
  return await Promise.allSettled([
    client.wrapSocket(one, { serverHostname: 'localhost', ...choices.clientWrap }).then(keep),
    server.wrapSocket(other, { serverSide: true }).then(keep),
  ]);
}

async function secured(scene: Scene, choices: Choices): Promise<[client: SSLSocket, server: SSLSocket]> {
  const [client, server] = await wrapped(scene, choices);
  return [valueOf(client), valueOf(server)];
}

function valueOf<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

/** The error's name and reason; an error of another kind fails. */
function errorOf(result: PromiseSettledResult<unknown>): string {
  if (result.status === 'fulfilled') return 'none';
  const { name, reason } = result.reason as { name: string; reason?: string | null };
  return `${name} ${reason}`;
}

function limited<S extends Socket>(sock: S): S {
  sock.settimeout(PATIENCE);
  return sock;
}

/** A handshake and a message between two objects, whose bytes are carried by hand. */
async function inMemory(scene: Scene, version: number): Promise<void> {
  const { ssl } = scene;
  const [client, server] = contextsOf(scene, { version });
  const ends = [client, server].map((context, index) => {
    const [incoming, outgoing] = [new ssl.MemoryBIO(), new ssl.MemoryBIO()];
    const options = index === 0 ? { serverHostname: 'localhost' } : { serverSide: true };
    return { incoming, outgoing, object: context.wrapBio(incoming, outgoing, options) };
  });
  const [one, other] = ends as [InMemory, InMemory];
  for (let round = 0; round < 3; round += 1) {
    await step(scene, one, other);
    await step(scene, other, one);
  }
  await one.object.write('in memory');
  other.incoming.write(one.outgoing.read());
  assert.equal(String(await other.object.read(100)), 'in memory');
}

interface InMemory {
  readonly incoming: MemoryBIO;
  readonly outgoing: MemoryBIO;
  readonly object: SSLObject;
}

async function step({ ssl }: Scene, one: InMemory, other: InMemory): Promise<void> {
  try {
    await one.object.doHandshake();
  } catch (error) {
    if (!(error instanceof ssl.SSLWantReadError)) throw error;
  }
  other.incoming.write(one.outgoing.read());
}
