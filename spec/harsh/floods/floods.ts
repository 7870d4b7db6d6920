import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { Child, programWords } from '../child.ts';
import type { Extent, Outcome } from '../part.ts';
import { ATTACKS, type Attack, type Force } from './attacks.ts';
import type { Service } from './bystander.ts';
import type { Counts, Ports } from './server.ts';
import { megabytes, Watched } from '../watched.ts';

/** What the process needs to do its work, whatever the number of connections, in bytes: most of it is garbage of V8's. */
const WORK = 192 * 1024 * 1024;

/** In small, so much of the connections, and so many seconds. */
const SMALL = { share: 0.04, seconds: 0.4 };
const FULL = { share: 1, seconds: 8 };

function start(name: string, ...args: readonly string[]): Child {
  const [file = '', ...words] = programWords(join(__dirname, `${name}.ts`), args);
  return new Child(file, words);
}

/** A server that is attacked in each way, one after the other, and what a client like any other has of it meanwhile. */
export async function floods({ size }: Extent): Promise<Outcome> {
  const { share, seconds } = size === 'full' ? FULL : SMALL;
  await using server = start('server');
  const ports = await server.result<Ports>();
  await using bystander = start('bystander', String(ports.lines));
  await bystander.line();
  const memory = new Watched(server.pid);
  const rows: string[][] = [];
  const mistakes: string[] = [];
  for (const attack of ATTACKS) {
    const force: Force = { connections: Math.ceil(attack.connections * share), seconds };
    const tell = async (): Promise<[Counts, Service]> => {
      server.tell('counts');
      bystander.tell('service');
      return [await server.result<Counts>(), await bystander.result<Service>()];
    };
    await tell();
    memory.begin();
    await attack.run(ports, force);
    const [counts, service] = await tell();
    const { grown } = memory;
    rows.push(rowOf(attack, force, grown, counts, service));
    const bound = WORK + force.connections * attack.each;
    if (grown > bound) mistakes.push(`${attack.does}: ${megabytes(grown)}, and not ${megabytes(bound)} at most`);
    mistakes.push(...service.errors.map((error) => `${attack.does}: a client like any other: ${error}`));
    if (service.answered === 0) mistakes.push(`${attack.does}: no other client was served`);
    // What has ended is closed, and the next attack finds a server that is as it was.
    await delay(100);
  }
  return {
    head: ['Flood', 'At once', 'Memory of the server', 'How it ended them', 'Others: answers', 'median', 'slowest'],
    rows,
    conditions: [`Each lasts ${seconds} s; the server is one process, with \`serve()\` on each port`],
    mistakes,
  };
}

function rowOf({ does }: Attack, { connections }: Force, grown: number, counts: Counts, service: Service): string[] {
  const errors = Object.entries(counts.errors).filter(([, count]) => count > 0);
  return [
    does,
    connections.toLocaleString('en-US'),
    `+${megabytes(grown)}`,
    errors.map(([name, count]) => `${count.toLocaleString('en-US')} × ${name}`).join(', '),
    service.answered.toLocaleString('en-US'),
    `${service.median.toFixed(1)} ms`,
    `${service.slowest.toFixed(0)} ms`,
  ];
}
