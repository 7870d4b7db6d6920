import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import * as socket from '../../lib/index.ts';
import { reservedPort } from '../support/ports.ts';
import { hasPostgres, Postgres } from '../support/postgres.ts';
import { certificateFile } from '../support/tls-contexts.ts';

(hasPostgres ? describe : describe.skip)('pg, with PostgreSQL', () => {
  const server = new Postgres();
  const { folder, port } = server;

  beforeAll(() => server.start('local all all trust\nhost all all 127.0.0.1/32 trust\n'), 120_000);
  afterAll(() => server[Symbol.asyncDispose]());

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
