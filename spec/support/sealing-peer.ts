import { readFileSync } from 'node:fs';
import { Duplex } from 'node:stream';
import tls from 'node:tls';
import type * as socket from '../../lib/index.ts';
import { sealRecord } from '../../lib/ssl/alerts.ts';
import type { SSLSocket } from '../../lib/ssl/index.ts';
import { APPLICATION_DATA, CHANGE_CIPHER_SPEC, RecordSplitter } from '../../lib/ssl/records.ts';
import { readServerHello, type ServerHello } from '../../lib/ssl/server-hello.ts';
import { connectedPair } from './peer.ts';
import { turns } from './peer-observed.ts';
import { certificateFile, clientContext, keyFile, serverContext } from './tls-contexts.ts';

export type Role = 'client' | 'server';

/** What the TLS of the peer stands on, which sees each record. */
class Wire extends Duplex {
  serverHello: ServerHello | undefined;
  /** How many records the peer has sealed with the keys of its application data (TLS 1.2: with its only ones). */
  sealed = 0;
  readonly #raw: socket.Socket;
  readonly #role: Role;
  readonly #written = new RecordSplitter();
  #isSealing = false;

  constructor(raw: socket.Socket, role: Role) {
    super();
    this.#raw = raw;
    this.#role = role;
  }

  /** Gives TLS what comes, until it is to stop. */
  async receive(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const bytes = await this.#raw.recv(65_536, 0, { signal }).catch(() => undefined);
      if (bytes !== undefined && bytes.length > 0) this.#take(bytes);
      else return;
    }
  }

  #take(bytes: Buffer): void {
    this.serverHello ??= readServerHello(bytes);
    // In TLS 1.3 a server seals its tickets once the client's Finished has come.
    if (bytes.includes(Buffer.of(APPLICATION_DATA, 3, 3)) && this.serverHello?.version === 0x0304) {
      this.#isSealing = this.#role === 'server';
    }
    this.push(bytes);
  }

  override _read(): void {
    // What comes is pushed.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#written.push(chunk);
    for (let record = this.#written.next(); record !== undefined; record = this.#written.next()) {
      this.serverHello ??= readServerHello(record);
      if (this.#isSealing) this.sealed += 1;
      if (record[0] === CHANGE_CIPHER_SPEC && this.serverHello?.version === 0x0303) this.#isSealing = true;
    }
    this.#written.keep();
    this.#raw.sendall(chunk).then(() => done(), done);
  }
}

/** A peer that shakes hands as it should, and then sends whatever it likes, sealed as it should be. */
export class SealingPeer {
  readonly raw: socket.Socket;
  readonly #role: Role;
  readonly #wire: Wire;
  readonly #keylog: readonly Buffer[];
  #sequence: number;

  private constructor(raw: socket.Socket, role: Role, wire: Wire, keylog: readonly Buffer[]) {
    this.raw = raw;
    this.#role = role;
    this.#wire = wire;
    this.#keylog = keylog;
    this.#sequence = wire.sealed;
  }

  /** One of ours, and such a peer, connected. */
  static async meet(role: Role, version: number): Promise<[ours: SSLSocket, peer: SealingPeer]> {
    const [one, raw] = await connectedPair();
    const wire = new Wire(raw, role);
    const keylog: Buffer[] = [];
    const peer =
      role === 'client'
        ? tls.connect({ socket: wire, rejectUnauthorized: false, servername: 'localhost' })
        : new tls.TLSSocket(wire, {
            isServer: true,
            key: readFileSync(keyFile('server')),
            cert: readFileSync(certificateFile('server')),
          });
    peer.on('keylog', (line: Buffer) => keylog.push(line));
    const isSecure = new Promise<void>((resolve, reject) => {
      peer.once('secure', resolve);
      peer.once('error', reject);
    });
    const controller = new AbortController();
    const receiving = wire.receive(controller.signal);
    const wrapping =
      role === 'client'
        ? serverContext({ version }).wrapSocket(one, { serverSide: true, suppressRaggedEofs: false })
        : clientContext({ version }).wrapSocket(one, { serverHostname: 'localhost', suppressRaggedEofs: false });
    const [ours] = await Promise.all([wrapping, isSecure]);
    // A server of TLS 1.3 sends its tickets now.
    await turns(10);
    controller.abort();
    await receiving;
    return [ours, new SealingPeer(raw, role, wire, keylog)];
  }

  /** A record with such content, sealed as the next one. */
  seal(type: number, content: Buffer): Buffer {
    const serverHello = this.#wire.serverHello;
    if (serverHello === undefined) throw new Error('no ServerHello was seen');
    const protection = { serverHello, keylog: this.#keylog, sender: this.#role, phase: 'application' } as const;
    const record = sealRecord({ type, content }, { ...protection, sequence: this.#sequence });
    if (record === undefined) throw new Error('the record could not be sealed');
    this.#sequence += 1;
    return record;
  }

  [Symbol.dispose](): void {
    this.raw.close();
  }
}
