import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE } from '../../lib/ssl/records.ts';
import * as ssl from '../../lib/ssl/index.ts';
import { own } from '../support/pairs.ts';
import { story } from '../support/peer.ts';
import { SealingPeer, type Role } from '../support/sealing-peer.ts';
import { VERSIONS } from '../support/tls-contexts.ts';

const ROLES: readonly Role[] = ['client', 'server'];
const SIDES = VERSIONS.flatMap(([name, version]) => ROLES.map((role) => [role, name, version] as const));

/** What is sent: sealed, with a type, or as it is. */
type Piece = readonly [type: number | 'unsealed', content: Buffer];

const bytes = (size: number): Buffer => Buffer.alloc(size, 'd');
const data = (size: number): Piece => [APPLICATION_DATA, bytes(size)];
const alert = (level: number, description: number): Piece => [ALERT, Buffer.of(level, description)];
const unsealed = (type: number, content: Buffer): Piece => [
  'unsealed',
  Buffer.concat([Buffer.of(type, 3, 3, content.length >> 8, content.length & 0xff), content]),
];
const message = (type: number, body: Buffer, length = body.length): Piece => [
  HANDSHAKE,
  Buffer.concat([Buffer.of(type, 0, length >> 8, length & 0xff), body]),
];
const many = (count: number, piece: Piece): Piece[] => Array.from({ length: count }, () => piece);

const HELLO_REQUEST = message(0, bytes(0));
const CLIENT_HELLO = message(1, Buffer.from(`0303${'64'.repeat(32)}000002c02b0100`, 'hex'));
const CLOSE_NOTIFY = alert(1, 0);
const USER_CANCELED = alert(1, 90);

const PLAIN_CHANGE = 'a change of ciphers without encryption';

/** Newer OpenSSL (3.5, of Node 22 to 26) passes over such a record after the handshake, as a client of TLS 1.3. */
const passesOver = (role: string, version: number): boolean =>
  role === 'server' && version === ssl.TLSVersion.TLSv1_3 && !ssl.OPENSSL_VERSION.startsWith('OpenSSL 3.0');

/** What one of ours refuses with an SSLError. */
const REFUSED: readonly (readonly [what: string, pieces: readonly Piece[]])[] = [
  ['empty records without end', many(100, data(0))],
  ['16,385 bytes in a record', [data(16_385)]],
  ['18,000 bytes in a record', [data(18_000)]],
  ['a record that says to be 65,535 bytes long', [['unsealed', Buffer.from([23, 3, 3, 0xff, 0xff, ...bytes(100)])]]],
  ['plain text', [['unsealed', Buffer.from('GET / HTTP/1.1\r\n\r\n')]]],
  ['an empty record without encryption', [unsealed(APPLICATION_DATA, bytes(0))]],
  ['data without encryption', [unsealed(APPLICATION_DATA, bytes(50))]],
  ['an alert without encryption', [unsealed(ALERT, Buffer.of(2, 40))]],
  ['a close_notify without encryption', [unsealed(ALERT, Buffer.of(1, 0))]],
  ['a handshake without encryption', [unsealed(HANDSHAKE, Buffer.of(0, 0, 0, 0))]],
  [PLAIN_CHANGE, [unsealed(CHANGE_CIPHER_SPEC, Buffer.of(1))]],
  ['a change of ciphers', [[CHANGE_CIPHER_SPEC, Buffer.of(1)]]],
  ['a fatal alert', [alert(2, 40)]],
  ['alerts without end', many(100, USER_CANCELED)],
  ['an alert without a byte', [[ALERT, bytes(0)]]],
  ['half an alert', [[ALERT, Buffer.of(1)]]],
  ['two alerts in a record', [[ALERT, Buffer.of(1, 90, 1, 90)]]],
  ['a heartbeat', [[24, Buffer.of(1, 255, 255)]]],
  ['a record of an unknown type', [[99, bytes(3)]]],
  ['a message of an unknown type', [message(99, bytes(32))]],
  ['a Finished', [message(20, bytes(32))]],
  ['a ticket of nonsense', [message(4, bytes(40))]],
  ['a wish for a certificate', [message(13, bytes(40))]],
  ['a wish to renegotiate', [CLIENT_HELLO]],
];

/** What is an error sooner or later: where it is no error by itself, the end of the connection is one. */
const DISTURBING: typeof REFUSED = [
  ['empty records', many(3, data(0))],
  ['the longest record', [data(16_384)]],
  ['a message without a byte', [[HANDSHAKE, bytes(0)]]],
  ['the beginning of a message', [[HANDSHAKE, Buffer.of(4, 0)]]],
  ['a wish to be asked', [HELLO_REQUEST]],
  ['1,000 wishes to be asked', many(1000, HELLO_REQUEST)],
  ['new keys that do not follow', [message(24, Buffer.of(0))]],
  ['new keys of an unknown kind', [message(24, Buffer.of(2))]],
  ['alerts that are no errors', many(3, USER_CANCELED)],
  ['an unknown alert', [alert(1, 77)]],
  ['an unknown fatal alert', [alert(2, 77)]],
  ['a message that never ends', [message(4, bytes(0), 0xffff), ...many(500, [HANDSHAKE, bytes(1)])]],
  ['a ClientHello that never ends', [message(1, bytes(0), 0x3fff), ...many(500, [HANDSHAKE, bytes(1)])]],
];

/** What may follow a `close_notify`, and is not looked at. */
const TRAILING: typeof REFUSED = [
  ['nothing', []],
  ['data', [data(7)]],
  ['another', [CLOSE_NOTIFY]],
  ['a fatal alert', [alert(2, 40)]],
  ['plain text', [['unsealed', bytes(100)]]],
];

describe.each(SIDES)('a %s of %s', (role, _name, version) => {
  /** Sends records after the handshake, and ends the connection; gives one of ours, which has not looked at them. */
  async function sent(pieces: readonly Piece[]): Promise<socket.Socket> {
    const [ours, peer] = await SealingPeer.meet(role, version);
    own(peer);
    const records = pieces.map(([type, content]) => (type === 'unsealed' ? content : peer.seal(type, content)));
    await peer.raw.sendall(Buffer.concat(records));
    peer.raw.shutdown(socket.SHUT_WR);
    return own(ours);
  }

  const refused = REFUSED.filter(([what]) => what !== PLAIN_CHANGE || !passesOver(role, version));

  it.each(refused)('is refused where it sends %s', async (_what, pieces) => {
    const ours = await sent([data(3), ...pieces, data(5)]);
    expect(await story(ours)).toEqual([3, 'SSLError']);
    await expect(ours.sendall('x')).rejects.toThrow(socket.OSError);
  });

  if (passesOver(role, version)) {
    it(`loses no byte where it sends ${PLAIN_CHANGE}`, async () => {
      const ours = await sent([data(3), unsealed(CHANGE_CIPHER_SPEC, Buffer.of(1)), data(5)]);
      expect(await ours.recv(100)).toHaveLength(3);
      expect(await ours.recv(100)).toHaveLength(5);
      await expect(ours.recv(100)).rejects.toThrow(ssl.SSLEOFError);
    });
  }

  it.each(DISTURBING)('ends in an error where it sends %s', async (_what, pieces) => {
    const ours = await sent(pieces);
    const receiving = async (): Promise<number> => {
      for (let count = 0; ; count += 1) if ((await ours.recv(65_536)).length === 0) return count;
    };
    await expect(receiving()).rejects.toThrow(ssl.SSLError);
  });

  it.each(TRAILING)('has ended where it sends %s after close_notify', async (_what, pieces) => {
    const ours = await sent([data(3), CLOSE_NOTIFY, ...pieces]);
    expect(await story(ours)).toEqual([3]);
    await ours.sendall('x');
    ours.close();
  });
});
