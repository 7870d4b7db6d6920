/**
 * A dialogue between a client and a server over TLS, as data: each end runs on Python's `ssl` or on ours. All of it is
 * JSON, so that a dialogue that failed can be kept.
 */
export interface Dialogue {
  readonly steps: readonly Step[];
  readonly cut?: Cut;
}

/** Where the connection is cut, by what goes through it. */
export interface Cut {
  /** Whose bytes decide. */
  readonly from: EndName;
  /** In which record of that end, from 0. */
  readonly record: number;
  /** After how many bytes of the record; with more than it has, before the next one begins. */
  readonly after: number;
  readonly how: CutKind;
}

/**
 * `end`: both ends see the end of the stream, and what they send is lost; `close`: what they send makes the connection
 * a reset one; `reset`: both see a reset.
 */
export type CutKind = 'end' | 'close' | 'reset';

export type EndName = 'client' | 'server';

export const ENDS: readonly EndName[] = ['client', 'server'];

/** What both ends do at the same time: each makes its calls one after the other. Then the connection is cut, if it is. */
export interface Step {
  readonly client?: readonly Call[];
  readonly server?: readonly Call[];
  readonly cut?: CutKind;
}

/** A method by Python's name, or what driver.py calls so, and its arguments. */
export type Call = readonly [name: string, ...args: readonly unknown[]];

/** What a call gave: a value, an error, or that it waits for what never comes; the dialogue ends with that step. */
export type Result = { readonly value: unknown } | Failed | 'blocks';

/** An error of a call. */
export interface Failed {
  readonly error: string;
  readonly errno?: number | null;
  readonly library?: string | null;
  readonly reason?: string | null;
  readonly verify?: readonly [code: number, message: string];
}

/** The results of a step. */
export interface Results {
  readonly client: readonly Result[];
  readonly server: readonly Result[];
}

/** One end of dialogues, in Python or here. */
export interface End {
  /** Begins a dialogue; the server gives the port where it listens. */
  begin(): Promise<number | null>;
  /** Makes calls one after the other; `port` is where a client connects. */
  run(calls: readonly Call[], port: number, onResult: (result: Result) => void): Promise<void>;
  /** Whether it waits: for the peer, or for calls to make. */
  readonly isWaiting: boolean;
  /** Gives up the call that waits, and those after it. */
  interrupt(): void;
  /** Ends the dialogue. */
  end(): Promise<void>;
}
