import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import * as ssl from '../../lib/ssl/index.ts';
import { listening, portOf, recvAll } from '../support/peer.ts';
import { hasProgram } from '../support/programs.ts';
import { hasPython } from '../support/python.ts';
import { endAll, Folder, Program, startDemo } from './processes.ts';

// ts-node takes seconds to start on a busy machine.
jest.setTimeout(120_000);

const itWithPython = hasPython ? it : it.skip;
const itWithCurl = hasProgram('curl') ? it : it.skip;

const folder = new Folder();

afterAll(async () => {
  await endAll();
  folder.remove();
});

const SMTPLIB = `
import smtplib, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[2])
context.verify_flags |= ssl.VERIFY_X509_STRICT
with smtplib.SMTP('localhost', int(sys.argv[1])) as smtp:
    smtp.starttls(context=context)
    smtp.sendmail('alice@localhost', ['bob@localhost', 'carol@localhost'], 'Subject: hi\\n\\n.dot\\nof smtplib\\n')
    print(smtp.sock.version())`;

describe('starttls-mail', () => {
  let server: Program;
  let port: number;
  let cafile: string;

  beforeAll(async () => {
    server = startDemo('starttls-mail', ['--timeout', '100']);
    port = await server.port();
    [, cafile = ''] = await server.printed(/^trust (.*)\n/m);
  });

  it('takes a mail of its own client', async () => {
    const args = ['.Grüße', '--port', String(port), '--cafile', cafile];
    const { status, stdout, stderr } = await startDemo('starttls-mail', args).ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.split('\n').filter((line) => /^(C:|--)/.test(line))).toEqual([
      'C: EHLO localhost',
      'C: STARTTLS',
      '-- TLSv1.3',
      'C: EHLO localhost',
      'C: MAIL FROM:<alice@localhost>',
      'C: RCPT TO:<bob@localhost>',
      'C: DATA',
      'C: ..Grüße',
      'C: .',
      'C: QUIT',
    ]);
    await server.printed(/^mail of alice@localhost for bob@localhost:\n\| \.Grüße\n/m);
  });

  itWithPython('takes a mail of smtplib', async () => {
    const ended = await new Program('python3', ['-c', SMTPLIB, String(port), cafile]).ended;
    expect(ended).toEqual({ status: 0, stdout: 'TLSv1.3\n', stderr: '' });
    await server.printed(
      /^mail of alice@localhost for bob@localhost, carol@localhost:\n\| Subject: hi\n\| \n\| \.dot\n\| of smtplib\n/m,
    );
  });

  itWithCurl('takes a mail of curl', async () => {
    const mail = folder.make('mail', 0);
    const args = [`smtp://localhost:${port}`, '--ssl-reqd', '--cacert', cafile, '-sS', '-T', mail];
    const curl = new Program('curl', [...args, '--mail-from', 'curl@localhost', '--mail-rcpt', 'bob@localhost']);
    expect(await curl.ended).toMatchObject({ status: 0, stderr: '' });
    await server.printed(/^mail of curl@localhost for bob@localhost:\n/m);
  });

  it('takes no mail without TLS, and nothing that was smuggled in before it', async () => {
    const plain = await socket.createConnection(['localhost', port]);
    await plain.sendall('MAIL FROM:<eve@localhost>\r\n');
    await plain.sendall('STARTTLS\r\nMAIL FROM:<eve@localhost>\r\n');
    let heard = '';
    while (!heard.includes('220 go ahead\r\n')) heard += (await plain.recv(1000)).toString();
    expect(heard).toContain('530 STARTTLS first\r\n');
    const context = ssl.createDefaultContext({ cafile });
    const outcome = await context.wrapSocket(plain, { serverHostname: 'localhost' }).then(
      async (sock) => {
        await sock.sendall('RCPT TO:<bob@localhost>\r\nQUIT\r\n');
        const answers = (await recvAll(sock)).toString();
        sock.close();
        return answers;
      },
      (error: unknown) => String(error),
    );
    expect(outcome).toMatch(/^(503 MAIL first\r\n221 bye\r\n|.*SSL.*)$/);
  });

  it('serves its own client in one process', async () => {
    const { status, stdout, stderr } = await startDemo('starttls-mail', ['hello', 'world']).ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('mail of alice@localhost for bob@localhost:\n| hello world\n');
  });

  it.each([
    ['220 test\r\n', '250 test\r\n', 'the server has no STARTTLS'],
    ['220 test\r\n', '250-test\r\n', 'the other side hung up'],
    ['554 no\r\n', '', 'the server says 554 no'],
    [`220 ${'x'.repeat(2000)}`, '', 'a line of over 1000 bytes'],
  ])('sends nothing to a server that says %j and then %j', async (greeting, offers, problem) => {
    using listener = listening();
    const client = startDemo('starttls-mail', ['hello', '--port', String(portOf(listener)), '--cafile', cafile]);
    using conn = (await listener.accept())[0];
    await conn.sendall(greeting + offers);
    conn.shutdown(socket.SHUT_WR);
    const said = (await recvAll(conn)).toString();
    expect(said).not.toContain('hello');
    expect(await client.ended).toMatchObject({ status: 1, stderr: `starttls-mail: ${problem}\n` });
  });

  it('says in one line that it cannot trust the server', async () => {
    const other = startDemo('starttls-mail');
    const args = ['hello', '--port', String(await other.port()), '--cafile', cafile];
    const { status, stderr } = await startDemo('starttls-mail', args).ended;
    expect(status).toBe(1);
    expect(stderr).toMatch(/^starttls-mail: \[SSL: CERTIFICATE_VERIFY_FAILED\] certificate verify failed: .*\n$/);
  });
});
