/**
 * Builds the package: `npm run build` fills dist/. Each entry of package.json's "exports" becomes these files:
 *
 * - `NAME.cjs` has the code. Code that several entries share is in chunks beside them, so its state exists once. It is
 *   CommonJS because ES modules can load that everywhere, and Jest cannot load ES modules before Node 24.9.
 * - `NAME.mjs` requires that code and exports each name again, for `import`: a program that imports and requires the
 *   package gets the same classes and the same state.
 * - `NAME.bundler.mjs` has the code as an ES module, for bundlers alone: they cannot follow that `require`.
 * - `core.cjs` has the code that all sockets share.
 * - `kernel.cjs`, `datagrams.cjs` and `files.cjs` are required when a program first needs what they have. V8 reads all code that
 *   is loaded, and that takes longer than a connection does. A bundle has them in itself.
 * - `NAME.d.cts` has the types, and `NAME.d.mts` exports them again.
 *
 * The page that draws traces is dist/ladder.html.
 *
 * The programs of `npx await-socket` are in dist/cli/, dist/demos/ and dist/exercises/. They have in them what they need of other
 * packages, and load the library from beside them.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, resolve } from 'node:path';
import commonjs from '@rollup/plugin-commonjs';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { rollup, type OutputChunk, type OutputOptions, type Plugin, type RollupOptions } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import ts from 'typescript';
import { command } from '../demos/support/command.ts';
import { exports as entryPoints, version } from '../package.json';
import { ladderPage } from './ladder-page.ts';

// npm runs scripts in the folder of package.json, so plain relative paths work.
const DIST = 'dist';
const NODE_MODULES = /^node:/;
const TSCONFIG = 'tsconfig.build.json';

/** The chunks that are loaded late, and the modules in them. */
const LATE: Readonly<Record<string, RegExp>> = {
  // All that makes or uses sockets of the kernel's.
  kernel: /\/lib\/(kernel\/(?!koffi|libc)|core\/(kernel-|to-kernel|duplicate))/,
  datagrams: /\/lib\/(core\/datagrams|transports\/(datagram|bind-datagram|dgram|libuv-sender))/,
  // What makefile(), fromStream() and the like give; the classes that have names to import stay.
  files:
    /\/lib\/(streams|files\/(makefile|buffered|text|read-buffer|write-buffer|cod|encodings|error-|newlines|characters))/,
};

/** The code that all sockets share: in one file, because each file that Node loads takes a part of a millisecond. */
const CORE =
  /\/lib\/((common|core|files|kernel|names|options|queues|transports|waiting)\/|(connection|socket|trace\/describe)\.ts)/;

/** The source of each entry by its name: `.` is lib/index.ts, `./ssl` is lib/ssl.ts or lib/ssl/index.ts. */
const entries = Object.fromEntries(
  Object.keys(entryPoints)
    .filter((entryPoint) => entryPoint !== './package.json')
    .map((entryPoint) => {
      const name = entryPoint === '.' ? 'index' : entryPoint.slice('./'.length);
      const source = [`lib/${name}.ts`, `lib/${name}/index.ts`].find((file) => existsSync(file));
      if (source === undefined) throw new Error(`${entryPoint} of "exports" has no source in lib/`);
      return [name, source];
    }),
);

/** The programs of `npx await-socket`, by their names in dist/. */
const programs = Object.fromEntries(
  ['cli/main.ts', ...['demos', 'exercises'].flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`))]
    .filter((file) => file.endsWith('.ts'))
    .map((file) => [file.slice(0, -'.ts'.length), file]),
);

/**
 * Compiles a module. Types were checked already, and comments are left to the source maps: Node loads the code faster.
 */
function typescript(): Plugin {
  const compilerOptions = { ...readConfig().options, removeComments: true };
  return {
    name: 'typescript',
    transform(code, fileName) {
      if (fileName.endsWith('.json')) return null;
      const { outputText, sourceMapText } = ts.transpileModule(code, { compilerOptions, fileName });
      return { code: outputText.replace(/^\/\/# sourceMappingURL=.*$/m, ''), map: sourceMapText ?? null };
    },
  };
}

function readConfig(): ts.ParsedCommandLine {
  const { config } = ts.readConfigFile(TSCONFIG, (file) => readFileSync(file, 'utf8')) as { config: unknown };
  return ts.parseJsonConfigFileContent(config, ts.sys, '.');
}

/** Refuses to build where types do not check. */
function checkTypes(): void {
  const { fileNames, options } = readConfig();
  const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram(fileNames, options));
  if (diagnostics.length === 0) return;
  const host = {
    getCanonicalFileName: (file: string) => file,
    getCurrentDirectory: () => process.cwd(),
    getNewLine: () => '\n',
  };
  throw new Error(ts.formatDiagnostics(diagnostics, host));
}

/**
 * Makes a chunk load faster. Its names are exported at once, as adding them one by one is slow, and characters beyond
 * ASCII are escaped, as V8 then needs half the memory for the text. The exports are the last statements, so the source
 * map stays right.
 */
function quickToLoad(): Plugin {
  return {
    name: 'quick-to-load',
    renderChunk(code) {
      const text = code.replace(/(?:\nexports\.\S+ = [^\n]+;)+\n*$/, (block) => {
        const properties = block.trim().replaceAll(/^exports\.(\S+) = (.+);$/gm, '  $1: $2,');
        return `\nmodule.exports = {\n${properties}\n};\n`;
      });
      const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
      return { code: text.replaceAll(/[^\0-\x7f]/g, escaped), map: null };
    },
  };
}

/**
 * Requires a late chunk when one of its names is first used: the names become getters, which Rollup's code uses as it
 * uses those of other chunks. On one line, so that the source map stays right.
 */
function loadLate(): Plugin {
  return {
    name: 'load-late',
    renderChunk(code, { importedBindings }) {
      const late = Object.keys(LATE).reduce((text, chunk) => {
        const file = `${chunk}.cjs`;
        return withGetters(text, file, importedBindings[file] ?? []);
      }, code);
      return { code: late, map: null };
    },
  };
}

function withGetters(code: string, file: string, names: readonly string[]): string {
  if (names.length === 0) return code;
  const at = new RegExp(`^const ([\\w$]+) = (require\\('\\./${file}'\\));$`, 'm');
  if (!at.test(code)) throw new Error(`${file} is not required as was expected`);
  return code.replace(at, (_, name: string, required: string) => {
    const getters = names.map((one) => `get ${one}() { return (${name}Chunk ??= ${required}).${one}; }`);
    return `let ${name}Chunk; const ${name} = { ${getters.join(', ')} };`;
  });
}

/** What programs import of the library is in dist/ already. Of package.json they need the version. */
function besideLibrary(): Plugin {
  return {
    name: 'beside-library',
    resolveId(id, importer) {
      if (!id.startsWith('.') || importer === undefined || importer.includes('node_modules')) return null;
      const file = resolve(importer, '..', id);
      const built = Object.entries(entries).find(([, source]) => resolve(source) === file)?.[0];
      // Relative to the root here, and so to dist/ there.
      return built === undefined ? null : { id: resolve(`${built}.cjs`), external: 'relative' };
    },
    load: (id) => (id === resolve('package.json') ? `export const version = '${version}';` : null),
  };
}

async function bundle(options: RollupOptions, output: OutputOptions): Promise<OutputChunk[]> {
  const build = await rollup({
    input: entries,
    ...options,
    onLog(_level, log) {
      // Other packages answer for their own code.
      if ([log.loc?.file, log.id, ...(log.ids ?? [])].some((file) => file?.includes('node_modules'))) return;
      // A late chunk needs those that load it.
      if (log.code === 'CIRCULAR_CHUNK' && Object.keys(LATE).some((chunk) => log.message.includes(chunk))) return;
      throw new Error(`${log.loc?.file ?? ''} ${log.message}`);
    },
  });
  const { output: files } = await build.write({ dir: DIST, ...output });
  return files.filter((file) => file.type === 'chunk');
}

/** Writes the code, and returns the names that each entry exports. */
async function buildCode(): Promise<Map<string, readonly string[]>> {
  const code = { plugins: [nodeResolve(), commonjs(), typescript()], external: NODE_MODULES };
  const chunks = await bundle(code, {
    ...namedFiles('.cjs'),
    format: 'cjs',
    sourcemap: true,
    esModule: false,
    exports: 'named',
    interop: 'default',
    generatedCode: { preset: 'es2015', symbols: false },
    dynamicImportInCjs: false,
    hoistTransitiveImports: false,
    manualChunks: (id) => chunkOfPackage(id) ?? lateChunk(id) ?? (CORE.test(id) ? 'core' : undefined),
    plugins: [quickToLoad(), loadLate()],
  });
  await bundle(code, {
    ...namedFiles('.bundler.mjs'),
    format: 'es',
    hoistTransitiveImports: false,
    manualChunks: chunkOfPackage,
  });

  const entryChunks = chunks.filter((chunk) => chunk.isEntry);
  for (const { name, exports } of entryChunks) {
    // Node searches an imported CommonJS file for its exports first, which is slow. It does not search a required one.
    writeFileSync(
      join(DIST, `${name}.mjs`),
      `import { createRequire } from 'node:module';

const code = createRequire(import.meta.url)('./${name}.cjs');

export const {
${exports.map((exported) => `  ${exported},\n`).join('')}} = code;
`,
    );
  }
  const page = await ladderPage();
  writeFileSync(join(DIST, 'ladder.html'), page.html);
  const built = [...chunks, ...(await buildPrograms())].flatMap((chunk) => chunk.moduleIds);
  writeFileSync(join(DIST, 'third-party-licenses.txt'), licences([...built, ...page.modules]));
  return new Map(entryChunks.map(({ name, exports }) => [name, exports]));
}

async function buildPrograms(): Promise<OutputChunk[]> {
  const plugins = [besideLibrary(), nodeResolve({ preferBuiltins: true }), commonjs(), typescript()];
  return await bundle(
    // What TypeScript makes of `using` looks for `this`.
    { input: programs, plugins, external: [NODE_MODULES, ...builtinModules], context: 'globalThis' },
    {
      entryFileNames: '[name].cjs',
      chunkFileNames: 'cli/[name].cjs',
      format: 'cjs',
      esModule: false,
      interop: 'auto',
      hoistTransitiveImports: false,
      banner: ({ name }) => (name === 'cli/main' ? '#!/usr/bin/env node' : ''),
      plugins: [quickToLoad()],
    },
  );
}

function namedFiles(extension: string): OutputOptions {
  return {
    entryFileNames: `[name]${extension}`,
    chunkFileNames: `[name]${extension}`,
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the default of Rollup 5, and not of 4
    onlyExplicitManualChunks: true,
    minifyInternalExports: false,
  };
}

function lateChunk(id: string): string | undefined {
  return Object.keys(LATE).find((chunk) => LATE[chunk]?.test(id));
}

/** The chunk of other packages' code: of p-queue and what it needs. */
function chunkOfPackage(id: string): string | undefined {
  return /node_modules|commonjsHelpers/.test(id) ? 'p-queue' : undefined;
}

/** The licences of the packages whose code is in the bundle. */
function licences(modules: readonly string[]): string {
  const packages = modules
    .map((id) => /node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0])
    .filter((folder) => folder !== undefined);
  const texts = [...new Set(packages)].sort().map((folder) => {
    const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
    const text = file === undefined ? licenceName(folder) : readFileSync(join(folder, file), 'utf8').trim();
    return `${folder.slice('node_modules/'.length)}\n\n${text}\n`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

/** The name of a licence, for a package that has no text of it. */
function licenceName(folder: string): string {
  const { license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { readonly license?: string };
  if (license === undefined) throw new Error(`${folder} has no licence`);
  return `Its package.json says: ${license}`;
}

/** Writes the types. `values` are the names that each entry exports at run time. */
async function buildTypes(values: ReadonlyMap<string, readonly string[]>): Promise<void> {
  await bundle(
    { plugins: [dts({ tsconfig: resolve(TSCONFIG) })], external: NODE_MODULES },
    {
      format: 'es',
      // TypeScript 6 and later do not load the types of Node by themselves.
      banner: '/// <reference types="node" />',
      entryFileNames: '[name].d.cts',
      chunkFileNames: '[name].d.cts',
      minifyInternalExports: false,
    },
  );
  for (const [name, names] of values) {
    const file = join(DIST, `${name}.d.cts`);
    writeFileSync(file, withTypesApart(readFileSync(file, 'utf8'), names));
    writeFileSync(join(DIST, `${name}.d.mts`), `export * from './${name}.cjs';\n`);
  }
}

/**
 * Exports as types what `export type` exported in the source. rollup-plugin-dts loses the `type` of classes, and
 * TypeScript would then let a program use them as values, which are undefined.
 */
function withTypesApart(declarations: string, values: readonly string[]): string {
  const isValue = (item: string): boolean => values.includes(item.replace(/^.* as /, ''));
  return declarations.replaceAll(/^export \{ (.*) \}(.*);$/gm, (_, list: string, source: string) => {
    const items = list.split(', ');
    const [kept, types] = [items.filter(isValue), items.filter((item) => !isValue(item))];
    const typeList = types.length > 0 ? `\nexport type { ${types.join(', ')} }${source};` : '';
    return `export { ${kept.join(', ')} }${source};${typeList}`;
  });
}

async function build(): Promise<void> {
  checkTypes();
  rmSync(DIST, { recursive: true, force: true });
  await buildTypes(await buildCode());
}

command('build', 'Builds the package in dist/.').parse();
void build();
