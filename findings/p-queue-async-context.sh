#!/usr/bin/env bash
# p-queue 9.3.5: a task that has waited runs in the async context of the task that made its place free, not in that of
# the line which added it.
#
# Guessed: add() keeps the caller's context for its task, as setTimeout() and every promise do, so that
# AsyncLocalStorage.getStore() within the task gives the store of the request that added it. Seen: a task that can begin
# at once does so within add(), in the caller's context. One that has to wait is begun by the end of another task, in
# that one's context, and each passes it on to the next: under load all tasks see the store of the first. A request id
# in the log, a user, a transaction are then those of a stranger. `AsyncResource.bind()` around the task keeps them
# apart. The documentation of p-queue does not mention it.
#
# Output seen: alice sees alice, bob sees alice, carol sees alice; bound: alice sees alice, bob sees bob, carol sees carol
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund p-queue@9.3.5
cat >context.mjs <<'JS'
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import PQueue from 'p-queue';

const storage = new AsyncLocalStorage();

async function seenBy(wrap) {
  const queue = new PQueue({ concurrency: 1 });
  const request = (name) => {
    const task = async () => {
      const seen = storage.getStore();
      await new Promise((resolve) => setTimeout(resolve, 1));
      return `${name} sees ${seen}`;
    };
    return storage.run(name, () => queue.add(wrap(task)));
  };
  return (await Promise.all(['alice', 'bob', 'carol'].map(request))).join(', ');
}

const plain = await seenBy((task) => task);
const bound = await seenBy((task) => AsyncResource.bind(task));
console.log(`${plain}; bound: ${bound}`);
JS
printed=$(node context.mjs)
echo "$printed"
[ "$printed" = 'alice sees alice, bob sees alice, carol sees alice; bound: alice sees alice, bob sees bob, carol sees carol' ]
