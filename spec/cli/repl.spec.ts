import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { bytesText } from '../../cli/repl/bytes.ts';
import { hasPython, python } from '../support/python.ts';
import { hasProgram, OtherProgram } from '../support/programs.ts';
import { cli } from './programs.ts';

// ts-node takes seconds to start on a busy machine.
jest.setTimeout(120_000);

/** The lines of a tutorial of Python's, with `await`. */
const TUTORIAL = `import socket
from socket import *
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM); None
s.bind(('127.0.0.1', 0))
s.listen(1)
c = socket(AF_INET, SOCK_STREAM); None
await c.connect(s.getsockname())
conn, addr = await s.accept(); None
await c.sendall(b'Hello, world\\r\\n')
data = await conn.recv(1024)
print('Received', data.decode(), len(data))
await c.sendall('Grüße'.encode('utf-8'))
str = (await conn.recv(1024)).decode('utf-8')
[ssl.PROTOCOL_TLS_CLIENT, select.POLLIN, selectors.EVENT_READ, typeof serve.serve, True, None]
for (const sock of [s, c, conn]) {
  sock.close()
}
`;

describe('the REPL', () => {
  it('runs the lines of a tutorial from a pipe, one after another', async () => {
    await using program = cli();
    program.type(TUTORIAL);
    program.endInput();
    expect(await program.ended).toBe(0);
    expect(program.printed.toString().split('\n')).toEqual([
      'null',
      'null',
      'null',
      "b'Hello, world\\r\\n'",
      'Received Hello, world\r',
      ' 14',
      "'Grüße'",
      "[ 16, 1, 1, 'function', true, null ]",
      '',
    ]);
  });

  it('goes on after an error, and reports it by its status', async () => {
    await using program = cli('repl');
    program.type('s = socket.socket(); None\nawait s.recv(10)\nsocket.nonsense()\n1 + 1\n');
    program.endInput();
    expect(await program.ended).toBe(1);
    expect(program.printed.toString()).toMatch(
      /^null\nUncaught OSError: \[Errno 107\] .*\n[^]*Uncaught TypeError: .*nonsense is not a function\n2\n$/,
    );
  });

  it.each(['exit', 'quit'])('ends at %s()', async (name) => {
    await using program = cli('repl');
    program.type(`print(1)\n${name}()\nprint(2)\n`);
    expect(await program.ended).toBe(0);
    expect(program.printed.toString()).toBe('1\n');
  });

  // util-linux has a program that gives another one a terminal.
  (hasProgram('script') ? it : it.skip)(
    'greets, completes, shows what a line becomes, and keeps a history',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'await-socket-repl-'));
      try {
        const history = join(folder, 'history');
        const command = `env -u CI AWAIT_SOCKET_HISTORY=${history} '${process.execPath}' node_modules/ts-node/dist/bin.js cli/main.ts`;
        await using terminal = new OtherProgram('script', ['-qec', command, '/dev/null']);
        await terminal.tells(/Python's socket, awaited\.[^]*>>> /);
        terminal.type('a, b = 40, 2\r');
        await terminal.tells(/\.\.\. \[a, b\] = \[40, 2\][^]*>>> /);
        terminal.type('await Promise.resolve(a + b)\r');
        await terminal.tells(/\[33m42[^]*>>> /);
        terminal.type('socket.getservbyn\t');
        await terminal.tells(/getservbyname/);
        terminal.type("('ssh')\r");
        await terminal.tells(/\[33m22[^]*>>> /);
        terminal.type('exit()\r');
        expect(await terminal.ended).toBe(0);
        expect(readFileSync(history, 'utf8').split('\n')).toContain('a, b = 40, 2');
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});

it('shows bytes as Python does', () => {
  const all = [Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), Buffer.from("it's"), Buffer.from(`'"`)];
  const texts = all.map(bytesText);
  expect(texts[1]).toBe(`b"it's"`);
  expect(texts[2]).toBe(`b'\\'"'`);
  if (hasPython) {
    const code = 'import json, sys; json.dump([repr(bytes(b)) for b in json.load(sys.stdin)], sys.stdout)';
    expect(texts).toEqual(
      python(
        code,
        all.map((bytes) => [...bytes]),
      ),
    );
  }
});
