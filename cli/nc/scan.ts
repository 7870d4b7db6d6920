import { connect } from './connect.ts';
import type { Options } from './options.ts';
import { portsOf } from './places.ts';

/** Tries each port, one after another; fails if none takes a connection. With UDP, a port counts until it refuses. */
export async function scan(host: string | null, ports: string, options: Options): Promise<void> {
  let failure: unknown;
  let found = 0;
  for (const port of portsOf(ports)) {
    try {
      (await connect({ host, port }, options)).close();
      found += 1;
    } catch (error) {
      failure = error;
    }
  }
  if (found === 0) throw failure;
}
