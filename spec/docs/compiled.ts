import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { filesIn, root, type Block } from './blocks.ts';

function optionsOfProject(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: object };
  };
  return ts.convertCompilerOptionsFromJson(config.compilerOptions, root).options;
}

const options: ts.CompilerOptions = {
  ...optionsOfProject(),
  paths: {
    'await-socket': [join(root, 'lib', 'index.ts')],
    'await-socket/select': [join(root, 'lib', 'select.ts')],
    'await-socket/selectors': [join(root, 'lib', 'selectors.ts')],
    'await-socket/proxy-protocol': [join(root, 'lib', 'proxy-protocol', 'index.ts')],
    'await-socket/serve': [join(root, 'lib', 'serve', 'index.ts')],
    'await-socket/ssl': [join(root, 'lib', 'ssl', 'index.ts')],
    'await-socket/trace': [join(root, 'lib', 'trace', 'index.ts')],
  },
  typeRoots: [join(root, 'node_modules', '@types')],
  noUnusedLocals: false,
};

/** The compiler's errors in blocks, by their places; correct blocks have none. */
export function complaints(blocks: readonly Block[]): Record<string, string[]> {
  // As if each block were a file beside package.json.
  const files = new Map(blocks.map((block, index) => [join(root, `block-${index}.ts`), block]));
  const disk = ts.createCompilerHost(options);
  const readFile = (path: string): string | undefined => files.get(path)?.code ?? disk.readFile(path);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (path) => files.has(path) || disk.fileExists(path),
    readFile,
    getSourceFile: (path, target) => {
      const text = readFile(path);
      return text === undefined ? undefined : ts.createSourceFile(path, text, target);
    },
  };
  const program = ts.createProgram([...files.keys()], options, host);
  const found: Record<string, string[]> = {};
  for (const { file, messageText } of ts.getPreEmitDiagnostics(program)) {
    // Errors in lib/ itself are for `npm run typecheck`.
    const place = file === undefined ? 'tsconfig.json' : files.get(file.fileName)?.place;
    if (place !== undefined) (found[place] ??= []).push(ts.flattenDiagnosticMessageText(messageText, '\n'));
  }
  return found;
}

function transpile(code: string): string {
  const compilerOptions: ts.CompilerOptions = { ...options, rewriteRelativeImportExtensions: true, paths: {} };
  return ts.transpileModule(code, { compilerOptions }).outputText;
}

/** How a block ended, and what it printed. */
interface Ending {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a block for ten seconds at most. */
function runIn(cwd: string, { code }: Block): Ending {
  writeFileSync(join(cwd, 'block.mjs'), transpile(code));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['block.mjs'], {
    cwd,
    encoding: 'utf8',
    timeout: 10_000,
  });
  return { status, stdout, stderr };
}

/** A folder in which blocks run as in a program that has installed the package. */
export class Installed {
  readonly #folder = realpathSync(mkdtempSync(join(tmpdir(), 'await-socket-docs-')));

  constructor() {
    const modules = join(this.#folder, 'node_modules');
    const home = join(modules, 'await-socket');
    mkdirSync(home, { recursive: true });
    const exports = {
      '.': './lib/index.js',
      './proxy-protocol': './lib/proxy-protocol/index.js',
      './select': './lib/select.js',
      './selectors': './lib/selectors.js',
      './serve': './lib/serve/index.js',
      './ssl': './lib/ssl/index.js',
      './trace': './lib/trace/index.js',
    };
    writeFileSync(join(home, 'package.json'), JSON.stringify({ type: 'module', exports }));
    for (const name of filesIn('lib', '.ts')) {
      const path = join(home, name.replace(/\.ts$/, '.js'));
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, transpile(ts.sys.readFile(join(root, name)) ?? ''));
    }
    // What the package needs, and what its readers install besides.
    for (const name of [
      'p-queue',
      'p-timeout',
      'eventemitter3',
      'koffi',
      '@koromix',
      '@peculiar',
      'reflect-metadata',
    ]) {
      symlinkSync(join(root, 'node_modules', name), join(modules, name), 'junction');
    }
  }

  /** Runs a block in a folder of its own, after those that make the files which it needs. */
  run(block: Block, before: readonly Block[]): Ending {
    const folder = mkdtempSync(join(this.#folder, 'block-'));
    for (const each of before) {
      const { status, stderr } = runIn(folder, each);
      if (status !== 0) throw new Error(`${each.place}: ${stderr}`);
    }
    return runIn(folder, block);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
