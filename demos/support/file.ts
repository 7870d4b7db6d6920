import { once } from 'node:events';
import { createReadStream, createWriteStream, rmSync, type WriteStream } from 'node:fs';
import { access, constants, realpath, rename, rm, stat } from 'node:fs/promises';
import { finished } from 'node:stream/promises';

/** How many blocks are read from the disk at once: with fewer, reading takes longer than sending. */
const BLOCKS_A_READ = 64;

/** The size of a file, which has to be one that can be read again and again. */
export async function sizeOf(path: string): Promise<number> {
  const stats = await stat(path);
  if (!stats.isFile()) throw new Error(`${path} is not a regular file`);
  return stats.size;
}

/** The blocks of a file, one after another: all of the same size but the last. */
export async function* blocksOf(path: string, size: number): AsyncGenerator<Buffer> {
  const chunks: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: BLOCKS_A_READ * size });
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += size) yield chunk.subarray(start, start + size);
  }
}

/**
 * A file that is written block by block, and gets its name only when it is complete: until then it is called
 * `NAME.PID.part`, and an older file of that name stays as it is. What is not complete when the process ends is removed.
 */
export class Output {
  readonly #stream: WriteStream;
  /** Where it is written, and where it belongs; the same for a device or a pipe, which cannot be replaced. */
  readonly #part: string;
  readonly #path: string;
  #failure: Error | undefined;

  /** Opens a file, or finds out why it cannot be written. */
  static async open(path: string): Promise<Output> {
    const old = await stat(path).catch(() => undefined);
    if (old !== undefined) await access(path, constants.W_OK);
    // A link stays a link: what it leads to is replaced.
    const target = old === undefined ? path : await realpath(path);
    const isReplaced = old === undefined || old.isFile();
    const output = new Output(target, isReplaced ? `${target}.${process.pid}.part` : target, old?.mode);
    await once(output.#stream, 'open');
    return output;
  }

  private constructor(path: string, part: string, mode = 0o666) {
    this.#path = path;
    this.#part = part;
    this.#stream = createWriteStream(part, { highWaterMark: 1024 * 1024, mode: mode & 0o777 });
    this.#stream.on('error', (error) => (this.#failure = error));
    process.once('exit', this.#remove);
  }

  /** Writes a block. Waits only until the disk has caught up. */
  async write(block: Buffer): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (!this.#stream.write(block)) await once(this.#stream, 'drain');
  }

  /** Gives the file its name, once all of it is on the disk. */
  async complete(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#stream.end();
    await finished(this.#stream);
    if (this.#part !== this.#path) await rename(this.#part, this.#path);
    process.off('exit', this.#remove);
  }

  /** Removes what was written, because the rest will not come. */
  async discard(): Promise<void> {
    this.#stream.destroy();
    process.off('exit', this.#remove);
    if (this.#part !== this.#path) await rm(this.#part, { force: true });
  }

  readonly #remove = (): void => {
    if (this.#part !== this.#path) rmSync(this.#part, { force: true });
  };
}
