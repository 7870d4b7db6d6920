import { expect, it, jest } from '@jest/globals';
import { randomSeed } from '../support/seed.ts';
import { PARTS, type Part, type PartName } from './parts.ts';

// Each part starts several Nodes, which takes long on a busy machine.
jest.setTimeout(180_000);

/** A test that a part in small shows no mistake; skipped, with the reason, where it cannot be run. */
export function testPart(name: PartName): void {
  const part: Part = PARTS[name];
  const obstacle = part.obstacle?.();
  const test = obstacle === undefined ? it : it.skip;
  test(`${name}: ${part.does}${obstacle === undefined ? '' : ` (${obstacle})`}`, async () => {
    const { rows, mistakes } = await part.run({ size: 'small', seed: randomSeed });
    expect(mistakes).toEqual([]);
    expect(rows.length).toBeGreaterThan(0);
  });
}
