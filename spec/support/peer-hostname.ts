import { gethostname, OSError, sethostname } from '../../lib/index.ts';

/**
 * Gives its machine each of the names in its arguments, and prints what the name is then, or the error. To be run where
 * the machine's name is its own: behind `unshare --uts`.
 */
const names: unknown = JSON.parse(process.argv[2] ?? '[]');
if (!Array.isArray(names)) throw new TypeError('a list of names was expected');

const outcomes = names.map((name: unknown) => {
  try {
    sethostname(String(name));
    return gethostname();
  } catch (error) {
    return error instanceof OSError ? [error.name, error.errno] : String(error);
  }
});
console.log(JSON.stringify(outcomes));
