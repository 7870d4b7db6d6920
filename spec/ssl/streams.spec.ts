import { describe } from '@jest/globals';
import type { Socket } from '../../lib/index.ts';
import { pair } from '../support/pairs.ts';
import { checkStreams } from '../support/stream-checks.ts';
import { VERSIONS } from '../support/tls-contexts.ts';
import { tlsPair } from '../support/tls.ts';
import { unixPair } from '../support/unix.ts';

describe.each(VERSIONS)('a stream over %s', (_name, version) => {
  // Linux resets a Unix connection that is closed with unread bytes: the session tickets are received first.
  const ends = async (): Promise<[Socket, Socket]> => {
    const [client, server] = await tlsPair({ version, raw: unixPair });
    await server.sendall('x');
    await client.recv(1);
    return [client, server];
  };

  describe('on TCP', () => {
    checkStreams(() => tlsPair({ version, raw: pair }));
  });

  describe('on a Unix socket', () => {
    checkStreams(ends);
  });
});
