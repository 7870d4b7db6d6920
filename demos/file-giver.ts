import { open } from 'node:fs/promises';
import * as socket from '../lib/index.ts';
import { command, run } from './support/command.ts';

/**
 * Opens a file and gives it, open, to each program that connects: that program may read it although it could not open it
 * itself. Needs koffi.
 *
 *     npx ts-node demos/file-giver.ts /tmp/giver README.md
 *
 * Then, in another terminal, demos/file-taker.ts.
 */
async function main(path: string, name: string): Promise<void> {
  using server = socket.socket(socket.AF_UNIX);
  server.bind(path);
  server.listen();
  console.log(`listening on ${path}`);
  for (;;) {
    const [conn] = await server.accept();
    void give(conn, name).catch((error: unknown) => console.error(String(error)));
  }
}

async function give(conn: socket.Connection<socket.UnixAddress>, name: string): Promise<void> {
  using closing = conn;
  // A description of its own for each, so that each begins to read at the start.
  const file = await open(name);
  try {
    await socket.sendFds(closing, [name], [file.fd]);
    console.log(`gave ${name}`);
  } finally {
    await file.close();
  }
}

const program = command('file-giver', 'Gives an open file to each program that connects.')
  .argument('<path>', 'the path to listen at')
  .argument('<file>', 'the file to give')
  .parse();
const [path = '', file = ''] = program.args;
run(program.name(), () => main(path, file));
