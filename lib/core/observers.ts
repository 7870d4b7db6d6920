import { AF_UNIX } from '../common/constants.ts';
import { POLLNVAL } from '../common/poll-constants.ts';
import type { Readiness } from '../transports/readiness.ts';
import { eventsWithoutConnection } from '../transports/stream-events.ts';
import type { State } from './state.ts';

/** Those who are notified when what a socket is ready for may have changed, whatever the socket becomes meanwhile. */
export class Observers {
  readonly #observers = new Set<() => void>();
  #state: State;
  #leave: (() => void) | undefined;

  constructor(state: State) {
    this.#state = state;
  }

  /** Adds an observer; returns the function that removes it. */
  add(observer: () => void): () => void {
    // One function may be added for several purposes.
    const own = (): void => observer();
    this.#observers.add(own);
    if (this.#observers.size === 1) this.#enter();
    return () => {
      if (this.#observers.delete(own) && this.#observers.size === 0) this.#leave?.();
    };
  }

  /** The socket has become something else. */
  follow(state: State): void {
    this.#state = state;
    if (this.#observers.size === 0) return;
    this.#leave?.();
    this.#enter();
    this.#notify();
  }

  #enter(): void {
    this.#leave = readinessOf(this.#state)?.observe(() => this.#notify());
  }

  #notify(): void {
    for (const observer of this.#observers) observer();
  }
}

/** What answers for a socket; `undefined` where the state alone does. */
export function readinessOf(state: State): Readiness | undefined {
  switch (state.kind) {
    case 'listening':
      return state.listener;
    case 'connecting':
    case 'connected':
      return state.stream;
    case 'datagrams':
      return state.datagrams;
    case 'kernel':
      return state.socket;
    case 'fresh':
    case 'bound':
    case 'closed':
      return undefined;
  }
}

/** What poll(2) would report of a socket in a state. */
export function eventsOf(state: State, family: number): number {
  const readiness = readinessOf(state);
  if (readiness !== undefined) return readiness.poll();
  return state.kind === 'closed' ? POLLNVAL : eventsWithoutConnection(family === AF_UNIX);
}
