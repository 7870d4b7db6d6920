import type { KeyObject } from 'node:crypto';
import type { KeyLog } from './context-keylog.ts';
import type { SessionStats } from './context-stats.ts';
import type { Trust } from './context-trust.ts';

/** A certificate of ours, those that lead from it to the peer's authorities, and its key. */
export interface CertChain {
  /** The certificates in PEM, ours first. */
  readonly certificates: string;
  readonly key: KeyObject;
}

/** What a context remembers. It never changes: a context that is changed gets another one. */
export interface Choices {
  readonly protocol: number;
  readonly verifyMode: number;
  readonly checkHostname: boolean;
  readonly hostnameChecksCommonName: boolean;
  readonly verifyFlags: number;
  readonly options: number;
  /** As Python gives it: −2 is the oldest version, −1 the newest. */
  readonly minimumVersion: number;
  readonly maximumVersion: number;
  /** OpenSSL's list of the ciphers for TLS 1.2 and older. */
  readonly ciphers: string;
  readonly securityLevel: number;
  readonly alpnProtocols: readonly string[];
  /** What the program has set; the caller of it knows its type. */
  readonly sniCallback: unknown;
  readonly postHandshakeAuth: boolean;
  /** Where the secrets of connections are written; all settings of a context share it. */
  readonly keyLog: KeyLog;
  /** The one group that may be agreed on; `undefined` for OpenSSL's own choice. */
  readonly ecdhCurve: string | undefined;
  /** Parameters for DHE in PEM. */
  readonly dhParams: string | undefined;
  /** One chain for each type of key. */
  readonly chains: ReadonlyMap<string, CertChain>;
  readonly trust: Trust;
  /** The keys of a server's session tickets: 48 bytes that outlive a change of the context. */
  readonly ticketKeys: Buffer;
  /** What `sessionStats()` counts; all settings of a context share it. */
  readonly stats: SessionStats;
}
