import { InvalidArgumentError } from 'commander';
import PQueue from 'p-queue';
import * as socket from '../lib/index.ts';
import { command, integerFrom, run, timeLimit } from './support/command.ts';
import { Progress } from './support/progress.ts';
import { count } from './support/text.ts';

/**
 * The port scanner: finds the ports of this machine at which a server listens, by connecting to each. It tries many at
 * once, up to a limit: each attempt takes one of the process's descriptors.
 *
 *     npx ts-node demos/port-scanner.ts --ports 1-65535
 */

interface Options {
  readonly ports: readonly [number, number];
  readonly atOnce: number;
  readonly timeout: number;
}

/** The results of the attempts. */
interface Findings {
  readonly open: number[];
  readonly silent: number[];
  closed: number;
}

async function main(host: string, { ports: [first, last], atOnce, timeout }: Options): Promise<void> {
  const address = await socket.gethostbyname(host);
  // To scan other people's machines is rude at best.
  if (!address.startsWith('127.')) throw new Error(`${host} (${address}) is not this machine's loopback interface`);
  const ports = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const findings: Findings = { open: [], silent: [], closed: 0 };
  const progress = new Progress(ports.length, 'ports');
  let done = 0;
  const queue = new PQueue({ concurrency: atOnce });
  await queue.addAll(
    ports.map((port) => async () => {
      await scan(address, port, timeout, findings);
      progress.update((done += 1));
    }),
  );
  progress.stop();
  report(findings);
}

async function scan(host: string, port: number, timeout: number, findings: Findings): Promise<void> {
  using sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  sock.settimeout(timeout);
  const error = new socket.OSError(await sock.connectEx([host, port]));
  // The system may choose the scanned port as the local one: then the socket is connected to itself.
  const isAlone = error.errno === 0 && sock.getsockname()[1] === port;
  if (error.code === 'ECONNREFUSED' || isAlone) findings.closed += 1;
  else if (error.errno === 0) findings.open.push(port);
  else if (error.code === 'EAGAIN') findings.silent.push(port);
  else throw error;
}

function report({ open, silent, closed }: Findings): void {
  const ascending = (a: number, b: number): number => a - b;
  for (const port of open.sort(ascending)) console.log(`${port} open ${serviceAt(port)}`.trimEnd());
  for (const port of silent.sort(ascending)) console.log(`${port} silent`);
  console.log(`${count(open.length, 'port', 'ports')} open, ${silent.length} silent, ${closed} closed`);
}

/** The service that usually listens at a port. */
function serviceAt(port: number): string {
  try {
    return socket.getservbyport(port, 'tcp');
  } catch {
    return '';
  }
}

/** Reads the option: `80`, or `1-1024`. */
function portRange(text: string): [number, number] {
  const [, first = '', last = first] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  const range: [number, number] = [Number(first), Number(last)];
  if (range[0] >= 1 && range[0] <= range[1] && range[1] <= 65535) return range;
  throw new InvalidArgumentError('It must be a port or a range of ports from 1 to 65535, such as 1-1024.');
}

const program = command('port-scanner', 'Finds the ports of this machine at which a server listens.')
  .argument('[host]', 'an address of the loopback interface', '127.0.0.1')
  .option('--ports <range>', 'the ports to try', portRange, [1, 1024])
  .option('--at-once <number>', 'how many to try at the same time', integerFrom(1, 1000), 100)
  .option('--timeout <seconds>', 'how long to wait for an answer', timeLimit, 0.5)
  .parse();
const [host = ''] = program.processedArgs as string[];
run(program.name(), () => main(host, program.opts<Options>()));
