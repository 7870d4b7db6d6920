import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { hasPython } from '../support/python.ts';
import { endAll, Folder, sha256, startDemo, startPython, type Program } from './processes.ts';

// ts-node takes seconds to start on a busy machine.
jest.setTimeout(120_000);

const describeWithPython = hasPython ? describe : describe.skip;

const sizes = [0, 1, 1024, 1025, 100_000_000];
const ok = { status: 0, stderr: '' };

describeWithPython("the demos against the textbook's programs in Python", () => {
  const folder = new Folder();
  const copy = folder.in('copy');
  let receiver: Program;

  beforeAll(() => {
    receiver = startDemo('patient-receiver', ['--host', '127.0.0.1', '--port', '0', '--out', copy]);
  });

  afterAll(async () => {
    await endAll();
    folder.remove();
  });

  it.each(sizes)("the receiver takes %d bytes from Python's sender, and goes on", async (size) => {
    const file = folder.make('original', size);
    const sender = startPython('determined_sender', [file, String(await receiver.port())]);
    expect(await sender.ended).toEqual({ ...ok, stdout: `${size}\n` });
    await receiver.printed(new RegExp(`^received ${size} bytes? from 127\\.0\\.0\\.1:\\d+$`, 'm'));
    expect(sha256(copy)).toBe(sha256(file));
  });

  it.each(sizes)("the sender sends %d bytes to Python's receiver", async (size) => {
    const file = folder.make('original', size);
    const python = startPython('patient_receiver', [copy]);
    const sender = startDemo('determined-sender', [file, '--port', String(await python.port())]);
    expect(await sender.ended).toMatchObject(ok);
    expect(await python.ended).toMatchObject(ok);
    expect(sha256(copy)).toBe(sha256(file));
  });
});
