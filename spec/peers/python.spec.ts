import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { recvAll, reset, story } from '../support/peer.ts';
import { ends, withPython } from '../support/peer-python.ts';
import { hasPython } from '../support/python.ts';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

(hasPython ? describe : describe.skip).each(ends)(
  '%s with Python on the other end, where %s listens',
  (family, role) => {
    it('echoes in pieces of any size', async () => {
      const bytes = randomBytes(200_000);
      const count = await withPython(family, role, 'echo', async (ours) => {
        const echoed = recvAll(ours, 777);
        for (let start = 0, size = 1; start < bytes.length; start += size, size = (size * 7) % 9973) {
          expect(await ours.send(bytes.subarray(start, start + size))).toBe(Math.min(size, bytes.length - start));
        }
        ours.shutdown(socket.SHUT_WR);
        expect(sha256(await echoed)).toBe(sha256(bytes));
      });
      expect(count).toBe(bytes.length);
    });

    it('sends after Python has ended its output', async () => {
      const bytes = randomBytes(300_000);
      const theirs = await withPython(family, role, 'half_close_first', async (ours) => {
        expect(await recvAll(ours)).toEqual(Buffer.from('hello'));
        await ours.sendall(bytes);
        expect(await ours.recv(1)).toHaveLength(0);
      });
      expect(theirs).toBe(sha256(bytes));
    });

    it('receives after it has ended its own output', async () => {
      const bytes = randomBytes(300_000);
      const theirs = await withPython(family, role, 'half_close_second', async (ours) => {
        await ours.sendall(bytes);
        ours.shutdown(socket.SHUT_WR);
        expect(await recvAll(ours)).toEqual(Buffer.from('300000'));
      });
      expect(theirs).toBe(sha256(bytes));
    });

    it('carries 10 MB in both directions at once', async () => {
      const bytes = randomBytes(10_000_000);
      let received = '';
      const theirs = await withPython(family, role, 'duplex', async (ours) => {
        const sending = ours.sendall(bytes).then(() => ours.shutdown(socket.SHUT_WR));
        received = sha256(await recvAll(ours));
        await sending;
      });
      expect(theirs).toEqual({ sent: received, received: sha256(bytes), length: bytes.length });
    });

    it('has MSG_PEEK and MSG_WAITALL itself', async () => {
      const theirs = await withPython(family, role, 'flags_there', async (ours) => {
        expect(await ours.recv(5, socket.MSG_PEEK | socket.MSG_WAITALL)).toEqual(Buffer.from('abcde'));
        expect(await ours.recv(3, socket.MSG_PEEK)).toEqual(Buffer.from('abc'));
        await ours.send('go');
        const all = await ours.recv(100_005, socket.MSG_WAITALL);
        expect(all).toEqual(Buffer.concat([Buffer.from('abcde'), Buffer.alloc(100_000)]));
        await ours.send('ok');
        expect(await ours.recv(100, socket.MSG_WAITALL)).toEqual(Buffer.from('rest'));
      });
      expect(theirs).toBe('go');
    });

    it('answers 1,000 small requests of Python', async () => {
      const theirs = await withPython(family, role, 'ask', async (ours) => {
        for (let block = await ours.recv(100); block.length > 0; block = await ours.recv(100)) {
          await ours.send(`${Number(block.toString()) + 1}\n`);
        }
      });
      expect(theirs).toBe(true);
    });

    it('asks Python 1,000 times', async () => {
      const theirs = await withPython(family, role, 'answer', async (ours) => {
        for (let number = 0; number < 1000; number += 1) {
          await ours.send(`${number}\n`);
          expect(Number((await ours.recv(100)).toString())).toBe(number + 1);
        }
      });
      expect(theirs).toBe(1000);
    });

    // Unix sockets differ: Node cannot reset them, and on Linux MSG_PEEK | MSG_WAITALL does not wait on them.
    if (family === 'Unix') return;

    it("serves Python's MSG_PEEK and MSG_WAITALL", async () => {
      const bytes = Buffer.concat([Buffer.from('abcde'), randomBytes(100_000)]);
      const theirs = await withPython(family, role, 'flags_here', async (ours) => {
        await ours.send(bytes.subarray(0, 2));
        await ours.send(bytes.subarray(2, 5));
        expect(await ours.recv(2)).toEqual(Buffer.from('go'));
        for (let start = 5; start < bytes.length; start += 1000) await ours.send(bytes.subarray(start, start + 1000));
        await ours.send('!');
      });
      expect(theirs).toEqual(['abcde', 'abc', sha256(bytes), '!']);
    });

    it('reports a reset by Python once, after the data', async () => {
      await withPython(family, role, 'reset', async (ours) => {
        expect(await ours.recv(4, socket.MSG_WAITALL | socket.MSG_PEEK)).toEqual(Buffer.from('data'));
        await ours.send('go');
        expect(await story(ours)).toEqual([4, 'ConnectionResetError']);
        expect(await ours.recv(1)).toHaveLength(0);
        await expect(ours.send('x')).rejects.toThrow(socket.BrokenPipeError);
      });
    });

    it('reports a reset by Python to send()', async () => {
      await withPython(family, role, 'reset_sender', async (ours) => {
        await expect(ours.sendall(Buffer.alloc(50_000_000))).rejects.toThrow(socket.ConnectionError);
        await expect(ours.sendall('x')).rejects.toThrow(socket.BrokenPipeError);
        expect(await ours.recv(1)).toHaveLength(0);
      });
    });

    it('reports the reset when Python closes with data unread', async () => {
      await withPython(family, role, 'unread', async (ours) => {
        await ours.sendall(Buffer.alloc(1000));
        expect(await story(ours)).toEqual([6, 'ConnectionResetError']);
      });
    });

    it('resets Python with SO_LINGER of 0 seconds', async () => {
      const theirs = await withPython(family, role, 'is_reset', async (ours) => {
        await ours.recv(6, socket.MSG_WAITALL);
        reset(ours);
      });
      expect(theirs).toEqual(['ConnectionResetError', "b''", 'BrokenPipeError']);
    });

    it('resets Python when it is closed with data unread', async () => {
      const theirs = await withPython(family, role, 'is_reset', async (ours) => {
        await ours.recv(6, socket.MSG_WAITALL | socket.MSG_PEEK);
        ours.close();
      });
      expect(theirs).toEqual(['ConnectionResetError', "b''", 'BrokenPipeError']);
    });
  },
);
