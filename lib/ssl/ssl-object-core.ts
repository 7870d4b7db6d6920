import type { X509Certificate } from 'node:crypto';
import { memoryFailure } from '../core/memory.ts';
import { Lock } from '../files/lock.ts';
import { ByteQueue } from '../queues/byte-queue.ts';
import type { Failure } from '../transports/failure.ts';
import { channelBindingOf } from './agreed.ts';
import type { EngineHost, TlsEngine } from './engine.ts';
import { openEngine, type EngineSource } from './engine-source.ts';
import { brokenEof, handshakeBroken, wantRead, zeroReturn } from './errors.ts';
import { append, type MemoryBIO } from './memory-bio.ts';
import { RecordSplitter } from './records.ts';
import { cutShort, errorOf, isAlert, isInHandshake, isShutDown, unreadData } from './tls-failures.ts';

const NOTHING = Buffer.alloc(0);

/**
 * After so many turns of the event loop without a sign of the engine it has nothing left to do.
 *
 * Node does TLS on this thread, and waits for nothing but the bytes that it is given. What one step leaves to another it
 * queues by `process.nextTick()`, which comes before the next turn, or by `setImmediate()`, which comes in the next turn
 * (lib/internal/js_stream_socket.js, src/crypto/crypto_tls.cc). A step shows itself by a call of the host, but for the
 * end of a write that was the engine's own, such as one of the handshake: that is one turn without a sign, after which
 * a step follows that shows itself, or none. An immediate of ours may run before the engine's in each turn, hence one
 * more.
 */
const QUIET_TURNS = 3;

/** The two ends of the memory, and where the engine comes from. */
export interface BioEnds {
  readonly incoming: MemoryBIO;
  readonly outgoing: MemoryBIO;
  readonly isServer: boolean;
  /** Gives the engine's source, when the handshake begins. */
  readonly source: () => EngineSource;
}

/**
 * TLS between two MemoryBIOs. A call feeds the engine with records until it has what it wants, or there are none; it
 * waits for the engine alone, and never for the peer. Calls take turns, as in Python, where each is over when it
 * returns.
 */
export class SSLObjectCore implements EngineHost {
  readonly #ends: BioEnds;
  readonly #records = new RecordSplitter();
  readonly #plain = new ByteQueue();
  #source: EngineSource | undefined;
  #engine: TlsEngine | undefined;
  #isEstablished = false;
  #isClosedByPeer = false;
  #isClosed = false;
  #certificate: X509Certificate | undefined;
  #binding: Buffer | null = null;
  /** What broke TLS, and no call has raised yet. */
  #failure: Failure | undefined;
  /** How TLS broke, once a call has raised it: by an alert of the peer's, or otherwise. */
  #broken: 'alert' | 'other' | undefined;
  /** Counts the calls of the engine. */
  #signs = 0;
  #onWritten: (() => void) | undefined;
  /** Calls take turns. */
  readonly #lock = new Lock();

  constructor(ends: BioEnds) {
    this.#ends = ends;
  }

  /** The engine, once the handshake is done, and while TLS is not broken. */
  get engine(): TlsEngine | undefined {
    return this.#isEstablished && this.#broken === undefined ? this.#engine : undefined;
  }

  /** Whether the handshake was done, whatever came later. */
  get isEstablished(): boolean {
    return this.#isEstablished;
  }

  /** The peer's certificate; `null` where it has shown none. */
  get certificate(): X509Certificate | null {
    return this.#certificate ?? null;
  }

  get channelBinding(): Buffer | null {
    return this.#binding;
  }

  /** How many bytes are decrypted that no call has read. */
  get pending(): number {
    return this.#broken === undefined ? this.#plain.length : 0;
  }

  /** Does the handshake. */
  doHandshake(): Promise<void> {
    return this.#inTurn(() => this.#shakeHands('doHandshake'));
  }

  /** Reads at most so many bytes; none where the peer has ended its output. */
  read(size: number): Promise<Buffer> {
    return this.#inTurn(async () => ((await this.#hasText()) ? this.#plain.take(size) : NOTHING));
  }

  /** Reads as many bytes as the memory has room for. */
  readInto(target: Buffer): Promise<number> {
    const { length } = target;
    return this.#inTurn(async () => {
      if (!(await this.#hasText())) return 0;
      if (target.length !== length) throw errorOf(memoryFailure(), 'read');
      return this.#plain.takeInto(target);
    });
  }

  /** Encrypts bytes. */
  write(bytes: Buffer): Promise<number> {
    const { length } = bytes;
    return this.#inTurn(async () => {
      if (this.#isClosed) throw errorOf(isShutDown(), 'write');
      const [alert, other] = [zeroReturn, brokenEof];
      if (this.#broken !== undefined) throw (this.#broken === 'alert' ? alert : other)({ syscall: 'write' });
      await this.#shakeHands('write');
      if (bytes.length !== length) throw errorOf(memoryFailure(), 'write');
      if (length > 0) await this.#encrypt(bytes);
      this.#raise('write');
      return length;
    });
  }

  /** Ends TLS on this side, and waits for the peer to have ended it. */
  unwrap(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.engine === undefined) throw errorOf(isInHandshake(), 'unwrap');
      if (!this.#isClosed) {
        this.#isClosed = true;
        this.engine.closeNotify();
        await this.#quiet();
      }
      while (!this.#isClosedByPeer) {
        if (this.#plain.length > 0) this.#failure = unreadData();
        this.#raise('unwrap');
        await this.#feedFor('unwrap');
      }
    });
  }

  // From the engine.

  onPlaintext(bytes: Buffer): boolean {
    this.#signs += 1;
    this.#plain.push(bytes);
    return true;
  }

  onOutput(records: Buffer, done: () => void): void {
    this.#signs += 1;
    append(this.#ends.outgoing, records);
    done();
  }

  onReady(): void {
    this.#signs += 1;
  }

  onHandshake(): void {
    this.#signs += 1;
    this.#isEstablished = true;
  }

  onWritten(): void {
    this.#signs += 1;
    this.#onWritten?.();
  }

  onCloseNotify(): void {
    this.#signs += 1;
    this.#isClosedByPeer = true;
  }

  onClosed(): void {
    this.#signs += 1;
  }

  onFailure(failure: Failure): void {
    this.#signs += 1;
    this.#failure ??= failure;
    this.#onWritten?.();
  }

  #inTurn<T>(call: () => Promise<T>): Promise<T> {
    return this.#lock.hold(undefined, call);
  }

  async #shakeHands(call: string): Promise<void> {
    if (this.#broken !== undefined) {
      throw (this.#broken === 'alert' ? zeroReturn : handshakeBroken)({ syscall: call });
    }
    if (this.#isEstablished) return;
    if (this.#source === undefined) {
      this.#source = this.#ends.source();
      this.#open(undefined);
      await this.#quiet();
    }
    while (!this.#isEstablished) {
      this.#raise(call);
      await this.#feedFor(call);
    }
    this.#certificate = this.#engine?.peerCertificate;
    this.#binding = channelBindingOf(this.#engine, this.#ends.isServer);
  }

  /** Whether there are bytes to read: there are none where the peer has ended its output. */
  async #hasText(): Promise<boolean> {
    if (this.#broken === 'other') throw brokenEof({ syscall: 'read' });
    if (this.#broken === undefined) await this.#shakeHands('read');
    while (this.#plain.length === 0) {
      if (this.#isClosedByPeer || this.#broken === 'alert') {
        if (this.#isClosed) throw zeroReturn({ syscall: 'read' });
        return false;
      }
      this.#raise('read');
      await this.#feedFor('read');
    }
    return true;
  }

  async #encrypt(bytes: Buffer): Promise<void> {
    const { promise, resolve } = newGate();
    this.#onWritten = resolve;
    this.#engine?.write(bytes);
    await promise;
    this.#onWritten = undefined;
  }

  /** Raises what has broken TLS. */
  #raise(call: string): void {
    const failure = this.#failure;
    if (failure === undefined) return;
    this.#failure = undefined;
    this.#engine?.destroy();
    const error = errorOf(failure, call);
    this.#broken = isAlert(error) ? 'alert' : 'other';
    throw error;
  }

  /** Feeds the engine with one more record; raises where there is none. */
  async #feedFor(call: string): Promise<void> {
    const record = this.#nextRecord();
    if (record !== undefined) {
      if (this.#engine === undefined) this.#open(record);
      else this.#engine.feed(record);
      if (this.#plain.length === 0) await this.#quiet();
      return;
    }
    if (!this.#ends.incoming.eof) throw wantRead({ syscall: call });
    this.#failure = cutShort();
    this.#raise(call);
  }

  /** Takes no more out of the memory than the record has: what follows the last one is not for TLS. */
  #nextRecord(): Buffer | undefined {
    for (;;) {
      const record = this.#records.next();
      if (record !== undefined) return record;
      const { incoming } = this.#ends;
      const bytes = incoming.read(Math.min(this.#records.missing, incoming.pending));
      if (bytes.length === 0) return undefined;
      this.#records.push(bytes);
    }
  }

  #open(record: Buffer | undefined): void {
    if (this.#source !== undefined) openEngine(this.#source, this, record, (engine) => (this.#engine = engine));
  }

  /** Waits until the engine has nothing left to do. */
  async #quiet(): Promise<void> {
    for (let seen = -1; seen !== this.#signs;) {
      seen = this.#signs;
      for (let turn = 0; turn < QUIET_TURNS; turn += 1) await nextTurn();
    }
  }
}

/** A promise, and what settles it. */
function newGate(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
