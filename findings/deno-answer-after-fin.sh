#!/usr/bin/env bash
# Deno 2.9.6: a server's large answer to a client that has shut down its side is cut off, and the client sees a clean end.
#
# The client connects and calls end(); the server, with allowHalfOpen, writes 8 MiB when it sees the FIN, and ends.
# Expected: Node's and TCP's rule, a FIN ends one direction only, so that the client receives 8388608 bytes; and if
# something broke, an error at the client. Seen: the server gets EPIPE, and the client 'end' after about half of it,
# without an error. 300 kB come through, because the kernel takes them at once; without the FIN 8 MiB come through as well.
#
# Output seen:
#   Node: server: finish, client: end, all
#   Deno, 300 kB: server: finish, client: end, all
#   Deno, 8 MiB: server: error EPIPE, client: end, a part
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts deno@2.9.6

cat >answer.mjs <<'JS'
import net from 'node:net';

const length = Number(process.argv[2]);
const told = { server: '', client: '' };
const server = net.createServer({ allowHalfOpen: true }, (socket) => {
  socket.resume();
  socket.on('error', (error) => (told.server = `error ${error.code}`));
  socket.on('finish', () => (told.server = 'finish'));
  socket.on('end', () => socket.end(Buffer.alloc(length)));
});
server.listen(0, '127.0.0.1', () => {
  const client = net.connect({ port: server.address().port, host: '127.0.0.1', allowHalfOpen: true });
  let received = 0;
  client.on('connect', () => client.end());
  client.on('data', (data) => (received += data.length));
  client.on('error', (error) => (told.client = `error ${error.code}`));
  client.on('end', () => (told.client = 'end'));
  client.on('close', () => {
    console.log(`server: ${told.server}, client: ${told.client}, ${received === length ? 'all' : 'a part'}`);
    process.exit();
  });
});
JS
deno=$(echo node_modules/@deno/*/deno)
node=$(timeout 30 node answer.mjs 8388608)
small=$(timeout 30 "$deno" run --allow-all answer.mjs 300000)
large=$(timeout 30 "$deno" run --allow-all answer.mjs 8388608)
echo "Node: $node"
echo "Deno, 300 kB: $small"
echo "Deno, 8 MiB: $large"
[ "$node" = 'server: finish, client: end, all' ]
[ "$small" = 'server: finish, client: end, all' ]
[ "$large" = 'server: error EPIPE, client: end, a part' ]
