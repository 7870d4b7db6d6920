import { typeError } from '../common/arguments.ts';
import { checkOptions } from '../common/call-options.ts';
import { called } from '../common/stack.ts';
import type { FilePath } from './context-files.ts';
import type { CaData } from './context-trust.ts';
import { isPurpose } from './context-purpose.ts';
import { SSLContext } from './classes.ts';
import {
  CERT_NONE,
  PROTOCOL_TLS_CLIENT,
  PROTOCOL_TLS_SERVER,
  Purpose,
  VERIFY_X509_PARTIAL_CHAIN,
  VERIFY_X509_STRICT,
  type ExtendedKeyUsage,
} from './constants.ts';

/** What {@link createDefaultContext} takes. */
export interface DefaultContextOptions {
  /** `Purpose.SERVER_AUTH`, which is the default, for a client; `Purpose.CLIENT_AUTH` for a server. */
  readonly purpose?: ExtendedKeyUsage | undefined;
  /** As for {@link SSLContext.loadVerifyLocations}. */
  readonly cafile?: FilePath | null | undefined;
  /** As for {@link SSLContext.loadVerifyLocations}. */
  readonly capath?: FilePath | null | undefined;
  /** As for {@link SSLContext.loadVerifyLocations}. */
  readonly cadata?: CaData | null | undefined;
}

const OPTIONS = ['purpose', 'cafile', 'capath', 'cadata'] as const;

/** Names the file that the secrets of connections are written to, for each context that is made here. */
const KEYLOG_ENV = 'SSLKEYLOGFILE';

/**
 * Makes a context with the settings that Python recommends: TLS 1.2 or newer, and for a client that the server's
 * certificate and host name are checked.
 *
 * @param purpose - whom the context authenticates: `Purpose.SERVER_AUTH` is for a client, `Purpose.CLIENT_AUTH` for a
 * server, which asks for no certificate until `verifyMode` says so. It may also be one of the options.
 * @param options - what is trusted: `cafile`, `capath` and `cadata`, as {@link SSLContext.loadVerifyLocations} takes
 * them. Without any a client trusts the system's authorities.
 * @returns the context. The secrets of its connections are written to the file that `SSLKEYLOGFILE` in the environment
 * names.
 * @throws TypeError if the purpose is none, or there is another option; what
 * {@link SSLContext.loadVerifyLocations} throws.
 * @see https://docs.python.org/3/library/ssl.html#ssl.create_default_context
 *
 * @example
 * ```ts
 * import * as ssl from 'await-socket/ssl';
 *
 * const client = ssl.createDefaultContext();
 * console.log(client.verifyMode === ssl.CERT_REQUIRED, client.checkHostname); // true true
 * const server = ssl.createDefaultContext(ssl.Purpose.CLIENT_AUTH);
 * console.log(server.minimumVersion === ssl.TLSVersion.TLSv1_2); // true
 * ```
 */
export function createDefaultContext(purpose?: ExtendedKeyUsage, options?: DefaultContextOptions): SSLContext;
export function createDefaultContext(options?: DefaultContextOptions): SSLContext;
export function createDefaultContext(
  first?: ExtendedKeyUsage | DefaultContextOptions,
  second?: DefaultContextOptions,
): SSLContext {
  return called(createDefaultContext, () => {
    checkOptions(second, OPTIONS, 'createDefaultContext');
    if (isPurpose(first)) return makeContext({ ...second, purpose: first });
    checkOptions(first, OPTIONS, 'createDefaultContext');
    if (first !== undefined && second !== undefined) {
      throw typeError('createDefaultContext() takes nothing after its options', second);
    }
    return makeContext({ ...second, ...first });
  });
}

function makeContext({ purpose = Purpose.SERVER_AUTH, cafile, capath, cadata }: DefaultContextOptions): SSLContext {
  if (!isPurpose(purpose)) throw typeError('purpose must be Purpose.SERVER_AUTH or Purpose.CLIENT_AUTH', purpose);
  const context = new SSLContext(purpose === Purpose.SERVER_AUTH ? PROTOCOL_TLS_CLIENT : PROTOCOL_TLS_SERVER);
  context.verifyFlags |= VERIFY_X509_PARTIAL_CHAIN | VERIFY_X509_STRICT;
  if ([cafile, capath, cadata].some(isGiven)) context.loadVerifyLocations(cafile, capath, cadata);
  else if (context.verifyMode !== CERT_NONE) context.loadDefaultCerts(purpose);
  const keylog = process.env[KEYLOG_ENV] ?? '';
  if (keylog !== '') context.keylogFilename = keylog;
  return context;
}

/** Whether Python takes it for true: empty text and empty bytes are as good as none. */
function isGiven(value: FilePath | CaData | null | undefined): boolean {
  if (value === null || value === undefined || value === '') return false;
  return !ArrayBuffer.isView(value) || value.byteLength > 0;
}
