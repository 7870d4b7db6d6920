import { SOCK_STREAM } from '../common/constants.ts';
import type { KernelSocket } from '../kernel/kernel-socket.ts';
import type { SocketName } from '../kernel/socket-calls.ts';
import type { Failure } from '../transports/failure.ts';
import { awaited } from '../waiting/gate.ts';
import { tryConsume } from '../waiting/fairness.ts';
import type { WaiterList } from '../waiting/waiters.ts';
import type { Core } from './core.ts';
import type { KernelTarget } from './kernel-address.ts';
import { mayWait } from './kernel-calls.ts';
import { kernelOperation, type KernelWay } from './kernel-switch.ts';
import { memoryFailure } from './memory.ts';
import { limitsOf, perform, type Operation } from './wait.ts';

/** What is sent, and how. */
export interface KernelSend {
  readonly bytes: Buffer;
  readonly control?: Buffer | undefined;
  readonly flags: number;
  readonly to?: SocketName | undefined;
}

/** Sends by a kernel's socket, to an address whose host may have to be looked up. */
export function sendKernel(
  core: Core,
  way: KernelWay,
  call: string,
  message: KernelSend,
  target: KernelTarget | undefined,
  signal: AbortSignal | undefined,
): Promise<number> {
  const sendTo = (to: SocketName | undefined): Promise<number> => {
    core.checkOpen(call);
    const made = (socket: KernelSocket): KernelSending =>
      new KernelPartialSending(core, socket, { ...message, to }, target?.text);
    return perform(core, call, way.writers, kernelOperation(way, made), signal, message.flags);
  };
  if (target === undefined || target.name !== undefined) return sendTo(target?.name);
  signal?.throwIfAborted();
  return awaited(() => target.resolved(core, call, limitsOf(core, message.flags, signal)).then(sendTo));
}

/** A send that is under way: a stream's goes piece by piece, a message goes whole. */
export class KernelSending implements Operation<number> {
  readonly waiters: WaiterList;
  readonly address: string | undefined;
  readonly #socket: KernelSocket;
  readonly #message: KernelSend;
  readonly #length: number;
  readonly #mayWait: boolean;
  readonly #isStream: boolean;
  #sent = 0;

  constructor(core: Core, socket: KernelSocket, message: KernelSend, address?: string) {
    this.waiters = socket.writers;
    this.address = address;
    this.#socket = socket;
    this.#message = message;
    this.#length = message.bytes.length;
    this.#mayWait = mayWait(core, message.flags);
    this.#isStream = core.type === SOCK_STREAM;
  }

  /** How many bytes the kernel has. */
  protected get sent(): number {
    return this.#sent;
  }

  attempt(): number | Failure | undefined {
    const { bytes, control, flags, to } = this.#message;
    for (;;) {
      if (bytes.length !== this.#length) return memoryFailure();
      const data = this.#sent === 0 ? bytes : bytes.subarray(this.#sent);
      // Ancillary data goes with the first byte.
      const message = { data, control: this.#sent === 0 ? control : undefined, to };
      const taken = this.#socket.send(message, flags, this.#mayWait || this.#sent > 0);
      if (typeof taken !== 'number')
        return this.#sent > 0 && !this.#mayWait && taken === undefined ? this.#sent : taken;
      this.#sent += taken;
      if (!this.#isStream || this.#sent >= this.#length) return this.#isStream ? this.#sent : taken;
      // Others have their turn before the next piece.
      if (!tryConsume()) {
        this.waiters.rest();
        return undefined;
      }
    }
  }
}

/** A send that may send fewer bytes when it times out. */
export class KernelPartialSending extends KernelSending {
  part(): number | undefined {
    return this.sent === 0 ? undefined : this.sent;
  }
}
