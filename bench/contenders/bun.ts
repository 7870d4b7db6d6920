import { Clock, LINES, type ClientSettings, type Contender, type Measured, type Server, type Where } from '../tasks.ts';
import { consume } from './net.ts';

/** Bun with its own sockets, whose events come to handlers. */

interface Connection {
  /** Returns how many bytes the kernel has taken; the rest has to be written again at 'drain'. */
  write(bytes: Uint8Array): number;
  shutdown(): void;
  end(): void;
  setNoDelay(on: boolean): void;
}

interface Handlers {
  readonly open?: (connection: Connection) => void;
  readonly data?: (connection: Connection, bytes: Buffer) => void;
  readonly drain?: (connection: Connection) => void;
  readonly close?: (connection: Connection) => void;
  readonly error?: (connection: Connection, error: Error) => void;
}

type Place = { readonly unix: string } | { readonly hostname: string; readonly port: number };

interface Listener {
  readonly port?: number;
  stop(closing: boolean): void;
}

declare const Bun: {
  connect(options: Place & { readonly socket: Handlers }): Promise<Connection>;
  listen(options: Place & { readonly socket: Handlers }): Listener;
};

function placeOf(where: Where): Place {
  return 'path' in where ? { unix: where.path } : { hostname: where.host, port: where.port };
}

async function connect(where: Where, socket: Handlers): Promise<Connection> {
  const connection = await Bun.connect({ ...placeOf(where), socket: { data: () => undefined, ...socket } });
  if (!('path' in where)) connection.setNoDelay(true);
  return connection;
}

/** Opens a connection, and closes it when the measurement is done. */
async function measuring(
  where: Where,
  measure: (done: (measured: Measured) => void) => { handlers: Handlers; start?: (connection: Connection) => void },
): Promise<Measured> {
  let connection: Connection | undefined;
  const measured = await new Promise<Measured>((resolve, reject) => {
    const { handlers, start } = measure(resolve);
    connect(where, { ...handlers, error: (_connection, error) => reject(error) }).then((opened) => {
      connection = opened;
      start?.(opened);
    }, reject);
  });
  connection?.end();
  return measured;
}

async function echo({ where, size, span }: ClientSettings): Promise<Measured> {
  return await measuring(where, (done) => {
    const message = Buffer.alloc(size, 'm');
    const clock = new Clock(span);
    let count = 0;
    const data = (connection: Connection): void => {
      count += 1;
      if (clock.isOver()) done(clock.measured(count));
      else connection.write(message);
    };
    return { handlers: { data }, start: (connection) => connection.write(message) };
  });
}

async function receive({ where, size, span }: ClientSettings): Promise<Measured> {
  return await measuring(where, (done) => {
    const clock = new Clock(span);
    let count = 0;
    const data = (_connection: Connection, bytes: Buffer): void => {
      count += consume(bytes, size);
      if (clock.isOver()) done(clock.measured(count));
    };
    return { handlers: { data } };
  });
}

async function send({ where, size, span }: ClientSettings): Promise<Measured> {
  return await measuring(where, (done) => {
    const chunk = Buffer.alloc(size, 'm');
    const clock = new Clock(span);
    let count = 0;
    const goesOn = (): boolean => {
      if (clock.isOver()) return false;
      count += size;
      return true;
    };
    const drain = writing(chunk, goesOn, (connection) => connection.shutdown());
    return { handlers: { drain, close: () => done(clock.measured(count)) }, start: drain };
  });
}

/** Returns a function that writes one chunk again and again while `goesOn()`: call it at the start and at 'drain'. */
function writing(
  chunk: Buffer,
  goesOn: () => boolean,
  onEnd?: (connection: Connection) => void,
): (connection: Connection) => void {
  let missing = 0;
  let isOver = false;
  return (connection) => {
    if (isOver) return;
    while (missing > 0 || goesOn()) {
      if (missing === 0) missing = chunk.length;
      missing -= Math.max(0, connection.write(chunk.subarray(chunk.length - missing)));
      if (missing > 0) return;
    }
    isOver = true;
    onEnd?.(connection);
  };
}

/** Connects again and again; `visit` calls back when it is done with a connection. */
function visiting(
  visit: (done: () => void) => { handlers: Handlers; start?: (connection: Connection) => void },
): (settings: ClientSettings) => Promise<Measured> {
  return async ({ where, span }) => {
    const clock = new Clock(span);
    let count = 0;
    for (; !clock.isOver(); count += 1) {
      await measuring(where, (done) => visit(() => done(clock.measured(count))));
    }
    return clock.measured(count);
  };
}

function listening(handlers: () => Handlers): (settings: { where: Where }) => Promise<Server> {
  return async ({ where }) => {
    const { open, ...others } = handlers();
    const listener = Bun.listen({
      ...placeOf(where),
      socket: {
        data: () => undefined,
        error: (connection) => connection.end(),
        ...others,
        open: (connection) => {
          if (!('path' in where)) connection.setNoDelay(true);
          open?.(connection);
        },
      },
    });
    return {
      where: 'path' in where || listener.port === undefined ? where : { host: where.host, port: listener.port },
      stop: async () => listener.stop(true),
    };
  };
}

export const clients: Contender['clients'] = {
  echo,
  receive,
  send,
  connect: visiting((done) => ({ handlers: {}, start: done })),
  visit: visiting((done) => ({ handlers: { close: done } })),
  'first-byte': visiting((done) => ({ handlers: { data: done }, start: (connection) => connection.write(REQUEST) })),
};

const REQUEST = Buffer.from('?');

export const servers: Contender['servers'] = {
  echo: listening(() => ({ data: (connection, bytes) => void connection.write(bytes) })),
  source: listening(() => {
    const drain = writing(LINES, () => true);
    return { open: drain, drain };
  }),
  sink: listening(() => ({})),
  accept: listening(() => ({ open: (connection) => connection.end() })),
};
