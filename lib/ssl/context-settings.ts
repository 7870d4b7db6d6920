import type { SecureContext, SecureContextOptions } from 'node:tls';
import { raised } from '../common/stack.ts';
import { Authorities } from './authorities.ts';
import type { Choices } from './context-choices.ts';
import { makeSecureContext, secureOptionsOf } from './context-secure.ts';
import { trustedBy } from './context-trust.ts';

/**
 * What an {@link SSLContext} is at one moment. A connection keeps the settings of the moment when it was made, as
 * OpenSSL's `SSL_new` copies them: what is changed later counts for later connections.
 */
export interface ContextSettings extends Choices {
  /** Node's form of it, made when it is first asked for. */
  secureContext: () => SecureContext;
  /** The options that it is made of. */
  secureOptions: () => SecureContextOptions;
  /** The certificates that it trusts, with those of its folders. */
  authorities: () => Authorities;
}

/** The settings for these choices. */
export function settingsFor(choices: Choices): ContextSettings {
  let secureContext: SecureContext | undefined;
  let authorities: Authorities | undefined;
  return {
    ...choices,
    secureOptions: () => secureOptionsOf(choices),
    secureContext: () => (secureContext ??= makeSecureContext(choices)),
    authorities: () => (authorities ??= new Authorities(trustedBy(choices.trust))),
  };
}

/** The settings of connections that began with one context and went on with another. */
const continued = new WeakMap<ContextSettings, WeakMap<ContextSettings, ContextSettings>>();

/**
 * The settings of a connection that goes on with another context, by the host that the client wants: whom it asks for a
 * certificate, versions and options stay those of its first one (SSL_set_SSL_CTX).
 */
export function continuedWith(first: ContextSettings, next: ContextSettings): ContextSettings {
  if (first === next) return next;
  const made = continued.get(first) ?? new WeakMap<ContextSettings, ContextSettings>();
  continued.set(first, made);
  const { verifyMode, minimumVersion, maximumVersion, options } = first;
  const settings = made.get(next) ?? settingsFor({ ...next, verifyMode, minimumVersion, maximumVersion, options });
  made.set(next, settings);
  return settings;
}

/** The door to a context's settings, which only the class `SSLContext` can open. */
let door: (context: object) => ContextSettings | undefined = () => undefined;

/** For the class `SSLContext` to say how its settings are reached. */
export function setContextDoor(open: (context: object) => ContextSettings | undefined): void {
  door = open;
}

/** What a context is now; a TypeError for what is no context. */
export function settingsOf(context: unknown): ContextSettings {
  const settings = typeof context === 'object' && context !== null ? door(context) : undefined;
  if (settings === undefined) throw raised(new TypeError('an SSLContext is required'));
  return settings;
}
