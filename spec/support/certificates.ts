import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasProgram } from './programs.ts';

/** Certificates are made by OpenSSL's own program. */
export const hasOpenSSL = hasProgram('openssl');

/** A folder of certificates and keys, made for one spec. */
export class CertificateFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'await-socket-certificates-'));

  /** The path of a file in it. */
  file(name: string): string {
    return join(this.path, name);
  }

  /** The text of a file in it. */
  text(name: string): string {
    return readFileSync(this.file(name), 'latin1');
  }

  /** The bytes of a file in it. */
  bytes(name: string): Buffer {
    return readFileSync(this.file(name));
  }

  /** Writes a file. */
  write(name: string, content: string | Buffer): void {
    writeFileSync(this.file(name), content);
  }

  /** Runs openssl in the folder. */
  openssl(command: string): void {
    const { status, stderr } = spawnSync('openssl', command.split(' '), { cwd: this.path, encoding: 'utf8' });
    if (status !== 0) throw new Error(`openssl ${command} failed:\n${stderr}`);
  }

  /** An authority, which has signed itself. */
  authority(name: string, subject = `/CN=${name}`, key = 'ec -pkeyopt ec_paramgen_curve:P-256'): void {
    this.openssl(`req -x509 -newkey ${key} -nodes -keyout ${name}.key -out ${name}.pem -days 36500 -subj ${subject}`);
  }

  /** A certificate for localhost that an authority has signed. */
  leaf(name: string, authority: string, key = 'ec -pkeyopt ec_paramgen_curve:P-256'): void {
    this.openssl(`req -newkey ${key} -nodes -keyout ${name}.key -out ${name}.csr -subj /CN=localhost`);
    this.write(`${name}.ext`, 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
    this.openssl(
      `x509 -req -in ${name}.csr -CA ${authority}.pem -CAkey ${authority}.key -set_serial 7 -out ${name}.pem -days 36500 ` +
        `-extfile ${name}.ext`,
    );
  }

  /** The list of what an authority has revoked: the certificates of these serial numbers. */
  revoke(name: string, authority: string, serials: readonly number[] = []): void {
    const lines = serials.map(
      (serial) => `R\t20991231235959Z\t200101000000Z\t${`0${serial}`.slice(-2)}\tunknown\t/CN=localhost\n`,
    );
    this.write('index.txt', lines.join(''));
    this.write('number', '01\n');
    const settings = 'database=index.txt\ndefault_md=sha256\ncrlnumber=number\n';
    this.write('ca.conf', `[ca]\ndefault_ca=d\n[d]\n${settings}`);
    this.openssl(
      `ca -gencrl -keyfile ${authority}.key -cert ${authority}.pem -out ${name}.pem -crldays 36500 -config ca.conf`,
    );
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
