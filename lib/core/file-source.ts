import type { WaitOptions } from '../common/call-options.ts';
import type { FileSource, ReadsAhead } from '../files/file-core.ts';
import { recv, recvInto, send, sendKept, tryRecv } from './calls.ts';
import type { Core } from './core.ts';
import { fileno } from './names.ts';

/** A socket as its files see it. They hold the socket itself, so that it is not collected before they are closed. */
export class SocketSource implements FileSource {
  readonly #core: Core;
  /** The socket; only its core once the file is closed. */
  #socket: object;

  constructor(core: Core, socket: object) {
    this.#core = core;
    this.#socket = socket;
  }

  /** The inside of the socket. */
  get core(): Core {
    return this.#core;
  }

  get isClosed(): boolean {
    return this.#core.isClosed;
  }

  recv(bufsize: number, flags: number, options: WaitOptions): Promise<Buffer> {
    return recv(this.#socket, bufsize, flags, options);
  }

  tryRecv(bufsize: number): Buffer | undefined {
    return tryRecv(this.#core, bufsize);
  }

  recvInto(buffer: Uint8Array, nbytes: number, flags: number, options: WaitOptions): Promise<number> {
    return recvInto(this.#socket, buffer, nbytes, flags, options);
  }

  send(data: Uint8Array, flags: number, options: WaitOptions): Promise<number> {
    return send(this.#socket, data, flags, options);
  }

  sendKept(bytes: Buffer, { signal }: WaitOptions): number | Promise<number> {
    return sendKept(this.#core, bytes, signal ?? undefined);
  }

  fileno(): number {
    return fileno(this.#core);
  }

  retainFile(file: ReadsAhead): void {
    this.#core.retainFile(file);
  }

  releaseFile(file: ReadsAhead): void {
    this.#socket = this.#core;
    this.#core.releaseFile(file);
  }
}
