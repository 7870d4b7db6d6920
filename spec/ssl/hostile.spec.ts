import { describe, expect, it } from '@jest/globals';
import { runProgram } from '../support/peer-child.ts';
import { randomSeed } from '../support/seed.ts';
import { VERSIONS } from '../support/tls-contexts.ts';

/** How many single bytes are damaged; `SPEC_DAMAGES=every` takes each byte in each way, which takes many minutes. */
const DAMAGES = process.env.SPEC_DAMAGES ?? '300';

const MINUTES = 60_000;
const LIMIT = DAMAGES === 'every' ? 60 * MINUTES : MINUTES;

/** What peer-tls-damaged.ts tells. */
interface Damaged {
  readonly undamaged: readonly string[];
  readonly mistakes: readonly string[];
  /** Damages after which the receiver of the byte has had all the same. */
  readonly unnoticed: readonly { readonly kind: string }[];
}

describe.each(VERSIONS.map(([name]) => name))('a connection of %s', (name) => {
  it(
    'ends in an error, and never in wrong bytes, wherever one byte of it is changed, left out or the last one',
    async () => {
      const args = [name, DAMAGES, String(randomSeed)];
      const { result, strays, descriptors } = await runProgram('peer-tls-damaged', { args });
      const { undamaged, mistakes, unnoticed } = result as Damaged;
      expect([undamaged, mistakes, strays]).toEqual([['whole', 'whole'], [], []]);
      // The version in the header of a record is to be ignored (RFC 8446, section 5.1).
      expect(unnoticed.filter(({ kind }) => kind !== 'flip')).toEqual([]);
      expect(descriptors.after).toBe(descriptors.before);
    },
    LIMIT,
  );
});
