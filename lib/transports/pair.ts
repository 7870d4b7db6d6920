import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bind } from './bind.ts';
import { Failure, failureOf } from './failure.ts';
import { Listener } from './listener.ts';
import { Stream } from './stream.ts';

/** The waits of a pair need no limit: both ends are in this process. */
const FOR_EVER = { deadline: null, signal: undefined };

/**
 * Two connected streams without names. As Node has no socketpair(2), they connect over a path in a folder that only
 * this user can open, and that is removed once they are connected.
 */
export async function streamPair(): Promise<[Stream, Stream] | Failure> {
  const folder = await fs.promises.mkdtemp(join(tmpdir(), 'await-socket-')).catch(failureOf);
  if (folder instanceof Failure) return folder;
  try {
    const bound = bind({ path: join(folder, 'pair') }, { ipv6Only: false, reusePort: false });
    if (bound instanceof Failure) return bound;
    const listener = Listener.listen(bound, 1);
    if (listener instanceof Failure) return listener;
    try {
      return await meet(listener);
    } finally {
      listener.close();
    }
  } finally {
    await fs.promises.rm(folder, { recursive: true });
  }
}

async function meet(listener: Listener): Promise<[Stream, Stream] | Failure> {
  const client = Stream.connect(listener.local, undefined, true);
  const [connected, accepted] = await Promise.all([
    client.connectors.wait(() => client.connected(), FOR_EVER),
    listener.acceptors.wait(() => listener.accept(), FOR_EVER),
  ]);
  if (connected === true && accepted instanceof Stream) {
    client.forgetNames();
    accepted.forgetNames();
    return [client, accepted];
  }
  client.close(false);
  return connected instanceof Failure ? connected : new Failure('ECONNABORTED');
}
