/**
 * PEM, as OpenSSL reads it: what stands between the blocks is passed over, and a block begins at the start of a line.
 */

/** What is wrong with a block. */
export type PemFlaw = 'BAD_BASE64_DECODE' | 'BAD_END_LINE';

/** A block of PEM. */
export interface PemBlock {
  /** What it holds: `'CERTIFICATE'`. */
  readonly label: string;
  /** The whole block, with the line that ends it. */
  readonly text: string;
  /** What it holds, or why that cannot be known. */
  readonly content: Buffer | PemFlaw;
  /** Whether a password is needed to read it. */
  readonly isEncrypted: boolean;
}

const BEGIN = /^-----BEGIN ([^\r\n]*?)-----[ \t]*\r?$/gm;

/** The blocks of a text, in their order. */
export function pemBlocks(text: string): PemBlock[] {
  return [...text.matchAll(BEGIN)].map((begin) => {
    const [line, label = ''] = begin;
    const rest = text.slice(begin.index + line.length);
    // The next line of dashes ends the block, or shows that its own end is missing.
    const dashes = /^-----[^\r\n]*/m.exec(rest);
    const isWhole = dashes?.[0].startsWith(`-----END ${label}-----`) === true;
    const body = rest.slice(0, dashes?.index ?? rest.length);
    return {
      label,
      text: `${line.trimEnd()}${body}${isWhole ? `-----END ${label}-----` : ''}\n`,
      content: isWhole ? contentOf(body) : 'BAD_END_LINE',
      isEncrypted: label === 'ENCRYPTED PRIVATE KEY' || /^Proc-Type:[^\n]*ENCRYPTED/m.test(body),
    };
  });
}

/** The bytes of a block, after its headers, which a blank line ends. */
function contentOf(body: string): Buffer | PemFlaw {
  const [headers = '', ...rest] = body.trimStart().split(/\r?\n[ \t]*\r?\n/);
  const base64 = (headers.includes(':') ? rest.join('\n') : body).replaceAll(/\s/g, '');
  return /^[\w+/]*={0,2}$/.test(base64) && !base64.includes('_') && base64.length % 4 === 0
    ? Buffer.from(base64, 'base64')
    : 'BAD_BASE64_DECODE';
}

/** Whether a block is a certificate, by any of the names that OpenSSL knows for it. */
export function isCertificate({ label }: PemBlock): boolean {
  return label === 'CERTIFICATE' || label === 'X509 CERTIFICATE' || label === 'TRUSTED CERTIFICATE';
}

/** Bytes as a block of PEM. */
export function toPem(label: string, content: Uint8Array): string {
  const lines = Buffer.from(content)
    .toString('base64')
    .replaceAll(/.{64}(?!$)/g, '$&\n');
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
