import fs from 'node:fs';
import { afterEach, expect, it, jest } from '@jest/globals';
import { shortageOfDescriptors } from '../../lib/common/shortage.ts';

afterEach(() => {
  jest.restoreAllMocks();
});

it('finds none while a descriptor is free', () => {
  expect(shortageOfDescriptors()).toBeUndefined();
});

it.each(['EMFILE', 'ENFILE'])('finds %s', (code) => {
  jest.spyOn(fs, 'openSync').mockImplementation(() => {
    throw Object.assign(new Error(code), { code });
  });
  expect(shortageOfDescriptors()).toMatchObject({ code });
});

it.each(['ERR_ACCESS_DENIED', undefined])('finds none where no file can be opened for another reason: %s', (code) => {
  jest.spyOn(fs, 'openSync').mockImplementation(() => {
    throw Object.assign(new Error('not for you'), code === undefined ? {} : { code });
  });
  expect(shortageOfDescriptors()).toBeUndefined();
});
