import { rangeError, typeError } from '../common/arguments.ts';
import { raised } from '../common/stack.ts';
import { PROTOCOL_TLS_CLIENT } from './constants.ts';
import { plainError } from './context-errors.ts';
import type { Choices } from './context-choices.ts';

/** ALPN writes the length of a name in one byte (RFC 7301, 3.1). */
const LONGEST_PROTOCOL = 255;

/** Python's `set_alpn_protocols`. */
export function withAlpnProtocols(value: unknown): Pick<Choices, 'alpnProtocols'> {
  if (!isIterable(value)) throw typeError('ALPN protocols must be an iterable of strings', value);
  return { alpnProtocols: Array.from(value, checkProtocolName) };
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'string' || (typeof value === 'object' && value !== null && Symbol.iterator in value);
}

function checkProtocolName(name: unknown): string {
  if (typeof name !== 'string') throw typeError('an ALPN protocol must be a string', name);
  // eslint-disable-next-line no-control-regex -- ASCII begins with the control characters.
  if (!/^[\x00-\x7f]*$/.test(name)) throw rangeError("'ascii' codec can't encode an ALPN protocol", name);
  if (name === '' || name.length > LONGEST_PROTOCOL) {
    throw plainError(null, 'ALPN protocols must be 1 to 255 in length');
  }
  return name;
}

/** Python's `sni_callback = …`. */
export function withSniCallback({ protocol }: Choices, value: unknown): Pick<Choices, 'sniCallback'> {
  if (protocol === PROTOCOL_TLS_CLIENT) {
    throw raised(new RangeError('sni_callback cannot be set on TLS_CLIENT context'));
  }
  if (value !== null && typeof value !== 'function') throw typeError('not a callable object', value);
  return { sniCallback: value };
}
