import { readFileSync } from 'node:fs';

/** What the kernel has for each end of a connection: its socket, the file of it, its place in epoll. */
const OBJECTS = ['TCP', 'sock_inode_cache', 'filp', 'dentry', 'eventpoll_epi'];

const PAGE = 4096;

/** What the kernel holds for one end of a connection, in bytes; NaN where only root may know, and this is not root. */
export function objectsOfEnd(): number {
  const sizes = told('/proc/slabinfo')
    .split('\n')
    .map((line) => line.split(/\s+/))
    .filter(([kind = '']) => OBJECTS.includes(kind))
    .map(([, , , size]) => Number(size));
  return sizes.length === OBJECTS.length ? sizes.reduce((sum, size) => sum + size, 0) : NaN;
}

/** How many sockets of TCP the kernel has, by the objects for them. */
export function tcpObjects(): number {
  return Number(/^TCP +(\d+)/m.exec(told('/proc/slabinfo'))?.[1] ?? NaN);
}

/** What all buffers of TCP take, in bytes. */
export function tcpBuffers(): number {
  return Number(/^TCP: .* mem (\d+)$/m.exec(told('/proc/net/sockstat'))?.[1] ?? NaN) * PAGE;
}

function told(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
