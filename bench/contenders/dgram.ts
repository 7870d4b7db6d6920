import dgram from 'node:dgram';
import { once } from 'node:events';
import {
  BURST,
  Clock,
  MANY,
  type ClientSettings,
  type Contender,
  type Measured,
  type Server,
  type Where,
} from '../tasks.ts';

/** Plain `node:dgram` with 'message' events. */

type Send = (message: Buffer, callback?: (error: Error | null) => void) => void;

/** A socket, and how it sends to the server. */
async function opened({ where, connected }: ClientSettings): Promise<{ socket: dgram.Socket; send: Send }> {
  const { host, port } = inet(where);
  const socket = dgram.createSocket('udp4');
  if (!connected) return { socket, send: (message, callback) => socket.send(message, port, host, callback) };
  socket.connect(port, host);
  await once(socket, 'connect');
  return { socket, send: (message, callback) => socket.send(message, callback) };
}

function inet(where: Where): { host: string; port: number } {
  if ('path' in where) throw new TypeError('datagrams over a path');
  return where;
}

/** Opens a socket, and closes it when the measurement is done. */
function measuring(
  measure: (socket: dgram.Socket, send: Send, settings: ClientSettings, done: (measured: Measured) => void) => void,
): (settings: ClientSettings) => Promise<Measured> {
  return async (settings) => {
    const { socket, send } = await opened(settings);
    const measured = await new Promise<Measured>((resolve, reject) => {
      socket.on('error', reject);
      measure(socket, send, settings, resolve);
    });
    socket.close();
    return measured;
  };
}

const echo = measuring((socket, send, { size, span }, done) => {
  const message = Buffer.alloc(size, 'm');
  const clock = new Clock(span);
  let count = 0;
  socket.on('message', () => {
    count += 1;
    if (clock.isOver()) done(clock.measured(count));
    else send(message);
  });
  send(message);
});

const sendOn = measuring((_socket, send, { size, span }, done) => {
  const message = Buffer.alloc(size, 'm');
  const clock = new Clock(span);
  let count = 0;
  const next = (): void => {
    count += 1;
    if (clock.isOver()) done(clock.measured(count));
    else send(message, next);
  };
  send(message, next);
});

const sendMany = measuring((_socket, send, { size, span }, done) => {
  const message = Buffer.alloc(size, 'm');
  const clock = new Clock(span);
  let count = 0;
  let left = MANY;
  const onSent = (): void => {
    left -= 1;
    if (left > 0) return;
    count += MANY;
    left = MANY;
    if (clock.isOver()) done(clock.measured(count));
    else sendAll();
  };
  const sendAll = (): void => {
    for (let sent = 0; sent < MANY; sent += 1) send(message, onSent);
  };
  sendAll();
});

const sendBursts = measuring((socket, send, { size, span }, done) => {
  const message = Buffer.alloc(size, 'm');
  const clock = new Clock(span);
  let count = 0;
  const sendBurst = (): void => {
    for (let sent = 0; sent < BURST; sent += 1) send(message);
  };
  socket.on('message', () => {
    count += BURST;
    if (clock.isOver()) done(clock.measured(count));
    else sendBurst();
  });
  sendBurst();
});

function bound(
  onMessage: (socket: dgram.Socket, connected: boolean) => (message: Buffer, from: dgram.RemoteInfo) => void,
): (settings: { where: Where; connected: boolean }) => Promise<Server> {
  return async ({ where, connected }) => {
    const { host, port } = inet(where);
    const socket = dgram.createSocket('udp4');
    socket.on('error', () => undefined);
    socket.on('message', onMessage(socket, connected));
    socket.bind(port, host);
    await once(socket, 'listening');
    return {
      where: { host, port: socket.address().port },
      stop: async () => {
        socket.close();
        await once(socket, 'close');
      },
    };
  };
}

export const clients: Contender['clients'] = {
  'datagram-echo': echo,
  'datagram-send': sendOn,
  'datagram-send-many': sendMany,
  'datagram-burst': sendBursts,
};

export const servers: Contender['servers'] = {
  'datagram-echo': bound((socket) => (message, from) => socket.send(message, from.port, from.address)),
  'datagram-hole': bound(() => () => undefined),
  'datagram-burst': bound((socket, connected) => {
    const confirmation = Buffer.from('!');
    let count = 0;
    let isConnecting = false;
    return (_message, from) => {
      count += 1;
      if (connected && !isConnecting) {
        isConnecting = true;
        socket.connect(from.port, from.address);
      }
      if (count % BURST > 0) return;
      if (connected) socket.send(confirmation);
      else socket.send(confirmation, from.port, from.address);
    };
  }),
};
