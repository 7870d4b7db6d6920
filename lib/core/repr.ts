import { inspect } from 'node:util';
import type { Address } from '../common/addresses.ts';
import { coreOf, type Core } from './core.ts';
import { fileno, getsockname } from './names.ts';
import { addressOf } from '../kernel/socket-name.ts';
import { Failure } from '../transports/failure.ts';
import { remoteOf } from './state.ts';

/** The socket as Python shows it. */
export function repr(socket: unknown): string {
  const core = coreOf(socket, 'toString');
  const { className, family, type, proto, isClosed } = core;
  const remote = remoteAddress(core);
  const raddr = remote === null ? '' : named('raddr', remote);
  const names = isClosed ? '' : `${named('laddr', getsockname(socket))}${raddr}`;
  const closed = isClosed ? ' [closed]' : '';
  return `<${className}${closed} fd=${fileno(socket)}, family=${family}, type=${type}, proto=${proto}${names}>`;
}

/** The peer's address; `null` where there is none. */
function remoteAddress(core: Core): Address | null {
  if (core.state.kind === 'kernel') {
    const peer = core.state.socket.peer();
    return peer instanceof Failure ? null : addressOf(peer);
  }
  const remote = remoteOf(core.state);
  return remote === undefined ? null : core.address(remote);
}

/** An address as Python shows it: `, laddr=('127.0.0.1', 80)`; nothing where a Unix socket has no name. */
function named(what: string, address: Address): string {
  if (address === '') return '';
  if (typeof address === 'string') return `, ${what}=${address}`;
  if (Buffer.isBuffer(address)) return `, ${what}=b'${Array.from(address, escaped).join('')}'`;
  return `, ${what}=(${address.map((field) => inspect(field)).join(', ')})`;
}

/** A byte as Python's `repr()` shows it. */
function escaped(byte: number): string {
  const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x27 && byte !== 0x5c;
  return isPlain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
}
