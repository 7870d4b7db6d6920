/**
 * A program that loses files and collects the garbage, for each case or for those that its arguments name. For each it
 * prints a line of JSON: the warnings, and what the other end saw.
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
 * Milliseconds from the creation of a file until the library watches it. Node calls timers of one length in the order
 * in which they were set, so a timer that is set later finds the file watched.
 */
const UNTIL_WATCHED = 100;

/** Collects the garbage, and waits for what follows from it: a socket is lost a round after its last file. */
async function sweep(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, UNTIL_WATCHED));
  for (let round = 0; round < 5; round += 1) {
    collect();
    await turn();
    await turn();
  }
}

const listener = socket.createServer(['127.0.0.1', 0]);

/** The end that a case loses, and the other one, which is kept. */
async function connected(): Promise<[socket.Socket, socket.Socket]> {
  const client = socket.socket();
  await client.connect(listener.getsockname());
  const [server] = await listener.accept();
  kept.push(server);
  return [client, server];
}

/** All that a socket receives until the end of the stream, or until nothing more comes. */
async function seen(one: socket.Socket): Promise<string> {
  let text = '';
  // Unlike an aborted signal, a time limit that has passed still lets the call take what has arrived.
  one.settimeout(1);
  for (;;) {
    const bytes = await one.recv(100).catch(() => undefined);
    if (bytes === undefined) return `${text}, open`;
    if (bytes.length === 0) return `${text}, end`;
    text += String(bytes);
  }
}

/** Keeps objects from being collected. */
const kept: unknown[] = [];

/** Finds out what became of the lost file. */
type Ask = () => unknown;

/** Each function loses a file. */
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
    // The function's objects live no longer than this call.
    const ask = await lose();
    await sweep();
    const outcome = await ask();
    await turn();
    const told = warnings.splice(0).map(({ message, detail }) => ({ message, detail }));
    console.log(JSON.stringify({ name, outcome, told }));
  }
}

void main();
