import type { Facts, Past } from './facts.ts';

/** What the table of differences says of calls and of their results, in words. */

export const SENDS = ['send', 'sendall', 'write'];
export const RECEIVES = ['recv', 'recv_into', 'read', 'receive', 'recvfrom'];
export const HANDSHAKES = ['connect', 'do_handshake', 'wrap', 'accept'];

/** What TLS has agreed on: Python knows nothing of it without TLS. */
export const AGREED = [
  'cipher',
  'version',
  'selected_alpn_protocol',
  'session_reused',
  'getpeercert',
  'compression',
  'keep_session',
];

/** What Python up to 3.12.2 raises where the system has an error, and what it raises after that. */
export const BROKEN = ['SSLEOFError 8', 'SSLZeroReturnError 6', 'SSLError PROTOCOL_IS_SHUTDOWN', 'SSLError BAD_LENGTH'];
export const RESETS = ['ConnectionResetError 104', 'BrokenPipeError 32'];

export const UNREAD = 'SSLError APPLICATION_DATA_AFTER_CLOSE_NOTIFY';

/** So many bytes are in a record. */
export const RECORD = 16_384;

export const isError = (word: string): boolean => /^[A-Z]\w+( |$)/.test(word);

export const isFailure = ({ word }: Past): boolean => isError(word);

/** This end's last handshake, where it failed: a send or a receive may have begun it. */
export function failedHandshake({ own }: Facts): Past | undefined {
  const last = own.findLast(({ name, word }) => HANDSHAKES.includes(name) && word !== 'AttributeError');
  if (last !== undefined && isFailure(last)) return last;
  const wrap = own.findLast(({ name }) => name.startsWith('wrap'));
  if (!isLate(wrap?.args[0]) || has(own, 'do_handshake', 'null')) return undefined;
  const first = own.find(({ name }) => [...SENDS, ...RECEIVES].includes(name));
  return first?.word.startsWith('SSL') === true && !BROKEN.includes(first.word) ? first : undefined;
}

/** Whether the handshake is left to the program. */
export function isLate(settings: unknown): boolean {
  return (
    typeof settings === 'object' &&
    settings !== null &&
    'do_handshake_on_connect' in settings &&
    settings.do_handshake_on_connect === false
  );
}

export const hasFailed = (facts: Facts): boolean => failedHandshake(facts) !== undefined;

/** What this end gives after a handshake that failed, where Python has what was agreed on before that. */
export const KNOWN_AFTER_FAILURE: Readonly<Record<string, string>> = {
  cipher: 'null',
  version: 'null',
  selected_alpn_protocol: 'null',
  session_reused: 'false',
  getpeercert: 'RangeError',
};

/** Whether a call gives the error of the handshake again. */
export function repeatsFailure(facts: Facts): boolean {
  const { name, here, own } = facts;
  return (
    hasFailed(facts) &&
    [...SENDS, ...RECEIVES, 'unwrap', 'do_handshake'].includes(name) &&
    own.some((call) => isFailure(call) && call.word === here)
  );
}

/** Whether Python has received what the peer never meant as plain text. */
export const isPlainText = ({ name, theirs }: Facts): boolean => RECEIVES.includes(name) && hasBytes(theirs);

export const hasBytes = (word: string): boolean => word.includes('"bytes"') && !isEnd(word);

/** Whether a call has taken TLS away in Python: it does so where there is no connection any more, too. */
export const isShutdown = ({ name, word }: Past): boolean =>
  name === 'shutdown' && ['null', 'OSError 107'].includes(word);

/** The calls of both ends that are ours. */
export const oursOf = ({ isOurs, pairing, own, others }: Facts): Past[] => [
  ...(isOurs ? own : []),
  ...(Object.values(pairing).every((one) => one === 'ours') || !isOurs ? others : []),
];

export const has = (calls: readonly Past[], name: string, word: string): boolean =>
  calls.some((call) => call.name === name && call.word.startsWith(word));

/** Whether a word is the end of the stream. */
export const isEnd = (word: string): boolean => /^(\{"bytes":""\}|\[\{"bytes":""\},("end"|null)\])$/.test(word);

/** The same, or an error in its place. */
export const isCut = (word: string): boolean => word.includes('"end"') || isEnd(word) || word.includes('SSLEOFError');

/** Whether a word is the result of a send that has succeeded. */
export const isSent = (word: string): boolean => /^(null|\d+)$/.test(word);

export function refusesNames(settings: unknown): boolean {
  if (typeof settings !== 'object' || settings === null || !('sni' in settings)) return false;
  return settings.sni === 'raise' || typeof settings.sni === 'number';
}

export function hasChain(settings: unknown): boolean {
  return typeof settings === 'object' && settings !== null && 'chain' in settings;
}

/** Whether both are received bytes, and ours are more. */
export function isPart(theirs: string, here: string): boolean {
  const [few, many] = [theirs, here].map(lengthOf);
  return few !== undefined && many !== undefined && few > 0 && few < many;
}

function lengthOf(word: string): number | undefined {
  const short = /^\{"bytes":"([0-9a-f]*)"\}$/.exec(word)?.[1];
  if (short !== undefined) return short.length / 2;
  const long = /^\{"bytes":\[(\d+)/.exec(word)?.[1];
  return long === undefined ? undefined : Number(long);
}
