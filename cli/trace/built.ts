import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** A file that the build makes in dist/: this program is in a folder of dist/, too, or in the sources. */
export function builtFile(name: string): string {
  const beside = resolve(__dirname, '..', name);
  return existsSync(beside) ? beside : resolve(__dirname, '../../dist', name);
}
