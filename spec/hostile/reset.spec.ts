import net from 'node:net';
import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { connectedPair, listening, portOf, reset, story } from '../support/peer.ts';

/** The name of the error that a call rejects with. */
async function failureOf(call: Promise<unknown>): Promise<string> {
  return await call.then(
    () => 'none',
    (error: unknown) => (error instanceof socket.OSError ? error.name : String(error)),
  );
}

describe('a peer that resets while we receive', () => {
  // No more than the kernel takes before the first read: a reset drops what the sender's side still has.
  for (const size of [1, 65536]) {
    it(`gives the ${size} bytes that came before, the error once, then the end for ever`, async () => {
      const [ours, peer] = await connectedPair();
      await peer.sendall(Buffer.alloc(size));
      reset(peer);
      expect(await story(ours)).toEqual([size, 'ConnectionResetError']);
      expect(await ours.recv(1)).toHaveLength(0);
      await expect(ours.send('x')).rejects.toThrow(socket.BrokenPipeError);
      ours.close();
    });
  }

  // Below and above the mark at which reading ahead stops.
  for (const size of [1, 65536, 300_000, 2_000_000]) {
    it(`gives the ${size} bytes that were read ahead, the error once, then the end for ever`, async () => {
      const [ours, peer] = await connectedPair();
      const sent = peer.sendall(Buffer.alloc(size));
      expect(await ours.recv(size, socket.MSG_WAITALL | socket.MSG_PEEK)).toHaveLength(size);
      await sent;
      reset(peer);
      expect(await story(ours)).toEqual([size, 'ConnectionResetError']);
      expect(await ours.recv(1)).toHaveLength(0);
      ours.close();
    });
  }

  it('leaves getsockname() the address, though it was not called before', async () => {
    using listener = socket.createServer(['127.0.0.1', 0]);
    using ours = socket.socket();
    await ours.connect(listener.getsockname());
    const [peer, address] = await listener.accept();
    reset(peer);
    await expect(ours.recv(1)).rejects.toThrow(socket.ConnectionResetError);
    expect(ours.getsockname()).toEqual(address);
  });

  it('gives what the kernel had beyond the bytes that were read ahead', async () => {
    const [ours, peer] = await connectedPair();
    let sent = 0;
    peer.setblocking(false);
    await peer.send('!');
    await ours.recv(1, socket.MSG_PEEK);
    for (;;) {
      try {
        sent += await peer.send(Buffer.alloc(65536));
      } catch (error) {
        if (error instanceof socket.BlockingIOError) break;
        throw error;
      }
    }
    expect(sent).toBeGreaterThan(256 * 1024);
    reset(peer);
    const [bytes, ...rest] = await story(ours);
    expect(bytes).toBeGreaterThan(256 * 1024);
    expect(rest).toEqual(['ConnectionResetError']);
    ours.close();
  });

  it('wakes calls that wait', async () => {
    const [ours, peer] = await connectedPair();
    const waits = [ours.recv(1), ours.recv(1), ours.recv(1, socket.MSG_WAITALL)];
    reset(peer);
    const outcomes = await Promise.allSettled(waits);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    await expect(waits[0]).rejects.toThrow(socket.ConnectionResetError);
    ours.close();
  });

  it('gives MSG_WAITALL what has arrived, and then the error', async () => {
    const [ours, peer] = await connectedPair();
    const wait = ours.recv(10, socket.MSG_WAITALL);
    await peer.send('abc');
    reset(peer);
    expect(await wait).toEqual(Buffer.from('abc'));
    expect(await story(ours)).toEqual(['ConnectionResetError']);
    ours.close();
  });
});

describe('a peer that resets while we send', () => {
  it('ends the send that waits with the error, and every later one with BrokenPipeError', async () => {
    const [ours, peer] = await connectedPair();
    const send = ours.send(Buffer.alloc(50_000_000));
    await peer.recv(65536);
    reset(peer);
    expect(['ConnectionResetError', 'BrokenPipeError']).toContain(await failureOf(send));
    expect(await failureOf(ours.send('x'))).toBe('BrokenPipeError');
    expect(await failureOf(ours.sendall('x'))).toBe('BrokenPipeError');
    expect(await story(ours)).toEqual([]);
    ours.close();
  });

  it('ends all sends that wait, and reports the reset once', async () => {
    const [ours, peer] = await connectedPair();
    const sends = [1, 2, 3].map(async () => await failureOf(ours.sendall(Buffer.alloc(20_000_000))));
    await peer.recv(65536);
    reset(peer);
    const [first, ...others] = await Promise.all(sends);
    expect(['ConnectionResetError', 'BrokenPipeError']).toContain(first);
    expect(others).toEqual(['BrokenPipeError', 'BrokenPipeError']);
    ours.close();
  });

  it('leaves what the peer had sent to be received', async () => {
    const [ours, peer] = await connectedPair();
    await peer.sendall(Buffer.alloc(100_000));
    const send = ours.send(Buffer.alloc(50_000_000));
    await peer.recv(65536);
    reset(peer);
    expect(['ConnectionResetError', 'BrokenPipeError']).toContain(await failureOf(send));
    expect(await story(ours)).toEqual([100_000]);
    ours.close();
  });

  it('is reported to the receive or to the send, not to both', async () => {
    const [ours, peer] = await connectedPair();
    const send = failureOf(ours.send(Buffer.alloc(50_000_000)));
    const receive = failureOf(ours.recv(1));
    await peer.recv(65536);
    reset(peer);
    const outcomes = await Promise.all([send, receive]);
    expect([
      ['ConnectionResetError', 'none'],
      ['BrokenPipeError', 'ConnectionResetError'],
      ['BrokenPipeError', 'none'],
    ]).toContainEqual(outcomes);
    ours.close();
  });
});

describe('a peer that resets before it is accepted', () => {
  it('is accepted all the same, and recv() reports the reset', async () => {
    const listener = listening();
    const arrived = listener.accept();
    const first = net.connect(portOf(listener), '127.0.0.1');
    first.on('error', () => undefined);
    await new Promise((resolve) => first.once('connect', resolve));
    first.resetAndDestroy();
    const [ours] = await arrived;
    expect(await story(ours)).toEqual(['ConnectionResetError']);
    ours.close();
    listener.close();
  });

  it('keeps its place in the queue, and what it had sent', async () => {
    const listener = listening();
    for (const [size, ends] of [
      [5, true],
      [0, true],
      [7, false],
    ] as const) {
      const peer = socket.socket();
      await peer.connect(listener.getsockname());
      await peer.send(Buffer.alloc(size));
      if (ends) reset(peer);
      else peer.close();
    }
    const stories: (number | string)[][] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const [ours] = await listener.accept();
      stories.push(await story(ours));
      ours.close();
    }
    expect(stories).toEqual([[5, 'ConnectionResetError'], ['ConnectionResetError'], [7]]);
    listener.close();
  });
});
