import { rangeError, typeError } from '../common/arguments.ts';
import { SSLSession } from './session.ts';

/** Which context each session is of. */
const contexts = new WeakMap<SSLSession, object>();

/** The session in Node's form, as a connection of a context has it. */
export function sessionOf(bytes: Buffer, context: object): SSLSession {
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
