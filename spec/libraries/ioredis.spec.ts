import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AbstractConnector, Redis } from 'ioredis';
import * as socket from '../../lib/index.ts';
import { asNetSocket } from '../support/node-streams.ts';
import { reservedPort } from '../support/ports.ts';
import { hasProgram, OtherProgram } from '../support/programs.ts';

(hasProgram('redis-server') ? describe : describe.skip)('ioredis, with redis-server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ioredis-spec-'));
  const port = reservedPort();
  let server: OtherProgram | undefined;
  const streams: socket.SocketDuplex[] = [];

  /** How ioredis connects, over sockets of ours. */
  class Connector extends AbstractConnector {
    constructor() {
      super(2000);
    }

    override async connect(): Promise<net.Socket> {
      const sock = await socket.createConnection(['127.0.0.1', port]);
      const stream = sock.toDuplex();
      streams.push(stream);
      this.stream = asNetSocket(stream);
      return this.stream;
    }
  }

  beforeAll(async () => {
    const where = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder];
    server = new OtherProgram('redis-server', [...where, '--save', '', '--appendonly', 'no']);
    await server.tells(/eady to accept connections/);
  });

  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const client = (): Redis => new Redis({ Connector, keepAlive: 1000, noDelay: true });

  it('keeps values, and sends many commands at once', async () => {
    const redis = client();
    const bytes = randomBytes(2_000_000);
    expect(await redis.set('bytes', bytes)).toBe('OK');
    expect((await redis.getBuffer('bytes'))?.equals(bytes)).toBe(true);
    const counts = await Promise.all(Array.from({ length: 1000 }, () => redis.incr('counter')));
    expect(counts.at(-1)).toBe(1000);
    expect(await redis.quit()).toBe('OK');
  });

  it('publishes to its subscribers', async () => {
    const [reader, writer] = [client(), client()];
    await reader.subscribe('news');
    const told = new Promise((resolve) => reader.once('message', (_channel, text) => resolve(text)));
    await writer.publish('news', 'first');
    expect(await told).toBe('first');
    await Promise.all([reader.quit(), writer.quit()]);
  });

  it('connects again when the connection is lost', async () => {
    const redis = client();
    await redis.set('name', 'Ada');
    const before = streams.length;
    redis.on('error', () => undefined);
    streams.at(-1)?.resetAndDestroy();
    expect(await redis.get('name')).toBe('Ada');
    expect(streams.length).toBe(before + 1);
    redis.disconnect();
  });
});
