#!/usr/bin/env bash
# TypeScript 6.0.3, strict (the same in 5.6.3 and 7.0.2): `value instanceof Box` turns an unknown value into a Box<any>
# even where the class gives its type parameter both a constraint and a default.
#
# Guessed: Box<Content>, from the default or at least from the constraint: with "strict" no `any` comes out of code in
# which none is written. Seen: the argument is `any`, so that what a method returns is no longer checked at all. A class
# that gets a type parameter in a minor version, with a default so that nothing breaks, takes the checks away from its
# users' code after instanceof. A static [Symbol.hasInstance] that is only declared brings them back, for subclasses too.
#
# Output seen: plain: unchecked, declared: TS2322
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund typescript@6.0.3
cat >plain.ts <<'TS'
class Box<Content extends string | number = string | number> {
  declare content: Content;
}
export function lengthOf(value: unknown): Date {
  if (value instanceof Box) return value.content;
  throw new Error();
}
TS
cat >declared.ts <<'TS'
class Box<Content extends string | number = string | number> {
  declare static readonly [Symbol.hasInstance]: <T>(
    this: abstract new (...given: never) => T,
    value: unknown,
  ) => value is T;
  declare content: Content;
}
class Other extends Box {
  declare other: Date;
}
export function lengthOf(value: unknown): Date {
  if (value instanceof Other) return value.other;
  if (value instanceof Box) return value.content;
  throw new Error();
}
TS
check() {
  npx tsc --noEmit --strict --target es2022 --ignoreConfig "$1.ts" >errors.txt && echo unchecked && return
  [ "$(grep -c 'error TS' errors.txt)" = 1 ] && grep -o 'TS[0-9]*' errors.txt | head -1
}
printed="plain: $(check plain), declared: $(check declared)"
echo "$printed"
[ "$printed" = 'plain: unchecked, declared: TS2322' ]
