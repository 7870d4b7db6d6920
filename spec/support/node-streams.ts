import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { Duplex, PassThrough } from 'node:stream';
import tls from 'node:tls';
import { afterEach } from '@jest/globals';
import type { SocketDuplex } from '../../lib/index.ts';
import { certificateFile, keyFile } from './tls-contexts.ts';
import { serving } from './node-servers.ts';

const streams: Duplex[] = [];

afterEach(() => {
  for (const stream of streams.splice(0)) stream.on('error', () => undefined).destroy();
});

/** Destroys a stream at the end of the test. */
export function ownStream<T extends Duplex>(stream: T): T {
  streams.push(stream);
  return stream;
}

/** A stream of ours for a library whose types ask for a `net.Socket`; they differ under exactOptionalPropertyTypes alone. */
export function asNetSocket(stream: SocketDuplex): net.Socket {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- it has what libraries use of one
  return stream as net.Socket;
}

/** Both ends of a connection of Node's, by TCP or, with a path, by a Unix socket. */
export async function netPair(path?: string): Promise<[client: net.Socket, server: net.Socket]> {
  const server = net.createServer({ allowHalfOpen: false });
  const { port } = await serving(server, path);
  const client = path === undefined ? net.connect(port, '127.0.0.1') : net.connect(path);
  const [[accepted]] = (await Promise.all([once(server, 'connection'), once(client, 'connect')])) as [
    [net.Socket],
    unknown,
  ];
  return [ownStream(client), ownStream(accepted)];
}

/** Both ends of a connection of `node:tls`. */
export async function nodeTlsPair(): Promise<[client: tls.TLSSocket, server: tls.TLSSocket]> {
  const server = tls.createServer({
    cert: readFileSync(certificateFile('server')),
    key: readFileSync(keyFile('server')),
  });
  const { port } = await serving(server);
  const ca = readFileSync(certificateFile('ca'));
  const client = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', ca });
  const [[accepted]] = (await Promise.all([once(server, 'secureConnection'), once(client, 'secureConnect')])) as [
    [tls.TLSSocket],
    unknown,
  ];
  return [ownStream(client), ownStream(accepted)];
}

/** One end of a pair in memory. */
class End extends Duplex {
  readonly #input: PassThrough;
  readonly #output: PassThrough;
  #wantsMore = false;

  constructor(input: PassThrough, output: PassThrough) {
    super({ allowHalfOpen: false });
    this.#input = input;
    this.#output = output;
    input.on('readable', () => this.#pass()).on('end', () => this.push(null));
  }

  override _read(): void {
    this.#wantsMore = true;
    this.#pass();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.#output.destroyed) done(Object.assign(new Error('the other end has gone'), { code: 'EPIPE' }));
    else if (this.#output.write(chunk)) done();
    else this.#output.once('drain', done);
  }

  override _final(done: () => void): void {
    this.#output.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#input.destroy();
    if (!this.#output.writableEnded) this.#output.end();
    done(error);
  }

  #pass(): void {
    while (this.#wantsMore) {
      const chunk: unknown = this.#input.read();
      if (chunk === null) return;
      this.#wantsMore = this.push(chunk);
    }
  }
}

/** Two streams in memory that are connected with each other; they have no addresses. */
export function memoryPair(): [Duplex, Duplex] {
  const [there, back] = [new PassThrough(), new PassThrough()];
  return [ownStream(new End(back, there)), ownStream(new End(there, back))];
}
