import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import * as socket from '../../lib/index.ts';
import { reservedPort } from '../support/ports.ts';
import { hasProgram, OtherProgram } from '../support/programs.ts';
import { certificateFile, keyFile } from '../support/tls-contexts.ts';

/** Debian keeps PostgreSQL's programs out of the path. */
function programFolder(): string | undefined {
  try {
    const [version] = readdirSync('/usr/lib/postgresql');
    return version === undefined ? undefined : `/usr/lib/postgresql/${version}/bin`;
  } catch {
    return undefined;
  }
}

const programs = programFolder();
const isRoot = process.getuid?.() === 0;

(programs === undefined || !hasProgram('setpriv') ? describe.skip : describe)('pg, with PostgreSQL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pg-spec-'));
  const port = reservedPort();
  let server: OtherProgram | undefined;

  /** PostgreSQL refuses to run as root; setpriv becomes the program that it starts. */
  function asPostgres(program: string, args: readonly string[]): [file: string, args: string[]] {
    const file = `${programs ?? ''}/${program}`;
    if (!isRoot) return [file, [...args]];
    return ['setpriv', ['--reuid', 'postgres', '--regid', 'postgres', '--clear-groups', file, ...args]];
  }

  beforeAll(async () => {
    chmodSync(folder, 0o755);
    if (isRoot) spawnSync('chown', ['postgres', folder]);
    const data = join(folder, 'data');
    const [file, args] = asPostgres('initdb', ['-D', data, '-N', '-A', 'trust', '-U', 'tester', '--locale', 'C']);
    const { status, stderr } = spawnSync(file, args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`initdb failed:\n${stderr}`);
    copyFileSync(certificateFile('server'), join(folder, 'server.pem'));
    copyFileSync(keyFile('server'), join(folder, 'server.key'));
    chmodSync(join(folder, 'server.key'), 0o600);
    if (isRoot) spawnSync('chown', ['postgres', join(folder, 'server.key')]);
    writeFileSync(join(data, 'pg_hba.conf'), 'local all all trust\nhost all all 127.0.0.1/32 trust\n');
    const settings = Object.entries({
      ssl: 'on',
      ssl_cert_file: join(folder, 'server.pem'),
      ssl_key_file: join(folder, 'server.key'),
      listen_addresses: '127.0.0.1',
      unix_socket_directories: folder,
      fsync: 'off',
    }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    server = new OtherProgram(...asPostgres('postgres', ['-D', data, '-p', String(port), ...settings]));
    await server.tells(/database system is ready to accept connections/);
  }, 120_000);

  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const where = { port, user: 'tester', database: 'postgres' };
  const tcp = { ...where, host: '127.0.0.1', stream: () => socket.socket().toDuplex() };

  it.each<[how: string, config: pg.ClientConfig]>([
    ['TCP', { ...tcp, keepAlive: true, keepAliveInitialDelayMillis: 5000 }],
    ['a Unix socket', { ...where, host: folder, stream: () => socket.socket(socket.AF_UNIX).toDuplex() }],
    ['TLS', { ...tcp, host: 'localhost', ssl: { ca: readFileSync(certificateFile('ca')) } }],
  ])('asks and stores over %s', async (how, config) => {
    const client = new pg.Client(config);
    await client.connect();
    await client.query('create temporary table numbers (number int, bytes bytea)');
    const bytes = Buffer.alloc(1_000_000, how);
    await client.query('insert into numbers values ($1, $2)', [42, bytes]);
    const { rows } = await client.query<{ number: number; bytes: Buffer }>('select * from numbers');
    expect(rows).toHaveLength(1);
    expect(rows[0]?.number).toBe(42);
    expect(rows[0]?.bytes.equals(bytes)).toBe(true);
    await expect(client.query('select nonsense')).rejects.toMatchObject({ code: '42703' });
    await client.end();
  });

  it('reads 100,000 rows', async () => {
    const client = new pg.Client(tcp);
    await client.connect();
    const { rows } = await client.query<{ n: number }>('select n from generate_series(1, 100000) n');
    expect(rows.length).toBe(100_000);
    expect(rows.at(-1)?.n).toBe(100_000);
    await client.end();
  });

  it('works in a Pool, whose idle connections let the process end', async () => {
    const pool = new pg.Pool({ ...tcp, max: 3, allowExitOnIdle: true });
    const asked = Array.from({ length: 20 }, (_, n) => pool.query<{ n: number }>('select $1::int n', [n]));
    const answers = await Promise.all(asked);
    expect(answers.map(({ rows }) => rows[0]?.n)).toEqual(Array.from({ length: 20 }, (_, n) => n));
    expect(pool.totalCount).toBe(3);
    await pool.end();
  });

  it('reports a server that is not there', async () => {
    const client = new pg.Client({ ...tcp, port: reservedPort() });
    await expect(client.connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
