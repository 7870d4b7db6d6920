/**
 * Packs the package and tries it as programs use it: `npm run test:package`. Empty projects install the tarball; each
 * cell of the tables that this prints has been tried in one.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import PQueue from 'p-queue';
import { command } from '../demos/support/command.ts';
import { nodePath, SUPPORTED_NODES } from './nodes.ts';
import { Project, run, type Outcome } from './package/project.ts';
import { readmeChecks } from './package/readme.ts';
import { report, resultOf, type Check } from './package/report.ts';
import { linkProblem, namesProblem, pack, sizeProblem } from './package/tarball.ts';

/** Each project checks types with one TypeScript, and with the types of Node that npm adds, unless it names its own. */
const TYPE_PROJECTS = [
  { row: 'TypeScript 5.6', packages: ['typescript@5.6.3'] },
  { row: 'TypeScript 5.9', packages: ['typescript@5.9.3'] },
  { row: 'TypeScript 5.9, types of Node 20', packages: ['typescript@5.9.3', '@types/node@20.19.0'] },
  { row: 'TypeScript 6', packages: ['typescript@6.0.3'] },
  { row: 'TypeScript 7', packages: ['typescript@7.0.2'] },
];

/** How `module` and `moduleResolution` may be set. */
const MODULE_MODES = {
  node16: ['node16', 'node16'],
  nodenext: ['nodenext', 'nodenext'],
  bundler: ['preserve', 'bundler'],
};

/** The consumers, by the file extension that makes them ES modules or CommonJS. */
const KINDS = { ESM: '.mts', CommonJS: '.cts' };

/** Programs that try the package, and what the examples of the documents need besides it. */
const TOOLS = [
  '@arethetypeswrong/cli@0.18.5',
  '@peculiar/x509@2.2.0',
  'esbuild@0.28.2',
  'jest@30.5.2',
  'publint@0.3.25',
  'reflect-metadata@0.2.2',
  'ts-node@10.9.2',
  'tsx@4.23.15',
  'typescript@6.0.3',
  'vitest@4.1.12',
];

/** Where there is no tsconfig.json, ts-node sets these two to values that TypeScript refuses together. */
const NODENEXT = '{ "module": "nodenext", "moduleResolution": "nodenext" }';

/** Programs that load the package, by what loads it: arguments for Node. */
const LOADERS = {
  import: ['import.mjs'],
  require: ['require.cjs'],
  'import and require': ['both.mjs'],
  'import() in CommonJS': ['dynamic-import.cjs'],
  Jest: ['node_modules/jest/bin/jest.js', '--rootDir=.', 'jest.test.js'],
  vitest: ['node_modules/vitest/vitest.mjs', 'run', 'vitest.test.mjs'],
  'ts-node': ['node_modules/ts-node/dist/bin.js', '-O', NODENEXT, 'program.ts'],
  'tsx, CommonJS': ['node_modules/tsx/dist/cli.mjs', 'program.ts'],
  'tsx, ESM': ['node_modules/tsx/dist/cli.mjs', 'program.mts'],
  'bundled by esbuild, ESM': ['bundle.mjs'],
  'bundled by esbuild, CommonJS': ['bundle.cjs'],
};

const problemOf = ({ passed, output }: Outcome): string | undefined => (passed ? undefined : output);

/** The cells of one TypeScript: each kind of consumer in each mode, with and without a check of the declarations. */
function typeChecks(row: string, project: Project): Check[] {
  return Object.entries(MODULE_MODES).flatMap(([mode, [module = '', moduleResolution = '']]) => {
    const options = ['--noEmit', '--strict', '--target', 'es2022', '--pretty', 'false', '--module', module];
    const files = Object.values(KINDS).map((extension) => `types${extension}`);
    const args = ['node_modules/typescript/bin/tsc', ...options, '--moduleResolution', moduleResolution, ...files];
    // One compiler checks both kinds.
    let compiled: Promise<string> | undefined;
    const compile = async (): Promise<string> => {
      const [lax, strict] = [await project.node([...args, '--skipLibCheck']), await project.node(args)];
      return (lax.passed ? '' : lax.output) + (strict.passed ? '' : strict.output);
    };
    return Object.entries(KINDS).map(([kind, extension]) => ({
      table: 'Types',
      row,
      column: `${mode} ${kind}`,
      run: async () => {
        const output = await (compiled ??= compile());
        const others = files.filter((file) => !file.endsWith(extension));
        const lines = output.split('\n').filter((line) => line !== '' && !others.some((file) => line.startsWith(file)));
        return lines.length === 0 ? undefined : lines.join('\n');
      },
    }));
  });
}

function loaderChecks(project: Project, nodes: ReadonlyMap<string, string>): Check[] {
  return Object.entries(LOADERS).flatMap(([row, args]) =>
    [...nodes].map(([version, node]) => ({
      table: 'Loaded by',
      row,
      column: `Node ${version}`,
      run: async () => problemOf(await project.node(args, node)),
    })),
  );
}

async function bundle(project: Project): Promise<void> {
  for (const [program, format, outfile] of [
    ['import.mjs', 'esm', 'bundle.mjs'],
    ['require.cjs', 'cjs', 'bundle.cjs'],
  ]) {
    const options = ['--bundle', '--platform=node', `--format=${format ?? ''}`, `--outfile=${outfile ?? ''}`];
    const { passed, output } = await run('npx', ['esbuild', program ?? '', ...options], project.folder);
    if (!passed) throw new Error(`esbuild:\n${output}`);
  }
}

/** A koffi whose error shows that it was loaded, where a program asks for that; otherwise the one of this repository. */
function addKoffi(project: Project): void {
  const home = join(project.folder, 'node_modules', 'koffi');
  mkdirSync(home);
  writeFileSync(
    join(home, 'index.js'),
    `const load = () => {
  throw new Error('a koffi for tests');
};
module.exports = globalThis.wantsBrokenKoffi ? { load } : require(${JSON.stringify(resolve('node_modules/koffi'))});
`,
  );
}

async function stackProblem(project: Project): Promise<string | undefined> {
  const { passed, output } = await project.node(['--enable-source-maps', 'stack.cjs']);
  return passed && /\/lib\/server\.ts:\d+:\d+/.test(output) ? undefined : output;
}

function packageChecks(project: Project, tarball: string, packed: Awaited<ReturnType<typeof pack>>): Check[] {
  const home = join(project.folder, 'node_modules', 'await-socket');
  const checks: Record<string, () => Promise<string | undefined>> = {
    'size and number of files': async () => sizeProblem(packed),
    'links lead to files': async () => linkProblem(home, packed),
    'names declared are those exported': async () => namesProblem(home),
    'source maps lead to lib/': async () => await stackProblem(project),
    'p-queue, koffi, and what uses it are loaded when needed': async () => problemOf(await project.node(['lazy.cjs'])),
    publint: async () => problemOf(await run('npx', ['publint', '--strict', tarball], project.folder)),
    // Without `node10`, which knows no "exports": TypeScript 7 no longer has it.
    attw: async () => problemOf(await run('npx', ['attw', '--profile', 'node16', tarball], project.folder)),
  };
  return Object.entries(checks).map(([row, check]) => ({ table: 'Package', row, column: '', run: check }));
}

async function testPackage(folder: string): Promise<boolean> {
  const packed = await pack(folder);
  const tarball = join(folder, packed.filename);
  const kilobytes = (bytes: number): string => `${Math.round(bytes / 1000)} kB`;
  console.log(
    `${packed.filename}: ${kilobytes(packed.size)}, unpacked ${kilobytes(packed.unpackedSize)}, ${packed.files.length} files\n`,
  );

  const queue = new PQueue({ concurrency: 2 });
  const nodes = new Map(SUPPORTED_NODES.map((version) => [version, nodePath(version)]));
  const tools = new Project(join(folder, 'tools'));
  const typeProjects = TYPE_PROJECTS.map(({ row, packages }, index) => {
    return { row, packages, project: new Project(join(folder, `types-${index}`)) };
  });
  await queue.addAll([
    async () => {
      await tools.install(tarball, ...TOOLS);
      addKoffi(tools);
      await bundle(tools);
    },
    ...typeProjects.map(
      ({ packages, project }) =>
        async () =>
          await project.install(tarball, ...packages),
    ),
  ]);

  const checks = [
    ...typeProjects.flatMap(({ row, project }) => typeChecks(row, project)),
    ...loaderChecks(tools, nodes),
    ...packageChecks(tools, tarball, packed),
    ...readmeChecks(tools, nodes),
  ];
  const results = await queue.addAll(checks.map((check) => async () => await resultOf(check)));
  console.log(report(results));
  return results.every(({ problem }) => problem === undefined);
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'await-socket-package-'));
  try {
    if (!(await testPackage(folder))) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

command('test:package', 'Packs the package, and tries it in empty projects.').parse();
void main();
