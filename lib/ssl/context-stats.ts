/** How many handshakes a context has begun and made, and how many sessions it has resumed. */
export interface SessionStats {
  number: number;
  connect: number;
  connectGood: number;
  connectRenegotiate: number;
  accept: number;
  acceptGood: number;
  acceptRenegotiate: number;
  hits: number;
  misses: number;
  timeouts: number;
  cacheFull: number;
}

/** All at 0. */
export function newStats(): SessionStats {
  return {
    number: 0,
    connect: 0,
    connectGood: 0,
    connectRenegotiate: 0,
    accept: 0,
    acceptGood: 0,
    acceptRenegotiate: 0,
    hits: 0,
    misses: 0,
    timeouts: 0,
    cacheFull: 0,
  };
}
