import { coreOver } from '../../lib/core/kernel-calls.ts';
import { Socket } from '../../lib/index.ts';
import { KernelSocket, type Shared } from '../../lib/kernel/kernel-socket.ts';
import { NoKernel } from '../../lib/kernel/koffi.ts';
import type { SocketKind } from '../../lib/kernel/libc.ts';
import { kernelSystem, type System } from '../../lib/kernel/system.ts';
import { Failure } from '../../lib/transports/failure.ts';

/**
 * Runs a program once for each order in which steps of others can come between its calls to the kernel. Two calls that
 * together make one decision are no longer one where a peer, or another holder of the description, acts between them.
 */

/** A program, and what others do meanwhile. */
export interface Scene {
  /** The program; it gives the names of what has happened to it. */
  readonly program: () => Promise<string>;
  /** What others do, in this order. They call the kernel by themselves, not by the program's system. */
  readonly steps: readonly (() => void)[];
  /** Closes all. */
  readonly end: () => void;
}

/** The kernel as tests call it. */
export function realSystem(): System {
  const system = kernelSystem();
  if (system instanceof NoKernel) throw new Error(system.reason);
  return system;
}

export function made<T>(value: T | Failure): T {
  if (value instanceof Failure) throw new Error(value.code);
  return value;
}

/** A socket whose calls to the kernel are those of a system. */
export function socketOver(descriptor: number, kind: SocketKind, system: System, shared?: Shared): Socket {
  return new Socket(coreOver(made(KernelSocket.over(descriptor, kind, system, shared))));
}

/** For how many turns of the event loop a program makes no call before it counts as one that waits. */
export const IDLE_TURNS = 4;

/** Milliseconds after the last step in which a program must be done; and looks, where the machine itself stands still. */
const PATIENCE = 2000;
const LOOKS = 200;

/** What a program gives that is not done by then. */
export const HANGS = 'hangs';

/**
 * Sets a scene, in which the program's sockets use the system.
 *
 * @param counted - makes other calls count, too.
 */
export type SetScene = (system: System, counted: <T extends object>(calls: T) => T) => Scene | Promise<Scene>;

/** What the program gives in each order. */
export async function everyOrder(set: SetScene): Promise<Set<string>> {
  const outcomes = new Set<string>();
  let places: readonly number[] | undefined = [];
  while (places !== undefined) {
    const run: Run = new Run(places);
    outcomes.add(await run.outcome(set));
    places = run.following();
  }
  return outcomes;
}

/** One order. */
class Run {
  /** Before how many calls each step comes; a step that is left out comes with the one before it. */
  readonly #places: readonly number[];
  /** Which steps came before a call of the program, and not while it waited. */
  readonly #cameBeforeCall: boolean[] = [];
  #steps: readonly (() => void)[] = [];
  #next = 0;
  #calls = -1;

  constructor(places: readonly number[]) {
    this.#places = places;
  }

  async outcome(set: SetScene): Promise<string> {
    const { calls, Handle } = realSystem();
    const counted = <T extends object>(from: T): T =>
      new Proxy(from, {
        get: (target, property, receiver) => {
          this.#onCall();
          return Reflect.get(target, property, receiver) as unknown;
        },
      });
    const scene = await set({ calls: counted(calls), Handle }, counted);
    this.#steps = scene.steps;
    this.#calls = 0;
    try {
      return await this.#result(scene.program());
    } finally {
      scene.end();
    }
  }

  /** The order after this one; `undefined` after the last. */
  following(): readonly number[] | undefined {
    const last = this.#cameBeforeCall.lastIndexOf(true);
    return last < 0 ? undefined : [...this.#allPlaces().slice(0, last), this.#placeOf(last) + 1];
  }

  #allPlaces(): number[] {
    return this.#steps.map((_step, index) => this.#placeOf(index));
  }

  #placeOf(index: number): number {
    return this.#places[index] ?? this.#places.at(-1) ?? 0;
  }

  /** A call is about to be made. */
  #onCall(): void {
    // What sets the scene does not count.
    if (this.#calls < 0) return;
    while (this.#next < this.#steps.length && this.#placeOf(this.#next) <= this.#calls) this.#step(true);
    this.#calls += 1;
  }

  #step(isBeforeCall: boolean): void {
    const step = this.#steps[this.#next];
    this.#cameBeforeCall.push(isBeforeCall);
    this.#next += 1;
    step?.();
  }

  /** The program's result. While it waits, the steps that are left come one after the other. */
  async #result(program: Promise<string>): Promise<string> {
    let result: string | undefined;
    const done = program.then(
      (given) => (result = given),
      (error: unknown) => (result = String(error)),
    );
    let last = performance.now();
    let looks = 0;
    while (result === undefined && (looks < LOOKS || performance.now() - last < PATIENCE)) {
      const before = this.#calls;
      looks += 1;
      for (let turn = 0; turn < IDLE_TURNS && result === undefined; turn += 1) await new Promise(setImmediate);
      if (this.#calls !== before || this.#next === this.#steps.length) continue;
      this.#step(false);
      last = performance.now();
      looks = 0;
    }
    if (result !== undefined) await done;
    return result ?? HANGS;
  }
}
