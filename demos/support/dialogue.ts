import type * as socket from '../../lib/index.ts';

/** Longer lines are refused. RFC 5321 allows 1000 bytes. */
const LONGEST_LINE = 1000;

/** Lines that two programs say to each other over a connection, as in SMTP. */
export class Dialogue implements AsyncDisposable {
  readonly #sock: socket.Socket;
  readonly #lines: socket.TextFile;

  constructor(sock: socket.Socket) {
    this.#sock = sock;
    // latin1 has a character for each byte, so that nothing is lost.
    this.#lines = sock.makefile('r', { encoding: 'latin1', newline: '\r\n' });
  }

  /** Sends lines. */
  async say(...lines: readonly string[]): Promise<void> {
    await this.#sock.sendall(lines.map((line) => `${line}\r\n`).join(''));
  }

  /** Receives a line. */
  async hear(): Promise<string> {
    const line = await this.#lines.readline(LONGEST_LINE);
    if (line.endsWith('\r\n')) return line.slice(0, -2);
    throw new Error(line.length < LONGEST_LINE ? 'the other side hung up' : `a line of over ${LONGEST_LINE} bytes`);
  }

  /** Leaves the connection as it is. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lines.close();
  }
}
