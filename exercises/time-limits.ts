import * as socket from '../lib/index.ts';

/** A wait that ends early loses no byte: by a time limit, or by an AbortSignal. */
async function main(): Promise<void> {
  const [one, other] = await socket.socketpair();

  other.settimeout(0.05);
  await one.sendall('half a ');
  // Ten bytes are wanted, and seven come in time.
  await other.recvExactly(10).catch((error: unknown) => {
    console.log('time limit:', error instanceof socket.TimeoutError);
  });

  other.settimeout(null);
  const controller = new AbortController();
  const waiting = other.recvExactly(100, { signal: controller.signal });
  controller.abort(new Error('no longer wanted'));
  await waiting.catch((error: unknown) => console.log('signal:', String(error)));

  await one.sendall('message');
  console.log((await other.recvExactly(14)).toString());
  one.close();
  other.close();
}

void main();
