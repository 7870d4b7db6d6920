import { getEventListeners, once } from 'node:events';
import net from 'node:net';
import * as socket from '../../lib/index.ts';
import { listening, portOf, recvAll, reset } from './peer.ts';
import { observed } from './peer-observed.ts';

/** Programs with many connections; each closes what it has opened. */
const programs = {
  /** 1,000 silent clients, and one that is served. */
  async silent() {
    const listener = listening();
    const silent: net.Socket[] = [];
    const accepted: socket.Socket[] = [];
    const waits: Promise<string>[] = [];
    for (let index = 0; index < 1000; index += 1) {
      const client = net.connect(portOf(listener), '127.0.0.1');
      client.on('error', () => undefined);
      silent.push(client);
      const [ours] = await listener.accept();
      accepted.push(ours);
      waits.push(ours.recv(1).then(String, (error: unknown) => (error instanceof Error ? error.name : 'thrown')));
    }
    const client = socket.socket();
    await client.connect(listener.getsockname());
    const [ours] = await listener.accept();
    let served = 0;
    for (let round = 0; round < 1000; round += 1) {
      await client.send('?');
      await ours.send(await ours.recv(1));
      served += (await client.recv(1)).length;
    }
    for (const one of [...accepted, client, ours, listener]) one.close();
    for (const one of silent) one.destroy();
    return { served, ends: count(await Promise.all(waits)) };
  },

  /** 4,097 clients that connect one after the other before the first accept(). */
  async fullQueue() {
    const listener = listening();
    const clients: net.Socket[] = [];
    let resets = 0;
    for (let index = 0; index < socket.SOMAXCONN; index += 1) {
      const client = net.connect(portOf(listener), '127.0.0.1');
      client.on('error', () => (resets += 1));
      clients.push(client);
      await once(client, 'connect');
    }
    const last = net.connect(portOf(listener), '127.0.0.1');
    const [error]: unknown[] = await once(last, 'error').catch((reason: unknown) => [reason]);
    let inOrder = true;
    for (const client of clients) {
      const [ours, address] = await listener.accept();
      inOrder &&= address[1] === client.localPort;
      ours.close();
    }
    listener.settimeout(0);
    const next = await listener.accept().catch((reason: unknown) => reason);
    listener.close();
    for (const client of clients) client.destroy();
    return { last: codeOf(error), resets, inOrder, next: next instanceof Error ? next.name : 'a connection' };
  },

  /** 10,000 connections, one after the other, with four kinds of endings; all calls take the same signal. */
  async sequential() {
    const listener = listening();
    const { signal } = new AbortController();
    let received = 0;
    for (let index = 0; index < 10_000; index += 1) {
      const client = socket.socket();
      const accepting = listener.accept({ signal });
      await client.connect(listener.getsockname(), { signal });
      const [ours] = await accepting;
      if (index % 4 === 0) {
        reset(client);
        await ours.recv(1, 0, { signal }).catch(() => undefined);
      } else if (index % 4 === 1) {
        await client.send('bytes that stay unread');
      } else {
        await client.send('x');
        if (index % 4 === 2) client.shutdown(socket.SHUT_WR);
        else client.close();
        received += (await recvAll(ours)).length;
      }
      ours.close();
      client.close();
    }
    listener.close();
    return { received, listeners: getEventListeners(signal, 'abort').length };
  },

  /**
   * Greets every client and waits for its end. Prints its port on the first line, and ends when a client says so.
   */
  async scarce() {
    const listener = listening();
    process.stdout.write(`${portOf(listener)}\n`);
    let served = 0;
    const serve = async (ours: socket.Socket): Promise<void> => {
      using conn = ours;
      await conn.send('hi');
      served += 1;
      if ((await conn.recv(4, socket.MSG_WAITALL)).length === 4) listener.close();
    };
    const tasks: Promise<void>[] = [];
    for (;;) {
      try {
        tasks.push(serve((await listener.accept())[0]));
      } catch (error) {
        if (codeOf(error) === 'EBADF') break;
        if (codeOf(error) !== 'EMFILE') throw error;
      }
    }
    await Promise.all(tasks);
    return { served };
  },
};

function count(names: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

function isProgram(name: string | undefined): name is keyof typeof programs {
  return name !== undefined && name in programs;
}

const [, , name] = process.argv;
if (!isProgram(name)) throw new TypeError(`no such program: ${name ?? ''}`);
observed(async () => await programs[name]());
