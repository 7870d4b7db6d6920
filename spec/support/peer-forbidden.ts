import * as socket from '../../lib/index.ts';

/** Makes calls that Node forbids this process, and prints the errors as JSON. */
async function main(): Promise<void> {
  const udp = (): socket.Socket => socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  const calls: Record<string, () => unknown> = {
    getaddrinfo: () => socket.getaddrinfo('localhost', 80),
    gethostbyname: () => socket.gethostbyname('localhost'),
    gethostbyaddr: () => socket.gethostbyaddr('127.0.0.1'),
    getnameinfo: () => socket.getnameinfo(['127.0.0.1', 80], 0),
    createConnection: () => socket.createConnection(['127.0.0.1', 1]),
    connect: () => socket.socket().connect(['127.0.0.1', 1]),
    'connect by name': () => socket.socket().connect(['localhost', 1]),
    'connect a path': () => socket.socket(socket.AF_UNIX).connect('/no/such/path'),
    createServer: () => socket.createServer(['127.0.0.1', 0]),
    bind: () => socket.socket().bind(['127.0.0.1', 0]),
    'bind a path': () => socket.socket(socket.AF_UNIX).bind('/forbidden'),
    'bind datagrams': () => udp().bind(['127.0.0.1', 0]),
    sendto: () => udp().sendto('x', ['127.0.0.1', 9]),
    socketpair: () => socket.socketpair(),
  };
  const told: Record<string, unknown> = {};
  for (const [name, call] of Object.entries(calls)) told[name] = await outcome(call);
  console.log(JSON.stringify({ told, withoutAddons: await reason(() => socket.socketpairSync()) }));
}

async function reason(call: () => unknown): Promise<string> {
  try {
    await call();
    return 'allowed';
  } catch (error) {
    return String(error);
  }
}

async function outcome(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return 'allowed';
  } catch (error) {
    return error instanceof socket.OSError ? [error.name, error.errno, error.code] : String(error);
  }
}

void main();
