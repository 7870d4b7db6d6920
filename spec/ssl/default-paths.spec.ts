import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { getDefaultVerifyPaths } from '../../lib/ssl/default-paths.ts';
import { hasPython, python } from '../support/python.ts';

const PYTHON = `
import json, os, ssl, sys
os.environ.update(json.load(sys.stdin))
json.dump(ssl.get_default_verify_paths(), sys.stdout)
`;

describe('getDefaultVerifyPaths()', () => {
  let folder = '';
  let file = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'default-paths-'));
    file = join(folder, 'certificates.pem');
    writeFileSync(file, '');
  });

  beforeEach(() => {
    jest.replaceProperty(process, 'env', { ...process.env });
    delete process.env.SSL_CERT_FILE;
    delete process.env.SSL_CERT_DIR;
  });

  afterAll(() => {
    jest.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });

  it('goes by the environment', () => {
    process.env.SSL_CERT_FILE = file;
    process.env.SSL_CERT_DIR = folder;
    expect(getDefaultVerifyPaths()).toMatchObject({
      cafile: file,
      capath: folder,
      opensslCafileEnv: 'SSL_CERT_FILE',
      opensslCapathEnv: 'SSL_CERT_DIR',
    });
  });

  it('names nothing that is not there, or is of the other kind', () => {
    process.env.SSL_CERT_FILE = folder;
    process.env.SSL_CERT_DIR = file;
    expect(getDefaultVerifyPaths()).toMatchObject({ cafile: null, capath: null });
    process.env.SSL_CERT_FILE = process.env.SSL_CERT_DIR = join(folder, 'missing');
    expect(getDefaultVerifyPaths()).toMatchObject({ cafile: null, capath: null });
  });

  it('has paths of its own without it', () => {
    const { opensslCafile, opensslCapath, capath } = getDefaultVerifyPaths();
    expect(opensslCafile).toMatch(/\/cert\.pem$/);
    expect(opensslCapath).toMatch(/\/certs$/);
    expect([null, opensslCapath]).toContain(capath);
  });

  (hasPython ? it : it.skip)('gives what Python gives', () => {
    const ours = (): unknown => Object.values(getDefaultVerifyPaths());
    const environment = { SSL_CERT_FILE: file, SSL_CERT_DIR: folder };
    Object.assign(process.env, environment);
    const [cafile, capath, ...rest] = python(PYTHON, environment) as (string | null)[];
    const [ourFile, ourFolder, ...others] = ours() as (string | null)[];
    expect([ourFile, ourFolder]).toEqual([cafile, capath]);
    // An OpenSSL that Python was built with may have other folders than the system's.
    if (rest[1] === others[1]) expect(others).toEqual(rest);
  });
});
