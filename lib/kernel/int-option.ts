import { SOL_SOCKET } from '../common/constants.ts';
import type { SocketCalls } from './socket-calls.ts';

/** The value of an option of SOL_SOCKET that is a C int; 0 where it cannot be had. */
export function intOption(calls: SocketCalls, descriptor: number, optname: number): number {
  const value = Buffer.alloc(4);
  calls.getsockopt(descriptor, SOL_SOCKET, optname, value);
  return value.readInt32LE();
}
