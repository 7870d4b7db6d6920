/** Uses the package as a program would, and throws where it does not work. */
module.exports = async function check(socket, ssl, serve) {
  const server = socket.createServer(['127.0.0.1', 0]);
  const client = await socket.createConnection(['localhost', server.getsockname()[1]]); // by name: p-queue is loaded
  const [conn] = await server.accept();
  await client.sendall('hello');
  const received = await conn.recv(5);
  for (const sock of [client, conn, server]) sock.close();
  if (received.toString() !== 'hello') throw new Error(`received ${received.toString()}`);

  const error = await client.recv(1).catch((raised) => raised);
  if (!(error instanceof socket.OSError) || error.errno !== socket.EBADF) throw error;
  await checkKernel(socket);
  await checkTls(socket, ssl);
  await checkServe(socket, serve);
};

/** Uses sockets that Node does not have, for which a part of the package is loaded. */
async function checkKernel(socket) {
  const [one, other] = socket.socketpairSync(socket.AF_UNIX, socket.SOCK_DGRAM);
  const copy = one.dup();
  one.close();
  await copy.send('a datagram');
  const [data, ancdata] = await other.recvmsg(100, socket.CMSG_SPACE(4));
  copy.close();
  other.close();
  if (!(copy instanceof socket.Socket) || data.toString() !== 'a datagram' || ancdata.length > 0) {
    throw new Error(`received ${data.toString()}`);
  }
}

/** Begins a handshake with a peer that speaks no TLS; the examples of docs/ssl.md do whole ones. */
async function checkTls(socket, ssl) {
  const [sock, peer] = await socket.socketpair();
  await peer.sendall('no TLS');
  const wrapping = ssl.createDefaultContext().wrapSocket(sock, { serverHostname: 'localhost' });
  const error = await wrapping.catch((raised) => raised);
  const hello = await peer.recv(1);
  peer.close();
  if (hello[0] !== 22) throw new Error(`a handshake begins with ${hello[0]}`);
  if (!(error instanceof socket.OSError) || error.reason !== 'WRONG_VERSION_NUMBER') throw error;
}

/** Serves one client after a proxy. */
async function checkServe(socket, { serve }) {
  const listener = socket.createServer(['127.0.0.1', 0]);
  const tell = (conn, address) => conn.sendall(String(address));
  const server = serve(listener, tell, { proxyProtocol: { trusted: ['127.0.0.1'] } });
  const client = await socket.createConnection(server.address);
  await client.sendall('PROXY TCP4 192.0.2.1 192.0.2.9 56324 443\r\n');
  const received = await client.recv(100);
  client.close();
  await server.close();
  if (received.toString() !== '192.0.2.1,56324') throw new Error(`received ${received.toString()}`);
}
