#!/usr/bin/env bash
# Node.js 20.20.2 and 26.10.0, glibc 2.36, koffi 3.3.4: a process that opens and closes the same thousand TLS connections again
# and again has 40 % more memory after the fourth time than after the first, and nothing of it is held.
#
# Guessed: after the first time the process has all the memory that it will ever need for this, so that growth from one
# time to the next is a leak. Seen: V8's heap and all Buffers together stay at 10 MB, and `malloc_trim()` brings the process
# below what it had after the first time. OpenSSL's objects of a connection are many small pieces of several sizes; glibc
# keeps what is freed, and it takes some times until what it keeps serves the next one. A test for leaks that looks at the
# resident set has to warm up for several rounds of full size, or to trim before it looks.
#
# Output seen, Node 20: MB resident after each wave: 156, 198, 212, 217, 218, 219; V8's and Buffers: 9, 9, 9, 9, 9, 9
#                       after malloc_trim(): 82
#                  26:  MB resident after each wave: 203, 242, 257, 266, 266, 267; V8's and Buffers: 11, 10, 10, 10, 10, 10
#                       after malloc_trim(): 95
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
npm init --yes >npm.log
npm install koffi@3.3.4 >npm.log 2>&1
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem -days 2 \
  -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>openssl.log
cat >main.mjs <<'JS'
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import koffi from 'koffi';

const [cert, key] = ['cert.pem', 'key.pem'].map((name) => readFileSync(name));
const later = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

if (process.argv[2] === 'server') {
  const server = tls.createServer({ cert, key }, (conn) => conn.on('error', () => {}).pipe(conn));
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => process.send(server.address().port));
  process.on('disconnect', () => process.exit());
} else {
  const child = fork(fileURLToPath(import.meta.url), ['server'], { execArgv: [] });
  const [port] = await once(child, 'message');
  const secureContext = tls.createSecureContext({ ca: cert });
  const connect = async () => {
    const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', secureContext });
    await once(socket, 'secureConnect');
    return socket.on('error', () => {});
  };
  const asks = async (socket, size) => {
    let missing = size;
    const answered = new Promise((resolve) => {
      socket.on('data', function take(block) {
        missing -= block.length;
        if (missing === 0) resolve(socket.off('data', take));
      });
    });
    socket.write(Buffer.alloc(size));
    await answered;
  };
  const wave = async () => {
    const sockets = [];
    while (sockets.length < 1000) sockets.push(...(await Promise.all(Array.from({ length: 100 }, connect))));
    for (let round = 1; round <= 3; round += 1)
      await Promise.all(sockets.map((socket, index) => asks(socket, 1 + ((index * 7919 * round) % 20_000))));
    const closed = sockets.map((socket) => once(socket.destroy(), 'close'));
    await Promise.all(closed);
    for (let round = 0; round < 5; round += 1) {
      gc();
      await later(20);
    }
    const { rss, heapUsed, external } = process.memoryUsage();
    return { rss: rss / 1e6, node: (heapUsed + external) / 1e6 };
  };
  const waves = [];
  for (let index = 0; index < 6; index += 1) waves.push(await wave());
  child.disconnect();
  const shown = (name) => waves.map((one) => one[name].toFixed(0)).join(', ');
  console.log(`MB resident after each wave: ${shown('rss')}; V8's and Buffers: ${shown('node')}`);
  koffi.load('libc.so.6').func('int malloc_trim(size_t)')(0);
  const trimmed = process.memoryUsage.rss() / 1e6;
  console.log(`after malloc_trim(): ${trimmed.toFixed(0)}`);
  const [first, last] = [waves[0], waves.at(-1)];
  process.exitCode = last.node < first.node * 1.1 && last.rss > first.rss * 1.05 && trimmed < first.rss ? 0 : 1;
}
JS
node --expose-gc main.mjs
