import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import * as socket from '../../lib/index.ts';
import { listening, portOf } from '../support/peer.ts';
import { reservedPort } from '../support/ports.ts';
import { endAll, startDemo, usageError, type Program } from './processes.ts';

// ts-node takes seconds to start on a busy machine.
jest.setTimeout(120_000);

let server: Program;
let port: number;

beforeAll(async () => {
  server = startDemo('chat-server', ['--port', '0']);
  port = await server.port();
});

afterAll(endAll);

function join(name: string): Program {
  return startDemo('chat-client', [name, '--host', '127.0.0.1', '--port', String(port)]);
}

/** A member of the chat without the client: a socket, and the lines that it receives. */
async function connect(name: string): Promise<[socket.Socket, socket.TextFile]> {
  const sock = await socket.createConnection(['127.0.0.1', port]);
  await sock.sendall(`${name}\n`);
  return [sock, sock.makefile('r')];
}

describe('the chat', () => {
  it('sends each line to all members, and says who comes and who leaves', async () => {
    const ada = join('Ada');
    await ada.printed(/^\* Ada has come: Ada$/m);
    const [grace, lines] = await connect('Grace');
    await ada.printed(/^\* Grace has come: Ada, Grace$/m);
    ada.type('Hello, all of you: äöü');
    await ada.printed(/^Ada: Hello, all of you: äöü$/m);
    await grace.sendall('Hello, Ada\r\n');
    await ada.printed(/^Grace: Hello, Ada$/m);
    ada.endInput();
    expect(await ada.ended).toMatchObject({ status: 0, stderr: '' });
    const heard: string[] = [];
    while (!heard.includes('* Ada has left\n')) heard.push(await lines.readline());
    expect(heard).toEqual([
      '* Grace has come: Ada, Grace\n',
      'Ada: Hello, all of you: äöü\n',
      'Grace: Hello, Ada\n',
      '* Ada has left\n',
    ]);
    await lines.close();
    grace.close();
  });

  it('survives a member that is killed, a reset connection, and lines that are no text or too long', async () => {
    const [watcher, lines] = await connect('Watcher');
    const next = async (pattern: RegExp): Promise<void> => {
      for (;;) {
        const line = await lines.readline();
        if (line === '') throw new Error(`no line like ${pattern}`);
        if (pattern.test(line)) return;
      }
    };
    const killed = join('Killed');
    await next(/^\* Killed has come/);
    killed.kill('SIGKILL');
    await next(/^\* Killed has left/);

    const [reset, resetLines] = await connect('Reset');
    await next(/^\* Reset has come/);
    reset.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0));
    await resetLines.close();
    reset.close();
    await next(/^\* Reset has left/);
    await server.printed(/^lost [\d.]+:\d+: \[Errno 104\] Connection reset by peer/m);

    const [wild, wildLines] = await connect('Wild');
    await wild.sendall(Buffer.from('\xff\x1b[2J\n', 'latin1'));
    await next(/^Wild: \uFFFD\uFFFD\[2J$/m);
    await wild.sendall('x'.repeat(1000));
    await next(/^\* Wild has left/);
    await server.printed(/^lost [\d.]+:\d+: a line of over 1000 characters$/m);
    await wildLines.close();
    wild.close();

    await lines.close();
    watcher.close();
  });

  it('disconnects a member that does not read, and does not delay the others', async () => {
    const [deaf, deafLines] = await connect('Deaf');
    await server.printed(/^Deaf is /m);
    const [speaker, lines] = await connect('Speaker');
    // Far more than the kernel holds for a member that does not read. Each line has to arrive before the next is sent.
    const line = `${'x'.repeat(990)}\n`;
    for (let heard = ''; !heard.startsWith('* Deaf has left');) {
      await speaker.sendall(line.repeat(100));
      for (let count = 0; count < 100; count += heard.startsWith('Speaker') ? 1 : 0) {
        heard = await lines.readline();
        if (heard.startsWith('* Deaf has left')) break;
      }
    }
    await lines.close();
    speaker.close();
    await deafLines.close();
    deaf.close();
  });

  it('says in one line that a name is taken, and the client that the server hung up', async () => {
    const [first, lines] = await connect('Twin');
    await lines.readline();
    expect(await join('Twin').ended).toEqual({
      status: 1,
      stdout: "* the name 'Twin' is taken\n",
      stderr: 'chat-client: the server hung up\n',
    });
    await lines.close();
    first.close();
  });

  it('ends the clients when the server is interrupted, each with one line', async () => {
    const port = String(reservedPort());
    const own = startDemo('chat-server', ['--port', port]);
    await own.port();
    const client = startDemo('chat-client', ['Last', '--port', port]);
    await client.printed(/^\* Last has come: Last$/m);
    own.kill('SIGINT');
    expect(await own.ended).toMatchObject({ status: 130, stderr: 'chat-server: interrupted\n' });
    const { status, stderr } = await client.ended;
    expect(status).toBe(1);
    expect(stderr).toMatch(/^chat-client: (the server hung up|\[Errno 104\] Connection reset by peer.*)\n$/);
    const late = startDemo('chat-client', ['Late', '--host', '127.0.0.1', '--port', port]);
    expect(await late.ended).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^chat-client: \[Errno 111\] Connection refused: connect 127\.0\.0\.1:\d+\n$/),
    });
  });

  it('says in one line that the port is in use', async () => {
    expect(await startDemo('chat-server', ['--port', String(port)]).ended).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^chat-server: \[Errno 98\] Address already in use .*\n$/),
    });
  });

  it.each([
    ['chat-server', ['--port', 'x'], /It must be a whole number from 0 to 65535\./],
    ['chat-client', [], /missing required argument 'name'/],
  ])('%s says what is wrong with %j, and its usage', async (name, args, problem) => {
    expect(await startDemo(name, args).ended).toEqual({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(usageError(name, problem)),
    });
  });
});

describe('chat-server', () => {
  it.each([
    ['empty', ''],
    ['too long', 'x'.repeat(31)],
    ['as long as a line', 'x'.repeat(990)],
    ['like a message of the server', '* Ada has left'],
    ['like what another one says', 'Ada: hello'],
    ['with a control character', 'Ada\u001b[2J'],
    ['with an invisible character', 'Ada\u200b'],
    ['with a character that turns the text around', 'Ada\u202e'],
  ])('refuses a name that is %s', async (_, name) => {
    const [sock, lines] = await connect(name);
    expect(await lines.readline()).toBe('* a name has 1 to 30 letters and digits\n');
    expect(await lines.readline()).toBe('');
    await lines.close();
    sock.close();
  });

  it('takes the two Unicode forms of a name for the same', async () => {
    const [first, firstLines] = await connect('\u00c4nne');
    expect(await firstLines.readline()).toMatch(/^\* \u00c4nne has come: /);
    const [second, secondLines] = await connect('A\u0308nne');
    expect(await secondLines.readline()).toBe("* the name '\u00c4nne' is taken\n");
    for (const file of [firstLines, secondLines]) await file.close();
    for (const sock of [first, second]) sock.close();
  });

  it('disconnects a client that says no name, although it goes on sending', async () => {
    const own = startDemo('chat-server', ['--port', '0', '--timeout', '0.3']);
    using sock = await socket.createConnection(['127.0.0.1', await own.port()]);
    const drip = async (): Promise<never> => {
      for (;;) {
        await sock.sendall('x');
        await sleep(10);
      }
    };
    await expect(drip()).rejects.toThrow(socket.OSError);
    await own.printed(/^lost [\d.]+:\d+: The operation was aborted due to timeout$/m);
  });

  it('refuses clients beyond --clients, with or without a name, and takes new ones when others have left', async () => {
    const own = startDemo('chat-server', ['--port', '0', '--clients', '2']);
    const address = ['127.0.0.1', await own.port()] as const;
    const first = await socket.createConnection(address);
    await first.sendall('Ada\n');
    await own.printed(/^Ada is /m);
    const second = await socket.createConnection(address);
    using third = await socket.createConnection(address);
    expect((await third.recv(100)).toString()).toBe('* the chat is full\n');
    expect(await third.recv(100)).toHaveLength(0);
    second.close();
    for (let answer = '* the chat is full\n'; answer === '* the chat is full\n';) {
      using next = await socket.createConnection(address);
      await next.sendall('Grace\n').catch(() => undefined);
      answer = (await next.recv(100).catch(() => Buffer.from(answer))).toString();
    }
    first.close();
    await own.printed(/^Grace is /m);
  });
});

describe('chat-client', () => {
  it('prints an endless line in pieces instead of keeping all of it', async () => {
    using listener = listening();
    const client = startDemo('chat-client', ['Ada', '--host', '127.0.0.1', '--port', String(portOf(listener))]);
    const [conn] = await listener.accept();
    await conn.sendall('x'.repeat(7000));
    await client.printed(/^x{5000}$/m);
    await conn.sendall('\n');
    await client.printed(/^x{2000}$/m);
    conn.close();
    await client.ended;
  });
});
