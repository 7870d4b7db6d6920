#!/usr/bin/env bash
# Python 3.11.7, given a listener that Node.js 26.10.0 has made (the same with 20.20.2): accept() without a time limit raises.
#
# Guessed: socket.socket(fileno=3) in the child has no time limit, so accept() blocks until a client comes. Seen:
# BlockingIOError at once. Whether a descriptor blocks is a flag of the open file, which both processes share, and libuv
# sets it. Python does not look: gettimeout() is None and getblocking() True all the same. setblocking(True) would make
# the parent block in its event loop too; a time limit, however long, makes accept() wait without touching the flag.
#
# Output seen: None True BlockingIOError TimeoutError
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
cat >child.py <<'PY'
import socket
listener = socket.socket(fileno=3)
seen = [listener.gettimeout(), listener.getblocking()]
for limit in [None, 0.1]:
    if limit is not None:
        listener.settimeout(limit)
    try:
        listener.accept()
    except OSError as error:
        seen.append(type(error).__name__)
print(*seen)
PY
cat >parent.mjs <<'JS'
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
const server = createServer().listen(0, '127.0.0.1', () => {
  spawn('python3', ['child.py'], { stdio: ['ignore', 'inherit', 'inherit', server._handle.fd] }).on('exit', () => server.close());
});
JS
printed=$(timeout 60 npx --yes node@26.10.0 parent.mjs)
echo "$printed"
[ "$printed" = 'None True BlockingIOError TimeoutError' ]
