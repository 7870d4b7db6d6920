import { mkdtempSync, rmdirSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bind } from './bind.ts';
import { Failure, failureIn, failureOf } from './failure.ts';
import { Listener } from './listener.ts';
import { Stream } from './stream.ts';

/** The waits of a pair need no limit: both ends are in this process. */
const FOR_EVER = { deadline: null, signal: undefined };

/**
 * Two connected streams without names. As Node has no socketpair(2), they connect over a path in a folder that only
 * this user can open.
 *
 * connect(2) puts a Unix client into the listener's queue at once. So Node's folder is removed before the first wait, and
 * does not stay where the process or the thread ends meanwhile. Deno connects later, and has no descriptor until then.
 */
export async function streamPair(): Promise<[Stream, Stream] | Failure> {
  const folder = privateFolder();
  if (folder instanceof Failure) return folder;
  const path = join(folder, 'pair');
  // Not rmSync(): without a free descriptor it fails on Node 26. What is gone already is no failure.
  const remove = (): void => {
    failureIn(() => unlinkSync(path));
    failureIn(() => rmdirSync(folder));
  };
  try {
    const begun = beginPair(path);
    if (begun instanceof Failure) return begun;
    if (begun.client.descriptor >= 0) remove();
    try {
      return await meet(begun);
    } finally {
      begun.listener.close();
    }
  } finally {
    remove();
  }
}

/** A client that connects, and the listener that will accept it. */
interface Begun {
  readonly client: Stream;
  readonly listener: Listener;
}

function beginPair(path: string): Begun | Failure {
  const bound = bind({ path }, { ipv6Only: false, reusePort: false });
  if (bound instanceof Failure) return bound;
  const listener = Listener.listen(bound, 1);
  if (listener instanceof Failure) return listener;
  return { client: Stream.connect(listener.local, undefined, true), listener };
}

function privateFolder(): string | Failure {
  try {
    return mkdtempSync(join(tmpdir(), 'await-socket-'));
  } catch (error) {
    return failureOf(error);
  }
}

async function meet({ client, listener }: Begun): Promise<[Stream, Stream] | Failure> {
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
