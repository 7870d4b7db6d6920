import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { recvAll } from '../support/peer.ts';
import { hasPython } from '../support/python.ts';
import { endAll, Folder, Program, sha256, startDemo, usageError } from './processes.ts';

// ts-node takes seconds to start on a busy machine.
jest.setTimeout(120_000);

const hasCurl = spawnSync('curl', ['--version']).status === 0;
const describeWithCurl = hasCurl ? describe : describe.skip;
const itWithPython = hasPython ? it : it.skip;
const itOnUnix = process.platform === 'win32' ? it.skip : it;

const folder = new Folder();
const root = folder.in('root');
mkdirSync(`${root}/sub`, { recursive: true });
writeFileSync(folder.in('secret.txt'), 'secret');
writeFileSync(`${root}/hello.txt`, 'hello\n');
writeFileSync(`${root}/ä b.html`, '<p>umlaut');
writeFileSync(`${root}/empty`, '');
writeFileSync(`${root}/sub/index.html`, '<p>index');
symlinkSync(folder.in('secret.txt'), `${root}/outside.txt`);
symlinkSync(folder.path, `${root}/up`);
symlinkSync('hello.txt', `${root}/inside.txt`);
const big = folder.make('root/big', 100_000_000);

let server: Program;
let port: number;

beforeAll(async () => {
  server = startDemo('file-server', [root, '--port', '0']);
  port = await server.port();
});

afterAll(async () => {
  await endAll();
  folder.remove();
});

/** The server's answer to exactly these bytes. */
async function ask(request: string, at = port): Promise<string> {
  using sock = await socket.createConnection(['127.0.0.1', at]);
  await sock.sendall(Buffer.from(request, 'latin1'));
  return (await recvAll(sock)).toString('latin1');
}

/** Receives until the end, and discards all bytes. */
async function recvNothing(sock: socket.Socket): Promise<void> {
  while ((await sock.recv(65_536)).length > 0);
}

function get(path: string): Promise<string> {
  return ask(`GET ${path} HTTP/1.0\r\n\r\n`);
}

describe('file-server', () => {
  it.each([
    ['/hello.txt', 'text/plain; charset=utf-8', 'hello\n'],
    ['/hello.txt?query', 'text/plain; charset=utf-8', 'hello\n'],
    ['/inside.txt', 'text/plain; charset=utf-8', 'hello\n'],
    ['/%C3%A4%20b.html', 'text/html; charset=utf-8', '<p>umlaut'],
    ['/sub/', 'text/html; charset=utf-8', '<p>index'],
    ['/empty', 'application/octet-stream', ''],
  ])('gives %s as %s', async (path, type, body) => {
    const answer = await get(path);
    expect(answer).toMatch(/^HTTP\/1\.0 200 OK\r\n/);
    expect(answer).toContain(`\r\nContent-Type: ${type}\r\n`);
    expect(answer).toContain(`\r\nContent-Length: ${body.length}\r\n`);
    expect(answer.endsWith(`\r\n\r\n${body}`)).toBe(true);
  });

  it.each([
    ['/missing', 404],
    ['/sub', 404],
    ['/hello.txt/', 404],
    ['/../secret.txt', 404],
    ['/sub/../../secret.txt', 404],
    ['/%2e%2e/secret.txt', 404],
    ['/..%2Fsecret.txt', 404],
    ['/..%5csecret.txt', 404],
    ['//etc/passwd', 404],
    ['/%2fetc%2fpasswd', 404],
    ['/outside.txt', 404],
    ['/up/secret.txt', 404],
    ['/%ff', 400],
    ['/%00', 400],
    ['/hello.txt%00.html', 400],
    ['hello.txt', 400],
    ['http://127.0.0.1/hello.txt', 400],
  ])('refuses %s with %d', async (path, status) => {
    const answer = await get(path);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.0 ${status} `));
    expect(answer.endsWith('\r\n\r\nsecret')).toBe(false);
    expect(answer).not.toContain(folder.path);
  });

  it.each([
    ['nonsense', 400, 'nonsense\r\n\r\n'],
    ['HTTP/0.9', 400, 'GET /hello.txt\r\n\r\n'],
    ['HTTP/2', 400, 'GET /hello.txt HTTP/2.0\r\n\r\n'],
    ['two spaces', 400, 'GET  /hello.txt HTTP/1.0\r\n\r\n'],
    ['a header without a colon', 400, 'GET /hello.txt HTTP/1.0\r\nno colon\r\n\r\n'],
    ['a folded header', 400, 'GET /hello.txt HTTP/1.0\r\nA: b\r\n folded: too\r\n\r\n'],
    ['a NUL', 400, 'GET /hello.txt HTTP/1.0\r\nA: \0\r\n\r\n'],
    ['half a newline', 400, 'GET /hello.txt HTTP/1.0\r\nA: b\rc\r\n\r\n'],
    ['a long target', 414, `GET /${'x'.repeat(9000)} HTTP/1.0\r\n\r\n`],
    ['a long header', 431, `GET /hello.txt HTTP/1.0\r\nA: ${'x'.repeat(9000)}\r\n\r\n`],
    ['101 headers', 431, `GET /hello.txt HTTP/1.0\r\n${'A: b\r\n'.repeat(101)}\r\n`],
    ['100 headers', 200, `GET /hello.txt HTTP/1.0\r\n${'A: b\r\n'.repeat(100)}\r\n`],
    ['POST', 405, 'POST /hello.txt HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc'],
    ['HTTP/1.1', 200, 'GET /hello.txt HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['newlines of one byte', 200, 'GET /hello.txt HTTP/1.0\nA: b\n\n'],
  ])('answers %s with %d', async (_, status, request) => {
    expect(await ask(request)).toMatch(new RegExp(`^HTTP/1\\.0 ${status} `));
  });

  it('names its methods, and sends no body with the answer to HEAD, not even with a refusal', async () => {
    expect(await ask('DELETE / HTTP/1.0\r\n\r\n')).toContain('\r\nAllow: GET, HEAD\r\n');
    expect(await ask('HEAD /hello.txt HTTP/1.0\r\n\r\n')).toMatch(/\r\nContent-Length: 6\r\n[^]*\r\n\r\n$/);
    expect(await ask('HEAD /missing HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.0 404 [^]*\r\n\r\n$/);
  });

  it('gets its refusal through to a client that still sends', async () => {
    using sock = await socket.createConnection(['127.0.0.1', port]);
    await sock.sendall(`POST /hello.txt HTTP/1.0\r\nContent-Length: 500000\r\n\r\n${'x'.repeat(500_000)}`);
    expect((await recvAll(sock)).toString()).toMatch(/^HTTP\/1\.0 405 /);
  });

  it('refuses a name that is longer than the system allows', async () => {
    expect(await get(`/${'x'.repeat(300)}`)).toMatch(/^HTTP\/1\.0 404 /);
  });

  itOnUnix('refuses a pipe, for which it would have to wait', async () => {
    expect(spawnSync('mkfifo', [`${root}/pipe`]).status).toBe(0);
    expect(await get('/pipe')).toMatch(/^HTTP\/1\.0 404 /);
  });

  it('goes on when clients leave in the middle of an answer', async () => {
    const silent = await socket.createConnection(['127.0.0.1', port]);
    silent.close();
    const leaving = await socket.createConnection(['127.0.0.1', port]);
    await leaving.sendall('GET /big HTTP/1.0\r\n\r\n');
    await leaving.recv(1000);
    leaving.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0));
    leaving.close();
    await server.printed(/^127\.0\.0\.1:\d+ asked nothing$/m);
    await server.printed(/^lost 127\.0\.0\.1:\d+: \[Errno (32|104)\] /m);
    expect(await get('/hello.txt')).toMatch(/^HTTP\/1\.0 200 OK/);
  });

  it('answers 408 to an endless request, hangs up on a client that does not read, and then serves the next one', async () => {
    const strict = startDemo('file-server', [root, '--port', '0', '--timeout', '0.3', '--clients', '1']);
    const strictPort = await strict.port();
    // All have connected and sent their requests before its time begins to run.
    strict.kill('SIGSTOP');
    using slow = await socket.createConnection(['127.0.0.1', strictPort]);
    await slow.sendall('GET /hello.txt HTTP/1.0\r\n');
    using deaf = await socket.createConnection(['127.0.0.1', strictPort]);
    await deaf.sendall('GET /big HTTP/1.0\r\n\r\n');
    using last = await socket.createConnection(['127.0.0.1', strictPort]);
    await last.sendall('GET /hello.txt HTTP/1.0\r\n\r\n');
    strict.kill('SIGCONT');
    expect((await recvAll(slow)).toString()).toMatch(/^HTTP\/1\.0 408 Request Timeout\r\n/);
    slow.close();
    expect((await recvAll(last)).toString()).toMatch(/^HTTP\/1\.0 200 OK/);
    strict.kill('SIGINT');
    const { status, stdout, stderr } = await strict.ended;
    expect({ status, stderr }).toEqual({ status: 130, stderr: 'file-server: interrupted\n' });
    // The last one was not served before the others were finished.
    expect(stdout.replaceAll(/127\.0\.0\.1:\d+/g, 'X')).toBe(
      'listening on X\nX 408 the request took too long\nlost X: timed out: send\nX 200 GET /hello.txt\n',
    );
  });

  it('hangs up on a client that goes on sending after the answer, byte by byte', async () => {
    const strict = startDemo('file-server', [root, '--port', '0', '--timeout', '0.3', '--clients', '1']);
    using slow = await socket.createConnection(['127.0.0.1', await strict.port()]);
    await slow.sendall('GET /hello.txt HTTP/1.0\r\n\r\n');
    const drip = async (): Promise<never> => {
      for (;;) {
        await slow.sendall('x');
        await sleep(10);
      }
    };
    await expect(drip()).rejects.toThrow(socket.OSError);
    // On a busy machine the client itself may stand still for that long.
    await strict.printed(/^lost [\d.]+:\d+: (The operation was aborted due to timeout|timed out: \w+)$/m);
  });

  it('hangs up on a client that never stands still, but reads too slowly', async () => {
    const fast = ['--timeout', '0.5', '--speed', '1000000'];
    const strict = startDemo('file-server', [root, '--port', '0', '--clients', '1', ...fast]);
    using slow = await socket.createConnection(['127.0.0.1', await strict.port()]);
    await slow.sendall('GET /big HTTP/1.0\r\n\r\n');
    const read = async (): Promise<number> => {
      let size = 0;
      for (let block = await slow.recv(65_536); block.length > 0; block = await slow.recv(65_536)) {
        size += block.length;
        await sleep(20);
      }
      return size;
    };
    await expect(read()).rejects.toThrow(socket.ConnectionResetError);
    // On a busy machine the client itself may stand still for that long.
    await strict.printed(/^lost [\d.]+:\d+: (The operation was aborted due to timeout|timed out: \w+)$/m);
  });

  it('resets the connection if a file becomes shorter while it is sent', async () => {
    const path = folder.make('root/shrinking', 0);
    truncateSync(path, 2 ** 40);
    using sock = await socket.createConnection(['127.0.0.1', port]);
    await sock.sendall('GET /shrinking HTTP/1.0\r\n\r\n');
    await sock.recv(1000);
    truncateSync(path, 0);
    await expect(recvNothing(sock)).rejects.toThrow(socket.ConnectionResetError);
    await server.printed(/^lost [\d.]+:\d+: the file ended after \d+ of 1099511627776 bytes$/m);
  });

  it.each(['SIGINT', 'SIGKILL'] as const)('leaves no client with half of a file when %s ends it', async (signal) => {
    const own = startDemo('file-server', [root, '--port', '0']);
    const path = folder.make('root/endless', 0);
    truncateSync(path, 2 ** 40);
    const copy = folder.in(`copy-${signal}`);
    const client = startDemo('http-get', [`http://127.0.0.1:${await own.port()}/endless`, '--out', copy]);
    await client.printed(/^Content-Length: /m);
    own.kill(signal);
    const { status, stderr } = await client.ended;
    expect(status).toBe(1);
    expect(stderr).toMatch(/^http-get: (only \d+ of 1099511627776 bytes came|\[Errno 104\] .*)\n$/);
    expect(readdirSync(folder.path).filter((name) => name.startsWith('copy-'))).toEqual([]);
  });

  it('says in one line what is wrong', async () => {
    expect(await startDemo('file-server', [root, '--port', String(port)]).ended).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^file-server: \[Errno 98\] Address already in use .*\n$/),
    });
    expect(await startDemo('file-server', [`${root}/hello.txt`]).ended).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^file-server: .*hello\.txt is not a folder\n$/),
    });
    expect(await startDemo('file-server', ['--timeout', '0']).ended).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(usageError('file-server', /must be more than 0.*/)),
    });
  });

  itWithPython("answers Python's http.client", async () => {
    const client = `
import http.client, json, sys
connection = http.client.HTTPConnection('127.0.0.1', int(sys.argv[1]))
told = []
for method, path in [('GET', '/hello.txt'), ('HEAD', '/hello.txt'), ('GET', '/missing'), ('PUT', '/hello.txt')]:
    connection.request(method, path, body='x' * 100_000 if method == 'PUT' else None)
    answer = connection.getresponse()
    told.append([answer.status, answer.getheader('Content-Length'), len(answer.read())])
print(json.dumps(told))`;
    const { status, stdout } = await new Program('python3', ['-c', client, String(port)]).ended;
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual([
      [200, '6', 6],
      [200, '6', 0],
      [404, '14', 14],
      [405, '25', 25],
    ]);
  });

  describeWithCurl('with curl', () => {
    const curl = async (...args: string[]): Promise<string> => {
      const program = new Program('curl', ['--silent', '--show-error', '--noproxy', '*', ...args]);
      const { status, stdout, stderr } = await program.ended;
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      return stdout;
    };
    const url = (path: string): string => `http://127.0.0.1:${port}/${path}`;

    it.each(['--http1.0', '--http1.1'])('gives 100 MB whole to %s', async (version) => {
      const copy = folder.in(`copy${version}`);
      await curl(version, '--output', copy, url('big'));
      expect(sha256(copy)).toBe(sha256(big));
    });

    it('gives headers and refusals', async () => {
      expect(await curl('--head', url('hello.txt'))).toMatch(/^HTTP\/1\.0 200 OK\r\n[^]*\r\nContent-Length: 6\r\n/);
      expect(await curl('--path-as-is', '--write-out', ' %{http_code}', url('../secret.txt'))).toMatch(/ 404$/);
      expect(await curl('--write-out', ' %{http_code}', '--data', 'x', url('hello.txt'))).toMatch(/ 405$/);
    });

    it('queues clients beyond its limit, and serves all of them', async () => {
      const out = folder.in('many');
      const list = `${url('hello.txt')}?[1-300]`;
      await curl(
        '--no-progress-meter',
        '--parallel',
        '--parallel-immediate',
        '--parallel-max',
        '150',
        '--output',
        `${out}-#1`,
        list,
      );
      for (let number = 1; number <= 300; number += 1) expect(readFileSync(`${out}-${number}`, 'utf8')).toBe('hello\n');
    });
  });
});
