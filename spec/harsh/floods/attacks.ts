import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { SIGNATURE } from '../../../lib/proxy-protocol/version-2.ts';
import type { Ports } from './server.ts';

/** How much of an attack there is. */
export interface Force {
  readonly connections: number;
  /** How long it lasts. */
  readonly seconds: number;
}

/** What strangers may do to a server. They use Node's own sockets, and read only what they are told to. */
export interface Attack {
  readonly does: string;
  readonly run: (ports: Ports, force: Force) => Promise<void>;
  /** The most memory that one of its connections may take, in bytes, as the table of bounds in docs/reliability.md says. */
  readonly each: number;
  /** How many connections there are at most, in full. */
  readonly connections: number;
}

const KIB = 1024;

/** A socket, and OpenSSL's memory for a handshake. */
const SOCKET = 8 * KIB;
const TLS = 128 * KIB;
const READ_AHEAD = 320 * KIB;

const BLOCK = Buffer.alloc(64 * KIB, 'x');

/** Opens connections, and does with each what is to be done; the result closes them. */
async function crowd(port: number, count: number, begin: (sock: net.Socket) => void): Promise<() => void> {
  const all: net.Socket[] = [];
  for (let index = 0; index < count; index += 1) {
    const sock = net.connect({ port, host: '127.0.0.1', noDelay: true });
    // What becomes of it is the server's affair.
    sock.on('error', () => undefined);
    all.push(sock);
    await Promise.race([once(sock, 'connect'), once(sock, 'close')]).catch(() => undefined);
    begin(sock);
  }
  return () => {
    for (const sock of all) sock.destroy();
  };
}

/** A crowd that stays for the time of the attack. */
async function stay({ connections, seconds }: Force, port: number, begin: (sock: net.Socket) => void): Promise<void> {
  const leave = await crowd(port, connections, begin);
  await delay(1000 * seconds);
  leave();
}

/** Writes the same bytes without end, as fast as they are taken. */
function pour(sock: net.Socket, bytes: Buffer = BLOCK): void {
  const more = (error?: Error | null): void => {
    if (error === undefined || error === null) sock.write(bytes, more);
  };
  more();
}

/** Writes a byte from time to time: too often for a time limit of each receive. */
function trickle(sock: net.Socket, start: Buffer, byte: string): void {
  sock.write(start);
  const timer = setInterval(() => sock.write(byte), 5);
  sock.once('close', () => clearInterval(timer));
}

/** A record of a handshake that begins a ClientHello of so many bytes. */
function helloOf(length: number, sent: number): Buffer {
  const message = Buffer.alloc(4 + sent);
  message.writeUInt8(1);
  message.writeUIntBE(length, 1, 3);
  const header = Buffer.from([22, 3, 1, 0, 0]);
  header.writeUInt16BE(message.length, 3);
  return Buffer.concat([header, message]);
}

/** A header of version 2 that announces so many bytes. */
function headerOf(length: number): Buffer {
  const rest = Buffer.from([0x21, 0x11, 0, 0]);
  rest.writeUInt16BE(length, 2);
  return Buffer.concat([SIGNATURE, rest]);
}

export const ATTACKS: readonly Attack[] = [
  {
    does: 'silent clients',
    connections: 3000,
    each: SOCKET,
    run: ({ lines }, force) => stay(force, lines, () => undefined),
  },
  {
    does: 'lines without end, into `recvLine(65536)`',
    connections: 50,
    each: READ_AHEAD,
    run: ({ lines }, force) => stay(force, lines, (sock) => pour(sock)),
  },
  {
    does: 'lines without end, into a file’s `readline(65536)`',
    connections: 50,
    each: READ_AHEAD,
    run: ({ files }, force) => stay(force, files, (sock) => pour(sock)),
  },
  {
    does: 'lines that come byte by byte, into `recvLine()`',
    connections: 500,
    each: SOCKET + 64 * KIB,
    run: ({ lines }, force) => stay(force, lines, (sock) => trickle(sock, Buffer.alloc(0), 'x')),
  },
  {
    does: 'clients that ask for 16 MB, and do not read',
    connections: 500,
    each: SOCKET,
    run: ({ download }, force) => stay(force, download, (sock) => void sock.pause()),
  },
  {
    does: 'datagrams of 1,400 bytes, as fast as they go',
    connections: 4,
    each: 256 * KIB,
    run: async ({ datagrams }: Ports, { connections, seconds }: Force): Promise<void> => {
      const end = performance.now() + 1000 * seconds;
      const datagram = Buffer.alloc(1400);
      await Promise.all(
        Array.from({ length: connections }, async () => {
          const sock = createSocket('udp4');
          sock.on('message', () => undefined);
          while (performance.now() < end) {
            await new Promise((resolve) => sock.send(datagram, datagrams, '127.0.0.1', resolve));
          }
          sock.close();
        }),
      );
    },
  },
  {
    does: 'handshakes of TLS that never begin',
    connections: 1000,
    each: SOCKET,
    run: ({ tls }, force) => stay(force, tls, () => undefined),
  },
  {
    does: 'handshakes of TLS that stop within a message of 128 KiB',
    connections: 200,
    each: SOCKET + 512 * KIB,
    run: ({ tls }, force) =>
      stay(force, tls, (sock) => {
        for (let sent = 0; sent < 120; sent += 1) sock.write(sent === 0 ? helloOf(131_000, 1000) : continued(1000));
      }),
  },
  {
    does: 'records of TLS with one byte each, and nothing read',
    connections: 50,
    each: SOCKET + TLS + READ_AHEAD,
    run: ({ tls }, force) => overTls(force, tls, Buffer.from('\n')),
  },
  {
    does: 'records of TLS of 16 KiB that make one line without end',
    connections: 50,
    each: SOCKET + TLS + READ_AHEAD,
    run: ({ tls }, force) => overTls(force, tls, Buffer.alloc(16 * KIB, 'x')),
  },
  {
    does: 'PROXY headers that come byte by byte and never end',
    connections: 1000,
    each: SOCKET + 32 * KIB,
    run: ({ proxy }, force) => stay(force, proxy, (sock) => trickle(sock, headerOf(16_000), '\0')),
  },
  {
    does: 'connections that are never accepted, full of data',
    connections: 4096,
    each: SOCKET,
    run: ({ unaccepted }, force) => stay(force, unaccepted, (sock) => pour(sock)),
  },
];

/** A record that goes on with a message. */
function continued(length: number): Buffer {
  const header = Buffer.from([22, 3, 1, 0, 0]);
  header.writeUInt16BE(length, 3);
  return Buffer.concat([header, Buffer.alloc(length)]);
}

/** Handshakes as they should be, and then the same bytes without end. */
async function overTls(force: Force, port: number, bytes: Buffer): Promise<void> {
  await stay(force, port, (sock) => {
    const secure = connectTls({ socket: sock, rejectUnauthorized: false });
    secure.on('error', () => undefined);
    const more = (error?: Error | null): void => {
      if (error === undefined || error === null) secure.write(bytes, more);
    };
    secure.once('secureConnect', () => {
      secure.pause();
      more();
    });
  });
}
