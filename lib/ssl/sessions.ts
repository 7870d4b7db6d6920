import { rangeError, typeError } from '../common/arguments.ts';
import { bytesOfSession, SSLSession } from './session.ts';

/** Which context each session is of. */
const contexts = new WeakMap<SSLSession, object>();

/**
 * The session that a connection of a context has.
 *
 * @param held - the one that it had until now.
 * @param bytes - the engine's, in Node's form; `undefined` where it has none yet.
 */
export function currentSession(held: SSLSession | null, bytes: Buffer | undefined, context: object): SSLSession | null {
  if (bytes === undefined || (held !== null && bytesOfSession(held).equals(bytes))) return held;
  const session = new SSLSession(bytes);
  contexts.set(session, context);
  return session;
}

/** Checks a session that a client is to resume. */
export function checkSession(session: unknown, context: object): SSLSession | null {
  if (session === null) return null;
  if (!(session instanceof SSLSession)) throw typeError('session must be an SSLSession or null', session);
  if (contexts.get(session) !== context) throw rangeError('session refers to a different SSLContext', session);
  return session;
}
