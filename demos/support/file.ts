import { once } from 'node:events';
import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
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

/** A file that is written block by block, or nothing at all where no path is given. */
export class Output {
  readonly #stream: WriteStream | undefined;
  #failure: Error | undefined;

  constructor(path: string | undefined) {
    if (path === undefined) return;
    this.#stream = createWriteStream(path, { highWaterMark: 1024 * 1024 });
    this.#stream.on('error', (error) => (this.#failure = error));
  }

  /** Finds out whether a file can be written, and leaves what is in it. */
  static async check(path: string | undefined): Promise<void> {
    if (path !== undefined) await (await open(path, 'a')).close();
  }

  /** Writes a block; waits only while the disk is behind. */
  async write(block: Buffer): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#stream?.write(block) === false) await once(this.#stream, 'drain');
  }

  /** Waits until all of it is in the file. */
  async close(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#stream === undefined || this.#stream.destroyed) return;
    this.#stream.end();
    await finished(this.#stream);
  }
}
