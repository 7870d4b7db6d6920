import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import * as errors from '../../lib/common/errors.ts';
import {
  BlockingIOError,
  BrokenPipeError,
  ChildProcessError,
  ConnectionAbortedError,
  ConnectionError,
  ConnectionRefusedError,
  ConnectionResetError,
  FileExistsError,
  FileNotFoundError,
  gaierror,
  herror,
  InterruptedError,
  IsADirectoryError,
  NotADirectoryError,
  OSError,
  osError,
  PermissionError,
  ProcessLookupError,
  TimeoutError,
} from '../../lib/common/errors.ts';
import { hasPython, python } from '../support/python.ts';

/** Each class with the one above it. */
const tree: [errorClass: typeof OSError, parent: typeof OSError | typeof Error][] = [
  [OSError, Error],
  [BlockingIOError, OSError],
  [ChildProcessError, OSError],
  [ConnectionError, OSError],
  [BrokenPipeError, ConnectionError],
  [ConnectionAbortedError, ConnectionError],
  [ConnectionRefusedError, ConnectionError],
  [ConnectionResetError, ConnectionError],
  [FileExistsError, OSError],
  [FileNotFoundError, OSError],
  [InterruptedError, OSError],
  [IsADirectoryError, OSError],
  [NotADirectoryError, OSError],
  [PermissionError, OSError],
  [ProcessLookupError, OSError],
  [TimeoutError, OSError],
  [gaierror, OSError],
  [herror, OSError],
];

describe('the classes', () => {
  it.each(tree)('%p stands below its parent in the tree, and its name is on the prototype', (errorClass, parent) => {
    expect(Object.getPrototypeOf(errorClass)).toBe(parent);
    const error = new errorClass(null, 'text');
    expect(error.constructor).toBe(errorClass);
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe(errorClass.name);
    expect(Object.hasOwn(error, 'name')).toBe(false);
  });

  it('are all in the table above', () => {
    const classes = Object.values(errors).filter((value) => value.prototype instanceof Error);
    expect(new Set(classes)).toEqual(new Set(tree.map(([errorClass]) => errorClass)));
  });

  it('keep their names where a bundler renames them', () => {
    for (const [errorClass] of tree) {
      expect(Object.getOwnPropertyDescriptor(errorClass.prototype, 'name')).toMatchObject({ enumerable: false });
    }
  });
});

describe('new OSError', () => {
  it('makes an object of the class that belongs to the number', () => {
    const error = new OSError(111);
    expect(error).toBeInstanceOf(ConnectionRefusedError);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.constructor).toBe(ConnectionRefusedError);
    expect(error).toMatchObject({
      errno: 111,
      code: 'ECONNREFUSED',
      strerror: 'Connection refused',
      message: '[Errno 111] Connection refused',
      name: 'ConnectionRefusedError',
    });
  });

  it('takes the class from the code where number and code differ', () => {
    expect(new OSError(null, 'timed out', { code: 'ETIMEDOUT' })).toBeInstanceOf(TimeoutError);
  });

  it('keeps how much was written, in a BlockingIOError alone', () => {
    expect(new OSError(11, 'text', { charactersWritten: 5 })).toMatchObject({ errno: 11, charactersWritten: 5 });
    expect(new BlockingIOError(11, 'text', { charactersWritten: 0 }).charactersWritten).toBe(0);
    expect(new BlockingIOError(11).charactersWritten).toBeUndefined();
    expect(new OSError(32, 'text', { charactersWritten: 5 })).not.toHaveProperty('charactersWritten');
  });

  it.each([98, 9999, -2, null])('of %p is a plain OSError', (errno) => {
    expect(new OSError(errno, 'text').constructor).toBe(OSError);
  });

  it('keeps a subclass that is constructed by name', () => {
    expect(new gaierror(111, 'text').constructor).toBe(gaierror);
    class Own extends OSError {}
    expect(new Own(111).constructor).toBe(Own);
  });

  it.each([
    ['a number alone', new OSError(32), '[Errno 32] Broken pipe'],
    ['a number that Linux does not know', new OSError(9999), '[Errno 9999] Unknown error 9999'],
    ['a text of its own', new OSError(22, 'no such thing'), '[Errno 22] no such thing'],
    ['a call', new OSError(32, undefined, { syscall: 'send' }), '[Errno 32] Broken pipe: send'],
    [
      'a call and an address',
      new OSError(111, undefined, { syscall: 'connect', address: '127.0.0.1:4000' }),
      '[Errno 111] Connection refused: connect 127.0.0.1:4000',
    ],
    ['an address', new OSError(98, undefined, { address: '[::1]:80' }), '[Errno 98] Address already in use: [::1]:80'],
    ['a text and no number', new TimeoutError(null, 'timed out'), 'timed out'],
    ['a text, no number, and a call', new TimeoutError(null, 'timed out', { syscall: 'recv' }), 'timed out: recv'],
    ['nothing', new OSError(null), ''],
    [
      'a number of getaddrinfo',
      new gaierror(-2, 'Name or service not known', { code: 'EAI_NONAME' }),
      '[Errno -2] Name or service not known',
    ],
  ])('has a message for %s', (_what, error, message) => {
    expect(error.message).toBe(message);
    expect(String(error)).toBe(message === '' ? error.name : `${error.name}: ${message}`);
  });

  it('keeps the fields that it was given, and nothing else', () => {
    const cause = new Error('of Node');
    const error = new OSError(104, undefined, { syscall: 'recv', address: 'there', cause });
    expect(Object.fromEntries(Object.entries(error))).toEqual({
      errno: 104,
      code: 'ECONNRESET',
      strerror: 'Connection reset by peer',
      syscall: 'recv',
      address: 'there',
    });
    expect(error.cause).toBe(cause);
    expect(Object.hasOwn(new OSError(104), 'cause')).toBe(false);
    expect(new OSError(null, 'text')).toMatchObject({ errno: null, code: undefined, strerror: 'text' });
    expect(new gaierror(-2, 'text', { code: 'EAI_NONAME' })).toMatchObject({ errno: -2, code: 'EAI_NONAME' });
  });

  it.each([
    [new OSError(111), 'ConnectionRefusedError: [Errno 111] Connection refused'],
    [new OSError(98), 'OSError: [Errno 98] Address already in use'],
    [new TimeoutError(null, 'timed out'), 'TimeoutError: timed out'],
  ])('%p is printed with its name once, as the first word', (error, start) => {
    const printed = inspect(error);
    expect(printed.startsWith(`${start}\n`)).toBe(true);
    expect(printed).toContain(`errno: ${error.errno}`);
    expect(printed).not.toContain('name:');
    expect(printed.split(error.name)).toHaveLength(2);
  });

  it.each([
    ['a subclass chosen by number', OSError, 111],
    ['the class itself', OSError, 98],
    ['a subclass asked for', TimeoutError, null],
  ])('has a stack that starts at its caller: %s', (_what, errorClass, errno) => {
    function caller(): OSError {
      return new errorClass(errno, 'text');
    }
    const error = caller();
    const [header, first] = (error.stack ?? '').split('\n');
    expect(header).toBe(String(error));
    expect(first).toContain(`at caller (${__filename}:`);
  });
});

describe('errors that a program makes', () => {
  it.each<[string, OSError, typeof OSError, string]>([
    ['a text alone', new TimeoutError('no answer'), TimeoutError, 'TimeoutError: no answer'],
    ['a text alone, of the base', new OSError('x'), OSError, 'OSError: x'],
    ['nothing', new ConnectionResetError(), ConnectionResetError, 'ConnectionResetError'],
    ['nothing, of the base', new OSError(), OSError, 'OSError'],
    ['an empty text', new BlockingIOError(''), BlockingIOError, 'BlockingIOError'],
    ['a number as text', new OSError('32'), OSError, 'OSError: 32'],
    ['a text with details', new gaierror('x', { syscall: 'getaddrinfo' }), gaierror, 'gaierror: x: getaddrinfo'],
    ['a text with a note', new OSError('x', { note: 'why' }), OSError, 'OSError: x (why)'],
  ])('of %s have no number', (_what, error, errorClass, text) => {
    expect(error.constructor).toBe(errorClass);
    expect(error.errno).toBeNull();
    expect(error.code).toBeUndefined();
    expect(String(error)).toBe(text);
    expect(error.stack).toMatch(new RegExp(`^${error.name}`));
  });

  it.each([
    ['a fraction', [1.5], 'errno must be an integer or null (received 1.5)'],
    ['NaN', [NaN, 'x'], 'errno must be an integer or null (received NaN)'],
    ['a big integer', [5n], 'errno must be an integer or null (received 5n)'],
    ['a boolean', [true, 'x'], 'errno must be an integer or null (received true)'],
    ['an error', [new Error('x')], 'errno must be an integer or null (received'],
    ['details alone', [{ syscall: 'x' }], 'errno must be an integer or null (received'],
    ['a symbol', [Symbol('x')], 'errno must be an integer or null (received Symbol(x))'],
    ['a text that is none', [5, 7], 'strerror must be a string (received 7)'],
    ['null for a text', [5, null], 'strerror must be a string (received null)'],
    ['two texts', ['5', 'x'], "OSError() takes an options object (received 'x')"],
    ['more after a text', ['5', {}, {}], 'a text takes details and nothing else (received {})'],
    ['details that are none', [5, 'x', 7], 'OSError() takes an options object (received 7)'],
    ['details of an unknown name', [5, 'x', { sycall: 'x' }], "OSError() has no option 'sycall' (it has code, syscall"],
    ['details of an unknown name after a text', ['x', { errno: 5 }], "OSError() has no option 'errno'"],
  ])('are a TypeError for %s', (_what, given, text) => {
    for (const errorClass of [OSError, BlockingIOError, TimeoutError]) {
      expect(() => void Reflect.construct(errorClass, given)).toThrow(TypeError);
      expect(() => void Reflect.construct(errorClass, given)).toThrow(text);
    }
  });

  it('keep the message and the class of a program’s subclass', () => {
    class ProtocolError extends ConnectionError {
      readonly reply: string;

      constructor(reply: string, details?: errors.ErrorDetails) {
        super(`unexpected reply ${reply}`, details);
        this.name = 'ProtocolError';
        this.reply = reply;
      }
    }
    const cause = new Error('before');
    const error = new ProtocolError('550', { cause });
    for (const errorClass of [ProtocolError, ConnectionError, OSError, Error]) expect(error).toBeInstanceOf(errorClass);
    expect(error).toMatchObject({ errno: null, reply: '550', cause });
    expect(String(error)).toBe('ProtocolError: unexpected reply 550');
    expect(inspect(error)).toContain('unexpected reply 550');
    class Plain extends TimeoutError {}
    expect(new Plain(110).constructor).toBe(Plain);
    expect(new Plain(110)).toMatchObject({ errno: 110, code: 'ETIMEDOUT', name: 'TimeoutError' });
  });

  it('are written as JSON by their fields, as errors of Node are', () => {
    const error = new OSError(111, undefined, { syscall: 'connect', address: '127.0.0.1:9', cause: new Error('x') });
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      errno: 111,
      code: 'ECONNREFUSED',
      strerror: 'Connection refused',
      syscall: 'connect',
      address: '127.0.0.1:9',
    });
  });

  it('are plain errors once they are cloned', () => {
    const error = new OSError(111, undefined, { cause: new OSError(5) });
    const clone: unknown = structuredClone(error);
    expect(clone).not.toBeInstanceOf(OSError);
    expect(clone).toMatchObject({ name: 'Error', message: error.message, stack: error.stack });
    expect(clone).not.toHaveProperty('errno');
  });
});

describe('osError', () => {
  it('is of the class that belongs to the name', () => {
    expect(osError('EPIPE', { syscall: 'send' })).toBeInstanceOf(BrokenPipeError);
    expect(osError('EPIPE', { syscall: 'send' }).message).toBe('[Errno 32] Broken pipe: send');
    expect(osError('EPIPE', {}, 'text').message).toBe('[Errno 32] text');
  });

  it('keeps the code of an error of Node’s that Linux does not know', () => {
    const cause = Object.assign(new Error('of Node'), { code: 'ERR_SOMETHING' });
    const error = osError('ERR_SOMETHING', { syscall: 'bind', cause });
    expect(error.constructor).toBe(OSError);
    expect(error).toMatchObject({ errno: null, code: 'ERR_SOMETHING', message: 'of Node: bind', cause });
    expect(osError('ERR_SOMETHING').message).toBe('Unknown error');
  });
});

(hasPython ? describe : describe.skip)('against Python', () => {
  const errnos = Array.from({ length: 140 }, (_, index) => index + 1);
  const source = `
import json, os, sys
print(json.dumps([[type(e).__name__, str(e)] for e in (OSError(n, os.strerror(n)) for n in json.load(sys.stdin))]))`;

  it('each number has the class and the text that Python gives it', () => {
    const expected = python(source, errnos) as [name: string, text: string][];
    const actual = errnos.map((errno) => new OSError(errno)).map((error) => [error.name, error.message]);
    expect(actual).toEqual(expected);
  });

  it('the tree is Python’s', () => {
    const names = tree
      .map(([errorClass]) => errorClass.name)
      .filter((name) => name !== 'gaierror' && name !== 'herror');
    const parents = python(
      'import builtins, json, sys\nprint(json.dumps([getattr(builtins, n).__base__.__name__ for n in json.load(sys.stdin)]))',
      names,
    );
    const own = tree.filter(([errorClass]) => names.includes(errorClass.name));
    expect(own.map(([, parent]) => (parent === Error ? 'Exception' : parent.name))).toEqual(parents);
  });

  it('a subclass that is constructed by name keeps its class', () => {
    const name = python('import json, socket\nprint(json.dumps(type(socket.gaierror(111, "text")).__name__))', null);
    expect(new gaierror(111, 'text').name).toBe(name);
  });
});
