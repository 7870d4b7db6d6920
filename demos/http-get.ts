import * as socket from '../lib/index.ts';
import { command, run, timeLimit } from './support/command.ts';
import { Output } from './support/file.ts';
import { get, hostOf, urlFrom } from './support/http-client.ts';

/**
 * An HTTP/1.0 client: gets what is at a URL, and prints the answer's headers and its body.
 *
 *     npx ts-node demos/http-get.ts http://localhost:8000/options.md
 *     npx ts-node demos/http-get.ts http://localhost:8000/options.md --out options.md
 */

interface Options {
  readonly head?: true;
  readonly out?: string;
  readonly timeout: number;
}

async function main(text: string, { head, out, timeout }: Options): Promise<void> {
  const url = urlFrom(text, 'http:');
  // A file that cannot be written is reported before anything is asked for.
  if (out !== undefined) await (await Output.open(out)).discard();
  using sock = await socket.createConnection([hostOf(url), Number(url.port || 80)], { timeout });
  await get(sock, url, { isHead: head === true, out });
}

const program = command('http-get', 'Gets what is at a URL, by HTTP/1.0.')
  .argument('<url>', 'the URL, which begins with http://')
  .option('--head', 'ask for the headers only')
  .option('-o, --out <file>', 'the file to write the body into, once all of it has come')
  .option('--timeout <seconds>', 'how long to wait for the server to go on', timeLimit, 30)
  .parse();
const [url = ''] = program.args;
run(program.name(), () => main(url, program.opts<Options>()));
