import fs from 'node:fs';

/**
 * The system's error where there is no free descriptor (EMFILE, ENFILE); `undefined` where there is one. What fails for want
 * of one does not always say so: glibc's look-ups and the loading of a module give other reasons.
 */
export function shortageOfDescriptors(): NodeJS.ErrnoException | undefined {
  try {
    fs.closeSync(fs.openSync('/dev/null', 'r'));
  } catch (error) {
    if (isShortage(error)) return error;
  }
  return undefined;
}

/** Not `instanceof`, which is false for Node's errors where a test runner gives each test its own realm. */
function isShortage(error: unknown): error is NodeJS.ErrnoException {
  return (
    typeof error === 'object' && error !== null && 'code' in error && ['EMFILE', 'ENFILE'].includes(String(error.code))
  );
}
