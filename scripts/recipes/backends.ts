import { setTimeout as delay } from 'node:timers/promises';
import { reservedPort } from '../../spec/support/ports.ts';
import { commandOf, Program } from './program.ts';

/** How many servers are behind a proxy. */
export const SERVERS = 3;

/** One server behind a proxy. Its process is replaced when it ends. */
class Backend {
  readonly ports = { clear: reservedPort(), encrypted: reservedPort() };
  readonly #certificate: string;
  #program: Program;
  #isEnding = false;

  constructor(certificate: string) {
    this.#certificate = certificate;
    this.#program = this.#start();
  }

  get pid(): number {
    return this.#program.pid;
  }

  async isReady(): Promise<void> {
    await this.#program.prints(/^ready$/gm);
  }

  /** Sends a signal that ends its process, and waits for the next one. */
  async replace(signal: NodeJS.Signals): Promise<void> {
    const { ended } = this.#program;
    this.#program.kill(signal);
    await ended;
    await this.isReady();
  }

  /** Stops its process for some seconds. */
  async stall(seconds: number): Promise<void> {
    this.#program.kill('SIGSTOP');
    await delay(seconds * 1000);
    this.#program.kill('SIGCONT');
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    await this.#program.end('SIGKILL');
  }

  #start(): Program {
    const { clear, encrypted } = this.ports;
    const program = new Program(commandOf('behind-a-proxy'), {
      PORT: String(clear),
      TLS_PORT: String(encrypted),
      CERTIFICATE: this.#certificate,
    });
    void program.ended.then(() => {
      if (!this.#isEnding) this.#program = this.#start();
    });
    return program;
  }
}

/** The servers behind a proxy. */
export class Backends {
  readonly #all: readonly Backend[];

  private constructor(all: readonly Backend[]) {
    this.#all = all;
  }

  static async start(certificate: string): Promise<Backends> {
    const all = Array.from({ length: SERVERS }, () => new Backend(certificate));
    await Promise.all(all.map((one) => one.isReady()));
    return new Backends(all);
  }

  /** The one that is killed, stalled, or drained. */
  get victim(): Backend {
    const [first] = this.#all;
    if (first === undefined) throw new Error('there is no server');
    return first;
  }

  /** A configuration of recipes/, with the ports of these servers and of the proxy in place of those in it. */
  placed(configuration: string, own: Readonly<Record<string, number>>): string {
    const ports = this.#all.map(({ ports: { clear, encrypted } }, index) => {
      return { [`400${index + 1}`]: clear, [`500${index + 1}`]: encrypted };
    });
    const places = Object.assign({}, own, ...ports) as Record<string, number>;
    return configuration.replace(/(?<=127\.0\.0\.1:)\d+/g, (port) => String(places[port] ?? port));
  }

  async end(): Promise<void> {
    await Promise.all(this.#all.map((one) => one.end()));
  }
}
