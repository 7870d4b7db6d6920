import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import * as ssl from '../../lib/ssl/index.ts';
import { OtherProgram, hasProgram } from '../support/programs.ts';
import { hasPython } from '../support/python.ts';
import { endAll, Program, startDemo, usageError } from './processes.ts';

// ts-node takes seconds to start on a busy machine.
jest.setTimeout(120_000);

const itWithPython = hasPython ? it : it.skip;
const itWithOpenSSL = hasProgram('openssl') ? it : it.skip;

afterAll(endAll);

/** A client in Python that checks as strictly as it can. */
const PYTHON_CLIENT = `
import socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[2])
context.verify_flags |= ssl.VERIFY_X509_STRICT
with socket.create_connection(('localhost', int(sys.argv[1]))) as sock:
    with context.wrap_socket(sock, server_hostname='localhost', suppress_ragged_eofs=False) as ssock:
        ssock.sendall('Grüße'.encode())
        print(ssock.recv(100).decode(), ssock.version())
        ssock.unwrap()`;

describe('tls-echo', () => {
  let server: Program;
  let port: number;
  let cafile: string;

  beforeAll(async () => {
    server = startDemo('tls-echo', ['--clients', '3', '--timeout', '100']);
    port = await server.port();
    [, cafile = ''] = await server.printed(/^trust (.*)\n/m);
  });

  async function connected(): Promise<socket.Socket> {
    return await socket.createConnection(['localhost', port]);
  }

  async function client(): Promise<ssl.SSLSocket> {
    const context = ssl.createDefaultContext({ cafile });
    return await context.wrapSocket(await connected(), { serverHostname: 'localhost' });
  }

  it('serves several clients at once, and ends TLS where the client does', async () => {
    const [one, two] = [await client(), await client()];
    for (const sock of [two, one]) {
      await sock.sendall('hello');
      expect((await sock.recv(100)).toString()).toBe('hello');
    }
    await one.unwrap();
    for (const sock of [two, one]) sock.close();
  });

  itWithPython('serves a client in Python', async () => {
    expect(await new Program('python3', ['-c', PYTHON_CLIENT, String(port), cafile]).ended).toEqual({
      status: 0,
      stdout: 'Grüße TLSv1.3\n',
      stderr: '',
    });
  });

  itWithOpenSSL('serves s_client', async () => {
    const args = [
      's_client',
      '-connect',
      `localhost:${port}`,
      '-verify_return_error',
      '-CAfile',
      cafile,
      '-quiet',
      '-no_ign_eof',
    ];
    await using program = new OtherProgram('openssl', args);
    program.type('hello\n');
    await program.tells(/^hello\n/m);
    program.endInput();
    expect(await program.ended).toBe(0);
  });

  it('goes on after clients that speak no TLS, that trust another authority, or that only connect', async () => {
    const idle = await connected();
    const plain = await connected();
    await plain.sendall('GET / HTTP/1.0\r\n\r\n');
    await server.printed(/^lost 127\.0\.0\.1:\d+: \[SSL: HTTP_REQUEST\] http request/m);
    plain.close();
    const context = ssl.createDefaultContext({ cadata: new X509Certificate(readFileSync(cafile)).raw });
    await expect(context.wrapSocket(await connected(), { serverHostname: 'elsewhere' })).rejects.toThrow(
      ssl.SSLCertVerificationError,
    );
    await server.printed(/^lost 127\.0\.0\.1:\d+: \[SSL: \w*ALERT_BAD_CERTIFICATE\]/m);
    const sock = await client();
    await sock.sendall('hello');
    expect((await sock.recv(100)).toString()).toBe('hello');
    for (const each of [sock, idle]) each.close();
  });

  it('closes the connection of a client beyond --clients', async () => {
    const first = [await client(), await client(), await client()];
    using sock = await connected();
    expect(await sock.recv(1)).toHaveLength(0);
    for (const each of first) each.close();
  });

  it('keeps the key of its authority to itself, lets in its own user only, and leaves nothing', async () => {
    const folder = dirname(cafile);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readFileSync(cafile, 'utf8')).not.toContain('KEY');
    const { validFrom, validTo } = new X509Certificate(readFileSync(cafile));
    expect(Date.parse(validTo) - Date.parse(validFrom)).toBe(24 * 3_600_000 + 60_000);
    server.kill('SIGINT');
    expect(await server.ended).toMatchObject({ status: 130, stderr: 'tls-echo: interrupted\n' });
    expect(existsSync(folder)).toBe(false);
  });

  it('serves its own client', async () => {
    const { status, stdout, stderr } = await startDemo('tls-echo', ['hello', 'Grüße']).ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('the server is localhost, 127.0.0.1, 0:0:0:0:0:0:0:1, by TLSv1.3 with TLS_');
    expect(stdout.match(/^echo: .*$/gm)).toEqual(['echo: hello', 'echo: Grüße']);
  });

  it('drops a client that does not shake hands in time', async () => {
    const hasty = startDemo('tls-echo', ['--timeout', '0.1']);
    using sock = await socket.createConnection(['localhost', await hasty.port()]);
    await hasty.printed(/^lost 127\.0\.0\.1:\d+: .*timed out/m);
    expect(await sock.recv(1)).toHaveLength(0);
  });

  it('says what is wrong with its command line', async () => {
    expect(await startDemo('tls-echo', ['--port', 'x']).ended).toEqual({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(usageError('tls-echo', /It must be a whole number from 0 to 65535\./)),
    });
  });
});
