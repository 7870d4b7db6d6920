import type { Duplex } from 'node:stream';
import { typeError } from '../common/arguments.ts';
import { AF_INET, AF_INET6, AF_UNIX, SOCK_STREAM } from '../common/constants.ts';
import { osError } from '../common/errors.ts';
import { raised } from '../common/stack.ts';
import { Core, protocolOf } from '../core/core.ts';
import type { Endpoint } from '../transports/endpoint.ts';
import { isNetSocket, netBackend } from '../transports/net-stream.ts';
import { Stream } from '../transports/stream.ts';
import type { StreamHandle } from '../transports/stream-handle.ts';
import { DuplexHandle } from './duplex-handle.ts';

const NOTHING = Buffer.alloc(0);

/** An end that has no address, such as that of a Unix socket. */
const NAMELESS: Endpoint = { path: '' };

/** Makes the core of a socket over a stream of Node's. */
export function fromStream(value: unknown): Core {
  const duplex = checkDuplex(value);
  // A FIN ends one direction only.
  duplex.allowHalfOpen = true;
  const handle = handleOver(duplex);
  const { local, remote } = handle;
  const names = { local: local ?? NAMELESS, remote: remote ?? (local === undefined ? NAMELESS : undefined) };
  const stream = Stream.over({
    handle,
    unread: NOTHING,
    hasEnded: duplex.readableEnded,
    failure: undefined,
    isWriting: false,
    ...names,
  });
  if (!duplex.writable) stream.shutdownWrite();
  const family = familyOf(local?.host);
  const core = new Core({ family, type: SOCK_STREAM, proto: protocolOf(family, SOCK_STREAM) });
  core.setState({ kind: 'connected', stream });
  return core;
}

/** A plain socket has more to ask than other streams; over TLS its handle is another one. */
function handleOver(duplex: Duplex): StreamHandle {
  if (isNetSocket(duplex)) return netBackend.over(duplex);
  duplex.pause();
  return new DuplexHandle(duplex);
}

const METHODS = ['on', 'once', 'read', 'pause', 'resume', 'write', 'end', 'destroy'] as const;

/** By its methods, because packages bring their own class of streams (readable-stream). */
function isDuplex(value: unknown): value is Duplex {
  if (typeof value !== 'object' || value === null) return false;
  return METHODS.every((method) => typeof Reflect.get(value, method) === 'function');
}

function checkDuplex(value: unknown): Duplex {
  if (!isDuplex(value)) throw typeError('from() takes a Duplex of Node', value);
  if (value.readableObjectMode || value.writableObjectMode) {
    throw raised(new TypeError('from() takes a stream of bytes, and this one is in object mode'));
  }
  if (value.readableEncoding !== null) {
    throw typeError(
      'from() takes a stream of bytes, and setEncoding() makes this one a stream of text',
      value.readableEncoding,
    );
  }
  if (value.listenerCount('readable') > 0) {
    throw raised(
      new TypeError("from() takes a stream that no other code reads, and this one has a listener for 'readable'"),
    );
  }
  if (value.destroyed) throw osError('ENOTCONN', { syscall: 'from', note: 'the stream is destroyed' });
  if (Reflect.get(value, 'pending') === true) {
    throw osError('ENOTCONN', {
      syscall: 'from',
      note: "the stream is not connected yet: wait for its event 'connect'",
    });
  }
  return value;
}

function familyOf(host: string | undefined): number {
  if (host === undefined) return AF_UNIX;
  return host.includes(':') ? AF_INET6 : AF_INET;
}
