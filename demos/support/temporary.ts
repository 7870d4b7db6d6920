import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that other users cannot read. It is removed when the process ends. */
export class TemporaryFolder {
  readonly #path = mkdtempSync(join(tmpdir(), 'await-socket-demo-'));

  constructor() {
    process.once('exit', () => {
      rmSync(this.#path, { recursive: true, force: true });
    });
  }

  /** Writes a file into it. The result is the path. */
  write(name: string, text: string): string {
    const path = join(this.#path, name);
    writeFileSync(path, text);
    return path;
  }

  remove(name: string): void {
    rmSync(join(this.#path, name));
  }
}
