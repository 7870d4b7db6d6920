import * as socket from '../../lib/index.ts';

/** Lets a call fail without a handler, as its argument says. */
async function main(what: string | undefined): Promise<void> {
  const [host, port] = unused();
  if (what === 'rejected') await socket.socket().recv(-1); // the line
  if (what === 'refused') await socket.createConnection([host, port]); // the line
  if (what === 'looked up') await socket.getaddrinfo(host, 80, socket.AF_INET6); // the line
}

/** An address on which no socket listens. */
function unused(): socket.Inet4Address {
  using bound = socket.socket();
  bound.bind(['127.0.0.1', 0]);
  return bound.getsockname();
}

void main(process.argv[2]);
