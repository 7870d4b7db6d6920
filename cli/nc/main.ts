import { connect } from './connect.ts';
import { Input } from './input.ts';
import { accept, firstSender, listen } from './listen.ts';
import { problemOf, type Options } from './options.ts';
import type { Destination } from './places.ts';
import { relay } from './relay.ts';
import { scan } from './scan.ts';
import { secure } from './secure.ts';

/** `nc`, as its options say. */
export async function main(first: string | undefined, second: string | undefined, options: Options): Promise<void> {
  const problem = problemOf(options);
  if (problem !== undefined) throw new Error(problem);
  const destination = destinationOf(first, second, options);
  if (options.scan) await scan(destination.host, destination.port, options);
  else if (options.listen) await serve(destination, options);
  else await talk(destination, options);
  // A terminal or a pipe that may still give something would keep the process alive.
  process.stdin.destroy();
}

/** `HOST PORT`, and with -l also `PORT` or `-p PORT`; with -U `PATH`. */
function destinationOf(first: string | undefined, second: string | undefined, options: Options): Destination {
  const { listen: listens, unix, sourcePort } = options;
  if (unix) {
    if (first === undefined || second !== undefined) throw new Error('-U needs one path');
    return { host: first, port: '' };
  }
  if (first !== undefined && second !== undefined) return { host: first, port: second };
  if (listens && sourcePort !== undefined) return { host: first ?? null, port: String(sourcePort) };
  if (listens && first !== undefined) return { host: null, port: first };
  throw new Error(listens ? 'which port?' : 'which host and port?');
}

async function talk(destination: Destination, options: Options): Promise<void> {
  const sock = await secure(await connect(destination, options), destination.host, options);
  await relay(sock, new Input(options), options);
}

async function serve(destination: Destination, options: Options): Promise<void> {
  const input = new Input(options);
  using server = await listen(destination, options);
  if (options.udp) {
    await firstSender(server, options);
    await relay(server, input, options);
    return;
  }
  do {
    const conn = await accept(server, options);
    if (!options.keepOpen) server.close();
    try {
      await relay(await secure(conn, null, options), input, options);
    } catch (error) {
      // With -k, what happens to one client does not keep the next one away.
      if (!options.keepOpen) throw error;
      console.error(`nc: ${String(error)}`);
    }
  } while (options.keepOpen);
}
