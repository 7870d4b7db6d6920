import { osError, type OSError } from '../common/errors.ts';
import { Failure, InputFailure } from '../transports/failure.ts';
import { SSLError, sslError, unexpectedEof, zeroReturn } from './errors.ts';

/** The failure of a connection that was cut. */
export function cutShort(Kind: typeof Failure = Failure): Failure {
  return new Kind('SSL_ERROR_EOF', undefined, undefined, (details) => unexpectedEof(details));
}

/** The same where the handshake is done: it ends the input, and what is sent still goes out. */
export function inputCutShort(): Failure {
  return cutShort(InputFailure);
}

/** The failure of a handshake that the peer has ended by `close_notify`. */
export function endedInHandshake(): Failure {
  return new Failure('SSL_ERROR_ZERO_RETURN', undefined, undefined, zeroReturn);
}

/** The failure of a send after our `close_notify`. */
export function isShutDown(): Failure {
  return failureFor('PROTOCOL_IS_SHUTDOWN', 'protocol is shutdown');
}

/** The failure of unwrap() where bytes are left that no call has received. */
export function unreadData(): Failure {
  return failureFor('APPLICATION_DATA_AFTER_CLOSE_NOTIFY', 'application data after close notify');
}

/** The failure of unwrap() before the end of the handshake. */
export function isInHandshake(): Failure {
  return failureFor('SHUTDOWN_WHILE_IN_INIT', 'shutdown while in init');
}

function failureFor(reason: string, text: string): Failure {
  const origin = { library: 'SSL', reason, text };
  return new Failure('SSL_ERROR_SSL', undefined, undefined, (details) => sslError(origin, details));
}

/** The error of a call that meets a failure. */
export function errorOf({ code, cause, reason, makeError }: Failure, syscall: string): OSError {
  const details = { syscall, note: reason, cause };
  return makeError === undefined ? osError(code, details) : makeError(details);
}

/** The names of reasons that stand for alerts: OpenSSL numbers them from 1000 on. */
const ALERTS = /^(SSLV3_ALERT|TLSV1|TLSV13)_/;

/** Whether the peer has broken TLS by an alert: OpenSSL takes that for an end of its output, too. */
export function isAlert(error: OSError): boolean {
  return error instanceof SSLError && error.reason !== null && ALERTS.test(error.reason);
}
