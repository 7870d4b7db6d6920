/** Where the other side's servers are: they send back what comes. */
export interface Places {
  readonly tcp: [host: string, port: number];
  readonly udp: [host: string, port: number];
}

/** What the other side is asked for. */
export interface Asked {
  /** Where it is to connect to. */
  readonly port: number;
  /** How many times it connects, waits until it is closed, and connects again. */
  readonly visits: number;
  /** How many connections it makes at once, and keeps. */
  readonly connections: number;
}
