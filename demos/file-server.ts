import { STATUS_CODES } from 'node:http';
import PQueue from 'p-queue';
import * as socket from '../lib/index.ts';
import { allOrReset } from './support/all-or-reset.ts';
import { command, integerFrom, run, timeLimit } from './support/command.ts';
import { deadlineIn } from './support/deadline.ts';
import { HttpError, readHead } from './support/http.ts';
import { printable } from './support/printable.ts';
import { addressText } from './support/text.ts';
import { WebFolder } from './support/web-folder.ts';

/**
 * A file server: serves the files of a folder to browsers, by HTTP/1.0.
 *
 *     npx ts-node demos/file-server.ts docs
 *     curl http://localhost:8000/options.md
 */

interface Options {
  readonly host: string;
  readonly port: number;
  readonly clients: number;
  readonly timeout: number;
  readonly speed: number;
}

/** What one client may take of the server, so that the others do not wait for ever. */
type Limits = Pick<Options, 'timeout' | 'speed'>;

async function main(path: string, { host, port, clients, ...limits }: Options): Promise<void> {
  const folder = await WebFolder.at(path);
  const server = socket.createServer([await socket.gethostbyname(host), port]);
  console.log(`listening on ${addressText(server.getsockname())}`);
  const queue = new PQueue({ concurrency: clients });
  while (true) {
    // While all places are taken, new clients wait in the listener's queue.
    await queue.onSizeLessThan(1);
    const [conn, address] = await server.accept();
    void queue.add(() => serve(conn, addressText(address), folder, limits));
  }
}

/** Serves one client. Its errors concern no other client. */
async function serve(conn: socket.Socket, client: string, folder: WebFolder, limits: Limits): Promise<void> {
  try {
    conn.settimeout(limits.timeout);
    await using file = conn.makefile('rb');
    const outcome = await answer(conn, file, folder, limits);
    console.log(`${client} ${outcome}`);
    await hangUp(conn, file, limits);
  } catch (error) {
    console.log(`lost ${client}: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    conn.close();
  }
}

/** Reads a request, all of which has to come within the time limit, and answers it. The result is a line for the log. */
async function answer(
  conn: socket.Socket,
  file: socket.BufferedReader,
  folder: WebFolder,
  limits: Limits,
): Promise<string> {
  const deadline = deadlineIn(limits.timeout);
  let request: Request | undefined;
  try {
    request = await readRequest(file, deadline);
    return request === undefined ? 'asked nothing' : await sendFile(conn, request, folder, limits);
  } catch (error) {
    const refusal = error === deadline.reason ? new HttpError(408, 'the request took too long') : error;
    if (!(refusal instanceof HttpError)) throw refusal;
    await sendRefusal(conn, refusal, request?.method !== 'HEAD');
    return `${refusal.status} ${request === undefined ? refusal.message : printable(request.target)}`;
  }
}

interface Request {
  readonly method: string;
  readonly target: string;
}

async function readRequest(file: socket.BufferedReader, signal: AbortSignal): Promise<Request | undefined> {
  const head = await readHead(file, { signal });
  if (head === undefined) return undefined;
  const [, method, target] = /^([A-Z]+) (\S+) HTTP\/1\.\d$/.exec(head.line) ?? [];
  if (method === undefined || target === undefined) throw new HttpError(400, 'no request of HTTP/1.0 or 1.1');
  return { method, target };
}

async function sendFile(
  conn: socket.Socket,
  { method, target }: Request,
  folder: WebFolder,
  { timeout, speed }: Limits,
): Promise<string> {
  if (method !== 'GET' && method !== 'HEAD') throw new HttpError(405, `${method} is not for files`);
  const { handle, size, modified, type } = await folder.open(target);
  try {
    await conn.sendall(head(200, { 'Content-Type': type, 'Last-Modified': modified.toUTCString() }, size));
    if (method === 'GET' && size > 0) {
      const signal = deadlineIn(timeout + size / (speed * 1024));
      await allOrReset(conn, async () => {
        const sent = await conn.sendfile(handle, 0, size, { signal });
        if (sent < size) throw new Error(`the file ended after ${sent} of ${size} bytes`);
      });
    }
    return `200 ${method} ${printable(target)}`;
  } finally {
    await handle.close();
  }
}

async function sendRefusal(conn: socket.Socket, { status, message }: HttpError, withBody: boolean): Promise<void> {
  const text = `${status} ${message}\n`;
  const headers = { 'Content-Type': 'text/plain; charset=utf-8', ...(status === 405 && { Allow: 'GET, HEAD' }) };
  await conn.sendall(head(status, headers, Buffer.byteLength(text)) + (withBody ? text : ''));
}

function head(status: number, headers: Readonly<Record<string, string>>, length: number): string {
  const all = {
    Date: new Date().toUTCString(),
    ...headers,
    'Content-Length': length,
    'X-Content-Type-Options': 'nosniff',
    Connection: 'close',
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.0 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n`;
}

/** The most bytes that are read from a client after the answer. */
const LAST_WORDS = 1024 * 1024;

/**
 * Ends the answer, and waits for the client's end: closing with bytes unread would reset the connection, and take the
 * answer away from a client that still sends.
 */
async function hangUp(conn: socket.Socket, file: socket.BufferedReader, { timeout }: Limits): Promise<void> {
  conn.shutdown(socket.SHUT_WR);
  const deadline = deadlineIn(timeout);
  for (let heard = 0; heard < LAST_WORDS;) {
    const block = await file.read1(-1, { signal: deadline });
    if (block.length === 0) return;
    heard += block.length;
  }
}

const program = command('file-server', 'Serves the files of a folder, by HTTP/1.0.')
  .argument('[folder]', 'the folder; the current one if it is left out')
  .option('--host <host>', 'the address to listen on', '127.0.0.1')
  .option('--port <port>', 'the port to listen on; 0 for a free one', integerFrom(0, 65535), 8000)
  .option('--clients <number>', 'how many clients are served at once', integerFrom(1, 1000), 64)
  .option('--timeout <seconds>', 'how long a request may take, and each 64 KiB of an answer', timeLimit, 30)
  .option('--speed <KiB>', 'the least a second that a client has to receive on average', integerFrom(1, 1_000_000), 16)
  .parse();
const [folder = '.'] = program.args;
run(program.name(), () => main(folder, program.opts<Options>()));
