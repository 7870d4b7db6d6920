import * as socket from '../../lib/index.ts';
import {
  BURST,
  Clock,
  MANY,
  type ClientSettings,
  type Contender,
  type Measured,
  type Server,
  type ServerSettings,
  type Where,
} from '../tasks.ts';

/** This library's datagrams. */

function made(): socket.Socket {
  return socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
}

function addressOf(where: Where): [host: string, port: number] {
  if ('path' in where) throw new TypeError('datagrams over a path');
  return [where.host, where.port];
}

/** Opens a socket, and closes it when the measurement is done. */
function measuring(
  measure: (sock: socket.Socket, settings: ClientSettings, to: [string, number]) => Promise<Measured>,
): (settings: ClientSettings) => Promise<Measured> {
  return async (settings) => {
    const sock = made();
    const to = addressOf(settings.where);
    if (settings.connected) await sock.connect(to);
    const measured = await measure(sock, settings, to);
    sock.close();
    return measured;
  };
}

const echo = measuring(async (sock, { size, span, connected }, to) => {
  const message = Buffer.alloc(size, 'm');
  const clock = new Clock(span);
  let count = 0;
  if (connected) {
    for (; !clock.isOver(); count += 1) {
      await sock.send(message);
      await sock.recv(size);
    }
  } else {
    for (; !clock.isOver(); count += 1) {
      await sock.sendto(message, to);
      await sock.recvfrom(size);
    }
  }
  return clock.measured(count);
});

const sendOn = measuring(async (sock, { size, span, connected }, to) => {
  const message = Buffer.alloc(size, 'm');
  const clock = new Clock(span);
  let count = 0;
  if (connected) for (; !clock.isOver(); count += 1) await sock.send(message);
  else for (; !clock.isOver(); count += 1) await sock.sendto(message, to);
  return clock.measured(count);
});

const sendMany = measuring(async (sock, { size, span }, to) => {
  const message = Buffer.alloc(size, 'm');
  const clock = new Clock(span);
  let count = 0;
  for (; !clock.isOver(); count += MANY) {
    await Promise.all(Array.from({ length: MANY }, () => sock.sendto(message, to)));
  }
  return clock.measured(count);
});

/** Binds a socket, and serves with it until it is closed. */
function bound(
  serve: (sock: socket.Socket, settings: ServerSettings) => Promise<void>,
): (settings: ServerSettings) => Promise<Server> {
  return async (settings) => {
    const sock = made();
    const [host, port] = addressOf(settings.where);
    sock.bind([host, port]);
    const serving = serve(sock, settings).catch((error: unknown) => {
      if (!(error instanceof socket.OSError)) throw error;
    });
    return {
      where: { host, port: sock.getsockname()[1] as number },
      stop: async () => {
        sock.close();
        await serving;
      },
    };
  };
}

async function answer(sock: socket.Socket, { size }: ServerSettings): Promise<void> {
  for (;;) {
    const [message, from] = await sock.recvfrom(size);
    if (from !== null) await sock.sendto(message, from);
  }
}

async function confirm(sock: socket.Socket, { size, connected }: ServerSettings): Promise<void> {
  const [, from] = await sock.recvfrom(size);
  if (from === null) return;
  let count = 1;
  if (connected) {
    await sock.connect(from);
    for (;;) {
      await sock.recv(size);
      count += 1;
      if (count % BURST === 0) await sock.send('!');
    }
  }
  for (;;) {
    const [, to] = await sock.recvfrom(size);
    count += 1;
    if (count % BURST === 0 && to !== null) await sock.sendto('!', to);
  }
}

export const clients: Contender['clients'] = {
  'datagram-echo': echo,
  'datagram-send': sendOn,
  'datagram-send-many': sendMany,
};

export const servers: Contender['servers'] = {
  'datagram-echo': bound(answer),
  'datagram-burst': bound(confirm),
};
