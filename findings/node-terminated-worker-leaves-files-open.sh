#!/usr/bin/env bash
# Node.js 20.20.2, 22.23.3, 24.21.0 and 26.10.0: a worker that terminate() ends while it opens files leaves them open
# until the process ends.
#
# Guessed: all that a worker has open is closed with it. The documentation of `new Worker()` (`trackUnmanagedFds`) says so
# of "network sockets or file descriptors managed through the FileHandle API", and of those of `fs.open()`. Seen: it holds
# for sockets, for `fs.open()` and for every FileHandle that the program has. Of `fs.promises.open()` and `fs.opendir()`
# that libuv's threads have done, and whose callback the worker does not run any more, the descriptor belongs to nothing,
# and stays. On Node 20, `import()` reads its modules in this way: a pool that ends its workers while they load modules
# loses a descriptor each time, until EMFILE. Let a worker end by itself where the process goes on.
#
# Output seen: fs.open: 0 of 20 left open, fs.promises.open: 20 of 20 left open, fs.opendir: 20 of 20 left open
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
cat >main.mjs <<'JS'
import { once } from 'node:events';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const open = {
  'fs.open': () => fs.open('.', () => undefined),
  'fs.promises.open': () => void fs.promises.open('.'),
  'fs.opendir': () => fs.opendir('.', () => undefined),
};
const descriptors = () => fs.readdirSync('/proc/self/fd').length;
const wait = (milliseconds) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

async function leftOpen(call) {
  const before = descriptors();
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: call });
  await once(worker, 'message');
  await worker.terminate();
  return `${call}: ${descriptors() - before} of 20 left open`;
}

if (isMainThread) {
  // The first worker loads what stays.
  await leftOpen('fs.open');
  for (const call of Object.keys(open)) console.log(await leftOpen(call));
} else {
  for (let index = 0; index < 20; index += 1) open[workerData]();
  // The files are open by then, and no callback has been run.
  wait(500);
  parentPort.postMessage('opened');
  wait(10_000);
}
JS
printed=$(npx --yes node@26.10.0 main.mjs | paste -sd, | sed 's/,/, /g')
echo "$printed"
[ "$printed" = 'fs.open: 0 of 20 left open, fs.promises.open: 20 of 20 left open, fs.opendir: 20 of 20 left open' ]
