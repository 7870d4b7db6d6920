import { describe } from '@jest/globals';
import type { Socket } from '../../lib/index.ts';
import { pair } from '../support/pairs.ts';
import { checkStreams } from '../support/stream-checks.ts';
import { VERSIONS } from '../support/tls-contexts.ts';
import { tlsPair } from '../support/tls.ts';
import { unixPair } from '../support/unix.ts';

describe.each(VERSIONS)('a stream over %s', (_name, version) => {
  // Linux resets a connection that is closed with unread bytes: the session tickets are received first.
  const ends = async (raw: typeof pair | typeof unixPair): Promise<[Socket, Socket]> => {
    const [client, server] = await tlsPair({ version, raw });
    await server.sendall('x');
    await client.recv(1);
    return [client, server];
  };

  describe('on TCP', () => {
    checkStreams(() => ends(pair));
  });

  describe('on a Unix socket', () => {
    checkStreams(() => ends(unixPair));
  });
});
