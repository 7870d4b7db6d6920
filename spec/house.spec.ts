import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from '@jest/globals';

const lib = path.join(__dirname, '../lib');

/** The imports of each file of lib/ within lib/, for values or types. */
const imports = new Map(
  readdirSync(lib, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const text = readFileSync(path.join(lib, name), 'utf8');
      const targets = [...text.matchAll(/^(?:import|export|\}) [^;]*?from '(\.[^']+)';$/gm)];
      return [name, targets.map(([, target = '']) => path.join(path.dirname(name), target))];
    }),
);

/** The files of an import cycle through a file; empty where there is none. */
function circleFrom(file: string, trail: readonly string[] = [], seen = new Set<string>()): readonly string[] {
  if (trail[0] === file) return trail;
  if (seen.has(file)) return [];
  seen.add(file);
  for (const next of imports.get(file) ?? []) {
    const circle = circleFrom(next, [...trail, file], seen);
    if (circle.length > 0) return circle;
  }
  return [];
}

it('no file of lib/ is in an import cycle, not even by types', () => {
  expect(imports.size).toBeGreaterThan(100);
  expect([...imports.keys()].map((file) => circleFrom(file)).filter((circle) => circle.length > 0)).toEqual([]);
});

it('every import leads to a file of lib/', () => {
  const all = [...imports.values()].flat();
  expect(all.length).toBeGreaterThan(400);
  expect(all.filter((target) => !imports.has(target))).toEqual([]);
});

it('the page about the house names files that exist', () => {
  const page = readFileSync(path.join(__dirname, '../docs/how-it-works.md'), 'utf8');
  const names = [...new Set([...page.matchAll(/[\w/-]+\.ts\b/g)].map(([name]) => name))];
  expect(names.length).toBeGreaterThan(30);
  const files = [...imports.keys()];
  const missing = names.filter((name) => !files.some((file) => file === name || file.endsWith(`/${name}`)));
  expect(missing.filter((name) => !/^(scripts|spec)\//.test(name))).toEqual([]);
});
