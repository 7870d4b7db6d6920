import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { reservedPort } from '../support/ports.ts';
import { hasProgram, OtherProgram } from '../support/programs.ts';

/** A client of memcached, as one writes it over makefile(): its protocol is lines and counted bytes. */
class Memcached {
  readonly file: socket.BufferedPair;

  constructor(sock: socket.Socket) {
    this.file = sock.makefile('rwb');
    sock.close(); // The file keeps the connection open.
  }

  async line(): Promise<string> {
    return (await this.file.readline()).toString().trimEnd();
  }

  async call(line: string): Promise<string> {
    await this.file.write(`${line}\r\n`);
    await this.file.flush();
    return await this.line();
  }

  async set(key: string, value: string | Buffer): Promise<string> {
    await this.file.writelines([`set ${key} 0 0 ${Buffer.byteLength(value)}\r\n`, value, '\r\n']);
    await this.file.flush();
    return await this.line();
  }

  async get(...keys: string[]): Promise<Map<string, Buffer>> {
    const values = new Map<string, Buffer>();
    for (let line = await this.call(`get ${keys.join(' ')}`); line !== 'END'; line = await this.line()) {
      const [, key = '', , length] = line.split(' ');
      const value = await this.file.read(Number(length) + 2);
      if (value !== null) values.set(key, value.subarray(0, -2));
    }
    return values;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'memcached-spec-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

(hasProgram('memcached') ? describe : describe.skip).each(['TCP', 'a Unix socket'])('memcached over %s', (kind) => {
  let server: OtherProgram | undefined;
  let address: [string, number] | string;
  let memcached: Memcached;

  beforeAll(async () => {
    address = kind === 'TCP' ? ['127.0.0.1', reservedPort()] : join(folder, 'socket');
    const where = typeof address === 'string' ? ['-s', address] : ['-l', address[0], '-p', String(address[1])];
    // It refuses to run as root unless -u says so.
    const who = process.getuid?.() === 0 ? ['-u', 'root'] : [];
    server = new OtherProgram('memcached', ['-vv', '-U', '0', ...where, ...who]);
    await server.tells(/server listening/);
  });

  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
  });

  beforeEach(async () => {
    const sock = socket.socket(kind === 'TCP' ? socket.AF_INET : socket.AF_UNIX, socket.SOCK_STREAM);
    await sock.connect(address);
    memcached = new Memcached(sock);
  });

  afterEach(async () => {
    await memcached.file.close();
  });

  it('keeps values, counts, and forgets', async () => {
    expect(await memcached.call('version')).toMatch(/^VERSION \d/);
    expect(await memcached.set('name', 'Ada')).toBe('STORED');
    expect(await memcached.set('counter', '41')).toBe('STORED');
    expect(await memcached.call('incr counter 1')).toBe('42');
    const values = new Map([
      ['name', Buffer.from('Ada')],
      ['counter', Buffer.from('42')],
    ]);
    expect(await memcached.get('name', 'nothing', 'counter')).toEqual(values);
    expect(await memcached.call('delete name')).toBe('DELETED');
    expect(await memcached.get('name')).toEqual(new Map());
    expect(await memcached.call('nonsense')).toBe('ERROR');
  });

  it('carries values of the largest size, of any bytes, there and back', async () => {
    const bytes = randomBytes(1_000_000);
    expect(await memcached.set('bytes', bytes)).toBe('STORED');
    expect((await memcached.get('bytes')).get('bytes')?.equals(bytes)).toBe(true);
  });

  it('answers 10,000 requests that were sent before the first answer was read', async () => {
    await memcached.set('many', '0');
    const asking = (async () => {
      for (let number = 0; number < 10_000; number += 1) await memcached.file.write('incr many 1\r\n');
      await memcached.file.flush();
    })();
    for (let number = 1; number <= 10_000; number += 1) expect(await memcached.line()).toBe(String(number));
    await asking;
  });

  it('ends the stream of a client that quits', async () => {
    expect(await memcached.call('quit')).toBe('');
  });
});
