import { describe as suite, expect, it } from '@jest/globals';
import type { CallMessage } from '../../lib/common/channels.ts';
import { AF_INET, AF_UNIX, MSG_PEEK, SOCK_DGRAM, SOCK_STREAM } from '../../lib/common/constants.ts';
import { describe } from '../../lib/trace/describe.ts';

/** A call that has ended, of a TCP connection where nothing else is said. */
function message(parts: Partial<CallMessage>): CallMessage {
  const usual = { call: 'recv', socket: 1, family: AF_INET, type: SOCK_STREAM, tls: false, local: '', peer: '' };
  return { ...usual, args: [], waited: 0, ...parts };
}

const text = (data: string | undefined): string => Buffer.from(data ?? '', 'base64').toString();

suite('what a trace says of a call', () => {
  it('has the kind of the socket', () => {
    expect(describe(message({}), 10).kind).toBe('tcp');
    expect(describe(message({ type: SOCK_DGRAM }), 10).kind).toBe('udp');
    expect(describe(message({ family: AF_UNIX }), 10).kind).toBe('unix');
    expect(describe(message({ family: null, type: null, socket: null }), 10).kind).toBeNull();
  });

  it('has addresses, TLS and the accepted socket where they are', () => {
    expect(describe(message({ local: 'here', peer: 'there', tls: true, accepted: 2 }), 10)).toMatchObject({
      local: 'here',
      peer: 'there',
      tls: true,
      accepted: 2,
    });
    expect(Object.keys(describe(message({ call: 'close' }), 10))).toEqual(['call', 'socket', 'kind', 'args']);
  });

  it('has the first bytes that were received, or that had come before an error', () => {
    const bytes = Buffer.from('hello');
    expect(text(describe(message({ result: bytes, bytes: 5 }), 3).data)).toBe('hel');
    expect(text(describe(message({ call: 'recvfrom', result: [bytes, null], bytes: 5 }), 9).data)).toBe('hello');
    const into = message({ call: 'recvInto', args: [Buffer.from('hello!')], result: 5, bytes: 5 });
    expect(text(describe(into, 9).data)).toBe('hello');
    const error = Object.assign(new Error('too early'), { partial: Buffer.from('par'), code: 'EPART' });
    expect(describe(message({ error, bytes: 3 }), 9)).toMatchObject({
      data: Buffer.from('par').toString('base64'),
      error: { name: 'Error', code: 'EPART', message: 'too early' },
    });
  });

  it('has what was sent, of all kinds of memory, and of several pieces', () => {
    const sent = (args: readonly unknown[], bytes: number): string =>
      text(describe(message({ call: 'sendmsg', args, bytes }), 9).data);
    expect(sent(['text'], 4)).toBe('text');
    expect(sent([Buffer.from('bytes').buffer.slice(0, 0)], 0)).toBe('');
    expect(sent([Uint8Array.from(Buffer.from('array')).buffer], 5)).toBe('array');
    const shared = new SharedArrayBuffer(2);
    new Uint8Array(shared).set(Buffer.from('sh'));
    expect(sent([shared], 2)).toBe('sh');
    expect(sent([['one', Buffer.from('two'), 'three']], 7)).toBe('onetwot');
    expect(sent([{ no: 'memory' }], 5)).toBe('');
  });

  it('has the other end of a datagram', () => {
    const datagram = (parts: Partial<CallMessage>): unknown =>
      describe(message({ type: SOCK_DGRAM, ...parts }), 9).other;
    expect(datagram({ call: 'sendto', args: ['x', ['127.0.0.1', 80]] })).toBe('127.0.0.1:80');
    expect(datagram({ call: 'recvfrom', result: [Buffer.of(1), ['127.0.0.1', 81]] })).toBe('127.0.0.1:81');
    expect(datagram({ call: 'recvmsg', result: [Buffer.of(1), [], 0, null], peer: 'the peer' })).toBe('the peer');
    expect(datagram({ call: 'send', args: ['x'] })).toBeUndefined();
    expect(datagram({ call: 'sendto', args: ['x', [1, 'no address']] })).toBeUndefined();
  });

  it('says that bytes were only looked at', () => {
    expect(describe(message({ args: [1, MSG_PEEK] }), 9).peek).toBe(true);
    expect(describe(message({ args: [1, 0] }), 9)).not.toHaveProperty('peek');
    expect(describe(message({ call: 'send', args: ['x', MSG_PEEK] }), 9)).not.toHaveProperty('peek');
  });

  it('shows arguments and results for people', () => {
    expect(describe(message({ call: 'sendall', args: ['äh', 0] }), 9).args).toEqual(['3 bytes', '0']);
    expect(describe(message({ call: 'send', args: [Buffer.of(1)] }), 9).args).toEqual(['1 bytes']);
    expect(describe(message({ call: 'connect', args: [['::1', 1]] }), 9).args).toEqual(["[ '::1', 1 ]"]);
    expect(describe(message({ call: 'accept', result: [{}, ['::1', 1]] }), 9).result).toBe('[::1]:1');
    expect(describe(message({ call: 'getaddrinfo', result: [1] }), 9).result).toBe('[ 1 ]');
    for (const call of ['doHandshake', 'unwrap']) {
      expect(describe(message({ call, result: {} }), 9)).not.toHaveProperty('result');
    }
  });

  it('names what is thrown, also where that is no error', () => {
    expect(describe(message({ error: 'a reason' }), 9).error).toEqual({ name: 'reason', message: "'a reason'" });
    expect(describe(message({ error: { name: 1 } }), 9).error).toMatchObject({ name: 'reason' });
    const plain = { name: 'TypeError', message: 'of another realm' };
    expect(describe(message({ error: plain }), 9).error).toEqual(plain);
  });
});
