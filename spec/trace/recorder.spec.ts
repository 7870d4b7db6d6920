import { describe, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import type { TraceEvent, TraceProcess } from '../../lib/trace/event.ts';
import { Recorder } from '../../lib/trace/recorder.ts';
import { TraceText, mayColour, waitText } from '../../lib/trace/text.ts';
import { datagrams } from '../promises/calls.ts';
import { accepted, listening, own, pair, tcp, turns } from '../support/pairs.ts';
import { began, bytes, CLIENT, traced } from '../support/trace-lines.ts';

/** Records until the test ends; gives what is written. */
function recorded(size = 4096): { readonly entries: (TraceProcess | TraceEvent)[]; readonly recorder: Recorder } {
  const entries: (TraceProcess | TraceEvent)[] = [];
  const write = (more: readonly (TraceProcess | TraceEvent)[]): void => void entries.push(...more);
  const recorder = new Recorder({ process: 'one', command: 'node one.js', size, write });
  own({ [Symbol.dispose]: () => recorder.stop() });
  return { entries, recorder };
}

const events = (entries: readonly (TraceProcess | TraceEvent)[]): TraceEvent[] =>
  entries.filter((entry) => 'call' in entry);

describe('a trace', () => {
  it('begins with the process, and has each call with its outcome when it has ended', async () => {
    const [one, other] = await pair();
    const { entries, recorder } = recorded();
    await one.sendall('hello');
    await other.recv(10);
    one.shutdown(socket.SHUT_WR);
    recorder.flush();
    expect(entries[0]).toMatchObject({ trace: 'await-socket', version: 1, process: 'one', node: process.version });
    expect(events(entries).filter(({ waits }) => waits === undefined)).toMatchObject([
      { call: 'sendall', args: ['5 bytes'], bytes: 5, data: 'aGVsbG8=', waited: 0, kind: 'tcp' },
      { call: 'recv', args: ['10'], bytes: 5, data: 'aGVsbG8=' },
      { call: 'shutdown', args: ['1'] },
    ]);
  });

  it('has a call that waits at the end of the turn in which it began, and again when it has ended', async () => {
    const [one, other] = await pair();
    const { entries } = recorded();
    const waits = other.recv(10);
    await turns(3);
    expect(events(entries)).toMatchObject([{ call: 'recv', waits: true, waited: 0 }]);
    await one.send('x');
    await waits;
    await turns(3);
    const [begin, , end] = events(entries);
    expect(end).toMatchObject({ call: 'recv', id: begin?.id, bytes: 1 });
    expect(end?.waited).toBeGreaterThan(0);
  });

  it('names the socket that was accepted, where datagrams go, and what was only looked at', async () => {
    const listener = listening();
    const { entries, recorder } = recorded();
    const client = tcp();
    await client.connect(listener.getsockname());
    const conn = await accepted(listener);
    await conn.send('ab');
    await client.recv(1, socket.MSG_PEEK);
    const [from, to] = [datagrams(), datagrams()];
    await from.sendto('ping', to.getsockname());
    await to.recvfrom(10);
    await to.sendmsg(['po', 'ng'], [], 0, from.getsockname());
    await from.recvmsgInto([new Uint8Array(1), new Uint8Array(9)]);
    recorder.flush();
    const ends = events(entries).filter(({ waits }) => waits === undefined);
    const place = (one: socket.Socket): string => String(one.getsockname()).replace(',', ':');
    expect(ends.find(({ call }) => call === 'accept')).toMatchObject({
      accepted: ends.find(({ call }) => call === 'send')?.socket,
      result: place(client),
    });
    expect(ends.find(({ call }) => call === 'recv')).toMatchObject({ bytes: 1, peek: true });
    expect(ends.filter(({ kind }) => kind === 'udp').filter((event) => event.bytes !== undefined)).toMatchObject([
      { call: 'sendto', other: place(to), data: Buffer.from('ping').toString('base64') },
      { call: 'recvfrom', other: place(from), data: Buffer.from('ping').toString('base64') },
      { call: 'sendmsg', other: place(from), data: Buffer.from('pong').toString('base64') },
      { call: 'recvmsgInto', other: place(to), data: Buffer.from('pong').toString('base64') },
    ]);
  });

  it('keeps no more bytes of a call than it may, and the error of one that fails', async () => {
    const [one, other] = await pair();
    const { entries, recorder } = recorded(3);
    await one.sendall('abcdef');
    one.close();
    await expect(other.recvExactly(10)).rejects.toThrow('6');
    const controller = new AbortController();
    controller.abort();
    await expect(other.recv(1, { signal: controller.signal })).rejects.toThrow('aborted');
    await expect(other.recv(1, { signal: AbortSignal.abort('enough') })).rejects.toBe('enough');
    recorder.flush();
    const ends = events(entries).filter(({ waits }) => waits === undefined);
    expect(ends).toMatchObject([
      { bytes: 6, data: Buffer.from('abc').toString('base64') },
      { call: 'close' },
      { bytes: 6, data: Buffer.from('abc').toString('base64'), error: { name: 'IncompleteReadError' } },
      { error: { name: 'AbortError' } },
      { error: { name: 'reason', message: "'enough'" } },
    ]);
  });

  it('that cannot be written ends with a warning, and does not harm the program', async () => {
    const [one, other] = await pair();
    const { recorder } = recorded();
    recorder.stop();
    const write = (): never => {
      throw new Error('the disk is full');
    };
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    own({ [Symbol.dispose]: () => warn.mockRestore() });
    const broken = new Recorder({ process: 'two', command: '', size: 1, write });
    await one.send('x');
    expect(await other.recv(1)).toEqual(Buffer.from('x'));
    expect(warn.mock.calls).toEqual([[expect.stringMatching('the disk is full'), 'TraceWarning']]);
    broken.stop();
  });
});

describe('the lines for people', () => {
  const line = (call: string, fields: Partial<TraceEvent>): string =>
    new TraceText(false).line(traced(0, call, fields)).replace(/^\S+ +/, '');

  it.each<[string, string, Partial<TraceEvent>]>([
    ["#1 recv(10) = 2 bytes 'ab' <12.3 ms>", 'recv', { args: ['10'], ...bytes('ab'), waited: 12.34 }],
    ["#1 recv(10) = 1 byte over TLS 'a'", 'recv', { args: ['10'], ...bytes('a'), tls: true }],
    ['#1 recv() = the end', 'recv', { bytes: 0 }],
    ["#1 sendto() = 100 bytes to 127.0.0.1:53 'ab'…", 'sendto', { ...bytes('ab'), bytes: 100, other: '127.0.0.1:53' }],
    [
      '#1 accept() = #2 from 127.0.0.1:5000 <1.500 s>',
      'accept',
      { accepted: 2, result: '127.0.0.1:5000', waited: 1500 },
    ],
    ['#1 connect() = connected to 127.0.0.1:80', 'connect', CLIENT],
    ['#1 connectEx() = 111', 'connectEx', { result: '111' }],
    ['#1 close()', 'close', {}],
    ['#1 recv() still waits', 'recv', { waits: true }],
    [
      'lookup() = EAI_NONAME: no such name',
      'lookup',
      { socket: null, error: { name: 'gaierror', code: 'EAI_NONAME', message: 'no such name' } },
    ],
    [
      "#1 recv(\\u001b[31m) = Error: \\u001b[2J '\\x1B[2J\\xff'",
      'recv',
      {
        args: ['\x1b[31m'],
        error: { name: 'Error', message: '\x1b[2J' },
        data: Buffer.from('\x1b[2J\xff', 'latin1').toString('base64'),
        bytes: 5,
      },
    ],
  ])('%s', (text, call, fields) => expect(line(call, fields)).toBe(text));

  it('name the process where there are several, and leave out calls that wait', () => {
    const text = new TraceText(false);
    const lines = text.lines([began('one'), began('two'), traced(0, 'close', {}), traced(1, 'recv', { waits: true })]);
    expect(lines.split('\n')).toEqual([
      'process one: node one.js (Node v20.0.0)',
      'process two: node two.js (Node v20.0.0)',
      expect.stringMatching(/^\S+ \[one\] #1 close\(\)$/),
      '',
    ]);
  });

  it('have colours on a terminal alone, and none with NO_COLOR', () => {
    expect(new TraceText(true).line(traced(0, 'recv', { ...bytes('x'), waited: 2000 }))).toContain('\x1b[33m');
    expect(mayColour({ isTTY: false })).toBe(false);
    expect(mayColour({ isTTY: true })).toBe((process.env.NO_COLOR ?? '') === '');
    expect(waitText(0)).toBe('');
  });
});
