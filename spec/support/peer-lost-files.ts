/**
 * A program that loses files and has the garbage collected, case by case, or those that its arguments name. For each it
 * prints a line of JSON: what was warned of, and what the other end saw.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as socket from '../../lib/index.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

interface Warning extends Error {
  readonly detail?: string;
}

const warnings: Warning[] = [];
process.removeAllListeners('warning');
process.on('warning', (warning: Warning) => warnings.push(warning));

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * The library watches a file from a moment after it was made, in milliseconds. Node calls timers of one length in the
 * order in which they were set: so one that is set later finds the file watched.
 */
const UNTIL_WATCHED = 100;

/** Collects what is lost, and lets what follows from it happen: a socket is lost a round after its last file. */
async function sweep(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, UNTIL_WATCHED));
  for (let round = 0; round < 5; round += 1) {
    collect();
    await turn();
    await turn();
  }
}

const listener = socket.createServer(['127.0.0.1', 0]);

/** The end that a case is about, and the other one, which is kept. */
async function connected(): Promise<[socket.Socket, socket.Socket]> {
  const client = socket.socket();
  await client.connect(listener.getsockname());
  const [server] = await listener.accept();
  kept.push(server);
  return [client, server];
}

/** All that a socket receives up to the end of the stream, or up to where nothing more comes. */
async function seen(one: socket.Socket): Promise<string> {
  let text = '';
  // Unlike a signal, a time limit that is over does not keep from what is there by then.
  one.settimeout(1);
  for (;;) {
    const bytes = await one.recv(100).catch(() => undefined);
    if (bytes === undefined) return `${text}, open`;
    if (bytes.length === 0) return `${text}, end`;
    text += String(bytes);
  }
}

/** What keeps living is kept here. */
const kept: unknown[] = [];

/** Tells what became of what was lost. */
type Ask = () => unknown;

/** Each loses something. */
const CASES: Readonly<Record<string, () => Promise<Ask>>> = {
  'a file of a socket that lives': async () => {
    const [client, server] = await connected();
    client.makefile('rb');
    return async () => {
      client.close();
      return await seen(server);
    };
  },
  'a file with bytes that were not flushed': async () => {
    const [client, server] = await connected();
    await client.makefile('w').write('hello');
    kept.push(client);
    return () => seen(server);
  },
  'a file that a closed socket was open for': async () => {
    const [client, server] = await connected();
    await client.makefile('rwb').write('hello');
    client.close();
    return () => seen(server);
  },
  'a file and its socket': async () => {
    const [client, server] = await connected();
    await client.makefile('wb').write('hello');
    return () => seen(server);
  },
  'a file that cannot be flushed': async () => {
    const [client] = await connected();
    await client.makefile('wb').write('hello');
    client.shutdown(socket.SHUT_WR);
    kept.push(client);
    return () => 'gone';
  },
  'a socket whose file is closed then': async () => {
    const [client, server] = await connected();
    const file = client.makefile('w');
    await file.write('hello');
    return async () => {
      await file.close();
      await sweep();
      return await seen(server);
    };
  },
  'a file whose call waits': async () => {
    const [client, server] = await connected();
    const waiting = client.makefile('r').readline();
    client.close();
    return async () => {
      await server.sendall('still here\n');
      return await waiting;
    };
  },
  'a file of which only a part is held': async () => {
    const [client, server] = await connected();
    const { buffer } = client.makefile('w');
    client.close();
    return async () => {
      await (buffer as socket.BufferedWriter).write('hello');
      await buffer.close();
      return await seen(server);
    };
  },
  'a file that was closed': async () => {
    const [client, server] = await connected();
    const file = client.makefile('w');
    await file.write('hello');
    await file.close();
    client.close();
    return () => seen(server);
  },
};

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  for (const [name, lose] of Object.entries(CASES)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    // What the function has made lives no longer than this call.
    const ask = await lose();
    await sweep();
    const outcome = await ask();
    await turn();
    const told = warnings.splice(0).map(({ message, detail }) => ({ message, detail }));
    console.log(JSON.stringify({ name, outcome, told }));
  }
}

void main();
