import { join } from 'node:path';

/** The folder of the certificates and keys that the ends use, by their names. */
export const certificates = join(__dirname, '../../support/certificates');
