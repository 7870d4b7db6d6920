import type dgram from 'node:dgram';
import { datagramHandle } from './bind-datagram.ts';
import { PendingDatagram, type DatagramSender, type SenderBackend } from './datagram-sender.ts';
import type { InetEndpoint } from './endpoint.ts';
import { type Failure, failureOf, systemError } from './failure.ts';
import { watching } from './handle.ts';
import { sendDocumented } from './dgram-sender.ts';

/**
 * Sends datagrams by the method of Node's handle that `dgram.Socket.send()` calls. The method gives the kernel's answer
 * within the call; `send()` holds it back until the next tick, and makes a request and some closures for each datagram.
 *
 * The first datagram of the process goes by `send()`, and shows how Node calls the method. Where that is not as
 * expected, all others go by `send()`, too.
 */

/** Node's `SendWrap`: the request that the method calls back where the kernel does not take a datagram at once. */
interface Request {
  /** Kept from being collected as garbage until then. */
  list?: Buffer[];
  oncomplete?: (errno: number) => void;
}

/**
 * The handle under a `dgram.Socket`. A result of 0 means that the request is called back later, a negative result is an
 * error, and any other is the length plus one.
 */
interface Handle {
  send: (request: Request, list: Buffer[], count: number, ...rest: [boolean] | [number, string, boolean]) => number;
}

type RequestClass = new () => Request;

/** What is known about Node: nothing yet, the class of its requests, or that it is not as expected. */
interface Knowledge {
  requests: RequestClass | 'other' | undefined;
}

/** Put into the list between two datagrams. */
const NONE = Buffer.alloc(0);

/** Senders that bypass `send()`, once one has seen how Node calls the method. */
export function newLibuvSenders(): SenderBackend {
  const knowledge: Knowledge = { requests: undefined };
  return (socket) => new LibuvSender(socket, knowledge);
}

class LibuvSender implements DatagramSender {
  readonly #socket: dgram.Socket;
  readonly #knowledge: Knowledge;
  readonly #handle: Handle | undefined;
  /** The method's request; used again where the kernel took the datagram at once, as Node has not touched it then. */
  #request: Request | undefined;
  #list: Buffer[] = [NONE];

  constructor(socket: dgram.Socket, knowledge: Knowledge) {
    this.#socket = socket;
    this.#knowledge = knowledge;
    const handle = datagramHandle(socket);
    this.#handle = canSend(handle) ? handle : undefined;
  }

  send(bytes: Buffer, to: InetEndpoint | undefined): true | Failure | PendingDatagram {
    const handle = this.#handle;
    const { requests } = this.#knowledge;
    if (handle === undefined || requests === undefined || requests === 'other') {
      if (handle !== undefined && requests === undefined) return this.#learn(handle, bytes, to);
      return sendDocumented(this.#socket, bytes, to);
    }
    this.#request ??= new requests();
    const request = this.#request;
    const list = this.#list;
    list[0] = bytes;
    const result =
      to === undefined ? handle.send(request, list, 1, true) : handle.send(request, list, 1, to.port, to.host, true);
    if (result > 0) {
      list[0] = NONE;
      return true;
    }
    this.#request = undefined;
    this.#list = [NONE];
    if (result < 0) return failureOf(systemError('send', result));
    const pending = new PendingDatagram();
    request.list = list;
    request.oncomplete = (errno) => pending.settle(errno === 0 ? undefined : failureOf(systemError('send', errno)));
    return pending;
  }

  /**
   * Watches while a datagram goes by `send()`; learns nothing from one that the kernel does not take at once. Deno's
   * method (2.9) has the same parameters, but never gives the outcome within the call.
   */
  #learn(handle: Handle, bytes: Buffer, to: InetEndpoint | undefined): PendingDatagram {
    this.#knowledge.requests = 'other';
    const look = (call: readonly unknown[], result: number): void => {
      this.#knowledge.requests = result > 0 ? (requestClass(call) ?? 'other') : undefined;
    };
    return watching(handle, 'send', look, () => sendDocumented(this.#socket, bytes, to));
  }
}

function canSend(handle: unknown): handle is Handle {
  return typeof handle === 'object' && handle !== null && 'send' in handle && typeof handle.send === 'function';
}

/** The class of the request with which Node calls the method, if it does so as expected. */
function requestClass(call: readonly unknown[]): RequestClass | undefined {
  const [request, list, count, ...rest] = call;
  const types = rest.map((each) => typeof each).join();
  const isExpected = Array.isArray(list) && count === 1 && (types === 'boolean' || types === 'number,string,boolean');
  if (!isExpected || typeof request !== 'object' || request === null) return undefined;
  return isRequestClass(request.constructor) ? request.constructor : undefined;
}

function isRequestClass(value: unknown): value is RequestClass {
  return typeof value === 'function' && value.name === 'SendWrap';
}
