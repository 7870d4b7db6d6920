#!/usr/bin/env bash
# TypeScript 6.0.3: a class whose private method names the class cannot name itself in its static block.
#
# Guessed: for ES2022 and later nothing of a class is rewritten, as the target has private methods and static blocks.
# Seen: tsc replaces the name of the class by an alias, `_a`, in the whole body, and sets it only after the class:
# `_a = Box`. The static block runs before that, so the module throws when it is loaded. Type checks, ts-node with swc, Jest
# with swc and Node's own type stripping all pass; only what tsc compiles, the published package, is broken.
# Without the private method, or with a public one, nothing is rewritten.
#
# Output seen: as it is: Box, compiled: Cannot read properties of undefined (reading 'name')
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
npm install --silent --no-audit --no-fund typescript@6.0.3
cat >box.ts <<'TS'
export class Box {
  static {
    console.log(Box.name);
  }
  #copy() {
    return new Box();
  }
  copy() {
    return this.#copy();
  }
}
TS
cp box.ts box.mjs
npx tsc --target es2023 --module esnext --outDir out box.ts
mv out/box.js out/box.mjs
load='import(process.argv[1]).catch((error) => console.log(error.message))'
printed="as it is: $(node -e "$load" "$PWD/box.mjs"), compiled: $(node -e "$load" "$PWD/out/box.mjs")"
echo "$printed"
[ "$printed" = "as it is: Box, compiled: Cannot read properties of undefined (reading 'name')" ]
