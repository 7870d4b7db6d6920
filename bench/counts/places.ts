/** The addresses of the other side's servers, which send back what they receive. */
export interface Places {
  readonly tcp: [host: string, port: number];
  readonly udp: [host: string, port: number];
}

/** A request to the other side. */
export interface Asked {
  /** The address to connect to. */
  readonly port: number;
  /** How many times it connects, waits until it is closed, and connects again. */
  readonly visits: number;
  /** How many connections it makes at once, and keeps. */
  readonly connections: number;
}
