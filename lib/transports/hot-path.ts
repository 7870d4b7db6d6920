import { isUnix } from './endpoint.ts';
import { systemError } from './failure.ts';
import { handleOf } from './handle.ts';
import { HotWire } from './hot-wire.ts';
import { findNodeHandles, SOCKET, type NodeHandles, type StreamHandle } from './node-handles.ts';
import type { Path } from './path.ts';
import { plainPath } from './plain-path.ts';

/**
 * The fast way: straight to the handles of libuv on which `net.Socket` stands. What Node does not document of them is
 * found and looked at by node-handles.ts.
 *
 * A `net.Socket` is two streams and an emitter of events. Without it (Node 20, old and new side by side) accept() and
 * close() take 53 µs of processor time instead of 81, connect() and close() 91 instead of 116, a round trip 18 instead of
 * 22, and an accepted connection holds 1.1 KB of the heap instead of 1.75 (`npm run counts`). docs/performance.md has it
 * beside the plain way.
 */

/** A handle of a server. */
interface ServerHandle {
  onconnection: (status: number, client: StreamHandle) => void;
}

function isServerHandle(handle: object | undefined): handle is ServerHandle {
  return handle !== undefined && 'onconnection' in handle;
}

/**
 * The way over handles, for those that this Node has.
 *
 * @internal
 */
export function overHandles(node: NodeHandles): Path {
  const { TCP, Pipe } = node;
  return {
    make: (remote) => new HotWire(node, new (isUnix(remote) ? Pipe : TCP)(SOCKET)),

    over(socket) {
      const handle = handleOf(socket);
      if (!(handle instanceof TCP) && !(handle instanceof Pipe)) return plainPath.over(socket);
      Reflect.set(socket, '_handle', null);
      return new HotWire(node, handle);
    },

    serve(server, accept) {
      const handle = handleOf(server);
      if (!isServerHandle(handle)) {
        plainPath.serve(server, accept);
        return;
      }
      // Rules 4 and 9: connections are passed on in their order, and an error is told to who listens for the server's.
      handle.onconnection = (status, client) => {
        if (status !== 0) {
          server.emit('error', systemError('accept', status));
        } else {
          client.setNoDelay?.(true);
          accept(new HotWire(node, client));
        }
      };
    },
  };
}

const node = findNodeHandles(process);

/** The fast way, if this Node has it. */
export const hotPath: Path | undefined = node === undefined ? undefined : overHandles(node);
