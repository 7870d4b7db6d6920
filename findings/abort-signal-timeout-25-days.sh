#!/usr/bin/env bash
# Node.js 26.10.0 (the same on 20.20.2 and 22.23.3): AbortSignal.timeout() of 2^31 ms, 25 days, aborts after 1 ms.
#
# Guessed: up to 4294967295 ms, which its own check of the argument names as the most (ERR_OUT_OF_RANGE above), the
# signal aborts after that time. Seen: the check allows 32 bits, unsigned, but the timer below takes 31 bits.
# Every time limit between 25 and 50 days ends at once; the only sign is a TimeoutOverflowWarning on standard error.
# A time limit "of 30 days, to be safe" cancels each request.
#
# Output seen: 2147483647 ms: false, 2147483648 ms: true, 4294967296 ms: ERR_OUT_OF_RANGE
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
cat >limits.mjs <<'JS'
const aborted = async (delay) => {
  const signal = AbortSignal.timeout(delay);
  await new Promise((resolve) => setTimeout(resolve, 200));
  return signal.aborted;
};
const most = [2 ** 31 - 1, 2 ** 31].map(async (delay) => `${delay} ms: ${await aborted(delay)}`);
const tooMuch = await aborted(2 ** 32).catch(({ code }) => code);
console.log([...(await Promise.all(most)), `${2 ** 32} ms: ${tooMuch}`].join(', '));
JS
printed=$(npx --yes node@26.10.0 limits.mjs 2>/dev/null)
echo "$printed"
[ "$printed" = '2147483647 ms: false, 2147483648 ms: true, 4294967296 ms: ERR_OUT_OF_RANGE' ]
