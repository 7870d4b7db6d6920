import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { traceOf } from '../../cli/trace/calls.ts';
import { pcapngOf } from '../../cli/trace/pcapng.ts';
import { hasProgram } from '../support/programs.ts';
import { bytes, CLIENT, conversation, traced } from '../support/trace-lines.ts';

const describeWithTshark = hasProgram('tshark') ? describe : describe.skip;
const folder = mkdtempSync(join(tmpdir(), 'pcapng-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What tshark says of a trace, a line for each packet. */
function tshark(entries: Parameters<typeof traceOf>[0], ...args: readonly string[]): string[] {
  const file = join(folder, 'trace.pcapng');
  writeFileSync(file, pcapngOf(traceOf(entries)));
  const output = execFileSync('tshark', ['-n', '-r', file, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return output.split('\n').filter((line) => line !== '');
}

const fields = (...names: readonly string[]): string[] => ['-T', 'fields', ...names.flatMap((name) => ['-e', name])];

describeWithTshark('a capture, as tshark reads it', () => {
  it('has the whole connection once, in order, without anything that looks lost', () => {
    const flags = tshark(conversation(), ...fields('tcp.stream', 'tcp.flags.str', 'tcp.len', 'tcp.analysis.flags'));
    expect(flags.map((line) => line.replaceAll('·', '').split('\t'))).toEqual([
      ['0', 'S', '0', ''],
      ['0', 'AS', '0', ''],
      ['0', 'A', '0', ''],
      ['0', 'AP', '6', ''],
      ['0', 'AP', '12', ''],
      ['0', 'AP', '19', ''],
      ['0', 'AF', '0', ''],
      ['0', 'AF', '0', ''],
    ]);
  });

  it('is dissected: HTTP is HTTP', () => {
    const found = tshark(conversation(), '-Y', 'http', ...fields('http.request.method', 'http.response.code'));
    expect(found).toEqual(['GET\t', '\t200']);
  });

  it('shows what went over TLS in plain text, where it is told what that is', () => {
    const entries = conversation().map(
      (entry) => JSON.parse(JSON.stringify(entry).replaceAll(':80"', ':443"')) as typeof entry,
    );
    expect(tshark(entries, '-d', 'tcp.port==443,http', '-Y', 'http', ...fields('http.response.code'))).toContain('200');
  });

  it('has an interface for each socket, and the line of the trace beside each packet', () => {
    const [first] = tshark(conversation(), ...fields('frame.interface_name', 'frame.comment'));
    expect(first).toMatch(/^socket 1 of client\t.* #1 connect\(\) = connected to 127.0.0.1:80/);
  });

  it('shows a reset, datagrams, IPv6, Unix sockets, and that not all bytes were kept', () => {
    const inet6 = { kind: 'udp', local: '[::1]:5000', other: '[::1]:53' } as const;
    const unix = { kind: 'unix', socket: 7, peer: '/tmp/it' } as const;
    const error = { error: { name: 'ConnectionResetError', code: 'ECONNRESET', message: 'reset' } };
    const found = tshark(
      [
        traced(0, 'connect', CLIENT),
        traced(1, 'send', { ...CLIENT, bytes: 70_000, data: 'YWJj' }),
        traced(2, 'recv', { ...CLIENT, ...error }),
        traced(3, 'sendto', { ...inet6, process: 'two', ...bytes('ping') }),
        traced(4, 'recvfrom', { ...inet6, process: 'two', local: '0.0.0.0:5000', ...bytes('pong') }),
        traced(5, 'connect', unix),
        traced(6, 'send', { ...unix, ...bytes('hello') }),
      ],
      ...fields('ip.src', 'ipv6.src', 'tcp.len', 'tcp.flags.reset', 'udp.length', 'frame.len', 'frame.cap_len'),
    );
    expect(found.slice(3)).toEqual([
      '127.0.0.1\t\t32768\t0\t\t32808\t43',
      '127.0.0.1\t\t32768\t0\t\t32808\t40',
      '127.0.0.1\t\t4464\t0\t\t4504\t40',
      '127.0.0.1\t\t0\t1\t\t40\t40',
      '\t::1\t\t\t12\t52\t52',
      '\t::1\t\t\t12\t52\t52',
      ...[40, 40, 40].map((length) => `127.0.0.1\t\t0\t0\t\t${length}\t${length}`),
      '127.0.0.1\t\t5\t0\t\t45\t45',
    ]);
  });
});
