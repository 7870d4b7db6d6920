#!/usr/bin/env bash
# Node 24.21.0 against Node 20.20.2: the bytes of a client's TLS session (event 'session') are no longer OpenSSL's DER.
#
# Guessed: the Buffer is what i2d_SSL_SESSION(3) writes, so that `openssl sess_id -inform DER` reads it, as on Node 20.
# Seen: Node 24 puts "\0nodejs:tls:session:1\0", a length and the name of the server before the DER; the program cannot
# read it. Handed to a connection for another name, the session is ignored without an error, where Node 20 resumes it.
#
# Output seen:
#   v20.20.2 first byte 30; openssl reads it: true; resumed for the same name: true, for another: true
#   v24.21.0 first byte 00; openssl reads it: false; resumed for the same name: true, for another: false
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund node20@npm:node@20.20.2 node24@npm:node@24.21.0

openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 3650 -subj /CN=localhost 2>/dev/null
cat >session.cjs <<'JS'
const { spawnSync } = require('node:child_process');
const { readFileSync } = require('node:fs');
const tls = require('node:tls');

const files = { key: readFileSync('key.pem'), cert: readFileSync('cert.pem') };
const server = tls.createServer({ ...files, maxVersion: 'TLSv1.2' }, (socket) => socket.end('.'));

/** Connects, and gives whether the session was resumed, and the session. */
function connect(servername, session) {
  return new Promise((resolve, reject) => {
    let given;
    let resumed;
    const options = { host: '127.0.0.1', port: server.address().port, servername, session, rejectUnauthorized: false };
    const client = tls.connect(options).on('error', reject).on('session', (bytes) => (given = bytes));
    client.on('secureConnect', () => (resumed = client.isSessionReused()));
    client.resume().on('close', () => resolve({ resumed, session: given }));
  });
}

server.listen(0, '127.0.0.1', async () => {
  const { session } = await connect('one.example');
  const read = spawnSync('openssl', ['sess_id', '-inform', 'DER', '-noout'], { input: session }).status === 0;
  const same = await connect('one.example', session);
  const other = await connect('two.example', session);
  const first = session.subarray(0, 1).toString('hex');
  console.log(
    `${process.version} first byte ${first}; openssl reads it: ${read};`,
    `resumed for the same name: ${same.resumed}, for another: ${other.resumed}`,
  );
  server.close();
});
JS
printed=$(for node in node20 node24; do "node_modules/$node/bin/node" session.cjs; done)
echo "$printed"
[ "$printed" = 'v20.20.2 first byte 30; openssl reads it: true; resumed for the same name: true, for another: true
v24.21.0 first byte 00; openssl reads it: false; resumed for the same name: true, for another: false' ]
