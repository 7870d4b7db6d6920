import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { EBADF, ENOTSUP } from '../support/expected-errors.ts';
import { bound, listening, own, pair } from '../support/pairs.ts';
import { hasPython, python } from '../support/python.ts';
import { listeningAt, temporaryPath, unixPair } from '../support/unix.ts';

const { close } = socket;

const PYTHON = `
import json, socket, sys

def outcome(fd):
    try: return socket.close(fd)
    except OSError as error: return [type(error).__name__, error.errno]
    except TypeError as error: return 'TypeError'

json.dump([outcome(fd) for fd in json.load(sys.stdin)], sys.stdout)
`;

const WRONG = [-1, 2 ** 31 - 1, 2 ** 31, 1.5, 'x', null, []];

/** The outcome of our close(), in the same form. */
function outcome(fd: unknown): unknown {
  try {
    return Reflect.apply(close, undefined, [fd]);
  } catch (error) {
    if (error instanceof TypeError) return 'TypeError';
    return error instanceof Error && 'errno' in error ? [error.name, error.errno] : error;
  }
}

/** Whether a descriptor belongs to this spec file. */
function isOpen(fd: number, { dev, ino }: fs.Stats): boolean {
  try {
    const now = fs.fstatSync(fd);
    return now.dev === dev && now.ino === ino;
  } catch {
    return false;
  }
}

describe('close()', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('closes a descriptor', () => {
    const folder = fs.mkdtempSync(join(tmpdir(), 'await-socket-'));
    try {
      const fd = fs.openSync(join(folder, 'file'), 'w');
      const file = fs.fstatSync(fd);
      expect(isOpen(fd, file)).toBe(true);
      close(fd);
      expect(isOpen(fd, file)).toBe(false);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });

  it('says which descriptor does not exist', () => {
    expect(() => close(2 ** 31 - 1)).toThrow(
      expect.objectContaining({
        ...EBADF,
        syscall: 'close',
        message: '[Errno 9] Bad file descriptor: close 2147483647',
      }),
    );
    expect(WRONG.slice(0, 3).map(outcome)).toEqual([
      ['OSError', 9],
      ['OSError', 9],
      ['OSError', 9],
    ]);
    // Python takes it for 0, and closes the standard input.
    expect(outcome(2 ** 40)).toEqual(['OSError', 9]);
  });

  it('refuses the descriptor of an open socket, and forgets it once the socket is closed', async () => {
    const [client, server] = await pair();
    const udp = own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
    udp.bind(['127.0.0.1', 0]);
    const all = [listening(), bound(), client, server, udp, listeningAt(temporaryPath()), ...(await unixPair())];
    for (const one of all) {
      expect(() => close(one.fileno())).toThrow(
        expect.objectContaining({
          ...ENOTSUP,
          message: `[Errno 95] Operation not supported: close ${one.fileno()} (a socket of this process has this descriptor: close the socket)`,
        }),
      );
    }
    await client.sendall('still');
    expect(String(await server.recv(9))).toBe('still');
    for (const one of all) {
      const fd = one.fileno();
      one.close();
      expect(outcome(fd)).toEqual(['OSError', 9]);
    }
  });

  (hasPython ? it : it.skip)('refuses what Python refuses', () => {
    expect(WRONG.map(outcome)).toEqual(python(PYTHON, WRONG));
  });

  it('ignores the reset of a connection', () => {
    jest.spyOn(fs, 'closeSync').mockImplementation(() => {
      throw Object.assign(new Error('ECONNRESET: connection reset by peer, close'), { code: 'ECONNRESET' });
    });
    expect(() => close(5)).not.toThrow();
  });
});
