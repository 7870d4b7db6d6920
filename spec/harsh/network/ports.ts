/** The ports at the far end of the cable, which has a namespace to itself. */
export const TCP_PORT = 4001;
export const TLS_PORT = 4002;
export const DATAGRAM_PORT = 4003;
