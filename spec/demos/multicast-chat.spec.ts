import { afterAll, describe, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { hasPython } from '../support/python.ts';
import { endAll, startDemo, startPython, usageError, type Program } from './processes.ts';

// ts-node takes seconds to start on a busy machine.
jest.setTimeout(120_000);

const itWithPython = hasPython ? it : it.skip;
const group = '239.255.42.8';

afterAll(endAll);

function startMember(name: string, port: number): Program {
  return startDemo('multicast-chat', ['--name', name, '--group', group, '--port', String(port)]);
}

describe('multicast-chat', () => {
  it('carries each member’s lines to all others, and survives members that leave or die', async () => {
    const ann = startMember('Ann', 0);
    const port = await ann.port();
    const ben = startMember('Ben', port);
    await ann.printed(/^\* Ben has joined$/m);
    const cat = startMember('Cat', port);
    await Promise.all([ann, ben].map((member) => member.printed(/^\* Cat has joined$/m)));

    ann.type('hello, all');
    await Promise.all([ben, cat].map((member) => member.printed(/^Ann: hello, all$/m)));
    cat.kill('SIGKILL');
    await cat.ended;
    ben.type('x'.repeat(70_000), 'Grüße \u001b[2J');
    await ben.printed(/^not sent: \[Errno 90\] Message too long: /m);
    // Control sequences for the terminal are not printed as they are.
    await ann.printed(/^Ben: Grüße \uFFFD\[2J$/m);
    ben.endInput();
    expect(await ben.ended).toMatchObject({ status: 0, stderr: '' });
    await ann.printed(/^\* Ben has left$/m);
    ann.kill('SIGINT');
    const { status, stdout, stderr } = await ann.ended;
    expect({ status, stderr }).toEqual({ status: 130, stderr: 'multicast-chat: interrupted\n' });
    // None of its own lines.
    expect(stdout).not.toContain('Ann');
  });

  itWithPython('talks with a member in Python, and tells it when it is interrupted', async () => {
    const ann = startMember('Ann', 0);
    const python = startPython('multicast_chat', [group, String(await ann.port()), 'from Python']);
    await ann.printed(/^from Python$/m);
    ann.type('from Ann');
    await python.printed(/^Ann: from Ann\n/);
    ann.kill('SIGINT');
    expect(await python.ended).toEqual({ status: 0, stdout: 'Ann: from Ann\n* Ann has left\n', stderr: '' });
  });

  it('says in one line that another program has the port to itself', async () => {
    using other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
    other.bind([group, 0]);
    expect(await startMember('Ann', other.getsockname()[1]).ended).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^multicast-chat: \[Errno 98\] Address already in use: .*\n$/),
    });
  });

  it.each([
    [[], 2, usageError('multicast-chat', /required option '--name <name>' not specified/)],
    [
      ['--name', 'Ann', '--group', '127.0.0.1'],
      2,
      usageError('multicast-chat', /It must be an address from 224\.0\.0\.0 to 239\.255\.255\.255\./),
    ],
    [['--name', 'Ann', '--interface', '192.0.2.1'], 1, /^multicast-chat: \[Errno 19\] No such device: .*\n$/],
  ])('says what is wrong with %j', async (args, status, stderr) => {
    expect(await startDemo('multicast-chat', [...args, '--port', '0']).ended).toEqual({
      status,
      stdout: '',
      stderr: expect.stringMatching(stderr),
    });
  });
});
