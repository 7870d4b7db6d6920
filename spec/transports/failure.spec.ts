import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { Failure, failureOf } from '../../lib/transports/failure.ts';

describe('failureOf', () => {
  it.each(['ECONNRESET', 'EPIPE', 'EADDRINUSE'] as const)(
    'has the code of an error %s, and the error as its cause',
    (code) => {
      const error = Object.assign(new Error('of Node'), { code });
      expect(failureOf(error)).toEqual(new Failure(code, error));
      expect(failureOf(error).cause).toBe(error);
    },
  );

  it.each([
    ['one of Node’s own', Object.assign(new Error('aborted'), { code: 'ERR_STREAM_DESTROYED' })],
    ['one of libuv’s own', Object.assign(new Error('end'), { code: 'EOF' })],
    ['an error without a code', new Error('plain')],
    ['an error whose code is a number', Object.assign(new Error('odd'), { code: 104 })],
    ['what is no error', 'ECONNRESET'],
    ['null', null],
    ['undefined', undefined],
  ])('is EIO for %s, which stays as the cause', (_what, error) => {
    const failure = failureOf(error);
    expect(failure.code).toBe('EIO');
    expect(failure.cause).toBe(error);
  });

  it('sees the code of an error of another realm', () => {
    const error: unknown = runInNewContext("Object.assign(new Error('there'), { code: 'EPIPE' })");
    expect(error).not.toBeInstanceOf(Error);
    expect(failureOf(error).code).toBe('EPIPE');
  });
});
