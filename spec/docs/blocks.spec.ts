import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { hasPython } from '../support/python.ts';
import { blocksBefore, documentBlocks, exampleBlocks, printedBy } from './blocks.ts';
import { complaints, Installed } from './compiled.ts';

// The compiler reads all of lib/ and the types of Node.
jest.setTimeout(120_000);

const documents = documentBlocks();
const inTypeScript = [...documents, ...exampleBlocks()].filter(({ language }) => language === 'ts');
const inPython = documents.filter(({ language }) => language === 'python');

const itWithPython = hasPython ? it : it.skip;

describe('the code in the documents', () => {
  let installed: Installed;

  beforeAll(() => {
    installed = new Installed();
  });

  afterAll(() => installed.remove());

  it('compiles, as does the code in the examples of lib/, and wrong code does not', () => {
    const code = "import * as socket from 'await-socket';\nsocket.socket().bind('127.0.0.1', 4000);\n";
    const wrong = { file: 'here', place: 'here', language: 'ts', mode: 'no-run' as const, code };
    expect(inTypeScript.length).toBeGreaterThan(0);
    expect(complaints([...inTypeScript, wrong])).toEqual({ here: ['Expected 1 arguments, but got 2.'] });
  });

  it.each(inTypeScript.filter(({ mode }) => mode !== 'no-run').map((block) => [block.place, block] as const))(
    'runs, and prints what it says: %s',
    (_, block) => {
      const { status, stdout, stderr } = installed.run(block, blocksBefore(block, documents));
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toBe(printedBy(block));
    },
  );

  itWithPython.each(inPython.map(({ place, code }) => [place, code] as const))('is Python 3: %s', (_, code) => {
    const compile = 'import sys; compile(sys.stdin.read(), "block", "exec")';
    const { status, stderr } = spawnSync('python3', ['-c', compile], { input: code, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
