import * as socket from '../../lib/index.ts';

/**
 * A program whose sockets wait for ever; its argument says whether they keep the process alive. It prints a line when
 * the process ends because nothing does.
 */
async function main(keeps: string | undefined): Promise<void> {
  const listener = socket.socket();
  listener.bind(['127.0.0.1', 0]);
  listener.listen();
  const client = socket.socket();
  await client.connect(listener.getsockname());
  const [server] = await listener.accept();
  const all = [listener, client, server];
  if (keeps === 'unref early') for (const one of all) one.unref();
  void listener.accept();
  void client.recv(1);
  server.settimeout(3600);
  void server.recv(1);
  if (keeps === 'unref') for (const one of all) one.unref();
  if (keeps === 'close') for (const one of all) one.close();
  if (keeps === 'ref') {
    for (const one of all) one.unref();
    client.ref();
    // Nothing else keeps the process alive for this.
    setTimeout(() => {
      console.log('still here');
      client.unref();
    }, 50).unref();
  }
}

process.on('unhandledRejection', () => undefined);
process.on('exit', () => console.log('ended'));
void main(process.argv[2]);
