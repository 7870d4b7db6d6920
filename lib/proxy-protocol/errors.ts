import { errnoOf } from '../common/errno.ts';
import { OSError } from '../common/errors.ts';
import { raised } from '../common/stack.ts';

/** A PROXY header is wrong, or the connection has ended before the header did; its `code` is `'EPROTO'`. */
export class ProxyProtocolError extends OSError {
  /** @param problem - what is wrong, as the end of a sentence. */
  constructor(problem: string) {
    super(errnoOf('EPROTO'), undefined, { note: problem });
  }
}

// As in lib/common/errors.ts: a bundler may rename the class.
Object.defineProperty(ProxyProtocolError.prototype, 'name', {
  value: 'ProxyProtocolError',
  configurable: true,
  writable: true,
});

/** The error for a wrong header. */
export function wrong(problem: string): ProxyProtocolError {
  return raised(new ProxyProtocolError(problem));
}
