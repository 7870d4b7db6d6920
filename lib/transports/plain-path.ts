import type net from 'node:net';
import type { Path, Sender } from './path.ts';

/** Whose write is under way on a socket whose failures are kept from it. */
const writers = new WeakMap<net.Socket, Writer>();

/** The way that Node documents: 'data' events and `write()`. */
export const plainPath: Path = {
  read(socket, receiver) {
    socket.on('data', (chunk: Buffer) => {
      if (!receiver.take(chunk, false)) socket.pause();
    });
  },

  write(socket, bytes, sender) {
    let writer = writers.get(socket);
    if (writer === undefined) writers.set(socket, (writer = new Writer(socket)));
    writer.write(bytes, sender);
  },
};

/**
 * Writes to a socket, and is told of a failure in its place: with the hooks that Node's documentation gives to those
 * who implement a stream, because a stream that is told of a failure destroys itself.
 */
class Writer {
  readonly #socket: net.Socket;
  #fail: (error: Error) => void = () => undefined;

  constructor(socket: net.Socket) {
    this.#socket = socket;
    const write = socket._write.bind(socket);
    socket._write = (chunk, encoding, callback) => {
      write(chunk, encoding, (error) => {
        if (error === null || error === undefined) callback();
        else this.#fail(error);
      });
    };
  }

  write(bytes: Buffer, sender: Sender): void {
    let told = false;
    const tell = (error?: Error): void => {
      if (told) return;
      told = true;
      sender.sent(error);
    };
    this.#fail = tell;
    this.#socket.write(bytes, () => tell());
    // The callback comes in a later turn of Node's queue. Waiting for it costs 5 % of a ping-pong and 15 to 24 % of 1
    // KiB sends.
    if (this.#socket.writableLength === 0) tell();
  }
}
