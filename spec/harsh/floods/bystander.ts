/**
 * A client like any other, of a server that others flood: `bystander.ts PORT` asks again and again, each time over a new
 * connection; for each line that it is told, it prints how it was served since the last one, in JSON.
 */
import { setTimeout as delay } from 'node:timers/promises';
import * as socket from '../../../lib/index.ts';
import { toldLines } from '../child.ts';

/** How it was served; times in milliseconds. */
export interface Service {
  readonly answered: number;
  readonly errors: readonly string[];
  readonly median: number;
  readonly slowest: number;
}

/** How long it waits for an answer, in seconds, and between two requests, in milliseconds. */
const PATIENCE = 10;
const PAUSE = 10;

let times: number[] = [];
let errors: string[] = [];

async function ask(port: number): Promise<void> {
  const start = performance.now();
  try {
    using sock = await socket.createConnection(['127.0.0.1', port], { timeout: PATIENCE });
    await sock.sendall('hello\n');
    await sock.recvLine(100);
    times.push(performance.now() - start);
  } catch (error) {
    errors.push(String(error));
  }
}

async function askAlways(port: number): Promise<void> {
  for (;;) {
    await ask(port);
    await delay(PAUSE);
  }
}

async function main(port: number): Promise<void> {
  const told = toldLines();
  await ask(port);
  console.log('ready');
  void askAlways(port);
  for (let line = await told(); line !== 'end'; line = await told()) {
    const sorted = times.sort((one, other) => one - other);
    const service: Service = {
      answered: sorted.length,
      errors,
      median: sorted[Math.floor(sorted.length / 2)] ?? 0,
      slowest: sorted.at(-1) ?? 0,
    };
    [times, errors] = [[], []];
    console.log(JSON.stringify(service));
  }
  process.exit();
}

void main(Number(process.argv[2]));
