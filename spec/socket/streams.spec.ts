import { describe } from '@jest/globals';
import { FAMILIES, pair } from '../support/pairs.ts';
import { checkStreams } from '../support/stream-checks.ts';

describe.each(FAMILIES)('a TCP stream over %s', (_name, family) => {
  checkStreams(() => pair(family));
});
