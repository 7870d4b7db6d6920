import net from 'node:net';
import { SOMAXCONN } from '../common/constants.ts';
import { Ring } from '../queues/ring.ts';
import { BY_CLOSE, WaiterList } from '../waiting/waiters.ts';
import { listenOn } from './bind.ts';
import type { Bound } from './bound.ts';
import type { Endpoint } from './endpoint.ts';
import { Failure, failureOf } from './failure.ts';
import { descriptorOf } from './handle.ts';
import { hold, release } from './open-descriptors.ts';
import type { Readiness } from './readiness.ts';
import { streamBackend } from './stream-backend.ts';
import type { StreamHandle } from './stream-handle.ts';
import { Stream } from './stream.ts';
import { CAN_RECEIVE } from './stream-events.ts';

/**
 * A listening port: turns the events of Node's `net.Server` into a queue of connections and a list of the calls that
 * wait for one. The handlers cite the rules of docs/promises.md by number.
 */
export class Listener implements Readiness {
  /** The calls that wait for a connection. */
  readonly acceptors = new WaiterList();
  /** The address that it listens on. */
  readonly local: Endpoint;
  readonly isSettling = false;
  readonly #server: net.Server;
  readonly #accepted = new Ring<Stream>();
  #failure: Failure | undefined;
  #successor: (() => Stream | Failure | undefined) | undefined;
  #shut = false;

  private constructor(server: net.Server, local: Endpoint) {
    this.#server = server;
    this.local = local;
    server.on('error', this.#onError);
  }

  /** Listens on a bound address, at once. A failure uses up the address. */
  static listen(bound: Bound, backlog: number): Listener | Failure {
    // Half-open, because a FIN ends one direction only; paused, so that bytes stay in the kernel until a call reads.
    const server = bound.toServer?.() ?? net.createServer({ allowHalfOpen: true, pauseOnConnect: true });
    const listener = new Listener(server, bound.local);
    const failure = listenOn(server, bound, backlog);
    if (failure !== undefined) return failure;
    // Only calls that wait keep the process alive (promise 12).
    server.unref();
    streamBackend.serve(server, listener.#onConnection);
    hold(listener);
    return listener;
  }

  /** The descriptor, or −1 where there is none or Node does not give it. */
  get descriptor(): number {
    return descriptorOf(this.#server);
  }

  /** How many connections wait to be accepted. */
  get length(): number {
    return this.#accepted.length;
  }

  poll(): number {
    return this.#accepted.length > 0 || this.#failure !== undefined ? CAN_RECEIVE : 0;
  }

  observe(observer: () => void): () => void {
    return this.acceptors.observe(observer);
  }

  /** The oldest connection that was not accepted yet. */
  accept(): Stream | Failure | undefined {
    const stream = this.#accepted.shift() ?? this.#successor?.();
    if (stream !== undefined) return stream;
    const failure = this.#shut ? new Failure('EINVAL') : this.#failure;
    this.#failure = undefined;
    return failure;
  }

  /**
   * Stops listening, resets the clients that were not accepted, and fails the calls that wait, as shutdown() does on
   * Linux. The address is free again.
   */
  shutdown(): void {
    this.#shut = true;
    this.#stop();
    this.acceptors.serve();
  }

  /** Stops listening; what has come can still be accepted. The address is free again. */
  retire(): void {
    release(this);
    this.#server.close();
  }

  /**
   * Gives the connections that were not accepted yet, of a listener that was retired.
   *
   * @param successor - answers the calls that wait here.
   */
  handOver(successor: () => Stream | Failure | undefined): Stream[] {
    const streams: Stream[] = [];
    for (let stream = this.#accepted.shift(); stream !== undefined; stream = this.#accepted.shift())
      streams.push(stream);
    this.#successor = successor;
    return streams;
  }

  /** Stops listening, resets clients that were not accepted, and ends the calls that wait. The address is free. */
  close(): void {
    this.#stop();
    this.acceptors.end(BY_CLOSE);
  }

  /**
   * Rules 4 and 8: connections queue up unread, to be accepted in their order; when the queue is full, a new one is
   * reset.
   */
  readonly #onConnection = (handle: StreamHandle): void => {
    const stream = Stream.accepted(handle, this.local);
    if (this.#accepted.length >= SOMAXCONN) return stream.close(true);
    this.#accepted.push(stream);
    this.acceptors.serve();
  };

  /** Rule 9: an error that no call waits for is kept for the next one. */
  readonly #onError = (error: Error): void => {
    this.#failure = failureOf(error);
    this.acceptors.serve();
  };

  #stop(): void {
    this.retire();
    for (let stream = this.#accepted.shift(); stream !== undefined; stream = this.#accepted.shift()) stream.close(true);
  }
}
