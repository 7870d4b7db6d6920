import * as socket from '../../lib/index.ts';

/** Makes and closes sockets of the kernel in every way, for a test that watches the calls to the system. */
async function main(): Promise<void> {
  for (const type of [socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET]) {
    const [one, other] = socket.socketpairSync(socket.AF_UNIX, type);
    const waiting = other.recv(1);
    await one.send('x');
    await waiting;
    // A queue that is full makes the socket watch for room.
    one.settimeout(0.001);
    while (await isSent(one));
    const ended = other.recv(1);
    one.close();
    one.close();
    await ended;
    other.close();
  }
  const [giver, taker] = await socket.socketpair();
  await socket.sendFds(giver, ['x'], [1]);
  for (const fd of (await socket.recvFds(taker, 1, 1))[1]) socket.close(fd);
  giver.close();
  taker.close();
  console.log('done');
}

async function isSent(sock: socket.Socket): Promise<boolean> {
  return await sock.send(Buffer.alloc(60_000)).then(
    () => true,
    () => false,
  );
}

void main();
