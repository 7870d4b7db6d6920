import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { gethostname, sethostname } from '../../lib/index.ts';
import { hasPython } from '../support/python.ts';

const PYTHON = `
import json, socket, sys

def outcome(name):
    try:
        socket.sethostname(name)
        return socket.gethostname()
    except OSError as error:
        return [type(error).__name__, error.errno]

print(json.dumps([outcome(name) for name in json.loads(sys.argv[1])]))
`;

/** Runs a program that has a host name of its own. */
function unshared(...command: string[]): { status: number | null; outcomes: unknown } {
  const { status, stdout } = spawnSync('unshare', ['--uts', ...command], { encoding: 'utf8' });
  const outcomes: unknown = status === 0 && stdout !== '' ? JSON.parse(stdout) : undefined;
  return { status, outcomes };
}

const canUnshare = hasPython && unshared('true').status === 0;

describe('sethostname()', () => {
  const name = gethostname();

  afterEach(() => {
    jest.restoreAllMocks();
    expect(gethostname()).toBe(name);
  });

  (canUnshare ? it : it.skip)('sets the name, as in Python, in a namespace of its own', () => {
    const names = JSON.stringify(['other', 'é', 'x'.repeat(64), '', 'x'.repeat(65)]);
    const program = join(__dirname, '..', 'support', 'peer-hostname.ts');
    const ours = unshared(process.execPath, require.resolve('ts-node/dist/bin'), program, names);
    expect(ours.outcomes).toEqual(['other', 'é', 'x'.repeat(64), '', ['OSError', 22]]);
    expect(ours).toEqual(unshared('python3', '-c', PYTHON, names));
  });

  it('refuses values that are no name', () => {
    expect((): unknown => Reflect.apply(sethostname, undefined, [5])).toThrow(TypeError);
    expect(() => sethostname('a\0b')).toThrow(RangeError);
    expect(() => sethostname(Buffer.from('a\0b'))).toThrow('must not contain a null character');
    const refused = process.platform === 'linux' ? 'Invalid argument' : 'Function not implemented';
    expect(() => sethostname('a\nb')).toThrow(refused);
  });

  (process.platform === 'linux' ? it : it.skip)('raises EPERM where the system does not permit it', () => {
    const cause = Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' });
    jest.spyOn(fs, 'writeFileSync').mockImplementation(() => {
      throw cause;
    });
    expect(() => sethostname('other')).toThrow(
      expect.objectContaining({ name: 'PermissionError', errno: 1, syscall: 'sethostname', cause }),
    );
  });
});
