import { gethostname, OSError, sethostname } from '../../lib/index.ts';

/**
 * Sets each of the names in its arguments as the machine's name, and prints the name that the machine then has, or the
 * error. To be run under `unshare --uts`, which gives the process a host name of its own.
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
