import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = join(__dirname, '..');
const read = (name: string): string => readFileSync(join(root, name), 'utf8');

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies?: unknown;
  readonly bundleDependencies?: unknown;
  readonly bin?: unknown;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly integrity?: string; readonly hasInstallScript?: boolean }>>;
}

const manifest = JSON.parse(read('package.json')) as Manifest;
const lock = JSON.parse(read('package-lock.json')) as Lock;
const locked = Object.entries(lock.packages).filter(([path]) => path !== '');

/** The packages in backquotes in the tables of SECURITY.md, of the part that begins with a heading. */
function told(): string[] {
  const [, part = ''] = read('SECURITY.md').split('## What is installed');
  const rows = part.split('\n').filter((line) => line.startsWith('|'));
  return rows.flatMap((row) => [...row.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
}

describe('the package', () => {
  it('runs no script when it is installed', () => {
    // `prepare` runs when a package is installed from its repository.
    const names = ['preinstall', 'install', 'postinstall', 'preprepare', 'prepare', 'postprepare'];
    expect(Object.keys(manifest.scripts).filter((name) => names.includes(name))).toEqual([]);
  });

  it('depends on types alone, and on koffi where the program has it', () => {
    expect(Object.keys(manifest.dependencies)).toEqual(['@types/node']);
    expect(Object.keys(manifest.peerDependencies)).toEqual(['koffi']);
    expect(manifest.peerDependenciesMeta.koffi?.optional).toBe(true);
    expect(manifest).not.toHaveProperty('optionalDependencies');
    expect(manifest).not.toHaveProperty('bundleDependencies');
  });
});

describe('what is installed to develop it', () => {
  it('is told in SECURITY.md, each package with what it is for, and nothing else is', () => {
    const own = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.devDependencies });
    // These two are parts of p-queue.
    expect(new Set(told())).toEqual(new Set([...own, 'p-timeout', 'eventemitter3']));
  });

  it('is checked against a hash', () => {
    expect(locked.length).toBeGreaterThan(100);
    expect(locked.filter(([, { integrity = '' }]) => !/^sha(512|384|256|1)-/.test(integrity))).toEqual([]);
  });

  it('runs no script when it is installed', () => {
    const scripted = locked.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path);
    const named = scripted.map((path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
    expect(Object.keys(manifest.allowScripts).sort()).toEqual([...new Set(named)].sort());
    expect(Object.values(manifest.allowScripts)).not.toContain(true);
  });
});
