import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { Child, programWords } from '../child.ts';

/** The addresses of the two ends, as wire.py gives them. */
export const NEAR = '10.77.0.1';
export const FAR = '10.77.0.2';

/** What the cable does to packets. */
export interface Weather {
  /** The share of packets that are lost. */
  readonly loss?: number;
  /** How long each packet takes, in seconds. */
  readonly delay?: number;
  /** The share of packets that take no time, and so overtake others. */
  readonly reorder?: number;
}

/** Why there can be no cable here; `undefined` where there can be one. */
export function obstacle(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'network namespaces need Linux and root';
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
  } catch {
    return 'there is no /dev/net/tun';
  }
  const tools = ['unshare', 'nsenter', 'ip', 'python3'].filter(
    (tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0,
  );
  if (tools.length > 0) return `${tools.join(', ')} missing`;
  return spawnSync('unshare', ['--net', 'true']).status === 0 ? undefined : 'there are no network namespaces';
}

/** Two network namespaces with a cable between them, which can be cut. */
export class Cable implements AsyncDisposable {
  readonly #far: Child;
  readonly #wire: Child;

  private constructor(far: Child, wire: Child) {
    this.#far = far;
    this.#wire = wire;
  }

  static async lay(): Promise<Cable> {
    // The namespace lasts as long as a process is in it.
    const far = new Child('unshare', ['--net', 'sh', '-c', 'echo ready; exec cat']);
    await far.line();
    const wire = new Child('unshare', ['--net', 'python3', join(__dirname, 'wire.py'), String(far.pid)]);
    await wire.line();
    return new Cable(far, wire);
  }

  /** Starts a program of this folder at one end. */
  start(end: 'near' | 'far', name: string, ...args: readonly string[]): Child {
    const { pid } = end === 'near' ? this.#wire : this.#far;
    return new Child('nsenter', [
      '--target',
      String(pid),
      '--net',
      ...programWords(join(__dirname, `${name}.ts`), args),
    ]);
  }

  /** Sets the weather. */
  async set({ loss = 0, delay = 0, reorder = 0 }: Weather, seed: number): Promise<void> {
    await this.#tell(`set ${loss} ${delay} ${reorder} ${seed}`);
  }

  /** Cuts it somewhere in between, so that neither end notices; or takes it out of both sockets. */
  async break(how: 'cut' | 'unplug'): Promise<void> {
    await this.#tell(how);
  }

  /** Undoes {@link break}. */
  async mend(how: 'cut' | 'unplug'): Promise<void> {
    await this.#tell(how === 'cut' ? 'mend' : 'plug');
  }

  /** How many packets were passed on, and how many were lost. */
  async packets(): Promise<{ passed: number; lost: number }> {
    const [, passed, lost] = (await this.#tell('count')).split(' ').map(Number);
    return { passed: passed ?? 0, lost: lost ?? 0 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#wire[Symbol.asyncDispose]();
    await this.#far[Symbol.asyncDispose]();
  }

  async #tell(line: string): Promise<string> {
    this.#wire.tell(line);
    return await this.#wire.line();
  }
}
