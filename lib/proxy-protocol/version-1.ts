import type { Address } from '../common/addresses.ts';
import { shown } from '../common/arguments.ts';
import { AF_INET, AF_INET6, AF_UNSPEC, SOCK_STREAM } from '../common/constants.ts';
import { formatIPv4, formatIPv6, parseDottedQuad, parseIPv6 } from '../names/inet.ts';
import { wrong } from './errors.ts';
import type { ProxyHeader } from './header.ts';
import { NO_VALUES } from './tlvs.ts';

/** How such a header begins. */
export const PREFIX = Buffer.from('PROXY ');

/** The most bytes of such a header, with its end. */
export const LONGEST_LINE = 107;

const PROTOCOLS = ['TCP4 ', 'TCP6 ', 'UNKNOWN'];

/**
 * Reads the header, a line of text.
 *
 * @returns the header, or how many bytes at least belong to it that are missing.
 */
export function parseVersion1(bytes: Buffer): ProxyHeader | number {
  const line = bytes.toString('latin1');
  if (!PROTOCOLS.some((protocol) => isStartOf(`${String(PREFIX)}${protocol}`, line))) throw unreadable(line);
  const end = line.search(/[\r\n]/);
  if (end === -1 || line.slice(end) === '\r') {
    // The line ends with CR LF: nothing after that is touched.
    const missing = end === -1 ? 2 : 1;
    if (line.length + missing <= LONGEST_LINE) return missing;
    throw wrong(`the PROXY header has no end within ${LONGEST_LINE} bytes`);
  }
  if (line.slice(end) !== '\r\n') throw unreadable(line);
  return headerOf(line.slice(PREFIX.length, end));
}

/** Whether one of two texts begins with the other. */
function isStartOf(start: string, line: string): boolean {
  return line.length < start.length ? start.startsWith(line) : line.startsWith(start);
}

function headerOf(content: string): ProxyHeader {
  // What follows the word has no meaning, and is to be ignored.
  if (/^UNKNOWN(?: |$)/.test(content)) return made(AF_UNSPEC, 0, null, null);
  const [protocol, source = '', destination = '', sourcePort = '', destinationPort = '', ...more] = content.split(' ');
  const family = protocol === 'TCP4' ? AF_INET : AF_INET6;
  const from = addressOf(family, source, sourcePort);
  const to = addressOf(family, destination, destinationPort);
  if (from === undefined || to === undefined || more.length > 0) throw unreadable(`PROXY ${content}`);
  return made(family, SOCK_STREAM, from, to);
}

function made(family: number, type: number, source: Address | null, destination: Address | null): ProxyHeader {
  return { version: 1, command: 'PROXY', family, type, source, destination, ...NO_VALUES };
}

function addressOf(family: number, host: string, port: string): Address | undefined {
  const bytes = family === AF_INET ? parseDottedQuad(host) : parseIPv6(host);
  const number = /^(?:0|[1-9]\d{0,4})$/.test(port) ? Number(port) : Infinity;
  if (bytes === null || number > 0xffff) return undefined;
  return family === AF_INET ? [formatIPv4(bytes), number] : [formatIPv6(bytes), number, 0, 0];
}

function unreadable(line: string): Error {
  return wrong(`no PROXY header: ${shown(line)}`);
}
