/** The addresses of the other side's servers, which send back what they receive. */
export interface Places {
  readonly tcp: [host: string, port: number];
  readonly udp: [host: string, port: number];
  /** Over TLS. */
  readonly tls: [host: string, port: number];
}

/** The certificate of the other side and its key: the names of files in the folder of what is compiled. */
export const CERTIFICATE = 'certificate.pem';
export const KEY = 'key.pem';

/** A request to the other side. */
export interface Asked {
  /** The address to connect to. */
  readonly port: number;
  /** How many times it connects, waits until it is closed, and connects again. */
  readonly visits: number;
  /** How many connections it makes at once, and keeps. */
  readonly connections: number;
}
