import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BufferedPair, Socket } from '../../lib/index.ts';
import type * as ssl from '../../lib/ssl/index.ts';
import { listening, own, portOf, tcp } from '../support/pairs.ts';
import { reservedPort } from '../support/ports.ts';
import { hasPostgres, Postgres } from '../support/postgres.ts';
import { hasProgram, OtherProgram } from '../support/programs.ts';
import { hasPython } from '../support/python.ts';
import { startPython } from '../support/python-child.ts';
import { certificateFile, clientContext, keyFile, serverContext } from '../support/tls-contexts.ts';

/** A client that is connected, with TLS from the start. */
async function connected(port: number, context: ssl.SSLContext): Promise<ssl.SSLSocket> {
  const one = own(await context.wrapSocket(tcp(), { serverHostname: 'localhost' }));
  await one.connect(['127.0.0.1', port]);
  return one;
}

(hasPython ? describe : describe.skip)("Python's smtplib", () => {
  const DIALOGUE: readonly (readonly [command: RegExp, answer: string])[] = [
    [/^EHLO /i, '250 localhost\r\n'],
    [/^MAIL FROM:/i, '250 ok\r\n'],
    [/^RCPT TO:/i, '250 ok\r\n'],
    [/^DATA/i, '354 go on\r\n'],
    [/^QUIT/i, '221 bye\r\n'],
  ];

  /** Answers commands until one ends the dialogue; gives what was sent as mail. */
  async function converse(one: Socket, until: RegExp): Promise<string> {
    const file: BufferedPair = one.makefile('rwb');
    let mail = '';
    for (;;) {
      const line = String(await file.readline());
      if (line === '') throw new Error('the client has gone');
      if (until.test(line)) {
        await file.close();
        return mail;
      }
      const [, answer] = DIALOGUE.find(([command]) => command.test(line)) ?? [];
      if (answer === undefined) throw new Error(line);
      await file.write(/^EHLO/i.test(line) ? '250-localhost\r\n250 STARTTLS\r\n' : answer);
      await file.flush();
      if (!/^DATA/i.test(line)) continue;
      for (let text = ''; text !== '.\r\n'; mail += text) text = String(await file.readline());
      await file.write('250 taken\r\n');
      await file.flush();
    }
  }

  it.each(['TLSv1.2', 'TLSv1.3'])('delivers a mail to our server by STARTTLS over %s', async (name) => {
    const listener = listening();
    startPython(
      `
import smtplib, ssl
context = ssl.create_default_context(cafile=sys.argv[3])
context.maximum_version = ssl.TLSVersion[sys.argv[4].replace('.', '_')]
client = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
client.starttls(context=context)
client.sendmail('ada@example.test', ['grace@example.test'], 'Subject: TLS\\r\\n\\r\\nHello Grace')
client.quit()
`,
      ['127.0.0.1', portOf(listener), certificateFile('ca'), name],
    );
    const plain = own((await listener.accept())[0]);
    await plain.sendall('220 localhost ESMTP\r\n');
    await converse(plain, /^STARTTLS/i);
    await plain.sendall('220 go on\r\n');
    const secured = own(await serverContext().wrapSocket(plain, { serverSide: true }));
    expect(secured.version()).toBe(name);
    expect(await converse(secured, /^QUIT/i)).toBe('Subject: TLS\r\n\r\nHello Grace\r\n.\r\n');
    await secured.sendall('221 bye\r\n');
  });
});

(hasProgram('redis-server') ? describe : describe.skip)('redis-server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'redis-tls-spec-'));
  const port = reservedPort();
  let server: OtherProgram | undefined;

  beforeAll(async () => {
    const files = ['--tls-cert-file', certificateFile('server'), '--tls-key-file', keyFile('server')];
    const trust = ['--tls-ca-cert-file', certificateFile('ca'), '--tls-auth-clients', 'yes'];
    const where = ['--bind', '127.0.0.1', '--port', '0', '--tls-port', String(port), '--dir', folder];
    server = new OtherProgram('redis-server', [...where, ...files, ...trust, '--save', '', '--appendonly', 'no']);
    await server.tells(/eady to accept connections/);
  });

  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  it('keeps 5 MB of any bytes for a client that shows its certificate', async () => {
    const one = await connected(port, clientContext({ certificate: 'client' }));
    const file = one.makefile('rwb');
    const bytes = randomBytes(5_000_000);
    await file.writelines([`*3\r\n$3\r\nSET\r\n$5\r\nbytes\r\n$${bytes.length}\r\n`, bytes, '\r\n']);
    await file.flush();
    expect(String(await file.readline())).toBe('+OK\r\n');
    await file.write('*2\r\n$3\r\nGET\r\n$5\r\nbytes\r\n');
    await file.flush();
    expect(String(await file.readline())).toBe(`$${bytes.length}\r\n`);
    expect((await file.read(bytes.length))?.equals(bytes)).toBe(true);
    await file.close();
  });

  it('refuses a client that shows none', async () => {
    const one = await connected(port, clientContext());
    await expect(one.recv(1)).rejects.toMatchObject({ reason: 'TLSV13_ALERT_CERTIFICATE_REQUIRED' });
  });
});

(hasPostgres ? describe : describe.skip)('PostgreSQL with sslmode=verify-full', () => {
  const server = new Postgres();
  const { port } = server;

  // Clients with TLS alone are let in.
  beforeAll(() => server.start('hostssl all all 127.0.0.1/32 trust\n'), 120_000);
  afterAll(() => server[Symbol.asyncDispose]());

  /** A message of the protocol: a letter, if any, and the length of the rest. */
  function message(type: string, ...parts: readonly (Buffer | string)[]): Buffer {
    const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
    const length = Buffer.alloc(4);
    length.writeInt32BE(body.length + 4);
    return Buffer.concat([Buffer.from(type), length, body]);
  }

  const number = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    return bytes;
  };

  /** Asks for TLS, which begins after the one letter of the answer. */
  async function secured(context: ssl.SSLContext): Promise<ssl.SSLSocket> {
    const plain = tcp();
    await plain.connect(['127.0.0.1', port]);
    await plain.sendall(message('', number(80877103)));
    expect(String(await plain.recv(1))).toBe('S');
    return own(await context.wrapSocket(plain, { serverHostname: 'localhost' }));
  }

  /** The messages of an answer, up to the one that says that the server is ready. */
  async function answer(file: BufferedPair): Promise<Map<string, Buffer>> {
    const messages = new Map<string, Buffer>();
    while (!messages.has('Z')) {
      const type = String(await file.read(1));
      if (type === '') throw new Error('the server has gone');
      const length = (await file.read(4))?.readInt32BE() ?? 0;
      messages.set(type, (await file.read(length - 4)) ?? Buffer.alloc(0));
      if (type === 'E') throw new Error(String(messages.get(type)));
    }
    return messages;
  }

  it('answers a query over TLS', async () => {
    const one = await secured(clientContext());
    const file = one.makefile('rwb');
    await file.write(message('', number(196608), 'user\0tester\0database\0postgres\0\0'));
    await file.flush();
    await answer(file);
    await file.write(message('Q', 'select version from pg_stat_ssl where pid = pg_backend_pid()\0'));
    await file.flush();
    // A row of one column: the number of columns, and the length of the value before it.
    expect(String((await answer(file)).get('D')?.subarray(6))).toBe(one.version());
    await file.close();
  });

  it('is refused where another authority has signed its certificate', async () => {
    await expect(secured(clientContext({ authority: 'other-ca' }))).rejects.toMatchObject({
      name: 'SSLCertVerificationError',
      verifyCode: 20,
    });
  });
});
