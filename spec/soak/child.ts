import { inspect } from 'node:util';
import type { Extent } from './part.ts';
import { isPart, PARTS } from './parts.ts';

/** A process that runs one part, and ends when nothing of it is left. */
async function main(name: string | undefined, extent: string | undefined): Promise<void> {
  if (!isPart(name) || extent === undefined) throw new TypeError(`no such part: ${name ?? ''}`);
  const strays: string[] = [];
  process.on('warning', (warning) => strays.push(warning.stack ?? warning.message));
  process.on('unhandledRejection', (reason) => strays.push(`unhandledRejection: ${inspect(reason)}`));
  process.on('uncaughtException', (error) => strays.push(`uncaughtException: ${inspect(error)}`));
  const outcome = await PARTS[name].run(JSON.parse(extent) as Extent);
  process.send?.({ ...outcome, mistakes: [...outcome.mistakes, ...strays] });
  process.disconnect?.();
}

main(process.argv[2], process.argv[3]).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
