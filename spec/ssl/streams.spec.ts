import { describe } from '@jest/globals';
import { pair } from '../support/pairs.ts';
import { checkStreams } from '../support/stream-checks.ts';
import { VERSIONS } from '../support/tls-contexts.ts';
import { tlsPair } from '../support/tls.ts';
import { unixPair } from '../support/unix.ts';

describe.each(VERSIONS)('a stream over %s', (_name, version) => {
  describe('on TCP', () => {
    checkStreams(() => tlsPair({ version, raw: pair }));
  });

  describe('on a Unix socket', () => {
    checkStreams(() => tlsPair({ version, raw: unixPair }));
  });
});
