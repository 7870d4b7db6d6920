import type { Options } from './options.ts';

/** Standard input in blocks, for one conversation after another. */
export class Input {
  readonly #blocks: AsyncIterator<Buffer>;
  readonly #convert: (block: Buffer) => Buffer;
  #next: Promise<IteratorResult<Buffer>> | undefined;

  constructor({ stdin, crlf }: Options) {
    this.#blocks = stdin ? (process.stdin[Symbol.asyncIterator]() as AsyncIterator<Buffer>) : none();
    this.#convert = crlf ? withCrlf() : (block) => block;
  }

  /**
   * The next block; undefined at the end. A conversation that is over when the block comes leaves it to the next one.
   */
  async next(signal: AbortSignal): Promise<Buffer | undefined> {
    this.#next ??= this.#blocks.next();
    const result = await this.#next;
    if (signal.aborted || result.done === true) return undefined;
    this.#next = undefined;
    return this.#convert(result.value);
  }
}

async function* none(): AsyncGenerator<Buffer> {
  // Nothing comes.
}

/** Puts a CR before each LF that has none, also where the two are in different blocks. */
export function withCrlf(): (block: Buffer) => Buffer {
  let last = '';
  return (block) => {
    const text = last + block.toString('latin1');
    const converted = text.replaceAll(/(?<!\r)\n/g, '\r\n').slice(last.length);
    last = text.endsWith('\r') ? '\r' : '';
    return Buffer.from(converted, 'latin1');
  };
}

/** Writes to standard output, and waits until there is room for more. */
export async function output(block: Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(block, (error) => (error ? reject(error) : resolve()));
  });
}
