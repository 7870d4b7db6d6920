/**
 * The protocol of the benchmark's processes: commands and answers, one JSON object a line, on standard input and
 * output. A task is one side of an exchange; each contender can take either side, and the other side is always the same
 * program.
 */

/** Where a server is: as `net.connect()` and `server.listen()` take it. */
export type Where = { readonly host: string; readonly port: number } | { readonly path: string };

/** The files of a server's certificate, which clients trust, and of its key. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/** The host name that the certificate is for. */
export const SERVER_NAME = 'localhost';

/** The settings of an exchange. A contender ignores those that it cannot follow. */
export interface Settings {
  /** Bytes of a message, or at most that many at a time. */
  readonly size: number;
  /** The number of simultaneous connections. */
  readonly connections: number;
  /**
   * The calls: with `plain` ones, `into` the caller's memory, through a `file` object, which may have a large buffer, as
   * a `stream` of Node's, with a `selector` for all connections, or with a burst of datagrams as the `segments` of one
   * send, of which the kernel makes them.
   */
  readonly way: 'plain' | 'into' | 'file' | 'large file' | 'stream' | 'selector' | 'segments';
  /** Whether a UDP socket is connected to its peer. */
  readonly connected: boolean;
}

/** How long a client goes on: so many seconds, or so many operations if they are done earlier. */
export interface Span {
  readonly seconds: number;
  readonly times?: number | undefined;
}

/** The settings of a client. */
export interface ClientSettings extends Settings {
  readonly files: CertificateFiles;
  readonly where: Where;
  readonly span: Span;
}

/** The settings of a server. */
export interface ServerSettings extends Settings {
  readonly files: CertificateFiles;
  /** Where to listen: port 0, or a path. */
  readonly where: Where;
}

/**
 * A command to a process: run a client, start a server, end the server, or report how much memory is in use.
 */
export type Command =
  | ({ readonly client: ClientTask } & ClientSettings)
  | ({ readonly server: ServerTask } & ServerSettings)
  | { readonly stop: true }
  | { readonly memory: true };

/** A client's measurement. */
export interface Measured {
  /** The number of operations, or of bytes. */
  readonly count: number;
  readonly seconds: number;
}

/** A server that runs. */
export interface Server {
  readonly where: Where;
  /** Ends it, and waits until all of it is closed. */
  stop(): Promise<void>;
}

/** The sides that a client can take. */
export type ClientTask =
  /** Sends a message, waits for the answer, and again. */
  | 'echo'
  /** Receives all that comes. */
  | 'receive'
  /** Receives line by line, as text. */
  | 'readline'
  /** Receives line by line, as bytes. */
  | 'recv-line'
  /** Sends, and waits at the end until all has arrived. */
  | 'send'
  /** Connects and closes, and again. */
  | 'connect'
  /** Connects, waits until the server has closed, and again. */
  | 'visit'
  /** Connects with createConnection() or its like, sends a byte, waits for the first one that comes back, and again. */
  | 'first-byte'
  /** Echo over many connections at the same time. */
  | 'crowd'
  /** Opens all connections at once, and waits until each has had its answer. */
  | 'rush'
  /** Opens connections and keeps them. */
  | 'gather'
  /** Sends a message over each connection that was kept, and waits for all answers. */
  | 'exercise'
  /** Closes the connections that were kept. */
  | 'scatter'
  /** Sends a datagram, waits for the answer, and again. */
  | 'datagram-echo'
  /** Sends datagrams as fast as the kernel takes them. */
  | 'datagram-send'
  /** Sends many datagrams without waiting for each, waits until the kernel has all, and again. */
  | 'datagram-send-many'
  /** Sends a number of datagrams, waits for one that confirms them, and again. */
  | 'datagram-burst'
  /** As without TLS. */
  | 'tls-echo'
  | 'tls-receive'
  | 'tls-send'
  | 'tls-gather'
  /** As without TLS; each time with a full handshake, as no session is resumed. */
  | 'tls-connect'
  | 'tls-visit';

/** The sides that a server can take. */
export type ServerTask =
  /** Sends back all that it receives. */
  | 'echo'
  /** Sends lines of text without end. */
  | 'source'
  /** Receives to the end of the stream, and closes. */
  | 'sink'
  /** Accepts and closes. */
  | 'accept'
  /** Sends back each datagram. */
  | 'datagram-echo'
  /** Is bound, and receives nothing. */
  | 'datagram-hole'
  /** Receives datagrams, and confirms each burst with one. */
  | 'datagram-burst'
  /** As without TLS. */
  | 'tls-echo'
  | 'tls-source'
  | 'tls-sink'
  /** Shakes hands and closes. */
  | 'tls-accept';

/** A contender: the sides that it can take. */
export interface Contender {
  readonly clients: Partial<Record<ClientTask, (settings: ClientSettings) => Promise<Measured>>>;
  readonly servers: Partial<Record<ServerTask, (settings: ServerSettings) => Promise<Server>>>;
}

/** The number of datagrams in a burst: few enough to fit into any socket's buffer, so that none is lost. */
export const BURST = 64;

/** How many datagrams are sent at once. */
export const MANY = 256;

/** The large buffer of a file: the default of Python 3.14; that of older Pythons is 8 KiB. */
export const LARGE_BUFFER = 131_072;

/** What a `source` sends: lines of 64 bytes, 64 KiB of them at a time. */
export const LINES = Buffer.from(`${'x'.repeat(63)}\n`.repeat(1024));

/**
 * The clock is read only once in so many calls of `isOver()`, because reading it costs as much as receiving 1 KiB from
 * a file. An operation that takes long asks each time.
 */
const ASKED = 16;

/**
 * A turn also goes on until the process has had this part of its time on a processor: beside other work it may have had
 * hardly any, and then all that it did was to begin. It ends at the latest after so many times its length.
 */
const LEAST_SHARE = 0.4;
const LONGEST = 20;

/** How long a client goes on. It is not a timer: none fires in a loop of writes that the kernel takes at once. */
export class Clock {
  readonly #started = performance.now();
  readonly #usedBefore = usedSeconds();
  readonly #seconds: number;
  readonly #times: number;
  readonly #askedAtATime: number;
  #asked = 0;

  constructor({ seconds, times = Infinity }: Span, askedAtATime = ASKED) {
    this.#seconds = seconds;
    this.#times = times;
    this.#askedAtATime = askedAtATime;
  }

  /** Whether the client has gone on for long enough: it asks before or after each operation. */
  isOver(): boolean {
    this.#asked += 1;
    if (this.#asked === this.#times) return true;
    return this.#asked % this.#askedAtATime === 0 && this.#isTimeOver();
  }

  /** The measurement since the clock was started. */
  measured(count: number): Measured {
    return { count, seconds: this.#elapsed() };
  }

  #isTimeOver(): boolean {
    const elapsed = this.#elapsed();
    if (elapsed < this.#seconds) return false;
    return usedSeconds() - this.#usedBefore >= this.#seconds * LEAST_SHARE || elapsed >= this.#seconds * LONGEST;
  }

  #elapsed(): number {
    return (performance.now() - this.#started) / 1000;
  }
}

function usedSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
