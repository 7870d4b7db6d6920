import Module from 'node:module';

/**
 * Stands in for `@jest/globals` in programs that use the tables of spec/promises outside of Jest: to be loaded with
 * `--require`. What is to be done after each test is done when the program says that one has ended.
 */

const ends: (() => void)[] = [];

/** Does what is to be done after a test. */
export function endTest(): void {
  for (const end of ends) end();
}

const skipped = Object.assign(() => undefined, { skip: () => undefined });

const path = require.resolve('@jest/globals');
const standIn = new Module(path);
standIn.exports = { afterEach: (end: () => void) => ends.push(end), describe: skipped, it: skipped };
standIn.loaded = true;
require.cache[path] = standIn;
