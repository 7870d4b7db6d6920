import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { available } from '../support/pairs.ts';
import { listening, portOf, recvAll } from '../support/peer.ts';

const hasCurl = spawnSync('curl', ['--version']).status === 0;
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Serves one HTTP/1.0 request: returns it, and answers with `body`, which ends with the connection. */
async function serveOne(listener: socket.Socket, body: Buffer): Promise<string> {
  using conn = (await listener.accept())[0];
  let request = '';
  while (!request.includes('\r\n\r\n')) request += (await conn.recv(1024)).toString('latin1');
  await conn.sendall(`HTTP/1.0 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n`);
  await conn.sendall(body);
  conn.shutdown(socket.SHUT_WR);
  await recvAll(conn);
  return request;
}

/** Runs curl; returns its status and its output. */
async function curl(...args: string[]): Promise<{ status: number | null; output: Buffer }> {
  const child = spawn('curl', ['--silent', '--show-error', '--noproxy', '*', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const blocks: Buffer[] = [];
  child.stdout.on('data', (block: Buffer) => blocks.push(block));
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { status, output: Buffer.concat(blocks) };
}

(hasCurl ? describe : describe.skip)('curl', () => {
  for (const [name, family, host] of available([
    ['TCP4', socket.AF_INET, '127.0.0.1'],
    ['TCP6', socket.AF_INET6, '[::1]'],
  ] as const)) {
    it(`gets 1 MB whole over ${name}`, async () => {
      using listener = listening(family);
      const body = randomBytes(1_000_000);
      const [request, { status, output }] = await Promise.all([
        serveOne(listener, body),
        curl(`http://${host}:${portOf(listener)}/path`),
      ]);
      expect(request).toMatch(/^GET \/path HTTP\/1\.[01]\r\n/);
      expect(status).toBe(0);
      expect(sha256(output)).toBe(sha256(body));
    });
  }

  it('sees that a body was cut short where the connection is reset', async () => {
    using listener = listening();
    const serving = async (): Promise<void> => {
      using conn = (await listener.accept())[0];
      // With unread bytes close() resets the connection.
      await conn.recv(1);
      await conn.sendall('HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\nshort');
    };
    const [{ status }] = await Promise.all([curl(`http://127.0.0.1:${portOf(listener)}/`), serving()]);
    // 56 is CURLE_RECV_ERROR, 18 CURLE_PARTIAL_FILE where the body was read before the reset came.
    expect([18, 56]).toContain(status);
  });
});
