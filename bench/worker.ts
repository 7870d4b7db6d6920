import { createInterface } from 'node:readline';
import { collectGarbage } from './garbage.ts';
import type { Command, Contender, Server } from './tasks.ts';

/** A contender's process: `node worker.js data`. It obeys commands, one a line, and is idle in between. */

/**
 * What a program has on its heap, about 16 MB. V8 marks no heap of less than 8 MB however many buffers are allocated
 * (`kV8ActivationThreshold`), and one of little more for every 16 MB of them: the plain code would be on one side of
 * that, and a library's code alone on the other.
 */
export const program = Array.from({ length: 200_000 }, (_, index) => ({ index, parts: [index] }));

let server: Server | undefined;

async function answer(contender: Contender, command: Command): Promise<object> {
  if ('stop' in command) {
    await server?.stop();
    server = undefined;
    return {};
  }
  if ('memory' in command) return await memory();
  if ('server' in command) {
    const serve = contender.servers[command.server];
    if (serve === undefined) return { unable: true };
    server = await serve(command);
    return { where: server.where };
  }
  const run = contender.clients[command.client];
  return run === undefined ? { unable: true } : await run(command);
}

/** The memory of the process after a garbage collection. */
async function memory(): Promise<{ readonly bytes: number; readonly heap: number }> {
  await collectGarbage();
  const { rss, heapUsed } = process.memoryUsage();
  return { bytes: rss, heap: heapUsed };
}

async function main(name: string): Promise<void> {
  const contender = (await import(`./contenders/${name}.js`)) as Contender;
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      const result = await answer(contender, JSON.parse(line) as Command);
      const { user, system } = process.cpuUsage();
      console.log(JSON.stringify({ ...result, processorSeconds: (user + system) / 1e6 }));
    } catch (error) {
      console.log(JSON.stringify({ error: String(error) }));
    }
  }
  // The parent is gone: no command will end the server.
  process.exit();
}

void main(process.argv[2] ?? '');
