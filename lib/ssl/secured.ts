import type { X509Certificate } from 'node:crypto';
import { rangeError } from '../common/arguments.ts';
import { channels } from '../common/channels.ts';
import { TimeoutError } from '../common/errors.ts';
import { raised } from '../common/stack.ts';
import { plainRules, type CallRules } from '../core/call-rules.ts';
import type { Core } from '../core/core.ts';
import { tracedOn } from '../core/traced.ts';
import { perform } from '../core/wait.ts';
import type { Failure } from '../transports/failure.ts';
import { Stream } from '../transports/stream.ts';
import { channelBindingOf, cipherOf, sharedCiphersOf } from './agreed.ts';
import type { CipherTuple } from './ciphers.ts';
import type { ContextSettings } from './context-settings.ts';
import type { TlsEngine } from './engine.ts';
import { ClientSource, ServerSource, type Chooser } from './engine-source.ts';
import { NotImplementedError, wantRead, wantWrite } from './errors.ts';
import { isInHandshake, unreadData } from './tls-failures.ts';
import { TlsHandle } from './tls-handle.ts';

const NOTHING: Buffer = Buffer.alloc(0);

/** How a socket is wrapped. */
export interface Wrapping {
  readonly isServer: boolean;
  readonly serverHostname: string | null;
  readonly suppressesRaggedEofs: boolean;
  /** What the context was when the socket was wrapped. */
  readonly settings: ContextSettings;
  /** The session that a client resumes. */
  session(): Buffer | undefined;
  /** Chooses the settings for a client, by the name of the host that it wants. */
  readonly choose: Chooser;
}

/** What a time limit is about, by the call. */
const OPERATIONS: Readonly<Record<string, string>> = {
  doHandshake: 'handshake',
  recv: 'read',
  send: 'write',
  unwrap: 'read',
};

/** Methods that make no sense over TLS; Python tells two kinds of them apart. */
const REFUSED = ['recvfrom', 'recvfromInto', 'sendto'];

/** The rules of a socket with TLS. */
const tlsRules: CallRules = {
  encrypts: true,
  checkMethod(method) {
    const text = `${method} not allowed on instances of SSLSocket`;
    if (REFUSED.includes(method)) throw raised(new RangeError(text));
    throw raised(new NotImplementedError(text));
  },
  checkFlags(flags, syscall) {
    throw rangeError(`non-zero flags not allowed in calls to ${syscall}() on SSLSocket`, flags);
  },
  wouldBlock: (_core, syscall, _code, address) => (syscall === 'send' ? wantWrite : wantRead)({ syscall, address }),
  timedOut(syscall, address) {
    const text = `The ${OPERATIONS[syscall] ?? syscall} operation timed out`;
    return raised(new TimeoutError(text, { code: 'ETIMEDOUT', syscall, address }));
  },
};

/** The rules of such a socket while there is no TLS: before the connection, and after `unwrap()`. */
const bareRules: CallRules = {
  ...plainRules,
  checkMethod(method) {
    if (!REFUSED.includes(method)) tlsRules.checkMethod(method);
  },
};

/** TLS between a socket's connection and its calls. */
export class Secured {
  readonly core: Core;
  readonly #wrapping: Wrapping;
  #handle: TlsHandle | undefined;
  #server: ServerSource | undefined;

  constructor(core: Core, wrapping: Wrapping) {
    this.core = core;
    core.rules = bareRules;
    this.#wrapping = wrapping;
  }

  /** Whether bytes are encrypted: from the connection on, until `unwrap()`. */
  get isOn(): boolean {
    return this.#handle !== undefined && this.core.state.kind === 'connected';
  }

  /** The engine, once the handshake is done. What was agreed on stays where the peer breaks TLS off later. */
  get engine(): TlsEngine | undefined {
    const engine = this.isOn ? this.#handle?.engine : undefined;
    return engine?.agreement === undefined ? undefined : engine;
  }

  /** How many bytes are decrypted that no call has received. */
  get pending(): number {
    const { state } = this.core;
    return this.isOn && state.kind === 'connected' ? state.stream.unread.length : 0;
  }

  /** The ciphers that both sides have, of the client's list; `null` where this side is the client. */
  get sharedCiphers(): CipherTuple[] | null {
    return this.engine === undefined ? null : sharedCiphersOf(this.#server?.hello, this.#wrapping.settings);
  }

  /** Name, version and strength of the cipher. */
  get cipher(): CipherTuple | null {
    return cipherOf(this.engine);
  }

  /** What was sent first of the two Finished messages. */
  get channelBinding(): Buffer | null {
    return channelBindingOf(this.engine, this.#wrapping.isServer);
  }

  /** What the context was when the socket was wrapped. */
  get settings(): ContextSettings {
    return this.#wrapping.settings;
  }

  /** The peer's certificate, `null` for none; raises where there cannot be any. */
  get checkedCertificate(): X509Certificate | null {
    const { core, engine } = this;
    core.checkOpen('getpeercert');
    if (!this.isOn) throw core.error('ENOTCONN', 'getpeercert');
    if (engine === undefined) throw raised(new RangeError('handshake not done yet'));
    return engine.peerCertificate ?? null;
  }

  /**
   * Puts TLS in, where there is a connection.
   *
   * @param readAhead - what files have read of it.
   */
  turnOn(readAhead = NOTHING): void {
    const { core } = this;
    if (core.state.kind !== 'connected') return;
    const { isServer, suppressesRaggedEofs } = this.#wrapping;
    const connection = core.state.stream.release();
    const released = { ...connection, unread: Buffer.concat([readAhead, connection.unread]) };
    const source = isServer ? this.#serverSource() : this.#clientSource();
    const handle = new TlsHandle(released, { source, suppressesRaggedEofs });
    const { local, remote } = released;
    const above = { handle, unread: NOTHING, hasEnded: false, failure: undefined, isWriting: false, local, remote };
    this.#handle = handle;
    core.rules = tlsRules;
    core.setState({
      kind: 'connected',
      stream: Stream.over(above, true, [handle.handshakers, handle.closers]),
    });
  }

  /** Waits until the handshake is done. */
  async doHandshake(signal: AbortSignal | undefined): Promise<void> {
    const handle = this.#handle;
    this.core.checkOpen('doHandshake');
    if (handle === undefined) throw this.core.error('ENOTCONN', 'doHandshake');
    const operation = {
      attempt: (): true | Failure | undefined => {
        handle.pending = undefined;
        handle.begin();
        return handle.established();
      },
      abandon: () => (handle.pending = 'handshake'),
    };
    const handshake = (): Promise<true> => perform(this.core, 'doHandshake', handle.handshakers, operation, signal);
    await tracedOn(channels.handshake, this.core, { call: 'doHandshake', args: [] }, handshake);
  }

  /** Ends TLS on both sides, and takes it out. */
  async unwrap(signal: AbortSignal | undefined): Promise<void> {
    const { core } = this;
    const { state } = core;
    const handle = this.#handle;
    if (handle === undefined || state.kind !== 'connected') throw core.error('ENOTCONN', 'unwrap');
    const { stream } = state;
    const operation = {
      attempt: (): true | Failure | undefined => {
        handle.pending = undefined;
        const established = handle.established();
        if (established !== true) return established ?? isInHandshake();
        handle.closeNotify();
        return stream.takeFailure() ?? (stream.unread.length > 0 ? unreadData() : handle.closed());
      },
      abandon: () => (handle.pending = 'closing'),
    };
    const ending = (): Promise<true> => perform(core, 'unwrap', handle.closers, operation, signal);
    await tracedOn(channels.handshake, core, { call: 'unwrap', args: [] }, ending);
    if (core.state !== state) return;
    stream.release();
    this.#handle = undefined;
    core.rules = bareRules;
    core.setState({ kind: 'connected', stream: Stream.over(handle.release()) });
  }

  #serverSource(): ServerSource {
    this.#server = new ServerSource(this.#wrapping.settings, this.#wrapping.choose);
    return this.#server;
  }

  #clientSource(): ClientSource {
    const { settings, serverHostname } = this.#wrapping;
    return new ClientSource({ settings, serverHostname, session: this.#wrapping.session() });
  }
}
