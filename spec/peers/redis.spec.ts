import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { reservedPort } from '../support/ports.ts';
import { hasProgram, OtherProgram } from '../support/programs.ts';

type Reply = string | number | Buffer | null | Reply[];

/** A client of Redis, as one writes it over makefile(): RESP, its protocol, is lines and counted bytes. */
class Redis {
  readonly file: socket.BufferedPair;

  constructor(sock: socket.Socket) {
    this.file = sock.makefile('rwb');
    sock.close(); // The file keeps the connection open.
  }

  async send(...words: (string | Buffer)[]): Promise<void> {
    await this.file.write(`*${words.length}\r\n`);
    for (const word of words) await this.file.writelines([`$${Buffer.byteLength(word)}\r\n`, word, '\r\n']);
  }

  async reply(): Promise<Reply> {
    const line = (await this.file.readline()).toString().trimEnd();
    const rest = line.slice(1);
    if (line.startsWith('+')) return rest;
    if (line.startsWith(':')) return Number(rest);
    if (line.startsWith('$') && rest === '-1') return null;
    if (line.startsWith('$')) return (await this.file.read(Number(rest) + 2))?.subarray(0, -2) ?? null;
    if (!line.startsWith('*')) throw new Error(line);
    const replies: Reply[] = [];
    for (let count = Number(rest); count > 0; count -= 1) replies.push(await this.reply());
    return replies;
  }

  async call(...words: (string | Buffer)[]): Promise<Reply> {
    await this.send(...words);
    await this.file.flush();
    return await this.reply();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'redis-spec-'));
const path = join(folder, 'socket');
let server: OtherProgram | undefined;
let port: number;

(hasProgram('redis-server') ? describe : describe.skip)('redis-server', () => {
  beforeAll(async () => {
    port = reservedPort();
    const addresses = ['--bind', '127.0.0.1', '--port', String(port), '--unixsocket', path];
    server = new OtherProgram('redis-server', [...addresses, '--save', '', '--appendonly', 'no', '--dir', folder]);
    await server.tells(/eady to accept connections/);
  });

  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  describe.each(['TCP', 'a Unix socket'])('over %s', (kind) => {
    const clients: Redis[] = [];

    async function connect(): Promise<Redis> {
      const sock = socket.socket(kind === 'TCP' ? socket.AF_INET : socket.AF_UNIX, socket.SOCK_STREAM);
      await sock.connect(kind === 'TCP' ? ['127.0.0.1', port] : path);
      const client = new Redis(sock);
      clients.push(client);
      return client;
    }

    afterEach(async () => {
      for (const client of clients.splice(0)) await client.file.close();
      const last = await connect();
      await last.call('FLUSHALL');
      await last.file.close();
    });

    it('keeps values, counts, and reports errors', async () => {
      const redis = await connect();
      expect(await redis.call('PING')).toBe('PONG');
      expect(await redis.call('SET', 'name', 'Ada')).toBe('OK');
      expect(await redis.call('GET', 'name')).toEqual(Buffer.from('Ada'));
      expect(await redis.call('GET', 'nothing')).toBeNull();
      expect(await redis.call('INCR', 'counter')).toBe(1);
      expect(await redis.call('INCR', 'counter')).toBe(2);
      await expect(redis.call('INCR', 'name')).rejects.toThrow('-ERR value is not an integer');
      expect(await redis.call('MGET', 'name', 'nothing')).toEqual([Buffer.from('Ada'), null]);
    });

    it('carries 5 MB of any bytes there and back', async () => {
      const redis = await connect();
      const bytes = randomBytes(5_000_000);
      expect(await redis.call('SET', 'bytes', bytes)).toBe('OK');
      const back = await redis.call('GET', 'bytes');
      expect(Buffer.isBuffer(back) && back.equals(bytes)).toBe(true);
    });

    it('answers 10,000 requests that were sent before the first answer was read', async () => {
      const redis = await connect();
      const asking = (async () => {
        for (let number = 0; number < 10_000; number += 1) await redis.send('INCR', 'counter');
        await redis.file.flush();
      })();
      for (let number = 1; number <= 10_000; number += 1) expect(await redis.reply()).toBe(number);
      await asking;
    });

    it('publishes to its subscribers', async () => {
      const [reader, other, writer] = [await connect(), await connect(), await connect()];
      expect(await reader.call('SUBSCRIBE', 'news')).toEqual([Buffer.from('subscribe'), Buffer.from('news'), 1]);
      await other.call('SUBSCRIBE', 'news');
      expect(await writer.call('PUBLISH', 'news', 'first')).toBe(2);
      expect(await writer.call('PUBLISH', 'news', 'second')).toBe(2);
      for (const text of ['first', 'second']) {
        expect(await reader.reply()).toEqual([Buffer.from('message'), Buffer.from('news'), Buffer.from(text)]);
        expect(await other.reply()).toEqual([Buffer.from('message'), Buffer.from('news'), Buffer.from(text)]);
      }
    });

    it('wakes a client that waits for an item of a list', async () => {
      const [waiting, giving] = [await connect(), await connect()];
      const item = waiting.call('BLPOP', 'list', '0');
      expect(await giving.call('RPUSH', 'list', 'item')).toBe(1);
      expect(await item).toEqual([Buffer.from('list'), Buffer.from('item')]);
    });

    it('ends the stream of a client that quits', async () => {
      const redis = await connect();
      expect(await redis.call('QUIT')).toBe('OK');
      expect(await redis.file.read()).toHaveLength(0);
    });
  });
});
