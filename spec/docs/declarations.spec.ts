import { join } from 'node:path';
import { expect, it, jest } from '@jest/globals';
import ts from 'typescript';
import { root } from './blocks.ts';

// The compiler reads all of lib/ and the types of Node.
jest.setTimeout(120_000);

/** The declarations as `npm run build` makes them, by their names. */
function declarations(): Map<string, string> {
  const path = join(root, 'tsconfig.build.json');
  const { config } = ts.readConfigFile(path, (name) => ts.sys.readFile(name)) as { config: unknown };
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const made = new Map<string, string>();
  ts.createProgram(fileNames, { ...options, declarationMap: false, removeComments: true }).emit(
    undefined,
    (name, text) => made.set(name, text),
    undefined,
    true,
  );
  return made;
}

it('The published types need none that @types/node has of newer Nodes only', () => {
  const made = declarations();
  expect(made.size).toBeGreaterThan(0);
  // Without `skipLibCheck`, a program with the types of Node 20 would otherwise not compile.
  const newer = [...made].filter(([, text]) => /BoundSocket|bindSync|connectSync/.test(text));
  expect(newer.map(([name]) => name)).toEqual([]);
});
