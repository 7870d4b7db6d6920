import type { TLSSocket } from 'node:tls';
import { mayUseFastPath } from '../transports/support.ts';

/**
 * What Node knows of a TLS connection and does not document. Each is looked at when it is used, and the engine has a
 * documented way besides.
 */

/**
 * How much of its output Node's TLS socket takes before it waits; with the usual 16 KiB sends of 64 KiB lose a third of
 * their speed, and with 4 MiB too.
 */
export const STREAM_OPTIONS = { highWaterMark: 1 << 20 };

/**
 * Why OpenSSL has refused the peer's certificate, while the handshake goes on: `null` for nothing, `undefined` where this
 * Node does not tell. (What is documented, `authorizationError`, comes after the handshake, and for clients alone.)
 */
export function verifyErrorOf(socket: TLSSocket): Error | null | undefined {
  if (!mayUseFastPath) return undefined;
  const handle: unknown = Reflect.get(socket, '_handle');
  if (typeof handle !== 'object' || handle === null) return undefined;
  const verifyError: unknown = Reflect.get(handle, 'verifyError');
  if (typeof verifyError !== 'function') return undefined;
  // Where a certificate has come that OpenSSL cannot use, Node asks for the cipher of the connection; without one, the
  // process ends there with a segmentation fault. (It has one before the client's last records go out.)
  const cipher: unknown = socket.getCipher();
  if (typeof cipher !== 'object' || cipher === null) return undefined;
  const error: unknown = Reflect.apply(verifyError, handle, []);
  if (error === null) return null;
  // What is not understood is a refusal, too.
  return isError(error) ? error : new Error('Node gives no reason');
}

/** Node's error is no instance of the class of another context, as a program makes one by `node:vm`. */
function isError(value: unknown): value is Error {
  return typeof value === 'object' && value !== null && 'name' in value && 'message' in value;
}

/**
 * Calls back with the error that breaks a connection. Node emits 'error' for it; after the handshake of a server that is
 * no `tls.Server` it emits '_tlsError' alone.
 */
export function onTlsError(socket: TLSSocket, listener: (error: Error) => void): void {
  socket.on('error', listener);
  socket.on('_tlsError', listener);
}
