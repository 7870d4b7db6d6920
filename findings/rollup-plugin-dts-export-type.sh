#!/usr/bin/env bash
# rollup-plugin-dts 6.5.1 with rollup 4.68.4 and TypeScript 6.0.3: a class that the source exports by `export type` is
# exported as a value from the bundled declarations.
#
# The source is a module that keeps a class to itself and gives away its type: `export type { Hidden } from './hidden'`.
# Expected: TypeScript's own rule, "a name that was exported using export type cannot be used as a value", so that
# `new Hidden()` in a program does not compile. Seen: it compiles, and fails when it runs, because the JavaScript does
# not export the class. Interfaces and type aliases come out right.
#
# Output seen, at its end: export { Hidden };
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund rollup@npm:@rollup/wasm-node@4.68.4 rollup-plugin-dts@6.5.1 typescript@6.0.3

echo 'export class Hidden { size = 1; }' >hidden.ts
echo "export type { Hidden } from './hidden';" >index.ts
cat >build.mjs <<'JS'
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';

const build = await rollup({ input: 'index.ts', plugins: [dts()] });
const { output } = await build.generate({ format: 'es' });
console.log(output[0].code);
JS
printed=$(node build.mjs)
echo "$printed"
grep -qx 'export { Hidden };' <<<"$printed"
