import { isUnix } from './endpoint.ts';
import { systemError } from './failure.ts';
import { handleOf } from './handle.ts';
import { LibuvStream } from './libuv-stream.ts';
import { findNodeHandles, SOCKET, type NodeHandles, type LibuvHandle } from './node-handles.ts';
import type { StreamBackend } from './stream-handle.ts';
import { netBackend } from './net-stream.ts';

/**
 * The fast backend: uses the libuv handles on which `net.Socket` is built. Node does not document them; node-handles.ts
 * finds and checks what is used of them.
 *
 * A `net.Socket` is two streams and an event emitter, which cost time and memory for each connection;
 * docs/performance.md compares this backend with the documented one.
 */

/** A handle of a server. */
interface LibuvServerHandle {
  onconnection: (status: number, client: LibuvHandle) => void;
}

function isServerHandle(handle: object | undefined): handle is LibuvServerHandle {
  return handle !== undefined && 'onconnection' in handle;
}

/**
 * The backend over the handles that this Node has.
 *
 * @internal
 */
export function overHandles(node: NodeHandles): StreamBackend {
  const { TCP, Pipe } = node;
  return {
    make: (remote) => new LibuvStream(node, new (isUnix(remote) ? Pipe : TCP)(SOCKET)),

    over(socket) {
      const handle = handleOf(socket);
      if (!(handle instanceof TCP) && !(handle instanceof Pipe)) return netBackend.over(socket);
      Reflect.set(socket, '_handle', null);
      return new LibuvStream(node, handle);
    },

    serve(server, accept) {
      const handle = handleOf(server);
      if (!isServerHandle(handle)) {
        netBackend.serve(server, accept);
        return;
      }
      // Rules 4 and 9: connections are passed on in their order, and an error goes to the server's error listener.
      handle.onconnection = (status, client) => {
        if (status !== 0) {
          server.emit('error', systemError('accept', status));
        } else {
          client.setNoDelay?.(true);
          accept(new LibuvStream(node, client));
        }
      };
    },
  };
}

const node = findNodeHandles(process);

/** The fast backend, if this Node has it. */
export const libuvBackend: StreamBackend | undefined = node === undefined ? undefined : overHandles(node);
