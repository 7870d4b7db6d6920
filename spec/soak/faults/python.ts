import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { certificateFile, keyFile } from '../../support/tls-contexts.ts';
import { Deferred } from './deferred.ts';
import type { Told } from './end.ts';
import type { Plan, Side } from './plan.ts';

interface Line {
  readonly seed: number;
  readonly port?: number;
  readonly told?: Told;
}

/** Python's ends: one process for all of them. */
export class PythonEnds {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting = new Map<number, { readonly port: Deferred<number>; readonly told: Deferred<Told> }>();

  constructor() {
    const files = [certificateFile('server'), keyFile('server'), certificateFile('ca')];
    this.#child = spawn('python3', [join(__dirname, 'peer.py'), ...files]);
    this.#child.stderr.pipe(process.stderr);
    // What is written to a Python that has ended is reported by its end.
    this.#child.stdin.on('error', () => undefined);
    this.#child.once('exit', (status) => {
      const error = new Error(`python3 ended with ${status ?? 'a signal'}`);
      for (const { port, told } of this.#waiting.values()) {
        port.reject(error);
        told.reject(error);
      }
    });
    createInterface(this.#child.stdout).on('line', (text) => this.#take(JSON.parse(text) as Line));
  }

  /** Begins Python's end of a transfer. A server's port comes once it listens. */
  begin(plan: Plan, side: Side, port = 0): { readonly port: Promise<number>; readonly told: Promise<Told> } {
    const { seed, transport, chunk, limit, lengths } = plan;
    const [sends, expects] = side === 'client' ? [lengths.client, lengths.server] : [lengths.server, lengths.client];
    const waiting = { port: new Deferred<number>(), told: new Deferred<Told>() };
    this.#waiting.set(seed, waiting);
    this.#child.stdin.write(`${JSON.stringify({ seed, side, transport, port, chunk, limit, sends, expects })}\n`);
    return { port: waiting.port.promise, told: waiting.told.promise };
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
  }

  #take({ seed, port, told }: Line): void {
    const waiting = this.#waiting.get(seed);
    if (port !== undefined) waiting?.port.resolve(port);
    if (told === undefined) return;
    waiting?.told.resolve(told);
    this.#waiting.delete(seed);
  }
}
