import { once } from 'node:events';
import { readdirSync, writeSync } from 'node:fs';
import net from 'node:net';
import { inspect } from 'node:util';

/** How many descriptors this process has open; 0 where the system does not list them. */
export function openDescriptors(): number {
  if (process.platform !== 'linux') return 0;
  // Reading the directory opens one itself.
  return readdirSync('/proc/self/fd').length - 1;
}

/** Waits for so many turns of the event loop. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** The bytes that JavaScript holds in this process after a garbage collection. */
export async function heldBytes(): Promise<number> {
  // The memory of a Buffer is freed some turns after the collection that found it.
  for (let round = 0; round < 5; round += 1) {
    globalThis.gc?.();
    await turns(10);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/**
 * Runs `main` and, once nothing keeps the process alive any more, prints a `Report` as its last line. Thus a program
 * whose promise never settles ends too, without a result.
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
