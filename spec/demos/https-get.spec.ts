import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Authority } from '../../demos/support/authority.ts';
import * as socket from '../../lib/index.ts';
import { listening, portOf } from '../support/peer.ts';
import { hasPython } from '../support/python.ts';
import { endAll, Folder, Program, sha256, startDemo, usageError } from './processes.ts';

// ts-node takes seconds to start on a busy machine.
jest.setTimeout(120_000);

const describeWithPython = hasPython ? describe : describe.skip;

const folder = new Folder();
const cafile = folder.in('ca.pem');
const servers = new Set<Server>();

beforeAll(async () => {
  const [authority, other] = [await Authority.create('tests'), await Authority.create('others')];
  writeFileSync(cafile, authority.pem);
  writeFileSync(folder.in('other-ca.pem'), other.pem);
  writeFileSync(folder.in('localhost.pem'), await authority.issue([{ type: 'dns', value: 'localhost' }]));
  writeFileSync(folder.in('address.pem'), await authority.issue([{ type: 'ip', value: '127.0.0.1' }]));
});

afterEach(() => {
  for (const server of servers) server.close();
  servers.clear();
});

afterAll(async () => {
  await endAll();
  folder.remove();
});

function get(url: string, ...args: string[]): Program {
  return startDemo('https-get', [url, '--cafile', cafile, ...args]);
}

/** Node's own server. It answers each request with these bytes, and then ends the connection as `end` does. */
async function serve(
  text: string,
  end = (conn: TLSSocket): unknown => conn.end(),
  cert = 'localhost',
): Promise<number> {
  const pem = readFileSync(folder.in(`${cert}.pem`));
  const server = createServer({ key: pem, cert: pem }, (conn) => {
    conn.on('error', () => undefined);
    conn.once('data', () => conn.write(text, () => end(conn)));
  });
  servers.add(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Ends the connection under TLS, without TLS's own end. */
function cut(conn: TLSSocket): void {
  conn.destroy();
}

describeWithPython('https-get and the file server of Python', () => {
  const source = `
import functools, http.server, ssl, sys
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[1])
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(sys.argv[2])
with http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler) as server:
    server.socket = context.wrap_socket(server.socket, server_side=True)
    print('listening on %s:%d' % server.server_address, flush=True)
    server.serve_forever()`;

  it('prints a small body, and writes a large one into a file', async () => {
    const files = new Folder();
    const big = files.make('big', 3_000_000);
    writeFileSync(files.in('hello.txt'), 'hello\n');
    const server = new Program('python3', ['-c', source, files.path, folder.in('localhost.pem')]);
    const port = await server.port();
    const { status, stdout, stderr } = await get(`https://localhost:${port}/hello.txt`).ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^HTTP\/1\.0 200 OK\n[^]*\nContent-Length: 6\n[^]*\n\nhello\n$/);
    const copy = files.in('copy');
    expect(await get(`https://localhost:${port}/big`, '--out', copy).ended).toMatchObject({ status: 0, stderr: '' });
    expect(sha256(copy)).toBe(sha256(big));
    files.remove();
  });
});

describe('https-get', () => {
  it('takes a body that ends with the connection, from a server that an address names', async () => {
    const port = await serve('HTTP/1.0 200 Fine\r\n\r\nall of it', undefined, 'address');
    expect(await get(`https://127.0.0.1:${port}/`).ended).toEqual({
      status: 0,
      stdout: 'HTTP/1.0 200 Fine\n\nall of it',
      stderr: '',
    });
  });

  it('writes no file where the end of the connection was not the end of TLS', async () => {
    const port = await serve('HTTP/1.0 200 Fine\r\n\r\nhalf', cut);
    expect(await get(`https://localhost:${port}/`, '--out', folder.in('half')).ended).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^https-get: \[SSL: UNEXPECTED_EOF_WHILE_READING\] .*\n$/),
    });
    expect(readdirSync(folder.path).filter((name) => name.startsWith('half'))).toEqual([]);
  });

  it('takes a body of known length, however the connection ends', async () => {
    const port = await serve('HTTP/1.0 200 Fine\r\nContent-Length: 4\r\n\r\nbody', cut);
    expect(await get(`https://localhost:${port}/`).ended).toMatchObject({ status: 0, stderr: '' });
  });

  it.each([
    ['another authority', 'localhost', 'other-ca.pem', 'unable to get local issuer certificate'],
    ['another name', '127.0.0.1', 'ca.pem', "IP address mismatch, certificate is not valid for '127.0.0.1'."],
  ])('says in one line that the certificate is of %s, and asks nothing', async (_, host, ca, problem) => {
    const asked: string[] = [];
    const port = await serve('HTTP/1.0 200 Fine\r\n\r\n', () => asked.push('asked'));
    const client = get(`https://${host}:${port}/`, '--cafile', folder.in(ca));
    const { status, stdout, stderr } = await client.ended;
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^https-get: \[SSL: CERTIFICATE_VERIFY_FAILED\] certificate verify failed: .*\n$/);
    expect(stderr).toContain(problem);
    expect(asked).toEqual([]);
  });

  it('says in one line that the server speaks no TLS, or does not go on with it', async () => {
    using listener = listening();
    const plain = get(`https://localhost:${portOf(listener)}/`);
    const [conn] = await listener.accept();
    await conn.sendall('HTTP/1.0 400 Bad Request\r\n\r\n');
    expect(await plain.ended).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^https-get: \[SSL: WRONG_VERSION_NUMBER\] wrong version number.*\n$/),
    });
    conn.close();
    const silent = get(`https://localhost:${portOf(listener)}/`, '--timeout', '0.1');
    expect(await silent.ended).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^https-get: .*timed out.*\n$/),
    });
  });

  it('says in one line that the file of authorities does not exist, and connects to nothing', async () => {
    using listener = listening();
    listener.settimeout(0);
    const missing = folder.in('missing.pem');
    expect(await get(`https://localhost:${portOf(listener)}/`, '--cafile', missing).ended).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^https-get: \[Errno 2\] No such file or directory: .*missing\.pem.*\n$/),
    });
    await expect(listener.accept()).rejects.toThrow(socket.BlockingIOError);
  });

  it.each([
    [['http://localhost/'], 1, /^https-get: 'http:\/\/localhost\/' is not a URL that begins with https:\/\/\n$/],
    [[], 2, usageError('https-get', /missing required argument 'url'/)],
  ])('says what is wrong with %j', async (args, status, stderr) => {
    expect(await startDemo('https-get', args).ended).toEqual({
      status,
      stdout: '',
      stderr: expect.stringMatching(stderr),
    });
  });
});
