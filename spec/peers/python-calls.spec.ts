import { createHash, randomBytes } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { recvAll } from '../support/peer.ts';
import { ends, withPython } from '../support/peer-python.ts';
import { hasPython } from '../support/python.ts';
import { temporaryPath } from '../support/unix.ts';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

// Python makes the same calls on its end.
(hasPython ? describe : describe.skip).each(ends)(
  '%s with Python on the other end, where %s listens',
  (family, role) => {
    it('receives into memory', async () => {
      const bytes = randomBytes(300_000);
      const back = Buffer.alloc(bytes.length);
      const theirs = await withPython(family, role, 'into', async (ours) => {
        await ours.sendall(bytes);
        for (let received = 0; received < back.length;) {
          received += await ours.recvInto(back.subarray(received), Math.min(50_000, back.length - received));
        }
        expect(await ours.recvInto(back)).toBe(0);
      });
      expect(back.equals(bytes)).toBe(true);
      expect(theirs).toBe(sha256(bytes));
    });

    it('reads and writes lines of bytes by makefile()', async () => {
      const lines = Array.from({ length: 500 }, (_, number) => `${'line'.repeat(number)} ${number}\n`);
      const theirs = await withPython(family, role, 'file', async (ours) => {
        await using file = ours.makefile('rwb');
        for (const line of lines) {
          await file.write(line);
          await file.flush();
          expect((await file.readline()).toString()).toBe(line.toUpperCase());
        }
        ours.shutdown(socket.SHUT_WR);
        expect(await file.readline()).toHaveLength(0);
      });
      expect(theirs).toBe(lines.length);
    });

    it('reads and writes lines of text by makefile()', async () => {
      const lines = ['plain', '', 'äöü €', '\u{1F40D} and more', 'x'.repeat(20_000)];
      const theirs = await withPython(family, role, 'text_file', async (ours) => {
        await using file = ours.makefile('rw', { newline: '\r\n' });
        await file.writelines(lines.map((line) => `${line}\n`));
        await file.write('end\n');
        await file.flush();
        expect(await file.readlines()).toEqual(lines.map((line) => `${line}\r\n`));
      });
      expect(theirs).toEqual(lines.map((line) => `${line}\r\n`));
    });

    it('sends a part of a file, and receives one', async () => {
      const bytes = randomBytes(3_000_000);
      const path = temporaryPath('file');
      await using file = await open(path, 'w+');
      await file.writeFile(bytes);
      let received = '';
      const theirs = await withPython(family, role, 'send_file', async (ours) => {
        const receiving = recvAll(ours);
        expect(await ours.sendfile(file, 500, 2_500_000)).toBe(2_500_000);
        ours.shutdown(socket.SHUT_WR);
        received = sha256(await receiving);
      });
      await rm(path);
      expect(theirs).toEqual({ count: 2_000_000, sent: received, received: sha256(bytes.subarray(500, 2_500_500)) });
    });

    it('sends from several pieces of memory, and receives into several', async () => {
      const bytes = randomBytes(300_000);
      const theirs = await withPython(family, role, 'messages', async (ours) => {
        const pieces = [bytes.subarray(0, 1), new Uint8Array(0), bytes.subarray(1, 1000), bytes.subarray(1000)];
        expect(await ours.sendmsg(pieces)).toBe(bytes.length);
        const back: Buffer[] = [];
        const [small, large] = [Buffer.alloc(100), Buffer.alloc(20_000)];
        for (;;) {
          const [count, ancillary] = await ours.recvmsgInto([small, large]);
          expect(ancillary).toEqual([]);
          if (count === 0) break;
          back.push(Buffer.from(Buffer.concat([small, large]).subarray(0, count)));
        }
        expect(Buffer.concat(back).equals(bytes)).toBe(true);
      });
      expect(theirs).toBe(sha256(bytes));
    });
  },
);
