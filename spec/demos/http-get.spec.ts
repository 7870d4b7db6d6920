import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { itWithIPv6 } from '../support/pairs.ts';
import { listening, portOf } from '../support/peer.ts';
import { hasPython } from '../support/python.ts';
import { endAll, Folder, Program, sha256, startDemo, usageError } from './processes.ts';

// ts-node takes seconds to start on a busy machine.
jest.setTimeout(120_000);

const itOnLinux = process.platform === 'linux' ? it : it.skip;

const folder = new Folder();
const big = folder.make('big', 30_000_000);
writeFileSync(folder.in('hello.txt'), 'hello\n');

afterAll(async () => {
  await endAll();
  folder.remove();
});

/** The files whose names begin with `name`: a half-written file would be among them. */
function filesOf(name: string): string[] {
  return readdirSync(folder.path).filter((file) => file.startsWith(name));
}

function get(port: number, path: string, ...args: string[]): Program {
  return startDemo('http-get', [`http://127.0.0.1:${port}${path}`, ...args]);
}

/** Answers the next request with exactly these bytes, and returns the request. */
async function answer(listener: socket.Socket, text: string): Promise<string> {
  using conn = (await listener.accept())[0];
  await using file = conn.makefile('r', { newline: '' });
  let request = '';
  while (!request.endsWith('\r\n\r\n')) request += await file.readline();
  await conn.sendall(text);
  return request;
}

const servers = [
  ['file-server', (): Program => startDemo('file-server', [folder.path, '--port', '0'])],
  ...(hasPython ? [['Python', (): Program => startPythonServer()] as const] : []),
] as const;

/** Python's own file server. */
function startPythonServer(): Program {
  const source = `
import functools, http.server, sys
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[1])
with http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler) as server:
    print('listening on %s:%d' % server.server_address, flush=True)
    server.serve_forever()`;
  return new Program('python3', ['-c', source, folder.path]);
}

describe.each(servers)('http-get and the file server of %s', (_, start) => {
  let port: number;

  beforeAll(async () => {
    port = await start().port();
  });

  it('prints the headers and the body', async () => {
    const { status, stdout, stderr } = await get(port, '/hello.txt').ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^HTTP\/1\.0 200 OK\n[^]*\nContent-Length: 6\n[^]*\n\nhello\n$/);
  });

  it('writes a large body into a file', async () => {
    const copy = folder.in('copy');
    expect(await get(port, '/big', '--out', copy).ended).toMatchObject({ status: 0, stderr: '' });
    expect(sha256(copy)).toBe(sha256(big));
  });
});

describe('http-get', () => {
  itWithIPv6('asks for path and query, tells the host, and takes a body that ends with the connection', async () => {
    using listener = listening(socket.AF_INET6);
    const port = portOf(listener);
    const client = startDemo('http-get', [`http://[::1]:${port}/a%20b/?c=d#e`, '--out', folder.in('body')]);
    expect(await answer(listener, 'HTTP/1.0 200 Fine\nA: b\n\nall of it')).toMatch(
      new RegExp(`^GET /a%20b/\\?c=d HTTP/1\\.0\r\nHost: \\[::1\\]:${port}\r\n`),
    );
    expect(await client.ended).toEqual({ status: 0, stdout: 'HTTP/1.0 200 Fine\nA: b\n\n', stderr: '' });
    expect(readFileSync(folder.in('body'), 'utf8')).toBe('all of it');
  });

  it('asks for the headers only with --head, and ends with status 1 for an answer of 400 and above', async () => {
    using listener = listening();
    const client = get(portOf(listener), '/', '--head');
    expect(await answer(listener, 'HTTP/1.0 404 Not Found\r\nContent-Length: 6\r\n\r\n')).toMatch(/^HEAD /);
    expect(await client.ended).toEqual({
      status: 1,
      stdout: 'HTTP/1.0 404 Not Found\nContent-Length: 6\n\n',
      stderr: `http-get: http://127.0.0.1:${portOf(listener)}/: HTTP/1.0 404 Not Found\n`,
    });
  });

  it.each([
    ['', 'hung up without an answer'],
    ['SSH-2.0-OpenSSH\r\n\r\n', "that is no answer of HTTP/1: 'SSH-2.0-OpenSSH'"],
    ['HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\nshort', 'only 5 of 10 bytes came'],
    [
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'HTTP/1.0 has no Transfer-Encoding, and this is chunked',
    ],
  ])('says in one line what is wrong with the answer %j', async (text, problem) => {
    using listener = listening();
    const client = get(portOf(listener), '/');
    await answer(listener, text);
    const { status, stderr } = await client.ended;
    expect(status).toBe(1);
    expect(stderr).toMatch(/^http-get: .*\n$/);
    expect(stderr).toContain(problem);
  });

  it('writes no file for half of a body, and leaves an older file as it is', async () => {
    const out = folder.in('half');
    using listener = listening();
    const client = get(portOf(listener), '/', '--out', out);
    await answer(listener, 'HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\nshort');
    expect(await client.ended).toMatchObject({ status: 1, stderr: 'http-get: only 5 of 10 bytes came\n' });
    expect(filesOf('half')).toEqual([]);
    writeFileSync(out, 'older');
    const second = get(portOf(listener), '/', '--out', out);
    await answer(listener, 'HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\nshort');
    expect(await second.ended).toMatchObject({ status: 1 });
    expect(filesOf('half')).toEqual(['half']);
    expect(readFileSync(out, 'utf8')).toBe('older');
  });

  it('writes no file when it is interrupted in the middle of a body', async () => {
    const out = folder.in('interrupted');
    using listener = listening();
    const client = get(portOf(listener), '/', '--out', out);
    const [conn] = await listener.accept();
    await conn.sendall('HTTP/1.0 200 OK\r\n\r\nhalf');
    while (filesOf('interrupted').length === 0) await new Promise(setImmediate);
    client.kill('SIGINT');
    expect(await client.ended).toMatchObject({ status: 130, stderr: 'http-get: interrupted\n' });
    expect(filesOf('interrupted')).toEqual([]);
    conn.close();
  });

  it.each(['404 Not Found', '302 Found'])(
    'prints the body of %s instead of writing it into the file',
    async (status) => {
      const out = folder.in('refused');
      using listener = listening();
      const client = get(portOf(listener), '/', '--out', out);
      await answer(listener, `HTTP/1.0 ${status}\r\n\r\nanother page`);
      expect(await client.ended).toEqual({
        status: 1,
        stdout: `HTTP/1.0 ${status}\n\nanother page`,
        stderr: `http-get: http://127.0.0.1:${portOf(listener)}/: HTTP/1.0 ${status}\n`,
      });
      expect(existsSync(out)).toBe(false);
    },
  );

  itOnLinux('says in one line that the disk is full, of a file and of its output', async () => {
    using listener = listening();
    const client = get(portOf(listener), '/', '--out', '/dev/full');
    await answer(listener, 'HTTP/1.0 200 OK\r\n\r\nbody');
    const problem = 'http-get: ENOSPC: no space left on device, write\n';
    expect(await client.ended).toMatchObject({ status: 1, stderr: problem });
    const demo = [process.execPath, 'node_modules/ts-node/dist/bin.js', 'demos/http-get.ts'];
    const url = `http://127.0.0.1:${portOf(listener)}/`;
    const redirected = new Program('sh', ['-c', 'exec "$@" > /dev/full', 'sh', ...demo, url]);
    await answer(listener, 'HTTP/1.0 200 OK\r\n\r\nbody');
    expect(await redirected.ended).toMatchObject({ status: 1, stderr: problem });
  });

  it('says in one line that the server does not go on', async () => {
    using listener = listening();
    expect(await get(portOf(listener), '/', '--timeout', '0.1').ended).toEqual({
      status: 1,
      stdout: '',
      stderr: 'http-get: timed out: recv\n',
    });
  });

  it('says in one line that no server is there', async () => {
    using bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
    bound.bind(['127.0.0.1', 0]);
    expect(await get(portOf(bound), '/').ended).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^http-get: \[Errno 111\] Connection refused: connect 127\.0\.0\.1:\d+\n$/),
    });
  });

  it('says in one line that it was interrupted', async () => {
    using listener = listening();
    const client = get(portOf(listener), '/');
    const [conn] = await listener.accept();
    client.kill('SIGINT');
    expect(await client.ended).toEqual({ status: 130, stdout: '', stderr: 'http-get: interrupted\n' });
    conn.close();
  });

  it.each([
    [['https://localhost/'], 1, /^http-get: 'https:\/\/localhost\/' is not a URL that begins with http:\/\/\n$/],
    [[], 2, usageError('http-get', /missing required argument 'url'/)],
  ])('says what is wrong with %j', async (args, status, stderr) => {
    expect(await startDemo('http-get', args).ended).toEqual({
      status,
      stdout: '',
      stderr: expect.stringMatching(stderr),
    });
  });
});
