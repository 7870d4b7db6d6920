import * as socket from '../../lib/index.ts';
import type * as ssl from '../../lib/ssl/index.ts';
import { LIMIT, nameOf, received, type Attempt, type Outcome } from './load.ts';

/** What a proxy has logged of the connection of a client: how it ended. */
export type Ending = (port: number) => Promise<string>;

/** Where a client asks, and when it may try again. */
export interface Target {
  readonly port: number;
  readonly context: ssl.SSLContext;
  readonly ending?: Ending;
  /** Whether a request can have reached a server, by how the connection ended for the proxy. */
  readonly hasReached?: (ending: string) => boolean;
}

/** Asks by HTTP over TLS, by a new connection for each attempt; the server says who it is and who it takes us for. */
export function asking({ port, context, ending, hasReached }: Target): Attempt {
  return async (request) => {
    let local = 0;
    let isSent = false;
    let failure: string;
    try {
      using plain = await socket.createConnection(['127.0.0.1', port], { timeout: LIMIT });
      local = plain.getsockname()[1];
      using sock = await context.wrapSocket(plain, { serverHostname: 'localhost' });
      isSent = true;
      await sock.sendall(`GET /${request} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
      const outcome = judged(await received(sock), `/${request} 127.0.0.1,${local}`);
      if ('answer' in outcome) return outcome;
      ({ failure } = outcome);
    } catch (error) {
      failure = isSent ? nameOf(error) : `${nameOf(error)} before the request`;
    }
    if (ending === undefined || local === 0) return { failure, isFinal: isSent };
    const told = await ending(local);
    return { failure: `${failure} (${told})`, isFinal: hasReached?.(told) ?? isSent };
  };
}

/** What a response says: `<process> <path> <address of the client>`. */
function judged(response: string, expected: string): Outcome {
  if (response === '') return { failure: 'end', isFinal: true };
  const [, status = '', body = ''] = /^HTTP\/1\.[01] (\d+) [^]*?\r\n\r\n([^]*)$/.exec(response) ?? [];
  const [, process = '', rest] = /^(\d+) (.*)\n$/.exec(body) ?? [];
  if (status === '200' && rest === expected) return { answer: process };
  return { failure: status === '200' ? `another answer: ${body.trim()}` : status, isFinal: true };
}
