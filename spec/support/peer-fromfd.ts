import { createInterface } from 'node:readline';
import * as socket from '../../lib/index.ts';

/**
 * A program that is handed a descriptor: `peer-fromfd <what> <fd> <family> <type>`. It takes the descriptor over once
 * it has read a line of standard input, so that clients or bytes have arrived by then. It prints what it sees, one JSON
 * value a line.
 */
async function main(what: string, ...numbers: readonly number[]): Promise<void> {
  if (!['activated', 'accepted'].includes(what))
    await new Promise((resolve) => createInterface(process.stdin).once('line', resolve));
  process.stdin.destroy();
  const [fd = 3, family = -1, type = -1] = numbers;
  try {
    const one = new socket.Socket(family, type, -1, fd);
    const listens = one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN);
    tell({ kind: [one.family, one.type, one.proto], fd: one.fileno(), local: one.getsockname(), listens });
    if (what === 'bound') {
      one.listen();
      tell('listening');
    }
    if (one.type === socket.SOCK_DGRAM) await answer(one);
    else if (['connected', 'accepted'].includes(what)) await echo(one);
    else await serve(one);
    one.close();
    tell('closed');
  } catch (error) {
    tell(error instanceof socket.OSError ? [error.code, error.message] : String(error));
  }
}

function tell(value: unknown): void {
  console.log(JSON.stringify(value));
}

async function serve(listener: socket.Socket): Promise<void> {
  const [conn, address] = await listener.accept();
  tell({ from: address, remote: conn.getpeername(), local: conn.getsockname() });
  await echo(conn);
}

async function echo(conn: socket.Socket): Promise<void> {
  for (let block = await conn.recv(1024); block.length > 0; block = await conn.recv(1024)) {
    await conn.sendall(`${block.toString()} back`);
  }
  tell({ remote: conn.getpeername() });
  conn.close();
}

async function answer(one: socket.Socket): Promise<void> {
  const [data, from] = await one.recvfrom(1024);
  if (from === null) throw new Error('the datagram has no sender');
  await one.sendto(`${data.toString()} back`, from);
  tell({ from });
}

const [what = '', ...numbers] = process.argv.slice(2);
void main(what, ...numbers.map(Number));
