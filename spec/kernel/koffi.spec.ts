import fs from 'node:fs';
import { afterEach, expect, it, jest } from '@jest/globals';
import { foundOnce, NoKernel } from '../../lib/kernel/koffi.ts';

afterEach(() => {
  jest.restoreAllMocks();
});

it('what koffi gives is looked for once, found or not', () => {
  for (const found of ['calls', new NoKernel('it is not there')]) {
    const find = jest.fn(() => found);
    const calls = foundOnce(find);
    expect([calls(), calls()]).toEqual([found, found]);
    expect(find).toHaveBeenCalledTimes(1);
  }
});

it('where koffi could not be loaded for want of a free descriptor, that is the reason, and the next call tries again', () => {
  const calls = foundOnce(
    jest.fn<() => string | NoKernel>().mockReturnValueOnce(new NoKernel('?')).mockReturnValue('calls'),
  );
  const full = jest.spyOn(fs, 'openSync').mockImplementation(() => {
    throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
  });
  expect(calls()).toMatchObject({ reason: 'koffi cannot be loaded: too many open files' });
  full.mockRestore();
  expect(calls()).toBe('calls');
});
