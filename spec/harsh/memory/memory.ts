import { join } from 'node:path';
import * as socket from '../../../lib/index.ts';
import { recvAll } from '../../support/peer.ts';
import { Child, programWords } from '../child.ts';
import type { Extent, Outcome } from '../part.ts';
import { MemoryGroup } from './group.ts';

/** A server in a control group whose memory is short: what it still does, and what ends it. */

type Address = readonly [host: string, port: number];

/** So many bytes more than it has used without clients. */
const ROOM = 150_000_000;

/** What comes of a message that fits, and of one that does not. */
const SMALL = 40_000_000;
const LARGE = 300_000_000;

/** How many clients ask for a large answer that they do not read. */
const CLIENTS = { small: 50, full: 500 };

/** What a client may see of a process that is killed: it depends on what the kernel has of its bytes by then. */
const GONE = ['ConnectionResetError ECONNRESET', 'BrokenPipeError EPIPE', 'the end of the stream'];

export async function memory({ size }: Extent): Promise<Outcome> {
  const clients = CLIENTS[size];
  using group = new MemoryGroup();
  const words = programWords(join(__dirname, 'memory-child.ts'), []);
  const joined = 'echo $$ >"$1" && shift && exec "$@"';
  await using child = new Child('sh', ['-c', joined, 'sh', group.processes, ...words]);
  const address: Address = ['127.0.0.1', Number(await child.line())];
  // What the first request needs is there from now on.
  await line(address);
  group.limit(ROOM);

  const download = await stalledDownloads(address, clients);
  const fits = await message(address, SMALL);
  const before = group.killed;
  const tooLarge = await message(address, LARGE);
  const after = group.killed;
  const rows = [
    [`${clients} clients ask for 16 MB each, and do not read`, 'another client', download],
    ['`recvExactly()` of 900 MB, of which 40 MB come', 'the call', fits],
    [
      '`recvExactly()` of 900 MB, of which 300 MB come',
      'the process',
      after > before ? 'the kernel ends it' : 'goes on',
    ],
    ['', 'the client', tooLarge],
  ];
  const expected = [
    'is served',
    `IncompleteReadError ${SMALL}`,
    'the kernel ends it',
    GONE.includes(tooLarge) ? tooLarge : GONE.join(' or '),
  ];
  const mistakes = rows.flatMap(([what, who, result], index) =>
    result === expected[index] ? [] : [`${what} ${who}: ${result}, and not ${expected[index]}`],
  );
  if (before > 0) mistakes.push(`the kernel has ended ${before} processes before`);
  return {
    head: ['What happens', 'Who', 'What becomes of it'],
    rows,
    conditions: [`A control group with room for ${ROOM / 1e6} MB more than the server needs without clients`],
    mistakes,
  };
}

async function line(address: Address): Promise<string> {
  using sock = await socket.createConnection(address, { timeout: 20 });
  await sock.sendall('l');
  return String(await recvAll(sock)) === 'a line\n' ? 'is served' : 'is not served';
}

/** Whether another client is served while answers wait for those who do not read. */
async function stalledDownloads(address: Address, clients: number): Promise<string> {
  const all: socket.Socket[] = [];
  try {
    while (all.length < clients) {
      const one = await socket.createConnection(address, { timeout: 20 });
      all.push(one);
      await one.sendall('d');
      // The answer has begun.
      await one.recv(1);
    }
    return await line(address);
  } finally {
    for (const one of all) one.close();
  }
}

/** Sends a part of a message, and gives the server's answer, or the error. */
async function message(address: Address, length: number): Promise<string> {
  const block = Buffer.alloc(1_000_000, 'x');
  try {
    using sock = await socket.createConnection(address, { timeout: 20 });
    await sock.sendall('m');
    for (let sent = 0; sent < length; sent += block.length) await sock.sendall(block);
    sock.shutdown(socket.SHUT_WR);
    return String(await recvAll(sock)) || 'the end of the stream';
  } catch (error) {
    return error instanceof socket.OSError ? `${error.name} ${error.code}` : String(error);
  }
}
