import * as socket from '../../lib/index.ts';

/**
 * Prints the outcome of addresses with zones and scope ids, one JSON value for each `[host, scope id]` that it is
 * given; peer-scopes.py does the same with Python.
 */
async function main(addresses: readonly (readonly [host: string, scopeid: number])[]): Promise<void> {
  const told: unknown[] = [];
  for (const [host, scopeid] of addresses) {
    told.push({ tcp: await outcome(() => overTCP(host, scopeid)), udp: await outcome(() => overUDP(host, scopeid)) });
  }
  console.log(JSON.stringify(told));
}

async function outcome(call: () => Promise<unknown>): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    return error instanceof socket.OSError ? error.errno : String(error);
  }
}

async function overTCP(host: string, scopeid: number): Promise<unknown> {
  using listener = socket.createServer([host, 0, 0, scopeid], { family: socket.AF_INET6 });
  const local = listener.getsockname();
  const address: socket.Inet6Address = [host, local[1], 0, scopeid];
  using client = socket.socket(socket.AF_INET6);
  const errno = await client.connectEx(address);
  using other = socket.socket(socket.AF_INET6);
  await other.connect(address);
  return [local[0], local[3], errno, client.getpeername()[3], other.getpeername()[0]];
}

async function overUDP(host: string, scopeid: number): Promise<unknown> {
  using receiver = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM);
  receiver.bind([host, 0, 0, scopeid]);
  const local = receiver.getsockname();
  const address: socket.Inet6Address = [host, local[1], 0, scopeid];
  using sender = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM);
  await sender.sendto('x', address);
  const [data, from] = await receiver.recvfrom(10);
  using connected = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM);
  await connected.connect(address);
  return [local[0], local[3], String(data), from?.[0], from?.[3], connected.getpeername()[3]];
}

void main(JSON.parse(process.argv[2] ?? '[]') as [string, number][]);
