import { Failure } from '../transports/failure.ts';
import { ALERT_DESCRIPTION_ILLEGAL_PARAMETER } from './alert-constants.ts';
import { plainAlert } from './alerts.ts';
import { ClientHelloReader, type ClientHello } from './client-hello.ts';
import { continuedWith, type ContextSettings } from './context-settings.ts';
import type { EngineHost, TlsEngine } from './engine.ts';
import { sslError, type OpenSSLReason } from './errors.ts';
import { NodeEngine } from './node-engine.ts';

/** An engine, and the records that it has to be fed first. */
export interface Opened {
  readonly engine: TlsEngine;
  readonly records: readonly Buffer[];
}

/** Where a connection gets its engine from. */
export interface EngineSource {
  /**
   * Makes the engine, if all is there that it takes.
   *
   * @param record - the next record of the peer's; `undefined` at the beginning.
   */
  open(host: EngineHost, record: Buffer | undefined): Opened | undefined;
}

/**
 * Makes the engine, if all is there that it takes, and begins with it.
 *
 * @param keep - gets the engine before it begins: its first calls of the host need it.
 */
export function openEngine(
  source: EngineSource,
  host: EngineHost,
  record: Buffer | undefined,
  keep: (engine: TlsEngine) => void,
): void {
  const opened = source.open(host, record);
  if (opened === undefined) return;
  keep(opened.engine);
  opened.engine.start();
  for (const one of opened.records) opened.engine.feed(one);
}

/** What a client's engine is made with. */
export interface ClientOptions {
  readonly settings: ContextSettings;
  readonly serverHostname: string | null;
  readonly session: Buffer | undefined;
}

/** A client has its engine from the start. */
export class ClientSource implements EngineSource {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  open(host: EngineHost): Opened {
    const { settings } = this.#options;
    const engine = new NodeEngine(host, {
      ...this.#options,
      isServer: false,
      alpnProtocols: settings.alpnProtocols,
    });
    return { engine, records: [] };
  }
}

/** Gives the settings that a client's wishes lead to, or the alert that refuses them. */
export type Chooser = (serverName: string | null) => ContextSettings | Refused;

/** A client that is not wanted. */
export interface Refused {
  readonly alert: number;
  readonly cause: unknown;
}

/** So many records may one ClientHello be in: it is one in practice, or two. */
const MOST_RECORDS = 256;

/**
 * A server reads what the client wants before it has an engine: so the program may choose the context by the host's
 * name, and a protocol of ALPN is agreed on only where both sides have it. (Node alone would send a fatal alert.)
 */
export class ServerSource implements EngineSource {
  readonly #settings: ContextSettings;
  readonly #choose: Chooser;
  readonly #reader = new ClientHelloReader();
  readonly #records: Buffer[] = [];
  /** What the client has offered. */
  hello: ClientHello | undefined;

  constructor(settings: ContextSettings, choose: Chooser) {
    this.#settings = settings;
    this.#choose = choose;
  }

  open(host: EngineHost, record: Buffer | undefined): Opened | undefined {
    if (record === undefined) return undefined;
    const hello = this.#reader.push(record);
    this.#records.push(Buffer.from(record));
    if (hello === 'other') return this.#make(host, this.#settings, []);
    if (hello !== undefined) return this.#answer(host, hello);
    if (this.#records.length < MOST_RECORDS) return undefined;
    const reason = { library: 'SSL', reason: 'EXCESSIVE_MESSAGE_SIZE', text: 'excessive message size' };
    refuse(host, reason, { alert: ALERT_DESCRIPTION_ILLEGAL_PARAMETER, cause: undefined });
    return undefined;
  }

  #answer(host: EngineHost, hello: ClientHello): Opened | undefined {
    this.hello = hello;
    const next = this.#choose(hello.serverName ?? null);
    if ('alert' in next) {
      refuse(host, { library: 'SSL', reason: 'CALLBACK_FAILED', text: 'callback failed' }, next);
      return undefined;
    }
    const settings = continuedWith(this.#settings, next);
    const { alpnProtocols } = settings;
    const chosen = alpnProtocols.find((protocol) => hello.alpnProtocols.includes(protocol));
    return this.#make(host, settings, chosen === undefined ? [] : [chosen]);
  }

  #make(host: EngineHost, settings: ContextSettings, alpnProtocols: readonly string[]): Opened {
    const options = { settings, isServer: true, serverHostname: null, alpnProtocols, session: undefined };
    // The source lives as long as the connection; its copy of the ClientHello need not.
    return { engine: new NodeEngine(host, options), records: this.#records.splice(0) };
  }
}

function refuse(host: EngineHost, reason: OpenSSLReason, { alert, cause }: Refused): void {
  host.onOutput(plainAlert(alert), () => undefined);
  host.onFailure(new Failure('SSL_ERROR_SSL', cause, undefined, (details) => sslError(reason, { ...details, cause })));
}
