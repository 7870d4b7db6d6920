/** What is asked whether the input has ended. */
interface Ending {
  readonly hasEnded: boolean;
}

/**
 * What an attempt to receive or to accept gives; where that is nothing, and the input has ended, what `end` gives. The
 * kernel gives that end only to a call that blocks in it, and so only to one without a time limit.
 */
export function orEnd<T>(
  input: Ending,
  isUnlimited: boolean,
  attempt: () => T | undefined,
  end: () => T,
): T | undefined {
  const found = attempt();
  if (found !== undefined || !isUnlimited || !input.hasEnded) return found;
  // The last bytes or clients may have come, and then the end, since the kernel was asked for them.
  return attempt() ?? end();
}
