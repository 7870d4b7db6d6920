import { join } from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { hasPython } from '../support/python.ts';
import { endAll, Program, startDemo, startPython, usageError } from './processes.ts';

// ts-node takes seconds to start on a busy machine.
jest.setTimeout(120_000);

const itWithPython = hasPython ? it : it.skip;
// No other test's listeners are bound to it.
const host = '127.83.7.1';
const scanner = ['node_modules/ts-node/dist/bin.js', join('demos', 'port-scanner.ts'), host];

afterAll(endAll);

/** Scans the ports of well-known services, with 64 descriptors. */
function startPoor(atOnce: string): Program {
  const limited = ['-c', 'ulimit -n 64 && exec "$0" "$@"', process.execPath, ...scanner];
  return new Program('sh', [...limited, '--ports', '1-500', '--at-once', atOnce]);
}

describe('port-scanner', () => {
  it('finds the one port at which a server listens, and closed ones', async () => {
    using listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
    listener.bind([host, 0]);
    listener.listen();
    const port = listener.getsockname()[1];
    using closed = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
    closed.bind([host, 0]);
    const ports = [port, closed.getsockname()[1]];
    const scans = ports.map((each) => startDemo('port-scanner', [host, '--ports', String(each)]).ended);
    expect(await Promise.all(scans)).toEqual([
      { status: 0, stdout: `${port} open\n1 port open, 0 silent, 0 closed\n`, stderr: '' },
      { status: 0, stdout: '0 ports open, 0 silent, 1 closed\n', stderr: '' },
    ]);
  });

  itWithPython("finds Python's listeners: as Python's scanner does, and the silent one too", async () => {
    const port = await startPython('listeners', [host]).port();
    const ports = `${port}-${port + 2}`;
    const [ours, python] = await Promise.all([
      startDemo('port-scanner', [host, '--ports', ports, '--timeout', '0.2']).ended,
      startPython('port_scanner', [host, String(port), String(port + 2)]).ended,
    ]);
    expect(python).toEqual({ status: 0, stdout: `${port}\n`, stderr: '' });
    const stdout = `${port} open\n${port + 1} silent\n1 port open, 1 silent, 1 closed\n`;
    expect(ours).toEqual({ status: 0, stdout, stderr: '' });
  });

  it('tries no more than --at-once, and says in one line that this was too many', async () => {
    const [few, many] = await Promise.all([startPoor('10').ended, startPoor('500').ended]);
    expect({ status: few.status, stderr: few.stderr }).toEqual({ status: 0, stderr: '' });
    // A service of this machine may listen on all of its addresses.
    const [, open, closed] = /^(\d+) ports? open, 0 silent, (\d+) closed\n$/m.exec(few.stdout) ?? [];
    expect(Number(open) + Number(closed)).toBe(500);
    expect(many).toEqual({ status: 1, stdout: '', stderr: 'port-scanner: [Errno 24] Too many open files\n' });
  });

  itWithPython('has a bar on a terminal, and ends with Ctrl-C', async () => {
    // Below the ports that the system chooses, so that the scan meets no other test's listener.
    const command = [process.execPath, ...scanner, '--ports', '1-30000', '--at-once', '1'];
    const { status, stdout } = await startPython('terminal', ['[1-9][0-9]* of 30000 ports', ...command]).ended;
    expect(status).toBe(130);
    expect(stdout).toMatch(/░+ \d+ %, /);
    expect(stdout.match(/port-scanner: interrupted\r\n/g)).toHaveLength(1);
  });

  it.each([
    [
      ['--ports', '5-1'],
      2,
      usageError('port-scanner', /'5-1' is invalid\. It must be a port or a range of ports from 1 to 65535, .*/),
    ],
    [['--at-once', '0'], 2, usageError('port-scanner', /'0' is invalid\. It must be a whole number from 1 to 1000\./)],
    [['192.0.2.1'], 1, /^port-scanner: 192\.0\.2\.1 \(192\.0\.2\.1\) is not this machine's loopback interface\n$/],
  ])('says what is wrong with %j', async (args, status, stderr) => {
    expect(await startDemo('port-scanner', args).ended).toEqual({
      status,
      stdout: '',
      stderr: expect.stringMatching(stderr),
    });
  });
});
