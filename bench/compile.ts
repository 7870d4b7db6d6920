import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { makeCertificate } from './certificate.ts';
import type { CertificateFiles } from './tasks.ts';

/**
 * Compiles the library and the contenders to JavaScript without comments, as `npm run build` does, so that no process
 * spends time on TypeScript.
 */
export class Compiled {
  readonly folder = mkdtempSync(join(tmpdir(), 'await-socket-bench-'));
  /** The folder of the sources of the library. */
  readonly #root: string;
  #certificate: CertificateFiles | undefined;
  #package: string | undefined;
  #packaged: string | undefined;

  /** @param revision - the commit whose library is compiled; the work tree's by default. */
  constructor(revision?: string) {
    const root = revision === undefined ? '.' : this.#checkOut(revision);
    this.#root = root;
    const { config } = ts.readConfigFile('tsconfig.json', (file) => readFileSync(file, 'utf8')) as { config: object };
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, '.');
    const compilerOptions = { ...options, noEmit: false, rewriteRelativeImportExtensions: true, removeComments: true };
    for (const [from, file] of [...sources(root, 'lib'), ...sources('.', 'bench')]) {
      const text = readFileSync(join(from, file), 'utf8');
      const { outputText } = ts.transpileModule(text, { fileName: file, compilerOptions });
      const target = this.path(file.replace(/\.ts$/, '.js'));
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, outputText);
    }
    writeFileSync(this.path('package.json'), '{ "type": "module" }\n');
    symlinkSync(resolve('node_modules'), this.path('node_modules'));
  }

  /** A certificate for the rows of TLS, made where it is first asked for. */
  certificate(): CertificateFiles {
    return (this.#certificate ??= makeCertificate(this.folder));
  }

  /** What programs import, as `npm run build` makes it where it is first asked for: it takes a while. */
  get package(): string {
    this.#package ??= this.#build();
    return this.#package;
  }

  /** The path of the compiled copy of a file of the repository. */
  path(file: string): string {
    return join(this.folder, file);
  }

  /** The path of a compiled file of the benchmark that imports what programs import, in place of the single files. */
  packaged(file: string): string {
    this.#packaged ??= this.#copyWithPackage();
    return join(this.#packaged, file);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #build(): string {
    const program = [resolve('node_modules/ts-node/dist/bin.js'), 'scripts/build.ts'];
    execFileSync(process.execPath, program, { cwd: this.#root, stdio: ['ignore', 'ignore', 'inherit'] });
    return resolve(this.#root, 'dist/index.mjs');
  }

  /** Copies the benchmark, and puts modules in the place of the library that export the package. */
  #copyWithPackage(): string {
    const folder = this.path('packaged');
    const built = dirname(this.package);
    cpSync(this.path('bench'), join(folder, 'bench'), { recursive: true });
    for (const file of readdirSync(built).filter((name) => /^[^.]+\.mjs$/.test(name))) {
      const text = `export * from '${pathToFileURL(join(built, file)).href}';\n`;
      const name = file.replace(/\.mjs$/, '');
      // `ssl` is lib/ssl/index.ts, and `select` is lib/select.ts.
      for (const target of [`lib/${name}.js`, `lib/${name}/index.js`]) {
        mkdirSync(dirname(join(folder, target)), { recursive: true });
        writeFileSync(join(folder, target), text);
      }
    }
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    return folder;
  }

  /** Writes the files of a commit to a folder of their own, and returns the folder. */
  #checkOut(revision: string): string {
    const archive = this.path('revision.tar');
    const folder = this.path('revision');
    execFileSync('git', ['archive', '--format=tar', `--output=${archive}`, revision]);
    mkdirSync(folder);
    execFileSync('tar', ['-xf', archive, '-C', folder]);
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    return folder;
  }
}

/** The TypeScript files of a folder, each with its root. */
function sources(root: string, folder: string): (readonly [root: string, file: string])[] {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.ts')).map((file) => [root, join(folder, file)]);
}
