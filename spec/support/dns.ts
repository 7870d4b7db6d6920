import dns from 'node:dns';
import { jest } from '@jest/globals';

/** How a look-up ends: with an error of Node's, or with what was found. */
export type Answer = (error: Error | null, result?: unknown) => void;

/** An error as Node's `dns` makes them. */
export function dnsError(code: string): Error {
  return Object.assign(new Error(`getaddrinfo ${code}`), { code });
}

/** Answers in place of the system's resolver, until jest.restoreAllMocks(). */
export function fakeLookup(
  method: 'lookup' | 'lookupService',
  answer: (host: string, end: Answer, options: unknown) => void,
): jest.SpiedFunction<typeof dns.lookupService> | jest.SpiedFunction<typeof dns.lookup> {
  const fake = (...[host, options, end]: unknown[]): void => {
    if (!isAnswer(end)) throw new TypeError('a callback was expected');
    answer(String(host), end, options);
  };
  return method === 'lookup'
    ? jest.spyOn(dns, 'lookup').mockImplementation(fake)
    : jest.spyOn(dns, 'lookupService').mockImplementation(fake);
}

function isAnswer(value: unknown): value is Answer {
  return typeof value === 'function';
}
