import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mysql from 'mysql2/promise';
import * as socket from '../../lib/index.ts';
import { reservedPort } from '../support/ports.ts';
import { hasProgram, OtherProgram } from '../support/programs.ts';

const isRoot = process.getuid?.() === 0;

(hasProgram('mariadbd') && hasProgram('mariadb-install-db') ? describe : describe.skip)('mysql2, with MariaDB', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mysql2-spec-'));
  const path = join(folder, 'socket');
  const port = reservedPort();
  let server: OtherProgram | undefined;

  beforeAll(async () => {
    chmodSync(folder, 0o755);
    if (isRoot) spawnSync('chown', ['mysql', folder]);
    // Started by root, both programs become another user by themselves.
    const common = ['--no-defaults', `--datadir=${join(folder, 'data')}`, ...(isRoot ? ['--user=mysql'] : [])];
    const install = [...common, '--auth-root-authentication-method=normal', '--skip-test-db'];
    const { status, stdout } = spawnSync('mariadb-install-db', install, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`mariadb-install-db failed:\n${stdout}`);
    const where = [`--socket=${path}`, `--port=${port}`, '--bind-address=127.0.0.1'];
    server = new OtherProgram('mariadbd', [...common, ...where, '--innodb-flush-log-at-trx-commit=0']);
    await server.tells(/ready for connections/);
  }, 120_000);

  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['TCP', async () => await socket.createConnection(['127.0.0.1', port])],
    [
      'a Unix socket',
      async () => {
        const sock = socket.socket(socket.AF_UNIX);
        await sock.connect(path);
        return sock;
      },
    ],
  ])('asks and stores over %s', async (how, connect) => {
    const sock = await connect();
    const client = await mysql.createConnection({ user: 'root', database: 'mysql', stream: sock.toDuplex() });
    await client.query('create temporary table numbers (number int, bytes longblob)');
    const bytes = Buffer.alloc(1_000_000, how);
    await client.execute('insert into numbers values (?, ?)', [42, bytes]);
    const [rows] = await client.query<mysql.RowDataPacket[]>('select * from numbers');
    expect(rows).toHaveLength(1);
    expect(rows[0]?.number).toBe(42);
    expect((rows[0]?.bytes as Buffer).equals(bytes)).toBe(true);
    await expect(client.query('select nonsense')).rejects.toMatchObject({ code: 'ER_BAD_FIELD_ERROR' });
    await client.end();
  });

  it('works in a pool', async () => {
    const pool = mysql.createPool({
      user: 'root',
      database: 'mysql',
      connectionLimit: 3,
      enableKeepAlive: true,
      stream: () => socket.socket().toDuplex().connect(port, '127.0.0.1'),
    });
    const asked = Array.from(
      { length: 20 },
      async (_, n) => await pool.query<mysql.RowDataPacket[]>('select ? n', [n]),
    );
    const answers = await Promise.all(asked);
    expect(answers.map(([rows]) => Number(rows[0]?.n))).toEqual(Array.from({ length: 20 }, (_, n) => n));
    await pool.end();
  });
});
