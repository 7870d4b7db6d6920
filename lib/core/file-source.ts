import type { WaitOptions } from '../call-options.ts';
import type { FileSource } from '../files/io-base.ts';
import type { Core } from './core.ts';
import { fileno } from './names.ts';
import { recv, recvInto, tryRecv } from './receive.ts';
import { send, sendKept } from './send.ts';

/** A socket as its files see it. */
export class SocketSource implements FileSource {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  recv(bufsize: number, flags: number, options: WaitOptions): Promise<Buffer> {
    return recv(this.#core, bufsize, flags, options);
  }

  recvAtOnce(bufsize: number): Buffer | undefined {
    return tryRecv(this.#core, bufsize);
  }

  recvInto(buffer: Uint8Array, nbytes: number, flags: number, options: WaitOptions): Promise<number> {
    return recvInto(this.#core, buffer, nbytes, flags, options);
  }

  send(data: Uint8Array, flags: number, options: WaitOptions): Promise<number> {
    return send(this.#core, data, flags, options);
  }

  sendKept(bytes: Buffer, { signal }: WaitOptions): number | Promise<number> {
    return sendKept(this.#core, bytes, signal ?? undefined);
  }

  fileno(): number {
    return fileno(this.#core);
  }

  retainFile(): void {
    this.#core.retainFile();
  }

  releaseFile(): void {
    this.#core.releaseFile();
  }
}
