import { setImmediate } from 'node:timers/promises';
import { settingsOf } from '../../lib/ssl/context-settings.ts';
import type { EngineHost, TlsEngine } from '../../lib/ssl/engine.ts';
import { ClientSource, openEngine, ServerSource, type EngineSource } from '../../lib/ssl/engine-source.ts';
import { RecordSplitter } from '../../lib/ssl/records.ts';
import type { SSLContext } from '../../lib/ssl/index.ts';
import { randomFrom } from './random.ts';
import { clientContext, serverContext, VERSIONS } from './tls-contexts.ts';

/** Sessions of two engines in memory, whose bytes are damaged on their way. */

/** What happens to the bytes from one place on. */
interface Damage {
  readonly kind: 'flip' | 'drop' | 'cut' | 'add' | 'again';
  readonly position: number;
  readonly length: number;
  readonly mask: number;
}

const KINDS = ['flip', 'drop', 'cut', 'add', 'again'] as const;

/** One end of a session. */
class End implements EngineHost {
  readonly received: Buffer[] = [];
  outcome: 'open' | 'ended' | 'failed' = 'open';
  isEstablished = false;
  /** Something has happened since it was last looked at. */
  isActive = true;
  engine: TlsEngine | undefined;
  readonly #source: EngineSource;
  readonly #splitter = new RecordSplitter();
  readonly #messages: Buffer[];
  readonly #random: () => number;
  readonly #damages: Damage[];
  #sent = 0;
  #isCut = false;
  #isFeeding = false;
  peer: End | undefined;

  constructor(source: EngineSource, messages: readonly Buffer[], damages: Damage[], random: () => number) {
    this.#source = source;
    this.#messages = [...messages];
    this.#damages = damages;
    this.#random = random;
  }

  begin(): void {
    this.#open(undefined);
  }

  /** Takes bytes of the peer's, as they come out of the network. */
  take(bytes: Buffer): void {
    this.isActive = true;
    this.#splitter.push(bytes);
    this.#feed();
    this.#splitter.keep();
  }

  end(): void {
    this.engine?.destroy();
  }

  onPlaintext(bytes: Buffer): boolean {
    this.isActive = true;
    this.received.push(bytes);
    const goesOn = this.#random() < 0.8;
    if (!goesOn) globalThis.setImmediate(() => this.#goOn());
    return goesOn;
  }

  onOutput(records: Buffer, done: () => void): void {
    this.isActive = true;
    const bytes = this.#damaged(Buffer.from(records));
    const isLate = this.#random() < 0.2;
    globalThis.setImmediate(() => {
      this.peer?.take(bytes);
      if (isLate) done();
    });
    if (!isLate) done();
  }

  onReady(): void {
    this.#feed();
  }

  onHandshake(): void {
    this.isEstablished = true;
    globalThis.setImmediate(() => this.#send());
  }

  onWritten(): void {
    this.#send();
  }

  onCloseNotify(): void {
    this.isActive = true;
    if (this.outcome === 'open') this.outcome = 'ended';
  }

  onClosed(): void {
    this.isActive = true;
  }

  onFailure(): void {
    this.isActive = true;
    this.outcome = 'failed';
  }

  #goOn(): void {
    this.isActive = true;
    this.engine?.resume();
    this.#feed();
  }

  #open(record: Buffer | undefined): void {
    openEngine(this.#source, this, record, (engine) => (this.engine = engine));
  }

  #feed(): void {
    if (this.#isFeeding) return;
    this.#isFeeding = true;
    while (this.outcome === 'open' && this.engine?.isReady !== false) {
      const record = this.#splitter.next();
      if (record === undefined) break;
      if (this.engine === undefined) this.#open(record);
      else this.engine.feed(record);
    }
    this.#isFeeding = false;
  }

  #send(): void {
    this.isActive = true;
    if (this.outcome === 'failed') return;
    const next = this.#messages.shift();
    if (next === undefined) this.engine?.closeNotify();
    else this.engine?.write(next);
  }

  /** What arrives of bytes that are sent. */
  #damaged(bytes: Buffer): Buffer {
    const from = this.#sent;
    this.#sent += bytes.length;
    if (this.#isCut) return Buffer.alloc(0);
    let result = bytes;
    for (const { kind, position, length, mask } of this.#damages) {
      const at = position - from;
      if (at < 0 || at >= bytes.length || at >= result.length) continue;
      if (kind === 'flip') result[at] = (result[at] ?? 0) ^ mask;
      else if (kind === 'drop') result = Buffer.concat([result.subarray(0, at), result.subarray(at + length)]);
      else if (kind === 'add')
        result = Buffer.concat([result.subarray(0, at), Buffer.alloc(length, mask), result.subarray(at)]);
      else if (kind === 'again') result = Buffer.concat([result.subarray(0, at), result]);
      else {
        this.#isCut = true;
        result = result.subarray(0, at);
      }
    }
    return result;
  }
}

/** What the sessions have come to. */
export interface Fuzzed {
  readonly runs: number;
  /** By the outcome of the client and of the server. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** What must not be, each with the seed of its session. */
  readonly mistakes: readonly string[];
}

/** So many turns of the event loop nothing happens before a session is over. */
const QUIET = 4;

/** Runs sessions with these seeds: the first one, and those that follow it. */
export async function fuzzTls(runs: number, seed: number): Promise<Fuzzed> {
  const contexts = VERSIONS.flatMap(([, version]) => [false, true].map((asks) => pairOf(version, asks)));
  const outcomes: Record<string, number> = {};
  const mistakes: string[] = [];
  for (let run = 0; run < runs; run += 1) {
    const outcome = await session(contexts, seed + run);
    if (outcome.startsWith('MISTAKE')) mistakes.push(`seed ${seed + run}: ${outcome}`);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  return { runs, outcomes, mistakes };
}

interface Contexts {
  readonly client: SSLContext;
  readonly server: SSLContext;
}

/** @param asks - whether the server asks for a certificate. */
function pairOf(version: number, asks: boolean): Contexts {
  const client = clientContext({ version, certificate: asks ? 'client' : undefined, alpn: ['a', 'b'] });
  const server = serverContext({ version, authority: asks ? 'ca' : undefined, alpn: ['b'] });
  if (asks) server.verifyMode = client.verifyMode;
  return { client, server };
}

async function session(contexts: readonly Contexts[], seed: number): Promise<string> {
  const random = randomFrom(seed);
  const upTo = (most: number): number => Math.floor(random() * most);
  const chosen = contexts[upTo(contexts.length)];
  if (chosen === undefined) return 'MISTAKE: no contexts';
  const messages = (): Buffer[] =>
    Array.from({ length: upTo(4) }, () => Buffer.alloc(1 + (random() < 0.2 ? upTo(40_000) : upTo(300)), upTo(256)));
  const damages = (): Damage[] =>
    Array.from({ length: upTo(3) }, () => ({
      kind: KINDS[upTo(KINDS.length)] ?? 'flip',
      position: upTo(random() < 0.9 ? 3000 : 60_000),
      length: 1 + upTo(random() < 0.5 ? 4 : 400),
      mask: 1 + upTo(255),
    }));
  const sent = [messages(), messages()] as const;
  const damaged = [damages(), damages()] as const;
  const settings = settingsOf(chosen.server);
  const clientOptions = { settings: settingsOf(chosen.client), serverHostname: 'localhost', session: undefined };
  const client = new End(new ClientSource(clientOptions), sent[0], damaged[0], random);
  const server = new End(new ServerSource(settings, () => settings), sent[1], damaged[1], random);
  client.peer = server;
  server.peer = client;
  client.begin();
  server.begin();
  for (let quiet = 0; quiet < QUIET; quiet += 1) {
    await setImmediate();
    if (client.isActive || server.isActive) quiet = 0;
    client.isActive = false;
    server.isActive = false;
  }
  client.end();
  server.end();
  const isWhole = damaged.every((one) => one.length === 0);
  return (
    mistakeOf(client, Buffer.concat(sent[1]), isWhole) ??
    mistakeOf(server, Buffer.concat(sent[0]), isWhole) ??
    `client ${client.outcome}, server ${server.outcome}`
  );
}

function mistakeOf({ received, outcome }: End, sent: Buffer, isWhole: boolean): string | undefined {
  const bytes = Buffer.concat(received);
  if (!bytes.equals(sent.subarray(0, bytes.length))) return 'MISTAKE: bytes that the peer has not sent';
  if (outcome === 'ended' && bytes.length < sent.length) return 'MISTAKE: an end before all bytes have come';
  if (isWhole && outcome !== 'ended') return 'MISTAKE: nothing was damaged, and all has not come';
  return undefined;
}
