import { once } from 'node:events';
import type * as socket from '../../lib/index.ts';
import { Output } from './file.ts';
import { readHead, type Head } from './http.ts';
import { printable } from './printable.ts';
import { count } from './text.ts';

/** What a client of HTTP/1.0 asks for. */
interface Wanted {
  /** Whether it wants the headers only. */
  readonly isHead: boolean;
  /** The file that the body is written into; it is printed if this is left out. */
  readonly out: string | undefined;
}

/** Reads the URL of a command line. The scheme is `http:` or `https:`. */
export function urlFrom(text: string, scheme: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === scheme) return url;
  throw new Error(`'${text}' is not a URL that begins with ${scheme}//`);
}

/** The host of a URL, without the brackets of an IPv6 address, which Node's URL keeps. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

/** Asks for what is at a URL, over a connection to its host, and prints the answer's headers and its body. */
export async function get(sock: socket.Socket, url: URL, { isHead, out }: Wanted): Promise<void> {
  await using file = sock.makefile('rwb');
  await file.write(`${isHead ? 'HEAD' : 'GET'} ${url.pathname}${url.search} HTTP/1.0\r\n`);
  await file.write(`Host: ${url.host}\r\nUser-Agent: await-socket-demo\r\nConnection: close\r\n\r\n`);
  await file.flush();

  const head = await readHead(file.reader, {});
  if (head === undefined) throw new Error(`${url.host} hung up without an answer`);
  const status = statusOf(head);
  await print([head.line, ...head.lines, ''].map(printable));
  // The body of a refusal or a redirection is for the reader; the file is for what was asked for.
  const isFound = status < 300;
  if (!isHead) await receiveBody(file.reader, lengthOf(head), isFound ? out : undefined);
  if (status >= 400 || (!isFound && out !== undefined)) throw new Error(printable(`${url.href}: ${head.line}`));
}

function statusOf({ line }: Head): number {
  const [, status] = /^HTTP\/1\.\d (\d{3})( |$)/.exec(line) ?? [];
  if (status === undefined) throw new Error(`that is no answer of HTTP/1: '${printable(line)}'`);
  return Number(status);
}

/** How long the body is; `undefined` if the end of the connection ends it. */
function lengthOf({ headers }: Head): number | undefined {
  const encoding = headers.get('transfer-encoding');
  if (encoding !== undefined) throw new Error(`HTTP/1.0 has no Transfer-Encoding, and this is ${printable(encoding)}`);
  const length = headers.get('content-length');
  if (length === undefined) return undefined;
  if (!/^\d{1,15}$/.test(length)) throw new Error(`that is no Content-Length: '${printable(length)}'`);
  return Number(length);
}

/** Receives the body block by block, into a file or to the standard output. A file that is not complete is removed. */
async function receiveBody(file: socket.BufferedReader, length = Infinity, out?: string): Promise<void> {
  const output = out === undefined ? undefined : await Output.open(out);
  let received = 0;
  while (received < length) {
    const block = await file.read1(Math.min(length - received, 65536));
    if (block.length === 0) break;
    received += block.length;
    await (output === undefined ? write(block) : output.write(block));
  }
  if (received < length && length !== Infinity) {
    throw new Error(`only ${received} of ${count(length, 'byte', 'bytes')} came`);
  }
  await output?.complete();
}

async function print(lines: readonly string[]): Promise<void> {
  await write(lines.map((line) => `${line}\n`).join(''));
}

/** Waits only until the reader of the output has caught up. */
async function write(data: string | Buffer): Promise<void> {
  if (!process.stdout.write(data)) await once(process.stdout, 'drain');
}
