/** Uses the package as a program would, and throws where it does not work. */
module.exports = async function check(socket) {
  const server = socket.createServer(['127.0.0.1', 0]);
  const client = await socket.createConnection(['localhost', server.getsockname()[1]]); // by name: p-queue is loaded
  const [conn] = await server.accept();
  await client.sendall('hello');
  const received = await conn.recv(5);
  for (const sock of [client, conn, server]) sock.close();
  if (received.toString() !== 'hello') throw new Error(`received ${received.toString()}`);

  const error = await client.recv(1).catch((raised) => raised);
  if (!(error instanceof socket.OSError) || error.errno !== socket.EBADF) throw error;
};
