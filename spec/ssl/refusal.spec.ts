import { readFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { settingsOf } from '../../lib/ssl/context-settings.ts';
import { ALERT_DESCRIPTION_CERTIFICATE_UNKNOWN, ALERT_DESCRIPTION_UNKNOWN_CA } from '../../lib/ssl/alert-constants.ts';
import { alertFor, refusalFor } from '../../lib/ssl/refusal.ts';
import { certificateFile, clientContext, type AuthorityName, type CertificateName } from '../support/tls-contexts.ts';

const read = (name: CertificateName | AuthorityName): X509Certificate =>
  new X509Certificate(readFileSync(certificateFile(name)));
const fault = (code: string): Error => Object.assign(new Error('refused'), { code });
const codeFor = (name: CertificateName | AuthorityName, error: Error | undefined): number | undefined =>
  refusalFor(read(name), error, undefined, settingsOf(clientContext()))?.verifyCode;

describe('why a certificate is refused', () => {
  it('is the first fault of the chain, where Node knows the last', () => {
    expect(codeFor('server', fault('UNABLE_TO_VERIFY_LEAF_SIGNATURE'))).toBe(20);
    expect(codeFor('untrusted', fault('CERT_HAS_EXPIRED'))).toBe(20);
    expect(codeFor('self-signed', fault('CERT_HAS_EXPIRED'))).toBe(18);
    expect(codeFor('expired', fault('CERT_HAS_EXPIRED'))).toBe(10);
    expect(codeFor('server', fault('INVALID_PURPOSE'))).toBe(26);
    expect(codeFor('server', undefined)).toBeUndefined();
  });

  it('is unspecified for an error that is none of OpenSSL', () => {
    const error = new Error('out of tea');
    const refusal = refusalFor(read('server'), error, undefined, settingsOf(clientContext()));
    expect(refusal).toEqual({ verifyCode: 1, verifyMessage: 'out of tea' });
  });
});

describe('the alert for a refusal', () => {
  it('is the one of OpenSSL, and certificate_unknown for the others', () => {
    expect(alertFor({ verifyCode: 20, verifyMessage: '' })).toBe(ALERT_DESCRIPTION_UNKNOWN_CA);
    expect(alertFor({ verifyCode: 76, verifyMessage: '' })).toBe(ALERT_DESCRIPTION_CERTIFICATE_UNKNOWN);
  });
});
