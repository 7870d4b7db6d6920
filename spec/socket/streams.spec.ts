import { describe } from '@jest/globals';
import { socketpair } from '../../lib/index.ts';
import { FAMILIES, pair } from '../support/pairs.ts';
import { checkStreams } from '../support/stream-checks.ts';
import { unixPair } from '../support/unix.ts';

describe.each(FAMILIES)('a TCP stream over %s', (_name, family) => {
  checkStreams(() => pair(family));
});

describe('a Unix stream', () => {
  checkStreams(unixPair);
});

describe('a socketpair', () => {
  checkStreams(() => socketpair());
});
