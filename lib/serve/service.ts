import type { Address } from '../common/addresses.ts';
import type { Visit } from './visit.ts';

/** What a server serves: the connections of a listener, or the datagrams of a socket. */
export interface Service<Item> {
  /** Whether items can still come. */
  readonly isOpen: boolean;
  /** How many items have come that were not taken. */
  readonly waiting: number;
  /** Waits for the next item. */
  take(signal?: AbortSignal): Promise<Item>;
  /** The address of the client. */
  addressOf(item: Item): Address;
  /** Does what comes before the handler, and calls it. */
  serve(visit: Visit<Item>): Promise<void>;
  /** Ends what is left of an item; `byForce` where it was not served to its end. */
  end(item: Item, byForce: boolean): void;
  /** No further items come; those that have come can still be taken. */
  retire(): void;
  /** Closes the socket; no handler needs it. */
  close(): void;
}
