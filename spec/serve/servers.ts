import type * as socket from '../../lib/index.ts';
import { serve, type Handler, type Acceptor, type ProxiedServeOptions, type Server } from '../../lib/serve/index.ts';
import { listening, own, tcp } from '../support/pairs.ts';

/** An error that a server has reported, and the address that it was about. */
export type Report = readonly [error: unknown, address: socket.Address | null];

/** The options of serve(), with a proxy and without. */
export type Options = Partial<ProxiedServeOptions>;

/** A server, and what it has reported. */
export interface Serving {
  readonly server: Server;
  readonly reports: Report[];
}

/** A server on a free port of this machine, or on the listener that is given; it is aborted at the end of the test. */
export function serving(handler: Handler<socket.Socket>, options: Options = {}): Serving {
  return servingOn(listening(), handler, options);
}

/** A server on a listener; it is aborted at the end of the test. */
export function servingOn<Conn extends socket.Socket>(
  listener: Acceptor<Conn, socket.Address>,
  handler: Handler<Conn>,
  options: Options = {},
): Serving {
  const reports: Report[] = [];
  const onError = (error: unknown, address: socket.Address | null): unknown => reports.push([error, address]);
  const server = serve(listener, handler, { onError, ...options });
  own({ [Symbol.dispose]: () => void server.abort() });
  return { server, reports };
}

/** A client that is connected to a server. */
export async function clientOf({ address }: { readonly address: socket.Address }): Promise<socket.Socket> {
  const client = tcp();
  await client.connect(address);
  return client;
}

/** A promise, and what settles it. */
export class Gate {
  readonly opened: Promise<void>;
  #open: () => void = () => undefined;

  constructor() {
    this.opened = new Promise((resolve) => (this.#open = resolve));
  }

  open(): void {
    this.#open();
  }
}

/** Waits, turn by turn of the event loop, until something is true. */
export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 1));
}
