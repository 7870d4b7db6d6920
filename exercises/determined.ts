import * as socket from '../lib/index.ts';

/** The patient receiver: counts the bytes up to the end, and answers with their number. */
async function receive(server: socket.Socket): Promise<void> {
  const [conn] = await server.accept();
  let received = 0;
  for (let block = await conn.recv(1024); block.length > 0; block = await conn.recv(1024)) received += block.length;
  // -- end of data
  await conn.sendall(String(received));
  conn.close();
}

/** The determined sender: sends again until the answer is right. */
async function send(address: socket.Address, data: Buffer): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    using sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
    await sock.connect(address);
    let sent = 0;
    while (sent < data.length) sent += await sock.send(data.subarray(sent, sent + 1024));
    sock.shutdown(socket.SHUT_WR);
    const answer = (await sock.recv(30)).toString();
    console.log(`try ${attempt}: ${sent} sent, ${answer} received`);
    if (Number(answer) === sent) return;
  }
}

async function main(): Promise<void> {
  using server = socket.createServer(['127.0.0.1', 0]);
  await Promise.all([receive(server), send(server.getsockname(), Buffer.alloc(1_000_000))]);
}

void main();
