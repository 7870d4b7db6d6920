import { join } from 'node:path';
import { Child, programWords } from '../child.ts';
import type { Outcome } from '../part.ts';
import type { Ending } from './descriptors-child.ts';

/** How many descriptors the process may have: Node itself needs some twenty. */
const LIMIT = 60;

/** Calls that need no descriptor, and so work without one. */
const FREE = [
  '`getservbyname()`',
  '`makefile()`',
  '`sendfile()`',
  '`createDefaultContext()`',
  '`wrapBio()`',
  '`getsockopt()` that Node has',
];

/** Others whose outcome is known, and why. */
const KNOWN: ReadonlyMap<string, readonly [outcome: string, why: string]> = new Map([
  ['`getsockopt()` by koffi', ['OSError ENOPROTOOPT 92', '; the text says that koffi cannot be loaded, and why']],
  ['`accept()`', ['TimeoutError ETIMEDOUT', '; libuv has closed the connection']],
  ['`serve()`', ['nothing', ' is reported; libuv has closed the connection']],
]);

/** Every call without a free descriptor, and then with one. */
export async function descriptors(): Promise<Outcome> {
  const words = programWords(join(__dirname, 'descriptors-child.ts'), []);
  await using child = new Child('sh', ['-c', `ulimit -n ${LIMIT} && exec "$@"`, 'sh', ...words]);
  const endings = await child.result<Ending[]>();
  const mistakes = endings.flatMap(({ name, without, then }) => {
    const expected = KNOWN.get(name)?.[0] ?? (FREE.includes(name) ? 'works' : 'OSError EMFILE 24');
    if (without !== expected) return [`${name} without a free descriptor: ${without}, and not ${expected}`];
    return then === 'works' ? [] : [`${name} with one again: ${then}`];
  });
  return {
    head: ['Call', 'Without a free descriptor', 'Once there is one again'],
    rows: endings.map(({ name, without, then }) => [name, `${without}${KNOWN.get(name)?.[1] ?? ''}`, then]),
    conditions: [`\`ulimit -n ${LIMIT}\`, and as many files opened as it allows`],
    mistakes,
  };
}
