import { existsSync, statSync } from 'node:fs';
import { posix } from 'node:path';

/**
 * Where OpenSSL looks for trusted certificates.
 *
 * @see https://docs.python.org/3/library/ssl.html#ssl.get_default_verify_paths
 */
export interface DefaultVerifyPaths {
  /** The file of trusted certificates; `null` where there is none. */
  readonly cafile: string | null;
  /** The folder of trusted certificates; `null` where there is none. */
  readonly capath: string | null;
  /** The environment variable that names another file. */
  readonly opensslCafileEnv: string;
  /** The file that is used without that variable. */
  readonly opensslCafile: string;
  /** The environment variable that names another folder. */
  readonly opensslCapathEnv: string;
  /** The folder that is used without that variable. */
  readonly opensslCapath: string;
}

const CAFILE_ENV = 'SSL_CERT_FILE';
const CAPATH_ENV = 'SSL_CERT_DIR';

/** Where systems have OpenSSL's files: Debian and Ubuntu, Fedora and Red Hat, all others. */
const FOLDERS = ['/usr/lib/ssl', '/etc/pki/tls', '/etc/ssl'] as const;

/**
 * Where OpenSSL looks for trusted certificates on this system.
 *
 * @remarks Differs from Python in that the system's paths are found by looking for them. Node's own OpenSSL was built for
 * a folder that no system has.
 *
 * @see https://docs.python.org/3/library/ssl.html#ssl.get_default_verify_paths
 */
export function getDefaultVerifyPaths(): DefaultVerifyPaths {
  const folder = FOLDERS.find((name) => existsSync(posix.join(name, 'certs'))) ?? FOLDERS[0];
  const opensslCafile = posix.join(folder, 'cert.pem');
  const opensslCapath = posix.join(folder, 'certs');
  const cafile = process.env[CAFILE_ENV] ?? opensslCafile;
  const capath = process.env[CAPATH_ENV] ?? opensslCapath;
  return {
    cafile: statSync(cafile, { throwIfNoEntry: false })?.isFile() === true ? cafile : null,
    capath: statSync(capath, { throwIfNoEntry: false })?.isDirectory() === true ? capath : null,
    opensslCafileEnv: CAFILE_ENV,
    opensslCafile,
    opensslCapathEnv: CAPATH_ENV,
    opensslCapath,
  };
}
