import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_TCP,
  IPPROTO_UDP,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_SEQPACKET,
  SOCK_STREAM,
} from '../common/constants.ts';
import type { ErrorCode } from '../common/errno.ts';
import type { SocketKind } from './core.ts';

/** Which kinds of sockets Node can make. */

/** Linux's bounds of socket types and of internet protocols (net.h, in.h). */
const SOCK_MAX = 11;
const IPPROTO_MAX = 263;

/** As a Unix socket's protocol, Linux accepts the family's number too. */
const PF_UNIX = AF_UNIX;

/** Why Node can make no such socket, in the order in which Linux checks: type, family, then the family's protocols. */
export function unsupported({ family, type, proto }: SocketKind): ErrorCode | undefined {
  if (type < 0 || type >= SOCK_MAX) return 'EINVAL';
  if (family === AF_UNIX) {
    if (proto !== 0 && proto !== PF_UNIX) return 'EPROTONOSUPPORT';
    if (type === SOCK_STREAM) return undefined;
    return [SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET].includes(type) ? 'EPROTONOSUPPORT' : 'ESOCKTNOSUPPORT';
  }
  if (family !== AF_INET && family !== AF_INET6) return 'EAFNOSUPPORT';
  if (proto < 0 || proto >= IPPROTO_MAX) return 'EINVAL';
  if (![SOCK_STREAM, SOCK_DGRAM, SOCK_RAW].includes(type)) return 'ESOCKTNOSUPPORT';
  if (type === SOCK_RAW) return 'EPROTONOSUPPORT';
  const usual = type === SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
  return proto === 0 || proto === usual ? undefined : 'EPROTONOSUPPORT';
}
