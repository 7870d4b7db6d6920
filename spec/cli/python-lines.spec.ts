import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parse, type Item } from '../../cli/repl/line-items.ts';
import { toJavaScript } from '../../cli/repl/python-lines.ts';

describe('lines of Python', () => {
  it.each([
    ['import socket', ''],
    ['import socket, ssl  # both', ''],
    ['from socket import *\n', '\n'],
    ['from socket import AF_INET, SOCK_STREAM', ''],
    ['import socket as s', 's = socket'],
    ['conn, addr = await s.accept()', '[conn, addr] = await s.accept()'],
    ['(newsock, address) = await sock.accept()', '[newsock, address] = await sock.accept()'],
    ['a, b = b, a\n', '[a, b] = [b, a]\n'],
    ["s.bind(('', 4000))", "s.bind(['', 4000])"],
    ["await s.sendto(b'hi', ('127.0.0.1', port))", "await s.sendto(Buffer.from('hi', 'latin1'), ['127.0.0.1', port])"],
    ["addr = ('localhost', 80,)", "addr = ['localhost', 80]"],
    ["s.connect(('localhost', f(1, 2)))", "s.connect(['localhost', f(1, 2)])"],
    ["print(f'{a} and {b}')", 'print(`${a} and ${b}`)'],
    ["b'\\x00\\r\\n'", "Buffer.from('\\x00\\r\\n', 'latin1')"],
    ['await s.recv_into(buffer)', 'await s.recvInto(buffer)'],
    ['s.listen() # now', 's.listen() // now'],
    [
      "await socket.create_connection(('localhost', 80), timeout=5)",
      "await socket.createConnection(['localhost', 80], { timeout: 5 })",
    ],
    [
      "context.wrap_socket(s, server_side=True, server_hostname='a')",
      "context.wrapSocket(s, { serverSide: True, serverHostname: 'a' })",
    ],
    ['ssl.create_default_context(cafile="ca.pem")', 'ssl.createDefaultContext({ cafile: "ca.pem" })'],
  ])('%s', (python, javaScript) => {
    expect(toJavaScript(python)).toBe(javaScript);
  });
});

describe('lines of JavaScript stay as they are', () => {
  it.each([
    'const [conn, addr] = await s.accept();\n',
    'let a, b = 1',
    'const add = (a, b) => a + b;',
    'async (a, b = 2) => a;',
    'function f(a, b = 2) { return (a); }',
    'class A { #x = 1; get(a, b = 3) { return this.#x; } }',
    'for (let i = 0, j = 1; i < 2; i += 1) { f(i, j) }',
    'if (a === b, c) { }',
    'x = await s.recv(1024)',
    "'b, c = (1, 2)' // a, b = (1, 2)",
    'text.replace(/(a, b)/g, `(1, 2)`)',
    's.recv(10, { signal: AbortSignal.timeout(5) })',
    'socket.has_ipv6',
    'f(await g(1, 2), [3, 4])',
    'for (const x of [1, 2]) {\n  print(x)\n}\n',
  ])('%s', (line) => {
    expect(toJavaScript(line)).toBe(line);
  });
});

const source = (item: Item): string =>
  typeof item === 'string' ? item : item.open + item.items.map(source).join('') + item.close;

it('no character is lost where a line is taken apart, and no line is too odd', () => {
  const characters = fc.constantFrom(...'(){}[]\'"`#/\\=,;:.>bf_1 \nawait'.split(''));
  fc.assert(
    fc.property(fc.string({ unit: characters, maxLength: 60 }), (text) => {
      expect(parse(text).map(source).join('')).toBe(text);
      expect(typeof toJavaScript(text)).toBe('string');
    }),
  );
});
