import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SHUT_WR } from '../../lib/index.ts';
import * as ssl from '../../lib/ssl/index.ts';
import { listening, own, portOf, recvAll, tcp } from '../support/pairs.ts';
import { reservedPort } from '../support/ports.ts';
import { hasProgram, OtherProgram } from '../support/programs.ts';
import { certificateFile, clientContext, keyFile, serverContext, VERSIONS } from '../support/tls-contexts.ts';

const BODY = randomBytes(1_000_000);

/** A listener with TLS, for one test. */
async function serving(context: ssl.SSLContext): Promise<ssl.SSLSocket> {
  return own(await context.wrapSocket(listening(), { serverSide: true }));
}

/** Serves one request, and gives the connection and the request. */
async function serveOne(listener: ssl.SSLSocket): Promise<{ conn: ssl.SSLSocket; request: string }> {
  const conn = own((await listener.accept())[0]);
  let request = '';
  while (!request.includes('\r\n\r\n')) request += String(await conn.recv(4096));
  await conn.sendall(`HTTP/1.1 200 OK\r\nContent-Length: ${BODY.length}\r\nConnection: close\r\n\r\n`);
  await conn.sendall(BODY);
  conn.shutdown(SHUT_WR);
  return { conn, request };
}

/** Asks a server for a path, and gives the body of its answer. */
async function get(port: number, path: string, context: ssl.SSLContext): Promise<{ one: ssl.SSLSocket; body: Buffer }> {
  const one = own(await context.wrapSocket(tcp(), { serverHostname: 'localhost', suppressRaggedEofs: false }));
  await one.connect(['127.0.0.1', port]);
  await one.sendall(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  const answer = await recvAll(one);
  const start = answer.indexOf('\r\n\r\n') + 4;
  expect(String(answer.subarray(0, start))).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  return { one, body: answer.subarray(start) };
}

(hasProgram('curl') ? describe : describe.skip)('curl', () => {
  async function curl(listener: ssl.SSLSocket, ...args: string[]): Promise<{ status: number | null; body: Buffer }> {
    const port = portOf(listener);
    const fixed = ['--silent', '--noproxy', '*', '--resolve', `localhost:${port}:127.0.0.1`];
    const child = spawn('curl', [...fixed, ...args, `https://localhost:${port}/path`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const blocks: Buffer[] = [];
    child.stdout.on('data', (block: Buffer) => blocks.push(block));
    const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { status, body: Buffer.concat(blocks) };
  }

  const CA = ['--cacert', certificateFile('ca')];

  it.each(VERSIONS)('gets 1 MB whole from our server over %s', async (name, version) => {
    const listener = await serving(serverContext({ version, alpn: ['http/1.1'] }));
    const [{ conn, request }, { status, body }] = await Promise.all([serveOne(listener), curl(listener, ...CA)]);
    expect(status).toBe(0);
    expect(body.equals(BODY)).toBe(true);
    expect(request).toMatch(/^GET \/path HTTP\/1\.1\r\n/);
    expect([conn.version(), conn.selectedAlpnProtocol()]).toEqual([name, 'http/1.1']);
  });

  it('shows its certificate', async () => {
    const context = serverContext({ authority: 'ca' });
    context.verifyMode = ssl.CERT_REQUIRED;
    const listener = await serving(context);
    const files = ['--cert', certificateFile('client'), '--key', keyFile('client')];
    const [{ conn }, { status }] = await Promise.all([serveOne(listener), curl(listener, ...CA, ...files)]);
    expect(status).toBe(0);
    expect(conn.getpeercert()).toMatchObject({ subject: [[['commonName', 'client']]] });
  });

  it('refuses a server that it does not trust', async () => {
    const listener = await serving(serverContext());
    const accepting = expect(listener.accept()).rejects.toMatchObject({ reason: 'TLSV1_ALERT_UNKNOWN_CA' });
    // CURLE_PEER_FAILED_VERIFICATION
    expect((await curl(listener, '--cacert', certificateFile('other-ca'))).status).toBe(60);
    await accepting;
  });
});

(hasProgram('nginx') ? describe : describe.skip)('nginx', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nginx-spec-'));
  const [port, old, front, behind] = [reservedPort(), reservedPort(), reservedPort(), reservedPort()];
  let server: OtherProgram | undefined;

  const CONFIGURATION = `
    daemon off;
    master_process off;
    pid ${folder}/pid;
    error_log stderr notice;
    events {}
    http {
      access_log off;
      ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join('\n')}
      ssl_certificate ${certificateFile('server')};
      ssl_certificate_key ${keyFile('server')};
      root ${folder};
      server { listen 127.0.0.1:${port} ssl; ssl_protocols TLSv1.3; }
      server { listen 127.0.0.1:${old} ssl; ssl_protocols TLSv1.2; }
      server {
        listen 127.0.0.1:${front} ssl;
        location / {
          proxy_pass https://127.0.0.1:${behind};
          proxy_http_version 1.1;
          proxy_ssl_verify on;
          proxy_ssl_trusted_certificate ${certificateFile('ca')};
          proxy_ssl_name localhost;
          proxy_ssl_server_name on;
          proxy_ssl_session_reuse on;
        }
      }
    }
  `;

  beforeAll(async () => {
    // Its workers are another user's.
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, 'body'), BODY);
    writeFileSync(join(folder, 'nginx.conf'), CONFIGURATION);
    server = new OtherProgram('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr']);
    await server.tells(/OS: /);
    // It says so before it listens.
    for (let attempt = 0; ; attempt += 1) {
      using one = tcp();
      if ((await one.connectEx(['127.0.0.1', front])) === 0) break;
      if (attempt === 1000) throw new Error('nginx does not listen');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });

  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['TLSv1.2', old],
    ['TLSv1.3', port],
  ])('serves 1 MB to our client over %s, and ends it as it should', async (name, where) => {
    const { one, body } = await get(where, '/body', clientContext());
    expect(one.version()).toBe(name);
    expect(body.equals(BODY)).toBe(true);
  });

  it.each([
    ['TLSv1.2', old],
    ['TLSv1.3', port],
  ])('resumes a session over %s', async (_name, where) => {
    const context = clientContext();
    const { one } = await get(where, '/body', context);
    const again = own(await context.wrapSocket(tcp(), { serverHostname: 'localhost', session: one.session }));
    await again.connect(['127.0.0.1', where]);
    expect(again.sessionReused).toBe(true);
  });

  it('stands before our server, with TLS on both sides', async () => {
    const plain = tcp();
    plain.bind(['127.0.0.1', behind]);
    plain.listen();
    const listener = own(await serverContext().wrapSocket(plain, { serverSide: true }));
    for (let round = 0; round < 2; round += 1) {
      const [{ conn, request }, { body }] = await Promise.all([
        serveOne(listener),
        get(front, '/to/us', clientContext()),
      ]);
      expect(request).toMatch(/^GET \/to\/us HTTP\/1\.1\r\n/);
      expect(conn.version()).toMatch(/^TLSv1\.[23]$/);
      expect(body.equals(BODY)).toBe(true);
    }
  });
});
