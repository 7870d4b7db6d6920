#!/usr/bin/env bash
# Node.js 26.10.0 (the same on 20.20.2, 22.23.3 and 24.21.0): a server accepts one connection in each turn of the event
# loop, however many wait, and close() resets those that still wait.
#
# Guessed: when the event loop finds the listening socket ready, it accepts all connections that wait in the kernel's
# queue, so that close() in a later turn, as for SIGTERM, "stops accepting new connections and keeps existing ones", as
# its documentation says. Seen: of 20 clients that have all connected (and may have sent their requests), one is accepted
# in each turn. close() in the first turn resets the other 19: to them and to a proxy in front the server has broken off,
# and an orderly restart under load loses requests. A server that drains has to let some turns pass before it closes,
# until one of them brings no connection.
#
# Output seen: accepted in one turn: 1 of 20, reset by close(): 19
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
cat >server.mjs <<'JS'
import { spawn } from 'node:child_process';
import net from 'node:net';

// 20 clients: they say when all are connected, and then what each of them gets.
const clients = `
import socket, sys
sys.stdin.readline()
socks = [socket.create_connection(('127.0.0.1', int(sys.argv[1]))) for _ in range(20)]
print('connected', flush=True)
def outcome(sock):
    try:
        return sock.recv(1) and 'served' or 'ended'
    except ConnectionResetError:
        return 'reset'
print([outcome(sock) for sock in socks].count('reset'))
`;

let accepted = 0;
const server = net.createServer((connection) => {
  accepted += 1;
  // The turn of the first connection ends with its setImmediate().
  if (accepted === 1) {
    setImmediate(() => {
      console.log(`accepted in one turn: ${accepted} of 20`);
      server.close();
    });
  }
  connection.end('x');
});
server.listen(0, '127.0.0.1', () => {
  const child = spawn('python3', ['-c', clients, String(server.address().port)], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdout.once('data', () => undefined);
  child.stdout.on('data', (text) => process.stdout.write(String(text).replace(/^(\d+)$/m, 'reset by close(): $1')));
  child.stdin.write('\n');
  // The event loop does not turn until all have connected.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000);
});
JS
printed=$(npx --yes node@26.10.0 server.mjs | grep -v connected | paste -sd, | sed 's/,/, /')
echo "$printed"
[ "$printed" = 'accepted in one turn: 1 of 20, reset by close(): 19' ]
