/**
 * Tries the package on Node, Deno and Bun: `npm run test:runtimes`. A project installs the tarball, and each runtime
 * runs the behaviours of spec/runtimes/ there; the results are compared with the table of docs/platforms.md. With
 * `--write`, they become that table.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { command } from '../demos/support/command.ts';
import type { Outcome } from '../spec/runtimes/program.ts';
import { differences, withTable } from '../spec/runtimes/table.ts';
import { nodePath, SUPPORTED_NODES } from './nodes.ts';
import { Project, run } from './package/project.ts';
import { pack } from './package/tarball.ts';

const SOURCES = 'spec/runtimes';
const CERTIFICATES = 'spec/support/certificates';
const DOCUMENT = 'docs/platforms.md';

/**
 * The runtimes beside Node: npm packages that depend on one binary for each platform, of which npm installs those that
 * may run here. The packages' own commands would need their install scripts.
 */
const OTHERS = {
  'Deno 2.9': { package: 'deno@2.9.6', scope: '@deno', binary: 'deno', args: ['run', '--allow-all'] },
  'Bun 1.4': { package: 'bun@1.4.5', scope: '@oven', binary: 'bin/bun', args: [] },
};

/** A command that runs programs: what to start, and the arguments that come before the program's. */
type Runtime = readonly [command: string, ...args: string[]];

const { write } = command('test:runtimes', 'Tries the package on Node, Deno and Bun.')
  .option('--write', `write the results into ${DOCUMENT}`)
  .parse()
  .opts<{ write?: true }>();

/** Compiles the behaviours, and adds the program that runs them. */
function addProgram(project: Project): string {
  const folder = join(project.folder, 'behaviours');
  mkdirSync(folder);
  const compilerOptions = {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2022,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true,
  };
  for (const name of readdirSync(SOURCES).filter((file) => !file.endsWith('.spec.ts'))) {
    const { outputText } = ts.transpileModule(readFileSync(join(SOURCES, name), 'utf8'), { compilerOptions });
    writeFileSync(join(folder, name.replace(/ts$/, 'js')), outputText);
  }
  cpSync(CERTIFICATES, join(folder, 'certificates'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  const program = join(folder, 'run.js');
  writeFileSync(
    program,
    `import { join } from 'node:path';
import * as socket from 'await-socket';
import * as ssl from 'await-socket/ssl';
import { main } from './program.js';
await main({ socket, ssl, certificates: join(import.meta.dirname, 'certificates') }, process.argv[2]);
`,
  );
  return program;
}

/** The first of a runtime's binaries that runs here. */
async function binaryOf(project: Project, scope: string, binary: string): Promise<string> {
  const packages = join(project.folder, 'node_modules', scope);
  for (const name of readdirSync(packages)) {
    const file = join(packages, name, binary);
    if ((await run(file, ['--version'], project.folder)).passed) return file;
  }
  throw new Error(`nothing in ${packages} runs here`);
}

async function runtimesOf(project: Project): Promise<Map<string, Runtime>> {
  const runtimes = new Map<string, Runtime>();
  for (const version of SUPPORTED_NODES) runtimes.set(`Node ${version}`, [nodePath(version)]);
  for (const [name, { scope, binary, args }] of Object.entries(OTHERS)) {
    runtimes.set(name, [await binaryOf(project, scope, binary), ...args]);
  }
  return runtimes;
}

/** Runs all behaviours; a behaviour whose line is missing has ended the process. */
async function outcomesOf([file, ...args]: Runtime, program: string, project: Project): Promise<Outcome[]> {
  const { passed, output } = await run(file, [...args, program], project.folder);
  const lines = output.split('\n').filter((line) => line.startsWith('{"name":'));
  if (!passed) console.log(output);
  return lines.map((line) => JSON.parse(line) as Outcome);
}

async function testRuntimes(folder: string): Promise<boolean> {
  const project = new Project(join(folder, 'project'));
  const { filename } = await pack(folder);
  await project.install(join(folder, filename), ...Object.values(OTHERS).map((other) => other.package));
  const program = addProgram(project);
  const runs = new Map<string, Outcome[]>();
  // One after the other, because the behaviours have time limits.
  for (const [name, runtime] of await runtimesOf(project)) runs.set(name, await outcomesOf(runtime, program, project));

  if (write === true) writeFileSync(DOCUMENT, withTable(readFileSync(DOCUMENT, 'utf8'), runs));
  const document = readFileSync(DOCUMENT, 'utf8');
  let failed = 0;
  let skipped = 0;
  let passed = 0;
  for (const [runtime, outcomes] of runs) {
    console.log(`\n${runtime}`);
    for (const { cell, name } of outcomes) console.log(`${cell.padEnd(11)} ${name}`);
    const wrong = differences(document, runtime, outcomes);
    for (const [name, what] of wrong) console.log(`FAILED ${runtime}, ${name}: ${what}`);
    const left = outcomes.filter(({ cell }) => cell === 'skipped').length;
    failed += wrong.size;
    skipped += left;
    passed += outcomes.filter(({ name }) => !wrong.has(name)).length - left;
  }
  const counts = [failed > 0 ? `${failed} failed, ` : '', skipped > 0 ? `${skipped} skipped, ` : ''].join('');
  console.log(`\nTests:       ${counts}${passed} passed, ${failed + skipped + passed} total`);
  return failed === 0;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'await-socket-runtimes-'));
  try {
    if (!(await testRuntimes(folder))) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
