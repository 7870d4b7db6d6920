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
  await copies();
  await fullQueue();
  console.log('done');
}

/** Connections of a listener that the kernel keeps, one of them copied while it connects, detached and taken over. */
async function copies(): Promise<void> {
  const listener = socket.createServer(['127.0.0.1', 0], { queue: 'kernel' });
  const client = socket.socket();
  const connects = client.connect(listener.getsockname());
  const second = client.dup();
  await connects;
  const [conn] = await listener.accept();
  const copy = socket.fromfd(conn.fileno(), socket.AF_INET, socket.SOCK_STREAM);
  const again = new socket.Socket(-1, -1, -1, second.detach());
  socket.close(copy.detach());
  for (const one of [again, second, client, conn, copy, listener]) one.close();
}

/** Another socket waits for room in a queue, for one that is closed meanwhile. */
async function fullQueue(): Promise<void> {
  const receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM);
  receiver.bind('');
  const name = receiver.getsockname() as string;
  const sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM);
  sender.settimeout(0.001);
  for (let isFull = false; !isFull;)
    isFull = await sender.sendto('x', name).then(
      () => false,
      () => true,
    );
  sender.settimeout(null);
  const waits = sender.sendto('x', name);
  await receiver.recv(1);
  await waits;
  const ends = sender.sendto('x', name).catch(() => undefined);
  sender.close();
  receiver.close();
  await ends;
}

async function isSent(sock: socket.Socket): Promise<boolean> {
  return await sock.send(Buffer.alloc(60_000)).then(
    () => true,
    () => false,
  );
}

void main();
