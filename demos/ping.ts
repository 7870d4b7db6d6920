import { randomBytes } from 'node:crypto';
import * as socket from '../lib/index.ts';
import { command, integerFrom, run, timeLimit } from './support/command.ts';

/**
 * Sends echo requests of ICMP, and prints how long the answers took. Linux allows that to the groups of
 * net.ipv4.ping_group_range; otherwise it takes a raw socket and the right to make one. Needs koffi.
 *
 *     npx ts-node demos/ping.ts localhost --count 3
 */

interface Options {
  readonly count: number;
  readonly timeout: number;
}

const ECHO_REQUEST = 8;
const ECHO_REPLY = 0;
const HEADER = 8;

async function main(host: string, { count, timeout }: Options): Promise<void> {
  const address = await socket.gethostbyname(host);
  const [sock, isRaw] = pingSocket();
  using closing = sock;
  closing.settimeout(timeout);
  const content = randomBytes(48);
  let answers = 0;
  for (let sequence = 1; sequence <= count; sequence += 1) {
    const start = performance.now();
    await closing.sendto(request(sequence, content), [address, 0]);
    const size = await answer(closing, isRaw, sequence, content);
    if (size === undefined) {
      console.log(`no answer from ${address}: seq=${sequence}`);
      continue;
    }
    answers += 1;
    console.log(`${size} bytes from ${address}: seq=${sequence} time=${(performance.now() - start).toFixed(2)} ms`);
  }
  console.log(`${count} sent, ${answers} answered`);
  if (answers === 0) process.exitCode = 1;
}

/** A socket for echo requests, and whether it gives whole packets of IP. */
function pingSocket(): [socket.Socket, isRaw: boolean] {
  try {
    return [socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP), false];
  } catch (error) {
    if (!(error instanceof socket.PermissionError)) throw error;
    return [socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP), true];
  }
}

/** An echo request (RFC 792); the kernel fills in the identifier of a socket that is not raw. */
function request(sequence: number, content: Buffer): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt8(ECHO_REQUEST, 0);
  header.writeUInt16BE(process.pid & 0xffff, 4);
  header.writeUInt16BE(sequence & 0xffff, 6);
  const packet = Buffer.concat([header, content]);
  packet.writeUInt16BE(checksum(packet), 2);
  return packet;
}

/** The size of the answer to a request; `undefined` where none came in time. A raw socket sees those of others, too. */
async function answer(
  sock: socket.Socket,
  isRaw: boolean,
  sequence: number,
  content: Buffer,
): Promise<number | undefined> {
  const limit = sock.gettimeout() ?? 0;
  const signal = AbortSignal.timeout(limit * 1000);
  for (;;) {
    try {
      const packet = await sock.recv(1500, { signal });
      const message = isRaw ? packet.subarray(4 * ((packet[0] ?? 0) & 0xf)) : packet;
      const isOurs = message.length >= HEADER && message.subarray(HEADER).equals(content);
      if (isOurs && message[0] === ECHO_REPLY && message.readUInt16BE(6) === sequence) return message.length;
    } catch (error) {
      if (error instanceof socket.TimeoutError || signal.aborted) return undefined;
      throw error;
    }
  }
}

/** The Internet checksum (RFC 1071). */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

const program = command('ping', 'Asks a host for echoes.')
  .argument('<host>', 'the host to ask')
  .option('--count <count>', 'how many requests to send', integerFrom(1, 1000), 3)
  .option('--timeout <seconds>', 'how long to wait for an answer', timeLimit, 1)
  .parse();
const [host = ''] = program.args;
run(program.name(), () => main(host, program.opts<Options>()));
