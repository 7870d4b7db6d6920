#!/usr/bin/env bash
# Deno 2.9.6: dgram.Socket.connect() connects nothing in the kernel; no connect(2) is made.
#
# A socket that is bound to all addresses connects to a port of the loopback address where no socket is, and sends.
# Expected, as on Node: address() is then the one that leads to the peer (127.0.0.1), and the peer's refusal, an ICMP
# message that the kernel passes to connected sockets only, comes as an 'error' event. Seen: 'connect' is emitted and
# remoteAddress() gives the peer, but address() stays 0.0.0.0 and no refusal ever comes: a client of a server that does not
# exist waits until it times out.
#
# Output seen:
#   Node: 127.0.0.1, ECONNREFUSED
#   Deno: 0.0.0.0, nothing
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts deno@2.9.6

cat >connect.mjs <<'JS'
import dgram from 'node:dgram';

const bound = (address) =>
  new Promise((resolve) => {
    const socket = dgram.createSocket('udp4');
    socket.bind(0, address, () => resolve(socket));
  });

// A port that has no socket any more.
const gone = await bound('127.0.0.1');
const { port } = gone.address();
await new Promise((resolve) => gone.close(resolve));

const client = await bound('0.0.0.0');
await new Promise((resolve) => client.connect(port, '127.0.0.1', resolve));
const { address } = client.address();
const refusal = new Promise((resolve) => client.on('error', (error) => resolve(error.code)));
const patience = new Promise((resolve) => setTimeout(resolve, 1000, 'nothing'));
client.send('anybody there?');
console.log(`${address}, ${await Promise.race([refusal, patience])}`);
process.exit();
JS
node=$(timeout 30 node connect.mjs)
deno=$(timeout 30 node_modules/@deno/*/deno run --allow-all connect.mjs)
echo "Node: $node"
echo "Deno: $deno"
[ "$node" = '127.0.0.1, ECONNREFUSED' ]
[ "$deno" = '0.0.0.0, nothing' ]
