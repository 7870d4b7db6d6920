import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { argumentPrograms, makingPrograms, TRIED } from '../conformance/arguments.ts';
import { Comparison, conform, conformAll } from '../conformance/compare.ts';
import { EXCUSES } from '../conformance/differences.ts';
import { kindsHere } from '../conformance/kinds.ts';
import { regressions } from '../conformance/regressions.ts';
import { hasRoute } from '../support/network.ts';
import { hasPython, python } from '../support/python.ts';
import { randomSeed } from '../support/seed.ts';

/** The command that makes the programs of this run again, and keeps those that fail. */
const again = `npm run conformance -- --runs 500 --seed ${randomSeed} --keep`;

/** Text without its line breaks: a paragraph's first words may run over two lines. */
const differences = readFileSync(join(__dirname, '../../docs/differences.md'), 'utf8').replaceAll(/\s+/g, ' ');

// A program that differs is run again, up to its own time limits, before it counts: a slow machine needs the time.
jest.setTimeout(120_000);

(hasPython ? describe : describe.skip)("Python's socket and ours", () => {
  // Programs lose sockets, and the library warns of that.
  beforeAll(() => void jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined));
  afterAll(() => void jest.restoreAllMocks());

  it(`do the same in 500 programs made from the seed ${randomSeed}`, async () => {
    const { runs, failures } = await conform(randomSeed, 500);
    expect({ again, failures }).toEqual({ again, failures: [] });
    expect(runs).toBe(500);
  });

  for (const [title, program] of Object.entries(regressions())) {
    const isHere = hasRoute || !JSON.stringify(program).includes('"group"');
    (isHere ? it : it.skip)(title, async () => {
      using comparison = new Comparison();
      expect(await comparison.certain(program)).toBeUndefined();
    });
  }

  it.each(kindsHere)('refuse the same arguments with the same errors: %s', async (kind) => {
    const { failures } = await conformAll(argumentPrograms(kind));
    expect(failures).toEqual([]);
  });

  it('have no other methods', () => {
    const names = python(
      "import json, socket; print(json.dumps([n for n in dir(socket.socket) if n[0] != '_']))",
      null,
    );
    // Calls about descriptors, which the random programs make, and those of AF_ALG.
    const missing = ['detach', 'dup', 'get_inheritable', 'sendmsg_afalg', 'set_inheritable'];
    expect([...new Set([...TRIED, ...missing])].sort()).toEqual(names);
  });

  it('refuse to make the same sockets', async () => {
    const { failures } = await conformAll(makingPrograms());
    expect(failures).toEqual([]);
  });
});

describe('the table of differences', () => {
  it.each(EXCUSES.map(({ reason }) => reason))('docs/differences.md has: %s', (reason) => {
    expect(differences).toContain(reason);
  });
});
