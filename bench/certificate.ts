import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { CERTIFICATE, KEY } from './counts/places.ts';
import { SERVER_NAME, type CertificateFiles } from './tasks.ts';

/** Makes a certificate that has signed itself, good for a day, and its key (P-256): OpenSSL's own program does. */
export function makeCertificate(folder: string): CertificateFiles {
  const files = { certificate: join(folder, CERTIFICATE), key: join(folder, KEY) };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', files.key];
  const names = ['-subj', `/CN=${SERVER_NAME}`, '-addext', `subjectAltName=DNS:${SERVER_NAME}`];
  execFileSync('openssl', ['req', '-x509', ...key, ...names, '-days', '1', '-out', files.certificate], {
    stdio: 'pipe',
  });
  return files;
}
