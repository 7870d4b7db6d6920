import { constants } from 'node:os';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { Failure, failureOf, systemError } from '../../lib/transports/failure.ts';

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
    ['an error without a code', new Error('plain')],
    ['an error whose code is a number', Object.assign(new Error('odd'), { code: 104 })],
    ['a value other than an error', 'ECONNRESET'],
    ['null', null],
    ['undefined', undefined],
  ])('is EIO for %s, which stays as the cause', (_what, error) => {
    const failure = failureOf(error);
    expect(failure.code).toBe('EIO');
    expect(failure.cause).toBe(error);
  });

  it.each(['ERR_STREAM_DESTROYED', 'EOF'])('keeps the name %s, which Linux does not know', (code) => {
    const error = Object.assign(new Error('of Node'), { code });
    expect(failureOf(error)).toEqual(new Failure(code, error));
  });

  it('translates codes of Node’s own', () => {
    const error = Object.assign(new Error('not permitted'), { code: 'ERR_ACCESS_DENIED' });
    expect(failureOf(error)).toEqual(new Failure('EACCES', error));
  });

  it('sees the code of an error of another realm', () => {
    const error: unknown = runInNewContext("Object.assign(new Error('there'), { code: 'EPIPE' })");
    expect(error).not.toBeInstanceOf(Error);
    expect(failureOf(error).code).toBe('EPIPE');
  });
});

describe('systemError', () => {
  const refused = -constants.errno.ECONNREFUSED;

  it('is as Node would raise it', () => {
    expect(systemError('read', refused)).toMatchObject({
      message: 'read ECONNREFUSED',
      code: 'ECONNREFUSED',
      errno: refused,
      syscall: 'read',
    });
  });

  it.each([
    [{ host: '127.0.0.1', port: 9 }, '127.0.0.1:9', { address: '127.0.0.1', port: 9 }],
    [{ path: '/run/x' }, '/run/x', { address: '/run/x' }],
  ])('names the address %p', (remote, text, parts) => {
    expect(systemError('connect', refused, remote)).toMatchObject({
      message: `connect ECONNREFUSED ${text}`,
      ...parts,
    });
  });
});
