import { getSystemErrorMap } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { codeOf, errnoOf, isErrorCode, strerror } from '../../lib/common/errno.ts';
import { hasPython, python } from '../support/python.ts';

describe('errno', () => {
  it('gives the number of a name, the name of a number, and its text', () => {
    expect(errnoOf('ECONNRESET')).toBe(104);
    expect(codeOf(104)).toBe('ECONNRESET');
    expect(strerror(104)).toBe('Connection reset by peer');
  });

  it('has no number, and a text that says so, where Linux has no such error', () => {
    expect(codeOf(9999)).toBeUndefined();
    expect(codeOf(-2)).toBeUndefined();
    expect(strerror(9999)).toBe('Unknown error 9999');
  });

  it.each(['EPIPE', 'ENOTSUP', 'ERFKILL'])('%p is a name', (code) => {
    expect(isErrorCode(code)).toBe(true);
  });

  it.each(['', 'epipe', 'EAI_NONAME', 'ERR_SOCKET_CLOSED', 'toString', '__proto__', 32, null, undefined, {}])(
    '%p is none',
    (code) => {
      expect(isErrorCode(code)).toBe(false);
    },
  );

  it('has every error of the system that libuv can raise, by Node’s name', () => {
    // libuv's own codes, and those of other systems.
    const foreign = /^(EAI_\w+|ECHARSET|EOF|UNKNOWN|EFTYPE)$/;
    const names = [...getSystemErrorMap().values()].map(([name]) => name);
    expect(names.length).toBeGreaterThan(50);
    expect(names.filter((name) => !foreign.test(name) && !isErrorCode(name))).toEqual([]);
  });
});

(hasPython ? describe : describe.skip)('errno against Python', () => {
  it('has the same names, numbers and texts', () => {
    const source =
      'import errno, json, os\nprint(json.dumps([[c, n, os.strerror(n)] for n, c in errno.errorcode.items()]))';
    const expected = python(source, null) as [code: string, errno: number, text: string][];
    // The table may have errors for which this Python has no name; those that Python has must be the same.
    const actual = expected.map(([, errno]) => [codeOf(errno), errno, strerror(errno)]);
    expect(actual).toEqual(expected);
    expect(expected.every(([code, errno]) => isErrorCode(code) && errnoOf(code) === errno)).toBe(true);
  });

  it('has no number or text that the system does not have', () => {
    const errnos = Array.from({ length: 200 }, (_, index) => index + 1).concat(-1, 9999);
    const texts = python(
      'import json, os, sys\nprint(json.dumps([os.strerror(n) for n in json.load(sys.stdin)]))',
      errnos,
    );
    expect(errnos.map(strerror)).toEqual(texts);
  });
});
