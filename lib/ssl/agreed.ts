import { cipherById, cipherByName, cipherTuple, ciphersOf, type CipherTuple } from './ciphers.ts';
import type { ClientHello } from './client-hello.ts';
import { cipherList } from './context-secure.ts';
import type { ContextSettings } from './context-settings.ts';
import type { TlsEngine } from './engine.ts';

/** What the two sides have agreed on, as Python gives it; `null` before the end of the handshake. */

/** Name, version and strength of the cipher. */
export function cipherOf(engine: TlsEngine | undefined): CipherTuple | null {
  const name = engine?.agreement?.cipher;
  return name === undefined ? null : tupleOf(cipherByName(name));
}

/** The ciphers that both sides have, of the client's list; `null` where this side is the client. */
export function sharedCiphersOf(hello: ClientHello | undefined, settings: ContextSettings): CipherTuple[] | null {
  if (hello === undefined) return null;
  const own = new Set(ciphersOf(cipherList(settings)).map(({ name }) => name));
  const offered = hello.cipherIds.map((id) => cipherById(id));
  return offered.filter((cipher) => cipher !== undefined && own.has(cipher.name)).map((cipher) => tupleOf(cipher));
}

/** What was sent first of the two Finished: the client's, unless a session was resumed. */
export function channelBindingOf(engine: TlsEngine | undefined, isServer: boolean): Buffer | null {
  if (engine?.agreement === undefined) return null;
  const isOurs = engine.agreement.isResumed === isServer;
  return (isOurs ? engine.ownFinished : engine.peerFinished) ?? null;
}

function tupleOf(cipher: ReturnType<typeof cipherByName>): CipherTuple {
  return cipher === undefined ? ['unknown', 'unknown', 0] : cipherTuple(cipher);
}
