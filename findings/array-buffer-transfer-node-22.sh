#!/usr/bin/env bash
# Node.js 22.23.3: ArrayBuffer.prototype.transfer() detaches memory that markAsUntransferable() has marked.
#
# Guessed: marked memory cannot be detached by any call, as on 24 and 26, where transfer() is a TypeError. Seen: on 22
# only the transfer lists of postMessage() and structuredClone() respect the mark. There a library that gives out views of
# a marked pool may lose the whole pool to a single transfer().
#
# Output seen:
#   22.23.3: structuredClone() DataCloneError, transfer() detaches
#   24.21.0: structuredClone() DataCloneError, transfer() TypeError
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
cat >marked.mjs <<'JS'
import { markAsUntransferable } from 'node:worker_threads';

const outcome = (action) => {
  try {
    action();
    return 'detaches';
  } catch ({ name }) {
    return name;
  }
};
const marked = new ArrayBuffer(8);
markAsUntransferable(marked);
const clone = outcome(() => structuredClone(marked, { transfer: [marked] }));
const transfer = outcome(() => marked.transfer());
console.log(`${process.versions.node}: structuredClone() ${clone}, transfer() ${transfer}`);
JS
printed=$(for node in 22.23.3 24.21.0; do npx --yes "node@$node" marked.mjs; done)
echo "$printed"
[ "$printed" = '22.23.3: structuredClone() DataCloneError, transfer() detaches
24.21.0: structuredClone() DataCloneError, transfer() TypeError' ]
