import * as socket from '../lib/index.ts';

/** Answers datagrams, but loses the first one, as a network may. */
async function serve(sock: socket.Socket): Promise<void> {
  const [lost] = await sock.recvfrom(1024);
  console.log(`lost: ${lost.toString()}`);
  const [data, sender] = await sock.recvfrom(1024);
  if (sender !== null) await sock.sendto(`answer to ${data.toString()}`, sender);
}

/** Asks until an answer comes, at most `tries` times. */
async function ask(sock: socket.Socket, question: string, tries = 5): Promise<string> {
  sock.settimeout(0.1);
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    await sock.send(question);
    try {
      return (await sock.recv(1024)).toString();
    } catch (error) {
      if (!(error instanceof socket.TimeoutError)) throw error;
    }
  }
  throw new Error(`no answer after ${tries} tries`);
}

async function main(): Promise<void> {
  using server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  server.bind(['127.0.0.1', 0]);
  const serving = serve(server);
  using client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  await client.connect(server.getsockname());
  console.log(await ask(client, 'the question'));
  await serving;
}

void main();
