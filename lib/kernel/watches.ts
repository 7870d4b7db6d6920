import { POLLIN, POLLOUT } from '../common/poll-constants.ts';
import type { WaiterList } from '../waiting/waiters.ts';
import type { System } from './system.ts';
import type { SocketKind } from './libc.ts';
import { later } from './retry.ts';
import type { SocketName } from './socket-calls.ts';
import { Watch } from './watch.ts';

/** For epoll(7): reports what has come since, and not what is there. */
const EPOLLET = 0x8000_0000;

/** A Unix socket whose queue is full, and what watches it. */
interface Peer {
  readonly name: SocketName;
  readonly watches: readonly Watch[];
}

/**
 * What the calls of a kernel's socket wait for. All but the first watch are made when a call first needs them; where one
 * cannot be made, for want of a free descriptor, the calls are tried again and again.
 */
export class Watches {
  readonly #system: System;
  readonly #descriptor: number;
  readonly #readers: WaiterList;
  readonly #writers: WaiterList;
  readonly #input: Watch;
  #room: Watch | undefined;
  #news: Watch | undefined;
  #peer: Peer | undefined;

  /** @param input - watches the descriptor, and owns it. */
  constructor(system: System, descriptor: number, input: Watch, readers: WaiterList, writers: WaiterList) {
    this.#system = system;
    this.#descriptor = descriptor;
    this.#readers = readers;
    this.#writers = writers;
    this.#input = input;
    input.onReady = () => readers.serve();
  }

  /** Serves the readers when the descriptor is readable. */
  awaitInput(): void {
    this.#input.start();
  }

  /** Serves the readers when something comes, where the descriptor is readable already and stays so. */
  awaitNews(): void {
    this.#news ??= this.#watchNews();
    if (this.#news === undefined) later(this.#readers);
    else this.#news.start();
  }

  /** Serves the writers when the descriptor is writable: libuv watches a handle for that only while it writes. */
  awaitRoom(): void {
    this.#room ??= this.#watch(this.#descriptor, POLLOUT, () => this.#writers.serve());
    if (this.#room === undefined) later(this.#writers);
    else this.#room.start();
  }

  /**
   * Serves the writers when a Unix socket for datagrams has room. Linux tells that only those which are connected to it
   * (unix_dgram_poll), so another socket connects for as long as it takes.
   */
  awaitPeer(kind: SocketKind, to: SocketName): void {
    // The call before may have waited for another one, and have ended without it.
    if (this.#peer?.name.equals(to) === true) return;
    this.#forgetPeer();
    const watches = this.#watchPeer(kind, to);
    if (watches.length === 0) later(this.#writers);
    else this.#peer = { name: Buffer.from(to), watches };
  }

  /** Closes the descriptors, within the call. */
  close(): void {
    this.#forgetPeer();
    for (const watch of [this.#room, this.#news, this.#input]) watch?.close();
  }

  #watchNews(): Watch | undefined {
    const { calls } = this.#system;
    return this.#watch(this.#descriptor, POLLIN | EPOLLET, (epoll) => {
      // First, so that what comes while the readers try is reported again.
      calls.epollTake(epoll);
      this.#readers.serve();
    });
  }

  #watchPeer(kind: SocketKind, to: SocketName): readonly Watch[] {
    const { calls, Handle } = this.#system;
    const descriptor = calls.socket(kind);
    if (descriptor < 0) return [];
    const owner = Watch.over(descriptor, Handle);
    if (!(owner instanceof Watch)) {
      calls.close(descriptor);
      return [];
    }
    const room =
      calls.connect(descriptor, to) < 0 ? undefined : this.#watch(descriptor, POLLOUT, () => this.#endPeer());
    if (room === undefined) owner.close();
    room?.start();
    return room === undefined ? [] : [room, owner];
  }

  /** The name may be another socket's by the next wait. */
  #endPeer(): void {
    this.#forgetPeer();
    this.#writers.serve();
  }

  #forgetPeer(): void {
    for (const watch of this.#peer?.watches ?? []) watch.close();
    this.#peer = undefined;
  }

  /** Watches a descriptor for events by an epoll(7) instance. */
  #watch(descriptor: number, events: number, onReady: (epoll: number) => void): Watch | undefined {
    const { calls, Handle } = this.#system;
    const epoll = calls.epollOn(descriptor, events >>> 0);
    if (epoll < 0) return undefined;
    const watch = Watch.over(epoll, Handle);
    if (watch instanceof Watch) {
      watch.onReady = () => onReady(epoll);
      return watch;
    }
    calls.close(epoll);
    return undefined;
  }
}
