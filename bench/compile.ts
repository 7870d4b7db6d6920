import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';

/**
 * The library and the contenders as JavaScript, as `npm run build` would write it, so that no process spends time on
 * types.
 */
export class Compiled {
  readonly folder = mkdtempSync(join(tmpdir(), 'await-socket-bench-'));

  constructor() {
    const { config } = ts.readConfigFile('tsconfig.json', (file) => readFileSync(file, 'utf8')) as { config: object };
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, '.');
    const compilerOptions = { ...options, noEmit: false, rewriteRelativeImportExtensions: true };
    for (const file of [...sources('lib'), ...sources('bench')]) {
      const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), { fileName: file, compilerOptions });
      const target = this.path(file.replace(/\.ts$/, '.js'));
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, outputText);
    }
    writeFileSync(this.path('package.json'), '{ "type": "module" }\n');
    symlinkSync(resolve('node_modules'), this.path('node_modules'));
  }

  /** Where a file of the repository is here. */
  path(file: string): string {
    return join(this.folder, file);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function sources(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.ts')).map((file) => join(folder, file));
}
