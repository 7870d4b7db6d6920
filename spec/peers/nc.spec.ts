import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { listening, portOf, recvAll } from '../support/peer.ts';
import { available } from '../support/pairs.ts';
import { hasProgram, OtherProgram } from '../support/programs.ts';
import { listeningAt, temporaryPath } from '../support/unix.ts';

const running: OtherProgram[] = [];

afterEach(async () => {
  for (const program of running.splice(0)) await program[Symbol.asyncDispose]();
});

function nc(...args: string[]): OtherProgram {
  const program = new OtherProgram('nc', ['-n', ...args]);
  running.push(program);
  return program;
}

const bytes = randomBytes(1_000_000);

/**
 * Both ends send 1 MB and then end their output. `-N` makes nc do so when its standard input ends. Our end has to be
 * the last: an nc that listens drops the unread rest of its standard input once the other end has ended.
 */
async function exchange(ours: socket.Socket, theirs: OtherProgram): Promise<void> {
  const received = recvAll(ours);
  theirs.type(bytes);
  theirs.endInput();
  await ours.sendall(bytes);
  expect((await received).equals(bytes)).toBe(true);
  ours.shutdown(socket.SHUT_WR);
  expect(await theirs.ended).toBe(0);
  expect(theirs.printed.equals(bytes)).toBe(true);
}

// Only OpenBSD's netcat has -U.
(hasProgram('nc') ? describe : describe.skip)('nc', () => {
  const tcp = [
    ['TCP4', socket.AF_INET, '127.0.0.1'],
    ['TCP6', socket.AF_INET6, '::1'],
  ] as const;
  describe.each(available(tcp))('over %s', (_, family, host) => {
    it('connects to ours', async () => {
      using listener = listening(family);
      const theirs = nc('-N', host, String(portOf(listener)));
      using ours = (await listener.accept())[0];
      await exchange(ours, theirs);
    });

    it('listens for ours', async () => {
      const theirs = nc('-N', '-l', '-v', host, '0');
      const [, port] = await theirs.tells(/^Listening on \S+ (\d+)$/m);
      using ours = socket.socket(family, socket.SOCK_STREAM);
      await ours.connect([host, Number(port)]);
      await exchange(ours, theirs);
    });
  });

  describe('over a Unix socket', () => {
    it('connects to ours', async () => {
      const path = temporaryPath();
      using listener = listeningAt(path);
      const theirs = nc('-N', '-U', path);
      using ours = (await listener.accept())[0];
      await exchange(ours, theirs);
    });

    it('listens for ours', async () => {
      const path = temporaryPath();
      const theirs = nc('-N', '-l', '-v', '-U', path);
      await theirs.tells(/^Listening on /m);
      using ours = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM);
      await ours.connect(path);
      await exchange(ours, theirs);
    });
  });

  const udp = [
    ['UDP4', socket.AF_INET, '127.0.0.1'],
    ['UDP6', socket.AF_INET6, '::1'],
  ] as const;
  describe.each(available(udp))('over %s', (_, family, host) => {
    it('sends to ours, and gets the answers', async () => {
      using ours = socket.socket(family, socket.SOCK_DGRAM);
      ours.bind([host, 0]);
      const theirs = nc('-u', host, String(portOf(ours)));
      theirs.type('one\n');
      const [data, address] = await ours.recvfrom(100);
      expect(data.toString()).toBe('one\n');
      expect(address?.[0]).toBe(host);
      if (address === null) throw new TypeError('an address was expected');
      await ours.sendto('two\n', address);
      await theirs.tells(/^two\n/);
      theirs.type('three\n');
      expect((await ours.recv(100)).toString()).toBe('three\n');
    });

    it('answers what ours sends', async () => {
      const theirs = nc('-u', '-l', '-v', host, '0');
      const [, port] = await theirs.tells(/^Bound on \S+ (\d+)$/m);
      using ours = socket.socket(family, socket.SOCK_DGRAM);
      await ours.connect([host, Number(port)]);
      await ours.send('one\n');
      await theirs.tells(/^one\n/);
      theirs.type('two\n');
      expect((await ours.recv(100)).toString()).toBe('two\n');
      await ours.sendmsg(['th', 'ree\n']);
      await theirs.tells(/^one\nthree\n/);
    });
  });
});
