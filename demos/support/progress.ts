import { Presets, SingleBar } from 'cli-progress';

/** How often a plain line is printed, in milliseconds. */
const PERIOD = 1000;

/** Shows the progress of something: as a bar on a terminal, elsewhere as a line each second. */
export class Progress {
  readonly #total: number;
  readonly #unit: string;
  readonly #bar: SingleBar | undefined;
  #next = performance.now() + PERIOD;

  /** Counts up to `total` of `unit`. */
  constructor(total: number, unit = 'bytes') {
    this.#total = total;
    this.#unit = unit;
    if (!process.stdout.isTTY) return;
    const format = `{bar} {percentage} %, {value} of {total} ${unit}`;
    this.#bar = new SingleBar({ format, stream: process.stdout, gracefulExit: false }, Presets.shades_classic);
    this.#bar.start(total, 0);
    // The bar restores the terminal's settings, whatever ends the process.
    process.once('exit', this.#stop);
  }

  update(done: number): void {
    this.#bar?.update(done);
    if (this.#bar !== undefined || performance.now() < this.#next) return;
    this.#next += PERIOD;
    console.log(`${done} of ${this.#total} ${this.#unit}`);
  }

  stop(): void {
    process.off('exit', this.#stop);
    this.#stop();
  }

  readonly #stop = (): void => this.#bar?.stop();
}
