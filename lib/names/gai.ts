import * as constants from '../common/constants.ts';
import { nodeErrorCode } from '../common/errno.ts';
import { gaierror, herror, osError, type ErrorDetails, type OSError } from '../common/errors.ts';
import { raised } from '../common/stack.ts';

/** glibc's texts for the errors of getaddrinfo() and getnameinfo(). */
const TEXTS = {
  EAI_BADFLAGS: 'Bad value for ai_flags',
  EAI_NONAME: 'Name or service not known',
  EAI_AGAIN: 'Temporary failure in name resolution',
  EAI_FAIL: 'Non-recoverable failure in name resolution',
  EAI_NODATA: 'No address associated with hostname',
  EAI_FAMILY: 'ai_family not supported',
  EAI_SOCKTYPE: 'ai_socktype not supported',
  EAI_SERVICE: 'Servname not supported for ai_socktype',
  EAI_ADDRFAMILY: 'Address family for hostname not supported',
  EAI_MEMORY: 'Memory allocation failure',
  EAI_SYSTEM: 'System error',
} as const;

/** The name of an error of getaddrinfo(). */
export type GaiCode = keyof typeof TEXTS;

/** The numbers and texts of netdb.h's `h_errno`, which a {@link herror} has. */
const HOST_ERRORS = {
  HOST_NOT_FOUND: [1, 'Unknown host'],
  TRY_AGAIN: [2, 'Host name lookup failure'],
  NO_RECOVERY: [3, 'Unknown server error'],
} as const;

/** An error of getaddrinfo(), with glibc's text unless `strerror` says more. */
export function gaiError(code: GaiCode, details: ErrorDetails = {}, strerror: string = TEXTS[code]): gaierror {
  return raised(new gaierror(constants[code], strerror, { syscall: 'getaddrinfo', ...details, code }));
}

/** An error of gethostbyaddr() and its kin. */
export function hostError(code: keyof typeof HOST_ERRORS, details: ErrorDetails): herror {
  const [errno, strerror] = HOST_ERRORS[code];
  return raised(new herror(errno, strerror, { ...details, code }));
}

/**
 * The name of the error for an error of Node's `dns`; `undefined` for errors of the system, such as a lack of
 * descriptors, which are not getaddrinfo()'s own (EAI_SYSTEM).
 */
export function gaiCodeOf(error: NodeJS.ErrnoException): GaiCode | undefined {
  switch (error.code) {
    // Node gives ENOTFOUND for EAI_NONAME and for EAI_NODATA. libuv gives EINVAL for a name that is too long.
    case 'ENOTFOUND':
    case 'EINVAL':
    case 'ENAMETOOLONG':
      return 'EAI_NONAME';
    case 'ENOMEM':
      return 'EAI_MEMORY';
    default:
      return isGaiCode(error.code) ? error.code : undefined;
  }
}

function isGaiCode(code: string | undefined): code is GaiCode {
  return code !== undefined && Object.hasOwn(TEXTS, code);
}

/** Python's error for an error of Node's `dns`. */
export function lookupError(error: NodeJS.ErrnoException, details: ErrorDetails): OSError {
  const code = gaiCodeOf(error);
  const told = { syscall: 'getaddrinfo', ...details, cause: error };
  return code === undefined ? osError(nodeErrorCode(error), told) : gaiError(code, told);
}
