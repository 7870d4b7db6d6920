/** How a call ended, as pictures and summaries tell it. */
export type Outcome = 'done' | 'end' | 'reset' | 'timeout' | 'abort' | 'error' | 'waits';

/** A conversation as a picture of lanes, with the time downwards. Times are milliseconds since the picture's `begin`. */
export interface Picture {
  readonly title: string;
  /** When the first call began, in milliseconds since 1970. */
  readonly begin: number;
  /** When the last call ended. */
  readonly end: number;
  readonly lanes: readonly Lane[];
  readonly bars: readonly Bar[];
  readonly arrows: readonly Arrow[];
}

/** A socket, or the other end of one whose process is not in the trace. */
export interface Lane {
  /** The number of the socket; `''` for the other end. */
  readonly name: string;
  readonly address: string;
  /** The process; `''` for the other end. */
  readonly process: string;
  readonly isOutside: boolean;
}

/** A call. */
export interface Bar {
  readonly lane: number;
  /** Calls that receive stand to the left in their lane, those that send to the right, the others in the middle. */
  readonly column: -1 | 0 | 1;
  readonly at: number;
  readonly worked: number;
  readonly waited: number;
  readonly outcome: Outcome;
  readonly call: string;
  readonly bytes: number;
  /** The line of the trace. */
  readonly text: string;
  /** The first bytes, in base64. */
  readonly data: string;
}

/** What goes from one socket to another. */
export interface Arrow {
  readonly from: number;
  readonly to: number;
  readonly begin: number;
  readonly end: number;
  readonly kind: 'data' | 'connect' | 'end' | 'reset';
  readonly bytes: number;
  /** The call at which the arrow begins or ends, by its place among the bars. */
  readonly bar: number;
}
