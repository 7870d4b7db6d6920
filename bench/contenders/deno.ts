import { Clock, LINES, type ClientSettings, type Contender, type Measured, type Server, type Where } from '../tasks.ts';

/**
 * Deno with its own calls, whose reads and writes are awaited as this library's are. Its datagrams are not stable yet.
 */

interface Connection {
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
  /** Over TCP. */
  setNoDelay?(on: boolean): void;
}

interface Listener extends AsyncIterable<Connection> {
  readonly addr: { readonly port?: number };
  close(): void;
}

type Place =
  { readonly transport: 'unix'; readonly path: string } | { readonly hostname: string; readonly port: number };

declare const Deno: { connect(place: Place): Promise<Connection>; listen(place: Place): Listener };

function placeOf(where: Where): Place {
  return 'path' in where ? { transport: 'unix', path: where.path } : { hostname: where.host, port: where.port };
}

async function connected(where: Where): Promise<Connection> {
  const connection = await Deno.connect(placeOf(where));
  connection.setNoDelay?.(true);
  return connection;
}

async function writeAll(connection: Connection, bytes: Uint8Array): Promise<void> {
  let written = await connection.write(bytes);
  while (written < bytes.length) written += await connection.write(bytes.subarray(written));
}

async function echo({ where, size, span }: ClientSettings): Promise<Measured> {
  const connection = await connected(where);
  const message = new Uint8Array(size).fill(1);
  const buffer = new Uint8Array(size);
  const clock = new Clock(span);
  let count = 0;
  for (; !clock.isOver(); count += 1) {
    await writeAll(connection, message);
    await connection.read(buffer);
  }
  const measured = clock.measured(count);
  connection.close();
  return measured;
}

async function receive({ where, size, span }: ClientSettings): Promise<Measured> {
  const connection = await connected(where);
  const buffer = new Uint8Array(size);
  const clock = new Clock(span);
  let count = 0;
  while (!clock.isOver()) count += (await connection.read(buffer)) ?? 0;
  const measured = clock.measured(count);
  connection.close();
  return measured;
}

async function send({ where, size, span }: ClientSettings): Promise<Measured> {
  const connection = await connected(where);
  const chunk = new Uint8Array(size).fill(1);
  const clock = new Clock(span);
  let count = 0;
  for (; !clock.isOver(); count += size) await writeAll(connection, chunk);
  await connection.closeWrite();
  await connection.read(new Uint8Array(1));
  const measured = clock.measured(count);
  connection.close();
  return measured;
}

/** Connects again and again; `visit` uses each connection. */
function visiting(
  visit: (connection: Connection, buffer: Uint8Array) => Promise<unknown>,
): (settings: ClientSettings) => Promise<Measured> {
  return async ({ where, span }) => {
    const buffer = new Uint8Array(1);
    const clock = new Clock(span);
    let count = 0;
    for (; !clock.isOver(); count += 1) {
      const connection = await connected(where);
      await visit(connection, buffer);
      connection.close();
    }
    return clock.measured(count);
  };
}

function listening(serve: (connection: Connection) => Promise<void>): (settings: { where: Where }) => Promise<Server> {
  return async ({ where }) => {
    const listener = Deno.listen(placeOf(where));
    const accepting = (async () => {
      for await (const connection of listener) void serving(connection, serve);
    })();
    const { port } = listener.addr;
    return {
      where: 'path' in where || port === undefined ? where : { host: where.host, port },
      stop: async () => {
        listener.close();
        await accepting;
      },
    };
  };
}

/** Serves a connection; one that fails is only closed. */
async function serving(connection: Connection, serve: (connection: Connection) => Promise<void>): Promise<void> {
  connection.setNoDelay?.(true);
  await serve(connection).catch(() => undefined);
  connection.close();
}

const REQUEST = new TextEncoder().encode('?');

export const clients: Contender['clients'] = {
  echo,
  receive,
  send,
  connect: visiting(async () => undefined),
  visit: visiting(async (connection, buffer) => await connection.read(buffer)),
  'first-byte': visiting(async (connection, buffer) => {
    await connection.write(REQUEST);
    await connection.read(buffer);
  }),
};

export const servers: Contender['servers'] = {
  echo: listening(async (connection) => {
    const buffer = new Uint8Array(65_536);
    for (let length = await connection.read(buffer); length !== null; length = await connection.read(buffer)) {
      await writeAll(connection, buffer.subarray(0, length));
    }
  }),
  source: listening(async (connection) => {
    for (;;) await writeAll(connection, LINES);
  }),
  sink: listening(async (connection) => {
    const buffer = new Uint8Array(65_536);
    while ((await connection.read(buffer)) !== null);
  }),
  accept: listening(async () => undefined),
};
