import { once } from 'node:events';
import { readdirSync, writeSync } from 'node:fs';
import net from 'node:net';
import { inspect } from 'node:util';

/** How many descriptors this process has open; 0 where the system does not tell. */
export function openDescriptors(): number {
  if (process.platform !== 'linux') return 0;
  // Reading the directory takes one itself.
  return readdirSync('/proc/self/fd').length - 1;
}

/** Lets the event loop turn so many times. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** What the JavaScript of this process holds, in bytes, without what the collector would take. */
export async function heldBytes(): Promise<number> {
  // The memory of a Buffer is given back some turns behind the collection that found it.
  for (let round = 0; round < 5; round += 1) {
    globalThis.gc?.();
    await turns(10);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/**
 * Runs `main` and, once nothing keeps the process running any more, prints a `Report` as its last line. A program whose
 * promise never settles thus ends too, without a result.
 */
export function observed(main: () => Promise<unknown>): void {
  const strays: string[] = [];
  process.on('warning', (warning) => strays.push(warning.stack ?? warning.message));
  process.on('unhandledRejection', (reason) => strays.push(`unhandledRejection: ${String(reason)}`));
  process.on('uncaughtException', (error) => strays.push(`uncaughtException: ${error.stack ?? error.message}`));
  let before = 0;
  let result: unknown;
  process.on('exit', () => {
    writeSync(1, `${JSON.stringify({ result, strays, descriptors: { before, after: openDescriptors() } })}\n`);
  });
  const run = async (): Promise<unknown> => {
    // libuv keeps a descriptor in reserve from the first socket on, which is no leak.
    const first = net.createServer().listen(0, '127.0.0.1');
    await once(first, 'listening');
    first.close();
    await once(first, 'close');
    before = openDescriptors();
    return await main();
  };
  run().then(
    (value) => {
      result = value;
    },
    (error: unknown) => {
      process.stderr.write(`${inspect(error)}\n`);
      process.exitCode = 1;
    },
  );
}
