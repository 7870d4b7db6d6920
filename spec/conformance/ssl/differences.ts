import { factsOf, type Difference, type Excuse, type Facts, type Past } from './facts.ts';

const SENDS = ['send', 'sendall', 'write'];
const RECEIVES = ['recv', 'recv_into', 'read', 'receive'];
const HANDSHAKES = ['connect', 'do_handshake', 'wrap', 'accept'];

const isFailure = ({ word }: Past): boolean => /^[A-Z]\w+( |$)/.test(word);

/** Whether this end's last handshake failed. */
const hasFailed = ({ own }: Facts): boolean => {
  const last = own.findLast(({ name, word }) => HANDSHAKES.includes(name) && word !== 'AttributeError');
  return last !== undefined && isFailure(last);
};

/** Whether this end has taken TLS away. */
const isUnwrapped = ({ own }: Facts): boolean => own.some(({ name, word }) => name === 'unwrap' && word === 'null');

/** All differences that are excused. */
export const EXCUSES: readonly Excuse[] = [
  {
    reason: 'After a handshake that failed, a socket never sends plain text',
    excuses: (facts) => facts.isOurs && hasFailed(facts),
  },
  {
    reason: 'What `wrapSocket()` refuses stays as it was',
    excuses: (facts) => {
      const wraps = facts.isOurs ? facts.own : facts.others;
      return wraps.some(({ name, word }) => name === 'wrap' && word === 'RangeError');
    },
  },
  {
    reason: 'A server without a certificate offers TLS 1.3 all the same',
    excuses: ({ pairing, program, theirs, here }) =>
      pairing.server === 'ours' &&
      /NO_SHARED_CIPHER|UNSUPPORTED_PROTOCOL|HANDSHAKE_FAILURE|PROTOCOL_VERSION/.test(theirs) &&
      /NO_SUITABLE_SIGNATURE_ALGORITHM|HANDSHAKE_FAILURE/.test(here) &&
      !program.steps.some((step) => step.server?.some(([name, settings]) => name === 'context' && hasChain(settings))),
  },
  {
    reason: 'A send on a broken connection raises `ConnectionResetError` or `BrokenPipeError`',
    harmless: true,
    excuses: ({ isOurs, name, theirs, here }) =>
      isOurs &&
      SENDS.includes(name) &&
      ['SSLEOFError 8', 'SSLZeroReturnError 6'].includes(theirs) &&
      ['ConnectionResetError 104', 'BrokenPipeError 32'].includes(here),
  },
  {
    reason: 'After `unwrap()`, what needs TLS raises `ENOTCONN`',
    harmless: true,
    excuses: (facts) =>
      facts.isOurs && facts.theirs === 'AttributeError' && facts.here === 'OSError 107' && isUnwrapped(facts),
  },
  {
    reason: '`shutdown()` ends the output with `close_notify`',
    excuses: ({ own, others, isOurs }) => {
      const shuts = isOurs ? own : others;
      return shuts.some(({ name, word }) => name === 'shutdown' && word === 'null');
    },
  },
  {
    reason: 'Records are decrypted as they arrive',
    harmless: true,
    excuses: ({ isOurs, name, theirs, here }) =>
      isOurs &&
      ((name === 'pending' && theirs === 'false' && here === 'true') ||
        (RECEIVES.includes(name) && isPart(theirs, here))),
  },
];

function hasChain(settings: unknown): boolean {
  return typeof settings === 'object' && settings !== null && 'chain' in settings;
}

/** Whether both are received bytes, and ours are more. */
function isPart(theirs: string, here: string): boolean {
  const [few, many] = [theirs, here].map(lengthOf);
  return few !== undefined && many !== undefined && few > 0 && few < many;
}

function lengthOf(word: string): number | undefined {
  const short = /^\{"bytes":"([0-9a-f]*)"\}$/.exec(word)?.[1];
  if (short !== undefined) return short.length / 2;
  const long = /^\{"bytes":\[(\d+)/.exec(word)?.[1];
  return long === undefined ? undefined : Number(long);
}

/** The entry of the table that a difference has, if any. */
export function excuseOf(difference: Difference): Excuse | undefined {
  const facts = factsOf(difference);
  return EXCUSES.find(({ excuses }) => excuses(facts));
}
