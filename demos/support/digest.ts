import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';

/** A file's size and the hash of its content. */
export interface Digest {
  readonly bytes: number;
  readonly sha256: string;
}

/** Reads a file from beginning to end. */
export async function digestOf(path: string): Promise<Digest> {
  const hash = createHash('sha256');
  let bytes = 0;
  const chunks: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: 1024 * 1024 });
  for await (const chunk of chunks) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** Makes a file of random bytes. */
export async function makeFile(path: string, mebibytes: number): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (let made = 0; made < mebibytes; made += 1) await file.write(randomBytes(1024 * 1024));
  } finally {
    await file.close();
  }
}
