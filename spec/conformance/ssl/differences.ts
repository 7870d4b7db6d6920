import { isDocumentedAlone } from '../../support/tls-contexts.ts';
import { factsOf, type Difference, type Excuse } from './facts.ts';
import {
  AGREED,
  BROKEN,
  HANDSHAKES,
  KNOWN_AFTER_FAILURE,
  RECEIVES,
  RECORD,
  RESETS,
  SENDS,
  UNREAD,
  failedHandshake,
  has,
  hasBytes,
  hasChain,
  hasFailed,
  isCut,
  isEnd,
  isError,
  isFailure,
  isLate,
  isPart,
  isPlainText,
  isSent,
  isShutdown,
  oursOf,
  refusesNames,
  repeatsFailure,
} from './words.ts';

/** All differences that are excused. */
export const EXCUSES: readonly Excuse[] = [
  {
    reason: 'After a handshake that failed, a socket never sends plain text',
    harmless: true,
    excuses: (facts) => facts.isOurs && repeatsFailure(facts) && (isError(facts.theirs) || isEnd(facts.theirs)),
  },
  {
    reason: 'After a handshake that failed, a socket never sends plain text',
    excuses: (facts) => (facts.isOurs && repeatsFailure(facts)) || (hasFailed(facts) && isPlainText(facts)),
  },
  {
    reason: 'After a handshake that failed, a socket never sends plain text',
    harmless: true,
    excuses: (facts) => facts.isOurs && hasFailed(facts) && KNOWN_AFTER_FAILURE[facts.name] === facts.here,
  },
  {
    reason: 'After a handshake that failed, a socket never sends plain text',
    harmless: true,
    excuses: (facts) =>
      facts.isOurs &&
      failedHandshake(facts)?.name === 'connect' &&
      isEnd(facts.theirs) &&
      ['SSLEOFError UNEXPECTED_EOF_WHILE_READING', 'RangeError'].includes(facts.here),
  },
  {
    reason: 'After a handshake that failed, a socket never sends plain text',
    excuses: (facts) =>
      facts.isOurs &&
      failedHandshake(facts)?.name === 'connect' &&
      [...SENDS, ...RECEIVES].includes(facts.name) &&
      (isEnd(facts.here) || ['SSLEOFError UNEXPECTED_EOF_WHILE_READING', 'RangeError', ...RESETS].includes(facts.here)),
  },
  {
    reason: 'After a handshake that failed, a socket never sends plain text',
    excuses: (facts) =>
      facts.isOurs &&
      failedHandshake(facts)?.name === 'connect' &&
      ['recvfrom', 'recvmsg'].includes(facts.name) &&
      ['RangeError', 'NotImplementedError'].includes(facts.here),
  },
  {
    reason: 'A connection that was cut is answered by no alert',
    excuses: ({ pairing, end, name, theirs, here, others }) =>
      pairing[end === 'client' ? 'server' : 'client'] === 'ours' &&
      [...SENDS, ...RECEIVES].includes(name) &&
      theirs === 'ConnectionResetError 104' &&
      (isEnd(here) || here === 'BrokenPipeError 32') &&
      others.some((call) => isCut(call.word)),
  },
  {
    reason: 'A connection that was cut is answered by no alert',
    excuses: ({ isOurs, name, theirs, here, own }) =>
      isOurs &&
      name === 'shutdown' &&
      theirs === 'OSError 107' &&
      here === 'null' &&
      own.some((call) => isCut(call.word)),
  },
  {
    reason: 'What `wrapSocket()` refuses stays as it was',
    excuses: ({ isOurs, name, theirs, here }) =>
      isOurs && name === 'wrap' && here === 'RangeError' && theirs === 'null',
  },
  {
    reason: 'What `wrapSocket()` refuses stays as it was',
    excuses: (facts) =>
      has(oursOf(facts), 'wrap', 'RangeError') &&
      ((facts.isOurs && ['OSError 9', 'false'].includes(facts.theirs)) ||
        (facts.here === 'blocks' && isCut(facts.theirs))),
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
    reason: 'A certificate is looked at when all of its flight has come',
    excuses: ({ isOurs, name, theirs, here, program }) =>
      isOurs &&
      HANDSHAKES.includes(name) &&
      program.cut !== undefined &&
      /SSLCertVerificationError|PEER_DID_NOT_RETURN_A_CERTIFICATE/.test(theirs) &&
      /UNEXPECTED_EOF_WHILE_READING|ConnectionResetError/.test(here),
  },
  {
    reason: 'A broken connection raises `ConnectionResetError` or `BrokenPipeError`',
    harmless: true,
    excuses: ({ isOurs, name, theirs, here }) =>
      isOurs && SENDS.includes(name) && (BROKEN.includes(theirs) || isCut(theirs)) && RESETS.includes(here),
  },
  {
    reason: 'A broken connection raises `ConnectionResetError` or `BrokenPipeError`',
    excuses: ({ isOurs, name, theirs, here }) =>
      isOurs &&
      RECEIVES.includes(name) &&
      (BROKEN.includes(theirs) || isCut(theirs)) &&
      here.includes('ConnectionResetError'),
  },
  {
    reason: 'A send goes to the system whatever came before it, and all of its records at once',
    harmless: true,
    excuses: ({ isOurs, name, args, theirs, here, own }) =>
      isOurs &&
      SENDS.includes(name) &&
      (Number(args[0]) > RECORD || own.some((call) => RECEIVES.includes(call.name) && isCut(call.word))) &&
      BROKEN.includes(theirs) &&
      isSent(here),
  },
  {
    reason: 'A send goes to the system whatever came before it, and all of its records at once',
    excuses: ({ isOurs, name, theirs, here, others }) =>
      !isOurs &&
      RECEIVES.includes(name) &&
      (theirs === 'blocks' || isCut(theirs)) &&
      hasBytes(here) &&
      others.some((call) => SENDS.includes(call.name) && BROKEN.includes(call.word)),
  },
  {
    reason: 'A send of no bytes begins no handshake, and tells a broken connection',
    excuses: ({ isOurs, name, args, here, own }) =>
      isOurs &&
      SENDS.includes(name) &&
      args[0] === 0 &&
      isSent(here) &&
      isLate(own.findLast((call) => call.name.startsWith('wrap'))?.args[0]) &&
      !has(own, 'do_handshake', 'null'),
  },
  {
    reason: 'A send of no bytes begins no handshake, and tells a broken connection',
    harmless: true,
    excuses: ({ isOurs, name, args, theirs, here }) =>
      isOurs && SENDS.includes(name) && args[0] === 0 && isSent(theirs) && RESETS.includes(here),
  },
  {
    reason: '`close()` of a client sends an end where it has read all, session tickets too',
    excuses: ({ pairing, end, name, theirs, here, others }) =>
      pairing.client === 'ours' &&
      end === 'server' &&
      name === 'shutdown' &&
      theirs === 'OSError 107' &&
      here === 'null' &&
      others.some((call) => call.name === 'close' || isFailure(call)),
  },
  {
    reason: '`close()` of a client sends an end where it has read all, session tickets too',
    excuses: ({ isOurs, theirs, here, others }) =>
      !isOurs &&
      [...BROKEN, ...RESETS].some((word) => theirs.includes(word.split(' ', 1)[0] ?? word)) &&
      (isSent(here) || isCut(here)) &&
      others.some((call) => call.name === 'close'),
  },
  {
    reason: 'A server has read all of the handshake when it refuses a client',
    excuses: ({ pairing, end, name, theirs, here, others }) =>
      pairing.server === 'ours' &&
      end === 'client' &&
      [...SENDS, 'unwrap', 'shutdown'].includes(name) &&
      [...BROKEN, ...RESETS, 'OSError 107'].includes(theirs) &&
      (isSent(here) || RESETS.includes(here)) &&
      others.some((call) => HANDSHAKES.includes(call.name) && isFailure(call)),
  },
  {
    reason: 'A server has read all of the handshake when it refuses a client',
    excuses: ({ pairing, end, name, theirs, here, others }) =>
      pairing.server === 'ours' &&
      end === 'client' &&
      RECEIVES.includes(name) &&
      theirs === 'ConnectionResetError 104' &&
      isEnd(here) &&
      others.some((call) => HANDSHAKES.includes(call.name) && isFailure(call)),
  },
  {
    reason: "The refusal of a server's certificate is encrypted in TLS 1.3",
    excuses: ({ pairing, end, theirs, here, program }) =>
      pairing.client === 'ours' &&
      end === 'server' &&
      program.cut?.from === 'client' &&
      theirs.includes('ALERT') &&
      /UNEXPECTED_EOF_WHILE_READING|ConnectionResetError/.test(here),
  },
  {
    reason: 'With `AWAIT_SOCKET_FAST_PATH=off` a server of TLS 1.2 learns late that its certificate is refused',
    excuses: ({ pairing, end, name, theirs, here, others }) =>
      isDocumentedAlone &&
      pairing.client === 'ours' &&
      end === 'server' &&
      HANDSHAKES.includes(name) &&
      theirs.includes('ALERT') &&
      here === 'null' &&
      others.some(({ word }) => word.startsWith('SSLCertVerificationError')),
  },
  {
    reason: 'The function for SNI is called before versions are compared',
    excuses: ({ pairing, program, theirs }) =>
      pairing.server === 'ours' &&
      /UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION/.test(theirs) &&
      program.steps.some((step) =>
        step.server?.some(([name, settings]) => name === 'context' && refusesNames(settings)),
      ),
  },
  {
    reason: 'After `unwrap()`, what needs TLS raises `ENOTCONN`',
    harmless: true,
    excuses: ({ isOurs, theirs, here, own }) =>
      isOurs &&
      theirs === 'AttributeError' &&
      ((here === 'OSError 107' && has(own, 'unwrap', 'null')) || (here === 'OSError 9' && has(own, 'close', 'null'))),
  },
  {
    reason: '`unwrap()` that is refused ends nothing but the output',
    harmless: true,
    excuses: ({ isOurs, name, here }) => isOurs && name === 'unwrap' && here === UNREAD,
  },
  {
    reason: '`unwrap()` that is refused ends nothing but the output',
    harmless: true,
    excuses: ({ isOurs, name, theirs, here, own }) =>
      isOurs && RECEIVES.includes(name) && has(own, 'unwrap', UNREAD) && isCut(theirs) && here.includes('"bytes"'),
  },
  {
    reason: '`unwrap()` that is refused ends nothing but the output',
    excuses: ({ isOurs, name, theirs, here, own }) =>
      isOurs &&
      RECEIVES.includes(name) &&
      has(own, 'unwrap', UNREAD) &&
      isCut(theirs) &&
      ['blocks', 'TimeoutError', 'SSLWantReadError 2'].includes(here),
  },
  {
    reason: '`unwrap()` that is refused ends nothing but the output',
    excuses: ({ isOurs, name, here, own }) =>
      isOurs && name === 'unwrap' && here === 'null' && has(own, 'unwrap', UNREAD),
  },
  {
    reason: '`unwrap()` tells a connection that was cut',
    excuses: ({ isOurs, name, here }) =>
      isOurs && name === 'unwrap' && ['SSLEOFError UNEXPECTED_EOF_WHILE_READING', ...RESETS].includes(here),
  },
  {
    reason: '`shutdown()` ends the output with `close_notify`',
    excuses: ({ isOurs, name, theirs, here, own, others }) =>
      name === 'shutdown' &&
      ((isOurs && theirs === 'null' && here === 'OSError 107') ||
        (theirs === 'OSError 107' && here === 'null' && [...own, ...others].some(isShutdown))),
  },
  {
    reason: '`shutdown()` ends the output with `close_notify`',
    harmless: true,
    excuses: ({ isOurs, name, own }) => isOurs && own.some(isShutdown) && AGREED.includes(name),
  },
  {
    reason: '`shutdown()` ends the output with `close_notify`',
    harmless: true,
    excuses: ({ name, theirs, others }) =>
      others.some(isShutdown) && AGREED.includes(name) && ['RangeError', 'null'].includes(theirs),
  },
  {
    reason: '`shutdown()` ends the output with `close_notify`',
    excuses: ({ isOurs, name, own, others }) =>
      [...SENDS, ...RECEIVES, 'unwrap', 'do_handshake'].includes(name) &&
      [...(isOurs ? own : []), ...others].some(isShutdown),
  },
  {
    reason: '`shutdown()` ends the output with `close_notify`',
    excuses: ({ isOurs, name, own, theirs, here }) =>
      !isOurs && RECEIVES.includes(name) && own.some(isShutdown) && hasBytes(theirs) && (hasBytes(here) || isEnd(here)),
  },
  {
    reason: 'A connection that was reset before `wrapSocket()` is a `ConnectionResetError`',
    excuses: ({ theirs, here }) => [theirs, here].some((word) => word.includes('Closed before TLS handshake')),
  },
  {
    reason: 'A session belongs to the context that was chosen by the name of the host',
    excuses: ({ pairing, program, theirs, here }) =>
      pairing.server === 'ours' &&
      ['"session":true', '"sni":"switch"'].every((text) => JSON.stringify(program).includes(text)) &&
      theirs === 'null' &&
      /NO_SHARED_CIPHER|NO_SUITABLE_SIGNATURE_ALGORITHM|HANDSHAKE_FAILURE/.test(here),
  },
  {
    reason: 'A session is resumed although its connection broke',
    harmless: true,
    excuses: ({ name, theirs, here, own, others }) =>
      name === 'session_reused' &&
      theirs === 'false' &&
      here === 'true' &&
      [...own, ...others].some((call) => SENDS.includes(call.name) && BROKEN.includes(call.word)),
  },
  {
    reason: '`shutdown()` ends the output with `close_notify`',
    harmless: true,
    excuses: ({ name, theirs, here, own, others }) =>
      name === 'session_reused' && theirs === 'false' && here === 'true' && [...own, ...others].some(isShutdown),
  },
  {
    reason: 'A session is resumed for the host that is wanted, or not at all',
    excuses: ({ program, name, theirs, here }) =>
      JSON.stringify(program).includes('"session":true') &&
      (/SSLCertVerificationError|ALERT_BAD_CERTIFICATE/.test(here) ||
        (name === 'session_reused' && here === 'false') ||
        // A server that goes by names shows another certificate.
        (name === 'getpeercert' && theirs.startsWith('{') && here.startsWith('{'))),
  },
  {
    reason: '`unwrap()` tells a connection that was cut',
    harmless: true,
    excuses: ({ isOurs, name, theirs, here }) =>
      isOurs && [...RECEIVES, ...SENDS].includes(name) && theirs === 'SSLEOFError 8' && here.startsWith('SSLEOFError '),
  },
  {
    reason: 'What was agreed on stays known',
    harmless: true,
    excuses: ({ isOurs, name, theirs, here }) =>
      isOurs &&
      ((['null', 'RangeError'].includes(theirs) && ['version', 'getpeercert'].includes(name)) ||
        (name === 'do_handshake' && BROKEN.includes(theirs) && here === 'null')),
  },
  {
    reason: '`session` is `null` until the server has sent a ticket',
    harmless: true,
    excuses: ({ isOurs, name, theirs, here }) =>
      isOurs && name === 'keep_session' && ['true', 'RangeError'].includes(theirs) && here === 'false',
  },
  {
    reason: 'After an alert, a receive gives the end of the stream',
    harmless: true,
    excuses: ({ isOurs, name, theirs, here }) =>
      isOurs && RECEIVES.includes(name) && theirs === 'SSLZeroReturnError 6' && isEnd(here),
  },
  {
    reason: 'Flags are refused on a closed socket, too',
    harmless: true,
    excuses: ({ isOurs, theirs, here }) => isOurs && theirs === 'OSError 9' && here === 'RangeError',
  },
  {
    reason: 'Records are decrypted as they arrive',
    excuses: ({ isOurs, name, theirs, here, own }) =>
      isOurs &&
      RECEIVES.includes(name) &&
      isCut(theirs) &&
      hasBytes(here) &&
      own.some((call) => SENDS.includes(call.name) && BROKEN.includes(call.word)),
  },
  {
    reason: 'Records are decrypted as they arrive',
    excuses: ({ isOurs, name, theirs, here }) =>
      isOurs &&
      [...SENDS, 'unwrap', 'do_handshake'].includes(name) &&
      here.includes('ALERT') &&
      !theirs.includes('ALERT'),
  },
  {
    reason: 'Records are decrypted as they arrive',
    harmless: true,
    excuses: ({ isOurs, name, theirs, here }) =>
      isOurs &&
      ((name === 'pending' && theirs === 'false' && here === 'true') ||
        (name === 'fileno' && theirs === 'true' && here === 'false') ||
        (RECEIVES.includes(name) && isPart(theirs, here))),
  },
];
/** The entry of the table that a difference has, if any. */
export function excuseOf(difference: Difference): Excuse | undefined {
  const facts = factsOf(difference);
  return EXCUSES.find((excuse) => excuse.excuses(facts));
}
