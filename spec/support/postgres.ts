import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reservedPort } from './ports.ts';
import { hasProgram, OtherProgram } from './programs.ts';
import { certificateFile, keyFile } from './tls-contexts.ts';

/** Debian keeps PostgreSQL's programs out of the path. */
function programFolder(): string | undefined {
  try {
    const [version] = readdirSync('/usr/lib/postgresql');
    return version === undefined ? undefined : `/usr/lib/postgresql/${version}/bin`;
  } catch {
    return undefined;
  }
}

const programs = programFolder();
const isRoot = process.getuid?.() === 0;

/** Whether a PostgreSQL can be started here. */
export const hasPostgres = programs !== undefined && hasProgram('setpriv');

/** PostgreSQL refuses to run as root; setpriv becomes the program that it starts. */
function asPostgres(program: string, args: readonly string[]): [file: string, args: string[]] {
  const file = `${programs ?? ''}/${program}`;
  if (!isRoot) return [file, [...args]];
  return ['setpriv', ['--reuid', 'postgres', '--regid', 'postgres', '--clear-groups', file, ...args]];
}

/** A PostgreSQL of one spec's own, in a temporary folder, with TLS. */
export class Postgres implements AsyncDisposable {
  /** Where its Unix socket is. */
  readonly folder = mkdtempSync(join(tmpdir(), 'postgres-spec-'));
  readonly port = reservedPort();
  #server: OtherProgram | undefined;

  /** @param access - the lines of pg_hba.conf: whom it lets in. */
  async start(access: string): Promise<void> {
    const { folder } = this;
    chmodSync(folder, 0o755);
    if (isRoot) spawnSync('chown', ['postgres', folder]);
    const data = join(folder, 'data');
    const [file, args] = asPostgres('initdb', ['-D', data, '-N', '-A', 'reject', '-U', 'tester', '--locale', 'C']);
    const { status, stderr } = spawnSync(file, args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`initdb failed:\n${stderr}`);
    copyFileSync(certificateFile('server'), join(folder, 'server.pem'));
    copyFileSync(keyFile('server'), join(folder, 'server.key'));
    chmodSync(join(folder, 'server.key'), 0o600);
    if (isRoot) spawnSync('chown', ['postgres', join(folder, 'server.key')]);
    writeFileSync(join(data, 'pg_hba.conf'), access);
    const settings = Object.entries({
      ssl: 'on',
      ssl_cert_file: join(folder, 'server.pem'),
      ssl_key_file: join(folder, 'server.key'),
      listen_addresses: '127.0.0.1',
      unix_socket_directories: folder,
      fsync: 'off',
    }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    this.#server = new OtherProgram(...asPostgres('postgres', ['-D', data, '-p', String(this.port), ...settings]));
    await this.#server.tells(/database system is ready to accept connections/);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
