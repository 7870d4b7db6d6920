import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import type { DemoPlan } from './plan.ts';
import { everything, pour, stranger, strangers, trickle } from './strangers.ts';

const SECRET = 'what no client may read';

/** A folder with files to serve, and a secret beside it. */
const place = mkdtempSync(join(tmpdir(), 'await-socket-harsh-'));
process.once('exit', () => rmSync(place, { recursive: true, force: true }));
const folder = join(place, 'served');

function furnish(): void {
  mkdirSync(join(folder, 'inner'), { recursive: true });
  writeFileSync(join(place, 'secret.txt'), SECRET);
  mkdirSync(join(place, 'served-too'), { recursive: true });
  writeFileSync(join(place, 'served-too', 'secret.txt'), SECRET);
  writeFileSync(join(folder, 'hello.txt'), 'hello');
  writeFileSync(join(folder, 'large.bin'), Buffer.alloc(8_000_000));
  for (const [target, name] of [
    ['../secret.txt', 'link.txt'],
    ['..', 'inner/up'],
    ['/etc', 'etc'],
    ['loop', 'loop'],
  ] as const) {
    try {
      symlinkSync(target, join(folder, name));
    } catch {
      // It is there from the last time.
    }
  }
  spawnSync('mkfifo', [join(folder, 'pipe')]);
}

/** Paths by which a stranger may try to get out, or to make the server wait. */
const TARGETS = [
  '/../secret.txt',
  '/inner/../../secret.txt',
  '/%2e%2e/secret.txt',
  '/%2E%2E%2Fsecret.txt',
  '/..%2fsecret.txt',
  '/..%5csecret.txt',
  '/..\\secret.txt',
  '/%252e%252e/secret.txt',
  '/%c0%ae%c0%ae/secret.txt',
  '/%uff0e%uff0e/secret.txt',
  '/....//secret.txt',
  '/../served-too/secret.txt',
  '/inner/up/secret.txt',
  '/inner/up/served/../secret.txt',
  '/link.txt',
  '/etc/passwd',
  '//etc/passwd',
  `/${place}/secret.txt`,
  `file://${place}/secret.txt`,
  `http://localhost/../secret.txt`,
  '/proc/self/environ',
  '/dev/zero',
  '/hello.txt%00.png',
  '/hello.txt/',
  '/inner',
  '/loop',
  '/pipe',
  `/${'a/'.repeat(3000)}`,
  `/${'%2e%2e/'.repeat(1000)}etc/passwd`,
  '/?/../secret.txt',
  '/#/../secret.txt',
  '*',
  '',
];

async function tryPaths(port: number): Promise<readonly string[]> {
  const mistakes: string[] = [];
  for (const target of TARGETS) {
    const sock = stranger(port);
    sock.end(`GET ${target} HTTP/1.0\r\n\r\n`);
    const answer = (await everything(sock)).toString('latin1');
    if (answer.includes(SECRET) || answer.includes('root:')) mistakes.push(`${target} was served`);
    if (!/^HTTP\/1\.0 (400|403|404|414)/.test(answer)) mistakes.push(`${target}: ${answer.slice(0, 40)}`);
  }
  return mistakes;
}

/** What strangers do to the file server. */
export const files: DemoPlan = {
  demo: 'file-server',
  args() {
    furnish();
    return [folder, '--port', '0', '--timeout', '1', '--clients', '64'];
  },
  async serve(port, ask) {
    await ask(async () => {
      const sock = stranger(port);
      sock.write('GET /hello.txt HTTP/1.0\r\n\r\n');
      const answer = String(await everything(sock));
      if (!answer.endsWith('\r\n\r\nhello')) throw new Error(`no answer: ${answer.slice(0, 40)}`);
    });
  },
  attacks: [
    { does: `${TARGETS.length} paths that lead out of the folder, or nowhere`, run: tryPaths },
    {
      does: '60 requests that come byte by byte',
      run: (port, seconds) => strangers(port, 60, seconds, (sock) => trickle(sock, 'G')),
    },
    {
      does: '60 requests with lines, or headers, without an end',
      run: (port, seconds) =>
        strangers(port, 60, seconds, (sock, index) => {
          if (index % 2 === 0) pour(sock, 'x'.repeat(65_536));
          else pour(sock, `GET / HTTP/1.0\r\n${'X: y\r\n'.repeat(1000)}`);
        }),
    },
    {
      does: '60 clients that ask for 8 MB, and do not read',
      run: (port, seconds) =>
        strangers(port, 60, seconds, (sock) => {
          sock.pause();
          sock.write('GET /large.bin HTTP/1.0\r\n\r\n');
        }),
    },
    {
      does: '60 clients that go on sending after their request',
      run: (port, seconds) =>
        strangers(port, 60, seconds, (sock) => pour(sock, `GET /hello.txt HTTP/1.0\r\n\r\n${'x'.repeat(65_000)}`)),
    },
    {
      does: '60 clients that end their side after the request, and stay',
      run: (port, seconds) => strangers(port, 60, seconds, (sock) => void sock.end('GET /hello.txt HTTP/1.0\r\n\r\n')),
    },
    {
      does: '300 silent connections, five times as many as there are places',
      run: (port, seconds) => strangers(port, 300, seconds, () => undefined),
    },
  ],
};
