import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { listening, portOf, recvAll } from '../support/peer.ts';
import { available } from '../support/pairs.ts';
import { reservedPort } from '../support/ports.ts';
import { hasProgram, OtherProgram } from '../support/programs.ts';
import { listeningAt, temporaryPath } from '../support/unix.ts';

const running: OtherProgram[] = [];

afterEach(async () => {
  for (const program of running.splice(0)) await program[Symbol.asyncDispose]();
});

/** Starts socat between an address and a program that sends back its input. */
function echo(address: string): OtherProgram {
  // -t: how long it waits for the other direction once one has ended. cat ends by itself.
  const program = new OtherProgram('socat', ['-d', '-d', '-t', '60', address, 'EXEC:cat']);
  running.push(program);
  return program;
}

const bytes = randomBytes(1_000_000);

/** Expects that everything comes back, and then the end. */
async function echoed(ours: socket.Socket): Promise<void> {
  const received = recvAll(ours);
  await ours.sendall(bytes);
  ours.shutdown(socket.SHUT_WR);
  expect((await received).equals(bytes)).toBe(true);
}

(hasProgram('socat') ? describe : describe.skip)('socat', () => {
  const tcp = [
    ['TCP4', socket.AF_INET, '127.0.0.1', '127.0.0.1'],
    ['TCP6', socket.AF_INET6, '::1', '[::1]'],
  ] as const;
  describe.each(available(tcp))('over %s', (kind, family, host, inBrackets) => {
    it('connects to ours', async () => {
      using listener = listening(family);
      const theirs = echo(`${kind}:${inBrackets}:${portOf(listener)}`);
      using ours = (await listener.accept())[0];
      await echoed(ours);
      expect(await theirs.ended).toBe(0);
    });

    it('listens for ours', async () => {
      const theirs = echo(`${kind}-LISTEN:0,bind=${inBrackets}`);
      const [, port] = await theirs.tells(/ listening on AF=\d+ \S+:(\d+)$/m);
      using ours = socket.socket(family, socket.SOCK_STREAM);
      await ours.connect([host, Number(port)]);
      await echoed(ours);
      expect(await theirs.ended).toBe(0);
    });
  });

  describe('over a Unix socket', () => {
    it('connects to ours', async () => {
      const path = temporaryPath();
      using listener = listeningAt(path);
      const theirs = echo(`UNIX-CONNECT:${path}`);
      using ours = (await listener.accept())[0];
      await echoed(ours);
      expect(await theirs.ended).toBe(0);
    });

    it('listens for ours', async () => {
      const path = temporaryPath();
      const theirs = echo(`UNIX-LISTEN:${path}`);
      await theirs.tells(/ listening on /);
      using ours = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM);
      await ours.connect(path);
      await echoed(ours);
      expect(await theirs.ended).toBe(0);
    });
  });

  const udp = [
    ['UDP4', socket.AF_INET, '127.0.0.1', '127.0.0.1'],
    ['UDP6', socket.AF_INET6, '::1', '[::1]'],
  ] as const;
  describe.each(available(udp))('over %s', (kind, family, host, inBrackets) => {
    it('sends to ours, and gets the answers', async () => {
      using ours = socket.socket(family, socket.SOCK_DGRAM);
      ours.bind([host, 0]);
      const theirs = new OtherProgram('socat', [`${kind}:${inBrackets}:${portOf(ours)}`, 'STDIO']);
      running.push(theirs);
      theirs.type('one\n');
      const [data, address] = await ours.recvfrom(100);
      expect(data.toString()).toBe('one\n');
      if (address === null) throw new TypeError('an address was expected');
      await ours.sendto('two\n', address);
      await theirs.tells(/^two\n$/);
    });

    it('sends back what ours sends, each datagram by itself', async () => {
      const port = reservedPort();
      const theirs = new OtherProgram('socat', [
        '-d',
        '-d',
        `${kind}-RECVFROM:${port},bind=${inBrackets},fork`,
        'EXEC:cat',
      ]);
      running.push(theirs);
      await theirs.tells(/ receiving on AF=/);
      using ours = socket.socket(family, socket.SOCK_DGRAM);
      for (const size of [1, 1000, 8000]) {
        const datagram = randomBytes(size);
        await ours.sendto(datagram, [host, port]);
        const [data, address] = await ours.recvfrom(9000);
        expect(data.equals(datagram)).toBe(true);
        expect(address?.slice(0, 2)).toEqual([host, port]);
      }
    });
  });
});
