import { afterEach, describe, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import type { Socket } from '../../lib/index.ts';
import { hasIPv6 } from './network.ts';
import { reservedPort } from './ports.ts';

export const describeWithIPv6 = hasIPv6 ? describe : describe.skip;
export const itWithIPv6 = hasIPv6 ? it : it.skip;

/** Leaves out the rows of families that this machine does not have; a skipped test says so. */
export function available<T extends readonly [name: string, family: number, ...rest: readonly unknown[]]>(
  rows: readonly T[],
): readonly T[] {
  const missing = hasIPv6 ? [] : rows.filter(([, family]) => family === socket.AF_INET6);
  for (const [name] of missing) it.skip(`${name}: this machine has no IPv6`, () => undefined);
  return rows.filter((row) => !missing.includes(row));
}

/** The families that TCP runs over, for `describe.each`. */
export const FAMILIES = available<readonly [name: string, family: number]>([
  ['AF_INET', socket.AF_INET],
  ['AF_INET6', socket.AF_INET6],
]);

const owned: Disposable[] = [];

afterEach(() => {
  for (const one of owned.splice(0)) one[Symbol.dispose]();
});

/** Disposes of something at the end of the test, however the test ends. */
export function own<T extends Disposable>(resource: T): T {
  owned.push(resource);
  return resource;
}

/** A new TCP socket that is closed at the end of the test. */
export function tcp(family: number = socket.AF_INET): Socket {
  return own(socket.socket(family, socket.SOCK_STREAM));
}

/** This machine's own address. */
export function loopback(family: number): string {
  return family === socket.AF_INET6 ? '::1' : '127.0.0.1';
}

/** A socket that is bound to a free port of this machine. */
export function bound(family: number = socket.AF_INET): Socket {
  const one = tcp(family);
  one.bind([loopback(family), 0]);
  return one;
}

/** A socket that listens on a free port of this machine. */
export function listening(family: number = socket.AF_INET, backlog?: number): Socket {
  const listener = bound(family);
  listener.listen(backlog);
  return listener;
}

/** Both ends of a connection: the client, and the accepted socket. */
export async function pair(family: number = socket.AF_INET): Promise<[client: Socket, server: Socket]> {
  const listener = listening(family);
  const client = tcp(family);
  const [, server] = await Promise.all([client.connect(listener.getsockname()), accepted(listener)]);
  listener.close();
  return [client, server];
}

/** The next connection, to be closed at the end of the test. */
export async function accepted(listener: Socket): Promise<Socket> {
  const [connection] = await listener.accept();
  return own(connection);
}

/** The port of a socket that is bound. */
export function portOf(one: Socket): number {
  const port = one.getsockname()[1];
  if (typeof port !== 'number') throw new TypeError('a port was expected');
  return port;
}

/** An address of this machine on which no socket listens. */
export function deserted(family: number = socket.AF_INET): [host: string, port: number] {
  return [loopback(family), reservedPort()];
}

/** C's `struct linger`. */
export function linger(on: number, seconds: number): Buffer {
  return Buffer.from(Int32Array.of(on, seconds).buffer);
}

/** Closes a connection by force: the peer sees a reset. */
export function reset(one: Socket): void {
  one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger(1, 0));
  one.close();
}

/** All bytes up to the end of the stream. */
export async function recvAll(from: { recv(bufsize: number): Promise<Buffer> }, bufsize = 65536): Promise<Buffer> {
  const blocks: Buffer[] = [];
  for (let block = await from.recv(bufsize); block.length > 0; block = await from.recv(bufsize)) blocks.push(block);
  return Buffer.concat(blocks);
}

/**
 * The outcomes of receiving again and again: the number of bytes before each other event, the codes of errors, and 0
 * for each of the first two ends of the stream.
 */
export async function story(from: Socket): Promise<(number | string)[]> {
  const events: (number | string)[] = [];
  while (events.length < 10) {
    const event = await from.recv(65536).then(
      (block) => block.length,
      (error: unknown) => (error instanceof socket.OSError ? String(error.code) : String(error)),
    );
    const last = events.at(-1);
    if (typeof event === 'number' && event > 0 && typeof last === 'number') events[events.length - 1] = last + event;
    else events.push(event);
    if (event === 0 && last === 0) return events;
  }
  return events;
}

/** Waits for so many turns of the event loop, for claims about what must not have happened by then. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Whether a promise is still pending once the event loop has turned often. */
export async function staysPending(promise: Promise<unknown>): Promise<boolean> {
  const settled = promise.then(
    () => false,
    () => false,
  );
  return await Promise.race([settled, turns(100).then(() => true)]);
}

/** More than the kernel holds between two sockets of this machine. */
export const MORE_THAN_THE_KERNEL_HOLDS = 32 * 1024 * 1024;

/**
 * Bytes in which neighbouring blocks always differ: the length of the period is not a multiple of any buffer's size.
 */
export function pattern(length: number): Buffer {
  return Buffer.alloc(length, UNEVEN);
}

const UNEVEN = Buffer.from(Array.from({ length: 251 * 257 }, (_, index) => (index * 31 + (index >> 8) * 7) & 0xff));
