import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { withCrlf } from '../../cli/nc/input.ts';
import { problemOf } from '../../cli/nc/options.ts';
import { portsOf } from '../../cli/nc/places.ts';
import { hasOpenSSL } from '../support/certificates.ts';
import { listening, portOf, recvAll } from '../support/peer.ts';
import { reservedPort } from '../support/ports.ts';
import { hasProgram, OtherProgram } from '../support/programs.ts';
import { listeningAt, temporaryPath } from '../support/unix.ts';
import { cli } from './programs.ts';

// ts-node takes seconds to start on a busy machine.
jest.setTimeout(60_000);

const bytes = randomBytes(1_000_000);

type Start = (...args: readonly string[]) => OtherProgram;

/** Debian's sends the end of its input only with -N. */
const debians: Start = (...args) => new OtherProgram('nc', ['-N', ...args]);

/** Both take the same options. */
const programs: [string, Start][] = [['ours', (...args) => cli('nc', ...args)]];
if (hasProgram('nc')) programs.push(["Debian's", debians]);

describe.each(programs)('%s', (name, nc) => {
  it('sends its input and the end of it, and prints what comes after that', async () => {
    using listener = listening(socket.AF_INET);
    await using program = nc('127.0.0.1', String(portOf(listener)));
    program.type(bytes);
    program.endInput();
    using conn = (await listener.accept())[0];
    expect((await recvAll(conn)).equals(bytes)).toBe(true);
    await conn.sendall(bytes);
    conn.close();
    expect(await program.ended).toBe(0);
    expect(program.printed.equals(bytes)).toBe(true);
  });

  it('prints all that comes and still sends its input when the other side has ended first', async () => {
    using listener = listening(socket.AF_INET);
    await using program = nc('127.0.0.1', String(portOf(listener)));
    using conn = (await listener.accept())[0];
    await conn.sendall('all of it');
    conn.shutdown(socket.SHUT_WR);
    await program.tells(/all of it/);
    program.type('an answer');
    program.endInput();
    expect((await recvAll(conn)).toString()).toBe('an answer');
    conn.close();
    expect(await program.ended).toBe(0);
  });

  it('listens, and ends when the client has ended', async () => {
    const port = reservedPort();
    await using program = nc('-l', '-v', '127.0.0.1', String(port));
    await program.tells(/listening on/i);
    using sock = await socket.createConnection(['127.0.0.1', port]);
    program.type('from the server');
    expect((await sock.recv(100)).toString()).toBe('from the server');
    await sock.sendall('from the client');
    sock.shutdown(socket.SHUT_WR);
    expect(await program.ended).toBe(0);
    expect(program.printed.toString()).toBe('from the client');
  });

  it('-U connects to a path', async () => {
    const path = temporaryPath();
    using listener = listeningAt(path);
    await using program = nc('-U', path);
    program.type('by path');
    program.endInput();
    using conn = (await listener.accept())[0];
    expect((await recvAll(conn)).toString()).toBe('by path');
    await conn.sendall('and back');
    conn.close();
    expect(await program.ended).toBe(0);
    expect(program.printed.toString()).toBe('and back');
  });

  it('-u sends datagrams and prints those that come', async () => {
    using sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
    sock.bind(['127.0.0.1', 0]);
    // Debian's nc takes seconds with -u and -v: it tries whether the port is open.
    await using program = nc('-u', '127.0.0.1', String(portOf(sock)));
    program.type('one');
    const [data, sender] = await sock.recvfrom(100);
    expect(data.toString()).toBe('one');
    await sock.sendto('two', sender ?? '');
    await program.tells(/^two$/);
  });

  it('-u -l answers the sender of the first datagram', async () => {
    const port = reservedPort();
    await using program = nc('-u', '-l', '-v', '127.0.0.1', String(port));
    await program.tells(/(listening|bound) on/i);
    using sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
    await sock.connect(['127.0.0.1', port]);
    await sock.send('first');
    await program.tells(/first/);
    program.type('answer');
    expect((await sock.recv(100)).toString()).toBe('answer');
  });

  it('-z says by its status whether a port takes connections', async () => {
    using listener = listening(socket.AF_INET);
    await using open = nc('-z', '127.0.0.1', String(portOf(listener)));
    await using closed = nc('-z', '127.0.0.1', String(reservedPort()));
    expect([await open.ended, await closed.ended]).toEqual([0, 1]);
  });

  it('-k serves one client after another', async () => {
    const port = reservedPort();
    await using program = nc('-l', '-k', '-v', '127.0.0.1', String(port));
    await program.tells(/listening on/i);
    for (const word of ['first', 'second']) {
      using sock = await socket.createConnection(['127.0.0.1', port]);
      await sock.sendall(word);
      sock.shutdown(socket.SHUT_WR);
      expect((await recvAll(sock)).toString()).toBe('');
    }
    await program.tells(/firstsecond/);
  });

  it('-w ends a conversation in which nothing happens', async () => {
    using listener = listening(socket.AF_INET);
    await using program = nc('-w', '1', '127.0.0.1', String(portOf(listener)));
    using conn = (await listener.accept())[0];
    await conn.sendall('last words');
    expect(await program.ended).toBe(0);
    expect(program.printed.toString()).toBe('last words');
  });

  it('-C sends CR LF', async () => {
    using listener = listening(socket.AF_INET);
    await using program = nc('-C', '127.0.0.1', String(portOf(listener)));
    program.type('HELO\nQUIT\n');
    program.endInput();
    using conn = (await listener.accept())[0];
    expect((await recvAll(conn)).toString()).toBe('HELO\r\nQUIT\r\n');
  });

  it('fails where no one listens', async () => {
    await using program = nc('127.0.0.1', String(reservedPort()));
    expect(await program.ended).toBe(1);
    if (name === 'ours')
      await expect(program.tells(/^nc: \[Errno 111\] Connection refused: connect /)).resolves.toBeDefined();
  });
});

it('-v says once why the only address of a host does not answer', async () => {
  await using program = cli('nc', '-v', '127.0.0.1', String(reservedPort()));
  expect(await program.ended).toBe(1);
  await expect(program.tells(/^nc: .*Connection refused: .*\n$/)).resolves.toBeDefined();
});

// Debian's nc 1.219 does not end then, although its manual says so.
it('-q ends after the input, although the other side goes on', async () => {
  using listener = listening(socket.AF_INET);
  await using program = cli('nc', '-q', '0', '127.0.0.1', String(portOf(listener)));
  using conn = (await listener.accept())[0];
  program.type('bye');
  program.endInput();
  expect(await program.ended).toBe(0);
  expect((await recvAll(conn)).toString()).toBe('bye');
});

(hasOpenSSL ? describe : describe.skip)('--tls', () => {
  const file = (name: string): string => join('spec/support/certificates', name);

  it('speaks with openssl s_server, and says whom it has met', async () => {
    const port = reservedPort();
    const certificate = ['-cert', file('server.pem'), '-key', file('server.key')];
    await using server = new OtherProgram('openssl', [
      's_server',
      '-naccept',
      '1',
      '-accept',
      `127.0.0.1:${port}`,
      ...certificate,
    ]);
    await server.tells(/ACCEPT/);
    await using program = cli('nc', '-v', '--tls', '--ca', file('ca.pem'), 'localhost', String(port));
    await program.tells(/^nc: subject: commonName=server$/m);
    await program.tells(/^nc: TLSv1.3, /m);
    program.type('from the client\n');
    await server.tells(/from the client/);
    server.type('from the server\n');
    await program.tells(/from the server/);
    program.endInput();
    expect(await program.ended).toBe(0);
  });

  it('serves openssl s_client', async () => {
    const port = reservedPort();
    const certificate = ['--cert', file('server.pem'), '--key', file('server.key')];
    await using server = cli('nc', '-l', '-v', '--tls', ...certificate, '127.0.0.1', String(port));
    await server.tells(/listening on/);
    await using client = new OtherProgram('openssl', ['s_client', '-quiet', '-connect', `127.0.0.1:${port}`]);
    client.type('hello\n');
    await server.tells(/hello/);
    server.type('good bye\n');
    await client.tells(/good bye/);
    server.endInput();
    await client.ended;
    expect(await server.ended).toBe(0);
  });

  it('refuses a certificate that no one vouches for, unless --insecure says so', async () => {
    const port = reservedPort();
    const certificate = ['-cert', file('server.pem'), '-key', file('server.key')];
    await using server = new OtherProgram('openssl', [
      's_server',
      '-www',
      '-accept',
      `127.0.0.1:${port}`,
      ...certificate,
    ]);
    await server.tells(/ACCEPT/);
    await using strict = cli('nc', '--tls', 'localhost', String(port));
    expect(await strict.ended).toBe(1);
    await strict.tells(/^nc: .*certificate/i);
    await using lax = cli('nc', '--tls', '--insecure', 'localhost', String(port));
    lax.type('GET / HTTP/1.0\r\n\r\n');
    lax.endInput();
    await lax.tells(/^HTTP\/1.0 200 ok/);
  });
});

describe('the options of nc', () => {
  it('are checked together', () => {
    const stdin = true;
    expect(problemOf({ stdin })).toBeUndefined();
    expect(problemOf({ stdin, keepOpen: true })).toBe('--keep-open needs --listen');
    expect(problemOf({ stdin, tls: true, udp: true })).toBe('--tls and --udp exclude each other');
    expect(problemOf({ stdin, tls: true, listen: true })).toBe('--tls with --listen needs --cert');
  });

  it('take ranges of ports', () => {
    expect(portsOf('http')).toEqual(['http']);
    expect(portsOf('22-20')).toEqual(['20', '21', '22']);
    expect(() => portsOf('1-70000')).toThrow('no range of ports: 1-70000');
  });

  it('-C keeps a CR LF that is there already, also in two blocks', () => {
    const convert = withCrlf();
    const blocks = ['a\r', '\nb\n', '\n\r', 'c\r\n'].map((text) => convert(Buffer.from(text)).toString());
    expect(blocks).toEqual(['a\r', '\nb\r\n', '\r\n\r', 'c\r\n']);
  });
});
