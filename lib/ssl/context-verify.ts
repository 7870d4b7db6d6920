import { int, rangeError } from '../common/arguments.ts';
import { CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED } from './constants.ts';
import type { Choices } from './context-choices.ts';

const MODES = [CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED];

/** Python's `verify_mode = …`. */
export function withVerifyMode({ checkHostname }: Choices, value: unknown): Pick<Choices, 'verifyMode'> {
  const verifyMode = int(value, 'verifyMode');
  if (verifyMode === CERT_NONE && checkHostname) {
    throw rangeError('Cannot set verify_mode to CERT_NONE when check_hostname is enabled.', value);
  }
  if (!MODES.includes(verifyMode)) throw rangeError('invalid value for verify_mode', value);
  return { verifyMode };
}

/** Python's `check_hostname = …`: a host name can be checked only on a certificate that is asked for. */
export function withCheckHostname(
  { verifyMode }: Choices,
  value: unknown,
): Pick<Choices, 'checkHostname' | 'verifyMode'> {
  const checkHostname = Boolean(value);
  return { checkHostname, verifyMode: checkHostname && verifyMode === CERT_NONE ? CERT_REQUIRED : verifyMode };
}
