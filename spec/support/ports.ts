import { readFileSync } from 'node:fs';
import * as socket from '../../lib/index.ts';
import { hasIPv6 } from './network.ts';

/** Below it are ports of well-known services. */
const FIRST = 10_000;

/** The contents of a file of the kernel's; empty where it has no such file. */
function told(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** The first of the ports from which the kernel chooses: Linux's setting, or RFC 6335's. */
function firstChosen(): number {
  return Number.parseInt(told('/proc/sys/net/ipv4/ip_local_port_range'), 10) || 49_152;
}

/** Jest numbers its workers; each has a range of ports of its own. */
const PARTS = 64;
const size = Math.max(1, Math.floor((firstChosen() - FIRST) / PARTS));
const part = FIRST + (process.pid % PARTS) * size;
let next = Math.floor(Math.random() * size);

/** Whether a connection was closed so recently that the kernel still keeps its port (TIME_WAIT). */
function isRemembered(port: number): boolean {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
  return ['/proc/net/tcp', '/proc/net/tcp6'].some((file) => told(file).includes(local));
}

/** Whether a port is free on every address of this machine, for streams and for datagrams. */
function isFree(port: number): boolean {
  const families = hasIPv6 ? [socket.AF_INET, socket.AF_INET6] : [socket.AF_INET];
  return families.every((family) => {
    try {
      using stream = socket.socket(family, socket.SOCK_STREAM);
      stream.bind(['', port]);
      stream.listen();
      using datagrams = socket.socket(family, socket.SOCK_DGRAM);
      datagrams.bind(['', port]);
      return true;
    } catch (error) {
      if (error instanceof socket.OSError && error.code === 'EADDRINUSE') return false;
      throw error;
    }
  });
}

/**
 * A free port that stays free: it is not in the range from which the kernel chooses. A port that the kernel has chosen
 * may belong to another program as soon as it is closed.
 */
export function reservedPort(): number {
  for (let tried = 0; tried < size; tried += 1) {
    const port = part + next;
    next = (next + 1) % size;
    if (isFree(port) && !isRemembered(port)) return port;
  }
  throw new Error(`no free port from ${part} to ${part + size - 1}`);
}
