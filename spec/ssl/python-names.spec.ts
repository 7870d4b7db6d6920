import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { certTimeToSeconds } from '../../lib/ssl/certificate-times.ts';
import * as constants from '../../lib/ssl/constants.ts';
import { SSLContext, SSLObject, SSLSocket } from '../../lib/ssl/classes.ts';
import * as ssl from '../../lib/ssl/index.ts';
import { getDefaultVerifyPaths } from '../../lib/ssl/default-paths.ts';
import { DERCertToPEMCert, PEMCertToDERCert } from '../../lib/ssl/pem.ts';
import { RAND_add, RAND_bytes, RAND_status } from '../../lib/ssl/random.ts';
import { root } from '../docs/blocks.ts';
import { hasPython, python } from '../support/python.ts';
import { tlsPair } from '../support/tls.ts';

/** A name of Python's, or the beginning of several, and what the document says has become of it. */
interface Told {
  readonly name: string;
  readonly how: readonly string[];
}

const text = readFileSync(join(root, 'docs/python-ssl.md'), 'utf8');

/** The text below a heading, up to the next one. */
function section(heading: string): string {
  const [, rest = ''] = text.split(`# ${heading}\n`);
  return rest.split(/^#/m)[0] ?? '';
}

function quoted(cell: string): string[] {
  return [...cell.matchAll(/`(\w+\*?)`/g)].map(([, name = '']) => name);
}

function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

function table(heading: string): Told[] {
  const lines = section(heading)
    .split('\n')
    .filter((line) => line.startsWith('|'));
  return lines.slice(2).flatMap((line) => {
    const [names = '', how = ''] = cellsOf(line);
    return quoted(names).map((name) => ({ name, how: how.split(', ') }));
  });
}

function list(heading: string): Told[] {
  return quoted(section(heading)).map((name) => ({ name, how: ['same'] }));
}

const functions = table('Functions');
const others = table('Classes, errors, and what else there is');
const ofModule = [...functions, ...others, ...list('Constants that are here')];
const ofContexts = table('Methods and attributes of contexts');
const ofSockets = table('Methods and attributes of TLS sockets');
const ofObjects = table('Objects, sessions and memory BIOs');
const all = [ofModule, ofContexts, ofSockets, ofObjects];

/** A name as it is here: `cert_time_to_seconds` is `certTimeToSeconds`. */
function ours(name: string): string {
  return name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

function isTold(told: readonly Told[], name: string): boolean {
  return told.some((one) => one.name === name || (one.name.endsWith('*') && name.startsWith(one.name.slice(0, -1))));
}

function names(told: readonly Told[], isHere: boolean): string[] {
  return told.filter(({ how }) => how.includes('absent') !== isHere).map(({ name }) => name);
}

describe('docs/python-ssl.md', () => {
  it('tells of each name once, in words that it explains', () => {
    const words = new Set(all.flat().flatMap(({ how }) => how));
    expect([...words].sort()).toEqual(['absent', 'awaited', 'different', 'same']);
    for (const told of all) {
      const found = told.map(({ name }) => name);
      expect(found.filter((name, index) => found.indexOf(name) !== index)).toEqual([]);
      expect(found.length).toBeGreaterThan(20);
    }
  });

  it('has a note wherever something is different or absent', () => {
    const rows = text.split('\n').filter((line) => /\| (awaited, )?(different|absent) +\|/.test(line));
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.filter((line) => cellsOf(line)[2] === '')).toEqual([]);
  });

  it('tells of all constants', () => {
    const found = Object.keys(constants);
    expect(found.length).toBeGreaterThan(80);
    expect(found.filter((name) => !isTold(ofModule, name))).toEqual([]);
  });

  it('names functions as they are here', () => {
    const found = [certTimeToSeconds, DERCertToPEMCert, PEMCertToDERCert, getDefaultVerifyPaths];
    const here = names(functions, true).map(ours);
    expect(found.map(({ name }) => name).filter((name) => !here.includes(name))).toEqual([]);
    const random = [RAND_add, RAND_bytes, RAND_status].map(({ name }) => name);
    expect(random.filter((name) => !isTold(functions, name))).toEqual([]);
  });

  it('says rightly what contexts have, and what they have not', () => {
    const context = new SSLContext(constants.PROTOCOL_TLS_CLIENT);
    // What makes sockets and objects comes from where these are.
    const made = ['wrap_socket', 'wrap_bio'];
    expect(names(ofContexts, true).filter((name) => !made.includes(name) && !(ours(name) in context))).toEqual([]);
    expect(names(ofContexts, false).filter((name) => ours(name) in context)).toEqual([]);
    const told = ofContexts.map(({ name }) => ours(name));
    const found = Object.getOwnPropertyNames(SSLContext.prototype).filter((name) => name !== 'constructor');
    expect(found.filter((name) => !told.includes(name))).toEqual([]);
  });

  it('says rightly what sockets, objects and sessions have, and what they have not', async () => {
    const [client] = await tlsPair({ version: ssl.TLSVersion.TLSv1_2 });
    const kinds = [
      [ofSockets, [SSLSocket.prototype]],
      [ofObjects, [SSLObject.prototype, ssl.MemoryBIO.prototype, client.session ?? {}]],
    ] as const;
    for (const [told, found] of kinds) {
      const isHere = (name: string): boolean => found.some((one) => ours(name) in one);
      expect(names(told, true).filter((name) => !isHere(name))).toEqual([]);
      expect(names(told, false).filter(isHere)).toEqual([]);
    }
  });

  it('says rightly what the module has, and what it has not', () => {
    const isHere = (name: string): boolean => [name, ours(name)].some((one) => one in ssl);
    // A type leaves nothing in a module.
    const single = names(ofModule, true).filter((name) => !name.endsWith('*') && name !== 'DefaultVerifyPaths');
    expect(single.filter((name) => !isHere(name))).toEqual([]);
    expect(names(ofModule, false).filter(isHere)).toEqual([]);
  });
});

const PYTHON = `
import json, ssl, sys
kinds = {'module': ssl, 'context': ssl.SSLContext, 'socket': ssl.SSLSocket}
found = {kind: dir(value) for kind, value in kinds.items()}
found['socket'] += ['server_side', 'server_hostname']
found['objects'] = sorted({name for kind in (ssl.SSLObject, ssl.SSLSession, ssl.MemoryBIO) for name in dir(kind)})
json.dump({'version': sys.version_info[:2], 'names': found}, sys.stdout)
`;

interface TheirNames {
  readonly version: readonly [major: number, minor: number];
  readonly names: Readonly<Record<'module' | 'context' | 'socket' | 'objects', readonly string[]>>;
}

/** The names of a version of Python's that the document does not know yet are not asked for. */
const NEWEST = 13;

/** What Python has lost in version 3.12, and what has come since. */
const CHANGED = [
  ...['RAND_pseudo_bytes', 'match_hostname', 'wrap_socket', 'OP_ENABLE_KTLS', 'OP_LEGACY_SERVER_CONNECT', 'HAS_PSK'],
  ...['set_psk_client_callback', 'set_psk_server_callback', 'get_verified_chain', 'get_unverified_chain'],
];

(hasPython ? describe : describe.skip)('docs/python-ssl.md, beside the real Python', () => {
  const nothing: TheirNames = { version: [3, 0], names: { module: [], context: [], socket: [], objects: [] } };
  const theirs = hasPython ? (python(PYTHON, null) as TheirNames) : nothing;
  const pairs = [
    ['module', ofModule],
    ['context', ofContexts],
    ['socket', ofSockets],
    ['objects', ofObjects],
  ] as const;

  (theirs.version[1] <= NEWEST ? it : it.skip).each(pairs)('has all names: %s', (kind, told) => {
    const found = theirs.names[kind].filter((name) => !name.startsWith('_'));
    expect(found.length).toBeGreaterThan(20);
    expect(found.filter((name) => !isTold(told, name))).toEqual([]);
  });

  it.each(pairs)('has no name that Python has not: %s', (kind, told) => {
    const strays = told.filter(({ name }) => !name.endsWith('*') && !theirs.names[kind].includes(name));
    expect(strays.map(({ name }) => name).filter((name) => !CHANGED.includes(name))).toEqual([]);
  });
});
