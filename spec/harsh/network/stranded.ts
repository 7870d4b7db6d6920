/**
 * Calls that wait at the near end while the cable is broken: `stranded.ts LIMITS` prints `ready`, and takes the lines
 * `broken`, which starts the clock and the calls, `mended`, and `end`. It prints how each call ends, in JSON.
 */
import * as socket from '../../../lib/index.ts';
import { FAR } from './cable.ts';
import { toldLines } from '../child.ts';
import { bytesOf, connect, roundTrip } from './near.ts';
import { TCP_PORT } from './ports.ts';

/** Time limits; those of the kernel in seconds, as the options take them. */
export interface Limits {
  readonly idle: number;
  readonly interval: number;
  readonly count: number;
  /** TCP_USER_TIMEOUT, in seconds. */
  readonly user: number;
  /** settimeout(). */
  readonly limit: number;
}

/** The calls, by what watches over them. */
export const CALLS = {
  alive: 'keepalive; nothing under way',
  aliveBusy: 'keepalive; a byte under way',
  user: '`TCP_USER_TIMEOUT`; nothing under way',
  userBusy: '`TCP_USER_TIMEOUT`; a byte under way',
  both: 'both; nothing under way',
  bothBusy: 'both; a byte under way',
  timed: '`settimeout()`; `recv()`',
  timedBusy: '`settimeout()`; `sendall()` of 16 MB',
  connect: '`settimeout()`; `connect()`',
  tcp: 'nothing; requests and answers over TCP',
  tls: 'nothing; requests and answers over TLS',
  again: 'the socket whose `recv()` has timed out, used again',
  fresh: 'a new connection',
} as const;

export type CallName = keyof typeof CALLS;

/** How a call has ended. */
export interface Notice {
  readonly name: string;
  readonly outcome: string;
  /** The seconds since the cable was broken. */
  readonly after: number;
  /** The seconds since it was mended; `null` where it was not yet. */
  readonly afterMend: number | null;
}

let brokenAt = 0;
let mendedAt: number | undefined;

/** Prints when a call ends, and how. */
function watch(name: string, call: Promise<unknown>): void {
  const note = (outcome: string): void => {
    const now = performance.now();
    const afterMend = mendedAt === undefined ? null : (now - mendedAt) / 1000;
    const notice: Notice = { name, outcome, after: (now - brokenAt) / 1000, afterMend };
    console.log(JSON.stringify(notice));
  };
  call.then(
    () => note('done'),
    (error: unknown) => note(error instanceof socket.OSError ? (error.code ?? error.name) : String(error)),
  );
}

function keepAlive(sock: socket.Socket, { idle, interval, count }: Limits): void {
  sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1);
  sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, idle);
  sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, interval);
  sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, count);
}

function timeLimit(sock: socket.Socket, { limit }: Limits): void {
  sock.settimeout(limit);
}

function userTimeout(sock: socket.Socket, { user }: Limits): void {
  sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, user * 1000);
}

/** Sends and receives, until a round was begun after the cable was mended. */
async function traffic(secure: boolean): Promise<void> {
  using sock = await connect(secure);
  for (let round = 0; mendedAt === undefined; round += 1) {
    await roundTrip(sock, bytesOf(10_000, round));
    // Traffic goes on all the while that the cable is pulled; without a pause it would be nothing but load.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await roundTrip(sock, bytesOf(10_000, -1));
}

async function main(limits: Limits): Promise<void> {
  const told = toldLines();
  const open = async (...prepare: ((sock: socket.Socket, limits: Limits) => void)[]): Promise<socket.Socket> => {
    const sock = await connect(false);
    await roundTrip(sock, Buffer.from('hello'));
    for (const one of prepare) one(sock, limits);
    return sock;
  };
  const [alive, aliveBusy] = [await open(keepAlive), await open(keepAlive)];
  const [user, userBusy] = [await open(userTimeout), await open(userTimeout)];
  const [both, bothBusy] = [await open(keepAlive, userTimeout), await open(keepAlive, userTimeout)];
  const [timed, timedBusy] = [await open(timeLimit), await open(timeLimit)];
  const streams = [traffic(false), traffic(true)] as const;
  console.log('ready');
  await told();

  brokenAt = performance.now();
  for (const sock of [aliveBusy, userBusy, bothBusy]) await sock.sendall('x');
  watch(CALLS.alive, alive.recv(1));
  watch(CALLS.aliveBusy, aliveBusy.recv(1));
  watch(CALLS.user, user.recv(1));
  watch(CALLS.userBusy, userBusy.recv(1));
  watch(CALLS.both, both.recv(1));
  watch(CALLS.bothBusy, bothBusy.recv(1));
  watch(CALLS.timed, timed.recv(1));
  watch(CALLS.timedBusy, timedBusy.sendall(Buffer.alloc(16_000_000)));
  const late = socket.socket();
  timeLimit(late, limits);
  watch(CALLS.connect, late.connect([FAR, TCP_PORT]));
  watch(CALLS.tcp, streams[0]);
  watch(CALLS.tls, streams[1]);
  await told();

  mendedAt = performance.now();
  // The socket whose receive has timed out is as good as before.
  timed.settimeout(null);
  watch(CALLS.again, roundTrip(timed, Buffer.from('again')));
  watch(
    CALLS.fresh,
    connect(false).then((sock) => sock.close()),
  );
  await told();
  process.exit();
}

if (require.main === module) void main(JSON.parse(process.argv[2] ?? '{}') as Limits);
