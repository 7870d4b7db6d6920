import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addressText } from '../../lib/common/addresses.ts';
import * as socket from '../../lib/index.ts';
import { makeProxyHeader, PP2_CLIENT_SSL, type ProxyHeader } from '../../lib/proxy-protocol/index.ts';
import { serve, type HandlerContext, type Server } from '../../lib/serve/index.ts';
import { itWithIPv6, own, recvAll, tcp } from '../support/pairs.ts';
import { reservedPort } from '../support/ports.ts';
import { hasProgram, OtherProgram } from '../support/programs.ts';
import { certificateFile, clientContext, keyFile } from '../support/tls-contexts.ts';
import { unix } from '../support/unix.ts';
import { Gate, until } from '../serve/servers.ts';

/** Where Debian has nginx's module for streams of TCP. */
const STREAM_MODULE = '/usr/lib/nginx/modules/ngx_stream_module.so';

/** A server, and what it has seen. */
class Watching {
  readonly server: Server;
  readonly port: number;
  readonly addresses: socket.Address[] = [];
  readonly headers: (ProxyHeader | null)[] = [];
  readonly errors: unknown[] = [];

  constructor(port = 0) {
    const listener = socket.createServer(['127.0.0.1', port]);
    this.server = serve(listener, this.#handle, {
      proxyProtocol: { trusted: ['127.0.0.1', '::1'] },
      onError: (error) => this.errors.push(error),
    });
    this.port = Number(this.server.address[1]);
  }

  /** What the next connection has brought, once there is one. */
  async header(): Promise<ProxyHeader | null> {
    await until(() => this.headers.length > 0);
    return this.headers.shift() ?? null;
  }

  readonly #handle = async (
    conn: socket.Socket,
    address: socket.Address,
    { proxyHeader }: HandlerContext,
  ): Promise<void> => {
    const data = await conn.recv(100);
    // So ends the client that waited until the proxy listens.
    if (data.length === 0) return;
    this.addresses.push(address);
    this.headers.push(proxyHeader);
    await conn.sendall(`answer to ${String(data)}`);
  };
}

/** Waits until a program listens on a port; rejects with what it has printed if it ends. */
async function listens(program: OtherProgram, port: number): Promise<void> {
  const ended = program.tells(/^(?!)/).then(() => undefined);
  await Promise.race([ended, isUsed(port)]);
  ended.catch(() => undefined);
}

async function isUsed(port: number): Promise<void> {
  for (let attempt = 0; attempt < 1000; attempt += 1) {
    using one = socket.socket();
    if ((await one.connectEx(['127.0.0.1', port])) === 0) return;
    // No event of ours tells when another program listens.
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`nothing listens on ${port}`);
}

/** Sends a word by a connection, and gives the answer. */
async function ask(client: socket.Socket): Promise<string> {
  await client.sendall('hello');
  return String(await recvAll(client));
}

/** A client that is connected to a port of this machine. */
async function connected(port: number, family = socket.AF_INET): Promise<socket.Socket> {
  const client = tcp(family);
  await client.connect([family === socket.AF_INET ? '127.0.0.1' : '::1', port]);
  return client;
}

(hasProgram('haproxy') ? describe : describe.skip)('HAProxy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'haproxy-spec-'));
  const watching = new Watching();
  const [old, plain, secure, full, accepting] = [1, 2, 3, 4, 5].map(reservedPort);
  const [checked, busy, drained] = [reservedPort(), reservedPort(), reservedPort()];
  let haproxy: OtherProgram | undefined;

  const configuration = `
    global
      log stderr local0 warning
    defaults
      mode tcp
      timeout connect 5s
      timeout client 20s
      timeout server 20s
    frontend old
      bind 127.0.0.1:${old}
      default_backend version1
    frontend plain
      bind 127.0.0.1:${plain}
      bind [::1]:${plain}
      bind unix@${folder}/unix
      default_backend version2
    frontend secure
      bind 127.0.0.1:${secure} ssl crt ${folder}/server.pem alpn h2,http/1.1 ca-file ${certificateFile('ca')} verify optional
      default_backend withTls
    frontend full
      bind 127.0.0.1:${full}
      unique-id-format id-%[rand(1)]
      default_backend withAll
    frontend accepting
      bind 127.0.0.1:${accepting} accept-proxy
      default_backend version2
    backend version1
      server one 127.0.0.1:${watching.port} send-proxy
    backend version2
      server one 127.0.0.1:${watching.port} send-proxy-v2
    backend withTls
      server one 127.0.0.1:${watching.port} send-proxy-v2-ssl-cn proxy-v2-options ssl,cert-cn,ssl-cipher,authority,crc32c
    backend withAll
      server one 127.0.0.1:${watching.port} send-proxy-v2 proxy-v2-options ssl,crc32c,unique-id
    frontend busy
      bind 127.0.0.1:${busy}
      default_backend drained
    backend drained
      server one 127.0.0.1:${drained} send-proxy-v2
    backend checked
      server one 127.0.0.1:${checked} check inter 50ms send-proxy-v2 check-send-proxy
  `;

  beforeAll(async () => {
    const pem = [certificateFile('server'), keyFile('server')].map((file) => readFileSync(file, 'utf8')).join('\n');
    writeFileSync(join(folder, 'server.pem'), pem);
    writeFileSync(join(folder, 'haproxy.cfg'), `${configuration.trim()}\n`);
    haproxy = new OtherProgram('haproxy', ['-db', '-f', join(folder, 'haproxy.cfg')]);
    await listens(haproxy, plain ?? 0);
  });

  afterAll(async () => {
    await haproxy?.[Symbol.asyncDispose]();
    await watching.server.abort();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['1', old],
    ['2', plain],
  ])('announces its clients by version %s', async (version, port = 0) => {
    const client = await connected(port);
    expect(await ask(client)).toBe('answer to hello');
    expect(await watching.header()).toMatchObject({
      version: Number(version),
      command: 'PROXY',
      family: socket.AF_INET,
      type: socket.SOCK_STREAM,
      source: client.getsockname(),
      destination: ['127.0.0.1', port],
    });
    expect(watching.addresses.at(-1)).toEqual(client.getsockname());
  });

  itWithIPv6('announces clients of IPv6', async () => {
    const client = await connected(plain ?? 0, socket.AF_INET6);
    expect(await ask(client)).toBe('answer to hello');
    expect(await watching.header()).toMatchObject({ family: socket.AF_INET6, source: client.getsockname() });
  });

  it('announces a client of a Unix socket as LOCAL: it is served under the address of the connection', async () => {
    const client = unix();
    await client.connect(join(folder, 'unix'));
    expect(await ask(client)).toBe('answer to hello');
    expect(await watching.header()).toMatchObject({ version: 2, command: 'LOCAL', source: null, tlvs: [] });
    expect(watching.addresses.at(-1)).toMatchObject(['127.0.0.1', expect.any(Number)]);
  });

  it.each([
    ['without a certificate', undefined, { client: PP2_CLIENT_SSL, verify: 0, isVerified: false, cn: null }],
    ['with a certificate', 'client', { client: 7, verify: 0, isVerified: true, cn: 'client' }],
  ] as const)('says what it knows of the TLS of a client %s, with a checksum', async (_, certificate, expected) => {
    const context = clientContext({ certificate, alpn: ['h2'] });
    const client = own(await context.wrapSocket(tcp(), { serverHostname: 'localhost' }));
    await client.connect(['127.0.0.1', secure ?? 0]);
    expect(await ask(client)).toBe('answer to hello');
    const header = await watching.header();
    expect(header).toMatchObject({
      version: 2,
      command: 'PROXY',
      source: client.getsockname(),
      authority: 'localhost',
    });
    expect(header?.ssl).toMatchObject({ ...expected, version: 'TLSv1.3', cipher: client.cipher()?.[0] });
    expect(header?.tlvs.map(({ type }) => type)).toContain(0x03);
  });

  it('says of a client without TLS that it has none, by `verify` 0 as well', async () => {
    expect(await ask(await connected(full ?? 0))).toBe('answer to hello');
    const header = await watching.header();
    expect(header?.ssl).toMatchObject({ client: 0, verify: 0, isVerified: false, version: null });
    expect(String(header?.uniqueId)).toBe('id-0');
  });

  it.each([1, 2] as const)('takes our header of version %p, and passes it on', async (version) => {
    const client = await connected(accepting ?? 0);
    await client.sendall(makeProxyHeader(['192.0.2.1', 1], ['192.0.2.9', 2], { version }));
    expect(await ask(client)).toBe('answer to hello');
    expect(await watching.header()).toMatchObject({ source: ['192.0.2.1', 1], destination: ['192.0.2.9', 2] });
  });

  it.each([1, 2] as const)('takes our header of version %p for who has no IP address', async (version) => {
    const client = await connected(accepting ?? 0);
    await client.sendall(makeProxyHeader('', '', { version }));
    expect(await ask(client)).toBe('answer to hello');
    expect(await watching.header()).toMatchObject({ source: client.getsockname() });
  });

  it('loses no client that came before close()', async () => {
    const gate = new Gate();
    const listener = socket.createServer(['127.0.0.1', drained]);
    const handler = async (conn: socket.Socket): Promise<void> => {
      const data = String(await conn.recv(100));
      await gate.opened;
      await conn.sendall(`answer to ${data}`);
    };
    const server = serve(listener, handler, { concurrency: 2, proxyProtocol: { trusted: ['127.0.0.1'] } });
    const clients = await Promise.all(Array.from({ length: 10 }, () => connected(busy)));
    const answers = clients.map(ask);
    await until(() => server.active + server.waiting === 10);
    const closed = server.close();
    gate.open();
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['answer to hello']));
    await closed;
    expect(server).toMatchObject({ accepted: 10, refused: 0, failed: 0 });
  });

  it('checks the health of a server without a report', async () => {
    const healthy = new Watching(checked);
    await until(() => healthy.server.accepted > 5);
    await healthy.server.close();
    expect(healthy.errors).toEqual([]);
    expect(healthy.server).toMatchObject({ refused: 0, failed: 0 });
    expect(watching.errors).toEqual([]);
  });
});

(hasProgram('nginx') && existsSync(STREAM_MODULE) ? describe : describe.skip)('nginx, for streams', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nginx-stream-spec-'));
  const watching = new Watching();
  const [sending, accepting] = [reservedPort(), reservedPort()];
  let nginx: OtherProgram | undefined;

  const configuration = `
    load_module ${STREAM_MODULE};
    daemon off;
    master_process off;
    pid ${folder}/pid;
    error_log stderr notice;
    events {}
    stream {
      server { listen 127.0.0.1:${sending}; proxy_pass 127.0.0.1:${watching.port}; proxy_protocol on; }
      server {
        listen 127.0.0.1:${accepting} proxy_protocol;
        set_real_ip_from 127.0.0.1;
        return $remote_addr:$remote_port;
      }
    }
  `;

  beforeAll(async () => {
    writeFileSync(join(folder, 'nginx.conf'), configuration);
    nginx = new OtherProgram('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr']);
    await listens(nginx, accepting);
  });

  afterAll(async () => {
    await nginx?.[Symbol.asyncDispose]();
    await watching.server.abort();
    rmSync(folder, { recursive: true, force: true });
  });

  it('announces its clients', async () => {
    const client = await connected(sending);
    expect(await ask(client)).toBe('answer to hello');
    expect(await watching.header()).toMatchObject({
      version: 1,
      source: client.getsockname(),
      destination: ['127.0.0.1', sending],
    });
    expect(watching.errors).toEqual([]);
  });

  it.each([1, 2] as const)('takes our header of version %p', async (version) => {
    const client = await connected(accepting);
    await client.sendall(makeProxyHeader(['192.0.2.1', 1], ['192.0.2.9', 2], { version }));
    expect(String(await recvAll(client))).toBe('192.0.2.1:1');
  });

  it.each([1, 2] as const)('takes our header of version %p for who has no IP address', async (version) => {
    const client = await connected(accepting);
    await client.sendall(makeProxyHeader('', '', { version }));
    expect(String(await recvAll(client))).toBe(addressText(client.getsockname()));
  });
});

(hasProgram('curl') ? describe : describe.skip)('curl --haproxy-protocol', () => {
  it('announces itself before its request', async () => {
    const seen: unknown[] = [];
    const listener = socket.createServer(['127.0.0.1', 0]);
    const server = serve(
      listener,
      async (conn, address, { proxyHeader }) => {
        await using file = conn.makefile('rb');
        seen.push(String(await file.readline()), address, proxyHeader);
        for (let line = '\n'; line.trim() !== ''; line = String(await file.readline()));
        await conn.sendall('HTTP/1.0 200 OK\r\n\r\nhello');
      },
      { proxyProtocol: { trusted: ['127.0.0.1'] } },
    );
    const port = server.address[1];
    await using curl = new OtherProgram('curl', [
      ...['--silent', '--noproxy', '*', '--max-time', '20', '--haproxy-protocol', `http://127.0.0.1:${port}/path`],
    ]);
    expect(await curl.ended).toBe(0);
    expect(String(curl.printed)).toBe('hello');
    await server.close();
    expect(seen).toMatchObject([
      'GET /path HTTP/1.1\r\n',
      ['127.0.0.1', expect.any(Number)],
      { version: 1, command: 'PROXY', destination: ['127.0.0.1', port] },
    ]);
  });
});
