import * as socket from '../lib/index.ts';
import * as ssl from '../lib/ssl/index.ts';
import { command, run, timeLimit } from './support/command.ts';
import { Output } from './support/file.ts';
import { get, hostOf, urlFrom } from './support/http-client.ts';

/**
 * An HTTPS client: gets what is at a URL from a server that can prove who it is, and prints the answer's headers and its
 * body.
 *
 *     npx ts-node demos/https-get.ts https://example.org/
 *     npx ts-node demos/https-get.ts https://localhost:4443/ --cafile ca.pem
 */

interface Options {
  readonly cafile?: string;
  readonly head?: true;
  readonly out?: string;
  readonly timeout: number;
}

async function main(text: string, { cafile, head, out, timeout }: Options): Promise<void> {
  const url = urlFrom(text, 'https:');
  const host = hostOf(url);
  // Checks the certificate and the host name, and speaks TLS 1.2 or newer.
  const context = ssl.createDefaultContext({ cafile });
  // A file that cannot be written is reported before anything is asked for.
  if (out !== undefined) await (await Output.open(out)).discard();
  using plain = await socket.createConnection([host, Number(url.port || 443)], { timeout });
  // If the end of the connection ends the body, an end without the server's signature is a body that was cut off.
  using sock = await context.wrapSocket(plain, { serverHostname: host, suppressRaggedEofs: false });
  await get(sock, url, { isHead: head === true, out });
}

const program = command('https-get', 'Gets what is at a URL, by HTTP/1.0 over TLS.')
  .argument('<url>', 'the URL, which begins with https://')
  .option('--cafile <file>', "whom to trust, in PEM; the system's authorities if it is left out")
  .option('--head', 'ask for the headers only')
  .option('-o, --out <file>', 'the file to write the body into, once all of it has come')
  .option('--timeout <seconds>', 'how long to wait for the server to go on', timeLimit, 30)
  .parse();
const [url = ''] = program.args;
run(program.name(), () => main(url, program.opts<Options>()));
