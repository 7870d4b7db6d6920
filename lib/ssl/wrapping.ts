import { rangeError, typeError } from '../common/arguments.ts';
import { checkOptions } from '../common/call-options.ts';
import { SOCK_STREAM } from '../common/constants.ts';
import { raised } from '../common/stack.ts';
import type { Core } from '../core/core.ts';
import { toAscii } from '../names/idna.ts';
import { ALERT_DESCRIPTION_HANDSHAKE_FAILURE, ALERT_DESCRIPTION_INTERNAL_ERROR } from './alert-constants.ts';
import { PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER } from './constants.ts';
import type { Refused } from './engine-source.ts';
import { NotImplementedError, SSLError } from './errors.ts';
import { MemoryBIO } from './memory-bio.ts';
import type { SSLSession } from './session.ts';
import { checkSession } from './sessions.ts';

/** How a socket is wrapped: what the program has said, checked. */
export interface Wrap {
  readonly serverSide: boolean;
  readonly serverHostname: string | null;
  readonly doHandshakeOnConnect: boolean;
  readonly suppressRaggedEofs: boolean;
  readonly session: SSLSession | null;
}

const OPTIONS = ['serverSide', 'serverHostname', 'doHandshakeOnConnect', 'suppressRaggedEofs', 'session'] as const;

/** How memory is wrapped: what the program has said, checked. */
export type BioWrap = Pick<Wrap, 'serverSide' | 'serverHostname' | 'session'>;

const BIO_OPTIONS = ['serverSide', 'serverHostname', 'session'] as const;

/** Checks how memory is to be wrapped. A server may have a host name, which says nothing. */
export function checkBioWrap(context: { readonly checkHostname: boolean }, options: unknown): BioWrap {
  const given = checkOptions(options, BIO_OPTIONS, 'wrapBio');
  const serverSide = flagOf(given.serverSide, false, 'serverSide');
  const serverHostname = hostnameOf(given.serverHostname ?? null);
  const session = checkSession(given.session ?? null, context);
  if (serverSide && session !== null) throw rangeError('session can only be specified in client mode', session);
  if (!serverSide) checkHasHostname(context, serverHostname);
  return { serverSide, serverHostname, session };
}

/** Checks one of the two MemoryBIOs. */
export function checkBio(bio: unknown, name: string): MemoryBIO {
  if (bio instanceof MemoryBIO) return bio;
  throw typeError(`wrapBio() argument '${name}' must be a MemoryBIO`, bio);
}

/** Checks how a socket is to be wrapped. */
export function checkWrap(context: { readonly checkHostname: boolean }, options: unknown): Wrap {
  const given = checkOptions(options, OPTIONS, 'wrapSocket');
  const serverSide = flagOf(given.serverSide, false, 'serverSide');
  const serverHostname = hostnameOf(given.serverHostname ?? null);
  const doHandshakeOnConnect = flagOf(given.doHandshakeOnConnect, true, 'doHandshakeOnConnect');
  const suppressRaggedEofs = flagOf(given.suppressRaggedEofs, true, 'suppressRaggedEofs');
  const session = checkSession(given.session ?? null, context);
  if (serverSide && serverHostname !== null) {
    throw rangeError('serverHostname can only be specified in client mode', serverHostname);
  }
  if (serverSide && session !== null) throw rangeError('session can only be specified in client mode', session);
  checkHasHostname(context, serverHostname);
  return { serverSide, serverHostname, doHandshakeOnConnect, suppressRaggedEofs, session };
}

function checkHasHostname(context: { readonly checkHostname: boolean }, serverHostname: string | null): void {
  if (!context.checkHostname || serverHostname !== null) return;
  throw raised(new RangeError('checkHostname requires serverHostname'));
}

function flagOf(value: unknown, otherwise: boolean, name: string): boolean {
  if (value === undefined) return otherwise;
  if (typeof value === 'boolean') return value;
  throw typeError(`${name} must be a boolean`, value);
}

function hostnameOf(value: unknown): string | null {
  if (value === null) return null;
  if (typeof value !== 'string') throw typeError('serverHostname must be a string or null', value);
  if (value.includes('\0')) throw typeError('serverHostname has an embedded null character', value);
  if (value === '' || value.startsWith('.')) {
    throw rangeError('serverHostname cannot be an empty string or start with a leading dot', value);
  }
  return toAscii(value);
}

/** Refuses what is no stream. */
export function checkStream(core: Core): void {
  if (core.type !== SOCK_STREAM) throw raised(new NotImplementedError('only stream sockets are supported'));
}

/** Refuses the role that the context's protocol does not have. */
export function checkRole(protocol: number, isServer: boolean): void {
  if (protocol !== (isServer ? PROTOCOL_TLS_CLIENT : PROTOCOL_TLS_SERVER)) return;
  const [role, name] = isServer ? ['server', 'PROTOCOL_TLS_CLIENT'] : ['client', 'PROTOCOL_TLS_SERVER'];
  throw raised(new SSLError(1, `Cannot create a ${role} socket with a ${name} context`));
}

/** A handshake waits, and a socket that does not wait has to ask for it by itself. */
export function checkMayWait(core: Core, { doHandshakeOnConnect }: Wrap): void {
  if (core.state.kind !== 'connected' || !doHandshakeOnConnect || core.timeout !== 0) return;
  throw raised(new RangeError('doHandshakeOnConnect should not be specified for non-blocking sockets'));
}

/** What a function for SNI says against the client; `undefined` for nothing. */
export function alertOf(callback: () => unknown): Refused | undefined {
  try {
    const alert = callback();
    if (alert === null || alert === undefined) return undefined;
    if (typeof alert === 'number') return { alert, cause: undefined };
    const cause = typeError('a function for SNI gives null, or the number of an alert', alert);
    return { alert: ALERT_DESCRIPTION_INTERNAL_ERROR, cause };
  } catch (cause) {
    return { alert: ALERT_DESCRIPTION_HANDSHAKE_FAILURE, cause };
  }
}
